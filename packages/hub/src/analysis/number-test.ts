/**
 * Have numbers (own times, gaps, waits) become surprising? Each is turned into bits of surprise against the calm
 * numbers of its series, and the mean per trace is tested. Calm numbers are judged by a model that has not seen their
 * block (cross-fitting), else they would look calmer than they are; and by traces that were drawn, because those that
 * were kept were kept for what they are.
 */
import { blockOf, type Test } from './calibration.ts';
import { meanTests, type MeanSeries } from './mean-test.ts';
import type { NumberObservation } from './observation.ts';
import { EQUAL_WEIGHTS, type Weights } from './trace-weight.ts';
import { addTo, type Series, type Total } from './series.ts';
import { fitSurprise, type SurpriseModel } from './surprise.ts';

/** What is shown as caller and as operation of the series that pools all observations charged to one service. */
const ALL = '*';

interface Draft extends MeanSeries {
  readonly calm: Map<number, Total>;
  readonly now: Map<number, Total>;
}

/** One test a series, and one a service over all of its series. */
export function numberTests(
  all: readonly Series<NumberObservation>[],
  calmTraces: number,
  weights: Weights = EQUAL_WEIGHTS,
): Test[] {
  const isDrawn = ({ trace }: NumberObservation): boolean => weights.drawn[trace] !== 0;
  const kind = fitSurprise(
    all.flatMap(({ calm }) => calm.filter(isDrawn).map(({ value }) => value)),
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
    const whole = fitSurprise(valuesOf(series.calm.filter(isDrawn)), kind);
    const name = { service, from, operation, pooled: false };
    const draft = newDraft(name, msOf(whole.median), medianMs(series.now));
    surprise(series, { kind, whole, weights }, calmTraces, [draft, pool]);
    drafts.push(draft);
  }
  return meanTests([...drafts, ...pools.values()], { calmTraces, weights }, 'bits');
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
  { calm, now }: Series<NumberObservation>,
  models: {
    readonly kind: SurpriseModel;
    readonly whole: SurpriseModel;
    readonly weights: Weights;
  },
  calmTraces: number,
  drafts: readonly Draft[],
): void {
  for (let from = 0; from < calm.length;) {
    // Observations stand in the order of their traces, so a block is one stretch.
    const block = blockOf(calm[from]?.trace ?? 0, calmTraces, models.weights);
    let to = from + 1;
    while (to < calm.length && blockOf(calm[to]?.trace ?? 0, calmTraces, models.weights) === block) to += 1;
    const others = calm.filter(({ trace }, i) => (i < from || i >= to) && models.weights.drawn[trace] !== 0);
    const model = fitSurprise(valuesOf(others), models.kind);
    for (const { trace, value } of calm.slice(from, to)) {
      const bits = model.bits(value);
      for (const draft of drafts) addTo(draft.calm, trace, bits);
    }
    from = to;
  }
  for (const { trace, value } of now) {
    const bits = models.whole.bits(value);
    for (const draft of drafts) addTo(draft.now, trace, bits);
  }
}

function valuesOf(observations: readonly NumberObservation[]): Float64Array {
  const values = new Float64Array(observations.length);
  observations.forEach(({ value }, i) => (values[i] = value));
  return values;
}

/** Median in milliseconds, for people; the test itself works on the whole distribution. */
function medianMs(observations: readonly NumberObservation[]): number | undefined {
  const sorted = valuesOf(observations).sort();
  return msOf(sorted[sorted.length >> 1]);
}

const msOf = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.exp(value) - 1;
