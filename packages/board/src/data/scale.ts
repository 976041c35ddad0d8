/** Axes: round ticks on linear and logarithmic scales, and paths through values that may be missing. */

/** About `count` round steps from 0 up to the first one at or above `most`. */
export function linearTicks(most: number, count: number): readonly number[] {
  if (!(most > 0) || !Number.isFinite(most)) return [0, 1];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((each) => each >= raw * 0.999) ?? raw;
  const ticks: number[] = [];
  for (let i = 0; i <= Math.ceil((most / step) * 0.999); i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** 1, 3, 10, 30 … inside [least, most]; none where the scale has no ends. */
export function logTicks(least: number, most: number): readonly number[] {
  if (!(least > 0) || !Number.isFinite(most)) return [];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const m of [1, 3]) {
      const tick = m * 10 ** power;
      if (tick >= least && tick <= most) ticks.push(tick);
    }
  }
  return ticks;
}

const MINUTE = 60_000;
const TIME_STEPS: readonly number[] = [
  1000,
  5000,
  15_000,
  30_000,
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10_080].map((m) => m * MINUTE),
];

/** Round moments of the local clock inside the range, at most `count`. `zoneMs` is local time minus UTC. */
export function timeTicks(startMs: number, endMs: number, count: number, zoneMs = 0): readonly number[] {
  const least = (endMs - startMs) / Math.max(1, count);
  const step = TIME_STEPS.find((each) => each >= least) ?? Math.ceil(least / 604_800_000) * 604_800_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((startMs + zoneMs) / step) * step - zoneMs; at <= endMs; at += step) ticks.push(at);
  return ticks;
}

/** An SVG path through the points, broken where a value is missing. A lone point becomes a dot by its round cap. */
export function linePath(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let pen = false;
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    const point = `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
    path += pen ? `L${point}` : `M${point}h.01`;
    pen = true;
  });
  return path;
}

/** Moves labels apart to at least `gap`, in order, and back up when the last would pass `bottom`. */
export function spreadLabels(wanted: readonly number[], gap: number, bottom: number): readonly number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let least = -Infinity;
  for (const each of order) {
    each.y = Math.max(each.y, least);
    least = each.y + gap;
  }
  let most = bottom;
  for (const each of order.toReversed()) {
    each.y = Math.min(each.y, most);
    most = each.y - gap;
  }
  const placed = wanted.map(() => 0);
  for (const each of order) placed[each.index] = each.y;
  return placed;
}
