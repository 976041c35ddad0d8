/**
 * How fast the monotonic clock of this machine runs, by a straight line through the offsets that were agreed upon
 * (least squares). It only makes readings better between samples: no error bound relies on it.
 */

const POINTS_MAX = 32;
/** Fewer, or over less time, say more of the network than of the oscillator. */
const POINTS_MIN = 4;
const SPAN_MS_MIN = 30_000;
/** Points that come together, as at the start, count once: they would outweigh the later ones. */
const GAP_MS = 1500;

interface Point {
  readonly at: number;
  readonly offset: number;
}

export class RateHistory {
  #points: readonly Point[] = [];
  #last = 0;

  /** Offsets of before say nothing any more. The oscillator is the same. */
  clear(): void {
    this.#points = [];
  }

  add(at: number, offset: number): void {
    const last = this.#points.at(-1);
    const kept = last !== undefined && at - last.at < GAP_MS ? this.#points.slice(0, -1) : this.#points;
    this.#points = [...kept, { at, offset }].slice(-POINTS_MAX);
  }

  /** Milliseconds a millisecond, at most `most` either way; 0 while nothing can be said. */
  rate(most: number): number {
    this.#last = this.#slope() ?? this.#last;
    return Math.max(-most, Math.min(most, this.#last));
  }

  #slope(): number | undefined {
    const points = this.#points;
    const [first] = points;
    const last = points.at(-1);
    if (first === undefined || last === undefined) return undefined;
    if (points.length < POINTS_MIN || last.at - first.at < SPAN_MS_MIN) return undefined;
    const meanAt = mean(points.map(({ at }) => at - first.at));
    const meanOffset = mean(points.map(({ offset }) => offset - first.offset));
    let xy = 0;
    let xx = 0;
    let yy = 0;
    for (const { at, offset } of points) {
      const x = at - first.at - meanAt;
      const y = offset - first.offset - meanOffset;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
    const slope = xy / xx;
    // Variance of the slope; what is no larger than its own uncertainty counts for little.
    const doubt = Math.max(0, yy - slope * xy) / (points.length - 2) / xx;
    return slope === 0 ? 0 : (slope * slope * slope) / (slope * slope + doubt);
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
