/**
 * Have numbers (own times, gaps, waits) become surprising? Each is turned into bits of surprise against the calm
 * numbers of its series, and the mean per trace is tested. Calm numbers are judged by a model that has not seen their
 * block (cross-fitting), else they would look calmer than they are.
 */
import { BLOCKS, blockOf, type Test } from './calibration.ts';
import { meanTests, type MeanSeries } from './mean-test.ts';
import type { NumberObservation } from './observation.ts';
import { addTo, type Series, type Total } from './series.ts';
import { fitSurprise, type SurpriseModel } from './surprise.ts';

/** What is shown as caller and as operation of the series that pools all observations charged to one service. */
const ALL = '*';

interface Draft extends MeanSeries {
  readonly calm: Map<number, Total>;
  readonly now: Map<number, Total>;
}

/** One test a series, and one a service over all of its series. */
export function numberTests(all: readonly Series<NumberObservation>[], calmTraces: number): Test[] {
  const kind = fitSurprise(
    all.flatMap(({ calm }) => calm.map(({ value }) => value)),
    undefined,
  );
  const drafts: Draft[] = [];
  const pools = new Map<string, Draft>();
  for (const series of all) {
    if (series.now.length === 0) continue;
    const { service, from, operation } = series;
    let pool = pools.get(service);
    if (pool === undefined) {
      pools.set(
        service,
        (pool = newDraft({ service, from: ALL, operation: ALL, pooled: true }, undefined, undefined)),
      );
    }
    const draft = newDraft(
      { service, from, operation, pooled: false },
      medianMs(series.calm),
      medianMs(series.now),
    );
    surprise(series, kind, calmTraces, [draft, pool]);
    drafts.push(draft);
  }
  return meanTests([...drafts, ...pools.values()], calmTraces, 'bits');
}

function newDraft(
  name: Pick<MeanSeries, 'service' | 'from' | 'operation' | 'pooled'>,
  expected: number | undefined,
  seen: number | undefined,
): Draft {
  return { ...name, prior: 0, calm: new Map(), now: new Map(), expected, seen };
}

/** Adds the bits of each observation to its trace, in all of `drafts`. */
function surprise(
  series: Series<NumberObservation>,
  kind: SurpriseModel,
  calmTraces: number,
  drafts: readonly Draft[],
): void {
  const block = (one: NumberObservation): number => blockOf(one.trace, calmTraces);
  const fit = (observations: readonly NumberObservation[]): SurpriseModel =>
    fitSurprise(
      observations.map(({ value }) => value),
      kind,
    );
  const without = Array.from({ length: BLOCKS }, (_, b) =>
    fit(series.calm.filter((one) => block(one) !== b)),
  );
  const whole = fit(series.calm);
  for (const one of series.calm) {
    const bits = (without[block(one)] ?? whole).bits(one.value);
    for (const draft of drafts) addTo(draft.calm, one.trace, bits);
  }
  for (const one of series.now) {
    const bits = whole.bits(one.value);
    for (const draft of drafts) addTo(draft.now, one.trace, bits);
  }
}

/** Median in milliseconds, for people; the test itself works on the whole distribution. */
function medianMs(observations: readonly NumberObservation[]): number | undefined {
  if (observations.length === 0) return undefined;
  const sorted = Float64Array.from(observations, ({ value }) => value).sort();
  return Math.exp(sorted[sorted.length >> 1] ?? 0) - 1;
}
