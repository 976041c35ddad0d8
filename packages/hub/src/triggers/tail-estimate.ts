/**
 * The 99th percentile of durations as they come: counts in buckets a quarter of an octave wide, from a microsecond to
 * an hour, halved now and then so that what is long ago weighs little. It errs by one bucket (19 %) upwards at most.
 */

const PER_OCTAVE = 4;
const BUCKETS = 128;
const SHARE = 0.99;
/** A percentile of fewer durations than this is one of the two largest, which says nothing. */
export const SAMPLES_MIN = 200;
/** Counts are halved here, so some minutes of a busy route decide. */
const SAMPLES_MAX = 20_000;
/** The percentile is counted out anew after so many durations. */
const REFRESH = 32;

export class TailEstimate {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #sinceRefresh = 0;
  #limitMs = Number.POSITIVE_INFINITY;

  /** Durations above this are in the last hundredth; infinite until enough are known. */
  get limitMs(): number {
    return this.#limitMs;
  }

  add(durationMs: number): void {
    const micros = durationMs * 1000;
    const bucket = micros <= 1 ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log2(micros) * PER_OCTAVE));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#sinceRefresh += 1;
    if (this.#total < SAMPLES_MIN) return;
    if (this.#total === SAMPLES_MIN || this.#sinceRefresh >= REFRESH) this.#refresh();
  }

  #refresh(): void {
    this.#sinceRefresh = 0;
    if (this.#total >= SAMPLES_MAX) this.#halve();
    let reached = 0;
    let bucket = 0;
    for (; bucket < BUCKETS; bucket += 1) {
      reached += this.#counts[bucket] ?? 0;
      if (reached >= SHARE * this.#total) break;
    }
    this.#limitMs = 2 ** ((bucket + 1) / PER_OCTAVE) / 1000;
  }

  #halve(): void {
    this.#total = 0;
    this.#counts.forEach((count, i) => {
      this.#counts[i] = count >> 1;
      this.#total += count >> 1;
    });
  }
}
