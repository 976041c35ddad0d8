/** Stretches of time inside one trace, in nanoseconds from its beginning. */

export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** What of [from, to) none of `busy` covers; `busy` sorted by `from`. */
export function gapsOf(from: number, to: number, busy: readonly Interval[]): readonly Interval[] {
  const gaps: Interval[] = [];
  let at = from;
  for (const each of busy) {
    if (each.from >= to) break;
    if (each.from > at) gaps.push({ from: at, to: each.from });
    at = Math.max(at, each.to);
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps;
}

export function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, each) => sum + each.to - each.from, 0);
}

/**
 * The part of `intervals` inside the view, neighbours closer than `grain` joined: what can be told apart on a screen.
 * Keeps a bar of ten thousand children at a few hundred boxes.
 */
export function visibleIntervals(
  intervals: readonly Interval[],
  view: Interval,
  grain: number,
): readonly Interval[] {
  const seen: { from: number; to: number }[] = [];
  for (const each of intervals) {
    if (each.to < view.from || each.from > view.to) continue;
    const from = Math.max(each.from, view.from);
    const to = Math.min(each.to, view.to);
    const last = seen.at(-1);
    if (last !== undefined && from - last.to < grain) last.to = Math.max(last.to, to);
    else seen.push({ from, to });
  }
  return seen;
}
