/** Ids of traces that were asked for and of which nothing is here yet, for as long as something may still come. */

/** As long as a hub keeps asks. */
const AGE_MS_MAX = 5 * 60_000;
/** As many as a hub keeps. */
const COUNT_MAX = 65_536;

export class AskedTraces {
  /** Trace id -> when it was asked for; oldest first, because a map keeps the order in which it was filled. */
  readonly #since = new Map<string, number>();

  get size(): number {
    return this.#since.size;
  }

  add(traceId: string, nowMs: number): void {
    this.#since.delete(traceId);
    this.#since.set(traceId, nowMs);
    for (const [oldest, since] of this.#since) {
      if (nowMs - since <= AGE_MS_MAX && this.#since.size <= COUNT_MAX) break;
      this.#since.delete(oldest);
    }
  }

  has(traceId: string, nowMs: number): boolean {
    const since = this.#since.get(traceId);
    return since !== undefined && nowMs - since <= AGE_MS_MAX;
  }
}
