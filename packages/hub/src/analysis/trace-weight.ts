/**
 * For how many requests each trace stands, where only some are stored. A trace that was drawn stands for as many as its
 * adjusted count says. Of those that were kept for another reason, the failed ones are all that failed, because every
 * failure is kept: each stands for itself alone, and the drawn ones among them too. So both strata are known, the good
 * by a sample and the failed by counting (Horvitz and Thompson, Journal of the American Statistical Association 47,
 * 1952). What was kept without having failed (slow, rare, asked for) was chosen by the very thing that is to be
 * compared, stands for nothing, and is left out.
 *
 * docs/adr/0008-estimates-from-samples.md says why.
 */
import type { Trace } from './trace-forest.ts';

export interface WeighedTrace {
  readonly trace: Trace;
  readonly weight: number;
  /** Drawn by chance, so that its numbers stand for those of all. */
  readonly drawn: boolean;
}

/** By the index of a trace in the observations: for how many requests it stands, and whether it was drawn by chance. */
export interface Weights {
  readonly weight: Float64Array;
  /** For how many those before it stand; one more than there are traces. */
  readonly before: Float64Array;
  /** 1 for drawn, 0 for kept. */
  readonly drawn: Uint8Array;
}

/** Every trace stands for itself. */
export const EQUAL_WEIGHTS: Weights = {
  weight: new Float64Array(),
  before: new Float64Array(),
  drawn: new Uint8Array(),
};

/** Without sampling every trace weighs 1. Traces keep their order. */
export function weighTraces(traces: readonly Trace[]): WeighedTrace[] {
  const known = traces.map((trace) => {
    const weight = Math.max(...trace.nodes.map(({ span }) => span.adjustedCount ?? 1));
    return { trace, weight, drawn: weight > 0, failed: trace.nodes.some(({ span }) => span.error) };
  });
  const failedWeight = weightOfFailed(known.filter(({ failed }) => failed));
  return known
    .map(({ trace, weight, drawn, failed }) => ({
      trace,
      weight: failed ? (failedWeight ?? weight) : weight,
      drawn,
    }))
    .filter(({ weight }) => weight > 0);
}

/** Standard errors beyond which the drawn failures are too many for all to have been kept. */
const EXCESS_ERRORS = 3;

/** One weight for all failed traces; undefined where none was kept but by chance, and each has its own. */
function weightOfFailed(failed: readonly { readonly weight: number }[]): number | undefined {
  const drawn = failed.filter(({ weight }) => weight > 0);
  if (drawn.length === failed.length) return undefined;
  // So many of them are expected among the drawn when all failures are here.
  const estimate = drawn.reduce((sum, { weight }) => sum + weight, 0);
  const perDrawn = drawn.length === 0 ? 1 : estimate / drawn.length;
  const expected = failed.length / perDrawn;
  const isExcess = drawn.length > expected + EXCESS_ERRORS * (Math.sqrt(expected) + 1);
  // Whoever kept them had a limit, so those that are here stand for those that are not.
  return isExcess ? estimate / failed.length : 1;
}

/** By index, for the statistics. */
export function weightsOf(weighed: readonly WeighedTrace[]): Weights {
  const before = new Float64Array(weighed.length + 1);
  weighed.forEach(({ weight }, i) => (before[i + 1] = (before[i] ?? 0) + weight));
  return {
    before,
    weight: Float64Array.from(weighed, ({ weight }) => weight),
    drawn: Uint8Array.from(weighed, ({ drawn }) => (drawn ? 1 : 0)),
  };
}
