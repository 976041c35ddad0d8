/** How surprising a number is against calm numbers, in bits: -log2 of its survival probability. */

/** Above the top tenth the empirical survival has too few points and is continued by an exponential (Hill 1975). */
const TAIL_SHARE = 10;
const TAIL_POINTS_EXTRA = 2;
/** Least mean excess in the tail, in units of log(1 + ms): else one repeated value makes its neighbour impossible. */
const EXCESS_MIN = 0.05;
const EXCESS_DEFAULT = 0.5;
/** Below this many calm values, the parent's survival is mixed in with the weight of PRIOR_WEIGHT values. */
const OWN_VALUES_MIN = 50;
const PRIOR_WEIGHT = 5;
/** More bits than this cannot be learnt from thousands of values. */
const BITS_MAX = 14;

export interface SurpriseModel {
  /** P(X >= value) when calm. */
  survival(value: number): number;
  bits(value: number): number;
  /** Of the calm values; undefined for none. */
  readonly median: number | undefined;
}

/**
 * S(x) is (count above + 1) / (n + 1) below the tail; from the threshold u on it is S(u) exp(-(x - u) / g), g the mean
 * excess over u. `parent` is the model of the whole kind of observation, lent to sparse series.
 */
export function fitSurprise(values: ArrayLike<number>, parent: SurpriseModel | undefined): SurpriseModel {
  const sorted = new Float64Array(values).sort();
  const n = sorted.length;
  const k = Math.min(n, Math.ceil(n / TAIL_SHARE) + TAIL_POINTS_EXTRA);
  const threshold = sorted[n - k] ?? 0;
  let excess = 0;
  for (const value of sorted.subarray(n - k)) excess += value - threshold;
  const mean = Math.max(EXCESS_MIN, k > 0 ? excess / k : EXCESS_DEFAULT);

  function own(value: number): number {
    if (n === 0) return 1;
    const above = n - lowerBound(sorted, value);
    if (above >= k) return (above + 1) / (n + 1);
    return ((k + 1) / (n + 1)) * Math.exp(-(value - threshold) / mean);
  }
  function survival(value: number): number {
    if (parent === undefined || n >= OWN_VALUES_MIN) return own(value);
    return (n * own(value) + PRIOR_WEIGHT * parent.survival(value)) / (n + PRIOR_WEIGHT);
  }
  return {
    survival,
    median: sorted[n >> 1],
    bits: (value) => Math.min(BITS_MAX, -Math.log2(survival(value))),
  };
}

/** Index of the first element that is not less than `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] ?? 0) < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
