/** The one time range of all pages: either the last minutes up to now, which is live, or two fixed moments. */

export type Range =
  | { readonly kind: 'last'; readonly minutes: number }
  | { readonly kind: 'fixed'; readonly startMs: number; readonly endMs: number };

/** A range with both ends known. `end` is exclusive. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What the picker offers, in minutes. */
export const LAST_MINUTES: readonly number[] = [5, 15, 60, 180, 720, 1440, 10_080];

/** What the hub takes when no range is asked for. */
export const RANGE_DEFAULT: Range = { kind: 'last', minutes: 15 };

/** The strip shows twelve hours: a working day, and still three pixels for three minutes. */
const STRIP_MS = 12 * 3_600_000;

/** A range shorter than a second holds nothing that a chart can show. */
const RANGE_MS_MIN = 1_000;

export function spanOf(range: Range, nowMs: number): Span {
  switch (range.kind) {
    case 'last':
      return { startMs: nowMs - range.minutes * 60_000, endMs: nowMs };
    case 'fixed':
      return { startMs: range.startMs, endMs: range.endMs };
  }
}

/** Two moments in any order, widened to at least a second. */
export function fixedRange(a: number, b: number): Range {
  const startMs = Math.round(Math.min(a, b));
  return { kind: 'fixed', startMs, endMs: Math.max(Math.round(Math.max(a, b)), startMs + RANGE_MS_MIN) };
}

/** The same length, moved by a share of it. A live range becomes fixed. */
export function shifted(range: Range, share: number, nowMs: number): Range {
  const { startMs, endMs } = spanOf(range, nowMs);
  const by = (endMs - startMs) * share;
  return fixedRange(startMs + by, endMs + by);
}

/** The live range that is nearest in length: what "Live" returns to. */
export function liveAgain(range: Range): Range {
  if (range.kind === 'last') return range;
  const minutes = (range.endMs - range.startMs) / 60_000;
  const nearest = LAST_MINUTES.reduce((best, each) =>
    Math.abs(Math.log(each / minutes)) < Math.abs(Math.log(best / minutes)) ? each : best,
  );
  return { kind: 'last', minutes: nearest };
}

const STEP_SECONDS: readonly number[] = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];

/** Seconds of an interval so that the range has at most `count` of them. */
export function stepSeconds(span: Span, count: number): number {
  const least = (span.endMs - span.startMs) / 1000 / count;
  return STEP_SECONDS.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400;
}

/**
 * What the strip covers: the last twelve hours; where all data are older, the twelve hours up to the newest; and in
 * any case the chosen range.
 */
export function stripSpan(nowMs: number, data: Span | null, chosen: Span): Span {
  const endMs = data !== null && data.endMs < nowMs - STRIP_MS ? data.endMs : nowMs;
  const base = { startMs: endMs - STRIP_MS, endMs };
  if (chosen.startMs >= base.startMs && chosen.endMs <= base.endMs) return base;
  const length = chosen.endMs - chosen.startMs;
  if (length > STRIP_MS / 4)
    return { startMs: chosen.startMs - length / 2, endMs: chosen.endMs + length / 2 };
  const middle = (chosen.startMs + chosen.endMs) / 2;
  return { startMs: middle - STRIP_MS / 2, endMs: middle + STRIP_MS / 2 };
}

/** An hour up to the newest data, or all of it when it spans less. */
export function newestRange(data: Span): Range {
  const endMs = data.endMs + 1;
  return fixedRange(Math.max(data.startMs, endMs - 3_600_000), endMs);
}
