/**
 * What clocks that may lie agree upon (Marzullo, Maintaining the Time in a Distributed System, 1984; RFC 5905
 * § 11.2.1). Each says an interval in which the time is. As long as at most `liars` of them are wrong, the time is
 * inside the hull of the points that all but so many hold for possible. Not of those that most hold for possible, as
 * NTP takes it: a liar who says nearly the truth would narrow that to a place where the time is not.
 */

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** The source's own best guess. */
  readonly point: number;
}

export interface Agreement extends Interval {
  /** Whether more overlap than may lie, and more than half of those who spoke. */
  readonly isMajority: boolean;
}

/** How many may lie of so many that were asked. */
export const liarsMax = (asked: number): number => Math.max(0, Math.floor((asked - 1) / 2));

/**
 * Undefined when no more have spoken than may lie. When they contradict each other more than `liars` could, the hull
 * of all of them.
 */
export function agree(intervals: readonly Interval[], liars: number): Agreement | undefined {
  const needed = intervals.length - liars;
  if (needed < 1) return undefined;
  const { low, high, most } = covered(intervals, needed);
  const isMajority = most > Math.max(liars, intervals.length / 2);
  const point = median(intervals.map((one) => one.point));
  if (low > high) {
    const all = hull(intervals);
    return { ...all, point: within(point, all), isMajority: false };
  }
  return { low, high, point: within(point, { low, high }), isMajority };
}

interface Covered {
  readonly low: number;
  readonly high: number;
  /** The largest number of intervals that share a point. */
  readonly most: number;
}

/** The hull of the points that `needed` intervals share; `low` above `high` when there is none. */
function covered(intervals: readonly Interval[], needed: number): Covered {
  // Ends that touch share a point, so beginnings come first.
  const edges = intervals
    .flatMap(({ low, high }) => [
      { at: low, step: 1 },
      { at: high, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let count = 0;
  let most = 0;
  for (const { at, step } of edges) {
    if (step === 1) {
      count += 1;
      if (count >= needed) low = Math.min(low, at);
    } else {
      if (count >= needed) high = at;
      count -= 1;
    }
    most = Math.max(most, count);
  }
  return { low, high, most };
}

function hull(intervals: readonly Interval[]): { readonly low: number; readonly high: number } {
  return {
    low: Math.min(...intervals.map(({ low }) => low)),
    high: Math.max(...intervals.map(({ high }) => high)),
  };
}

/** While less than half lie it is between guesses of honest ones, whatever the others say. */
function median(points: readonly number[]): number {
  const sorted = points.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}

export function within(
  value: number,
  { low, high }: { readonly low: number; readonly high: number },
): number {
  return Math.max(low, Math.min(high, value));
}
