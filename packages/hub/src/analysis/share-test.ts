/** Does something happen in a larger share of the traces than before: an unexplained error, a failed call? */
import type { Test } from './calibration.ts';
import { meanTests } from './mean-test.ts';
import type { ShareObservation } from './observation.ts';
import { EQUAL_WEIGHTS, type Weights } from './trace-weight.ts';
import { addTo, type Series, type Total } from './series.ts';

/** A sparse series borrows the share of the whole kind. */
export function shareTests(
  all: readonly Series<ShareObservation>[],
  calmTraces: number,
  weights: Weights = EQUAL_WEIGHTS,
): Test[] {
  const prior =
    shareOf(
      all.flatMap(({ calm }) => calm),
      weights,
    ) ?? 0;
  const series = all
    .filter((one) => one.now.length > 0)
    .map(({ service, from, operation, calm: before, now: after }) => ({
      service,
      from,
      operation,
      pooled: false,
      prior,
      calm: totals(before),
      now: totals(after),
      expected: shareOf(before, weights),
      seen: shareOf(after, weights),
    }));
  return meanTests(series, { calmTraces, weights }, 'share');
}

function totals(observations: readonly ShareObservation[]): Map<number, Total> {
  const all = new Map<number, Total>();
  for (const { trace, hit } of observations) addTo(all, trace, hit ? 1 : 0);
  return all;
}

function shareOf(observations: readonly ShareObservation[], { weight }: Weights): number | undefined {
  let [hits, all] = [0, 0];
  for (const { trace, hit } of observations) {
    const one = weight[trace] ?? 1;
    all += one;
    if (hit) hits += one;
  }
  return all === 0 ? undefined : hits / all;
}
