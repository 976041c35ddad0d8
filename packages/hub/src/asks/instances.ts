/**
 * Which processes are there, and which have gone: an SDK holds one stream of asks open as long as its process lives. A
 * stream that ends and does not come again within seconds is a process that has ended, whatever ended it, and what it
 * had not sent went with it. The other way round, one that comes again was only cut off.
 */

/** Processes that have gone are remembered, the newest so many: a hundred services that restart hourly for two days. */
export const GONE_MAX = 4096;
/** Clocks of hub and services differ, and a stream may be seen to end a little before the last span begins. */
export const SKEW_MS = 2000;
/** What was recorded so long before the end may have been in memory only: traces are asked for within seconds. */
export const MEMORY_MS = 60_000;

interface Instance {
  readonly service: string;
  readonly sinceMs: number;
  streams: number;
  /** When its last stream ended; meaningless while one is open. */
  endMs: number;
}

export class Instances {
  /** Those that listen, and those that have gone in the order in which they went. */
  readonly #known = new Map<string, Instance>();
  #listening = 0;

  joined(id: string, service: string, nowMs: number): void {
    const known = this.#known.get(id);
    if (known !== undefined && known.service === service) {
      if (known.streams === 0) this.#listening += 1;
      known.streams += 1;
      return;
    }
    if (known === undefined || known.streams === 0) this.#listening += 1;
    this.#known.set(id, { service, sinceMs: nowMs, streams: 1, endMs: 0 });
  }

  left(id: string, nowMs: number): void {
    const known = this.#known.get(id);
    if (known === undefined || known.streams === 0) return;
    known.streams -= 1;
    if (known.streams > 0) return;
    known.endMs = nowMs;
    this.#listening -= 1;
    this.#known.delete(id);
    this.#known.set(id, known);
    if (this.#known.size - this.#listening > GONE_MAX) this.#forget();
  }

  /** Whether a process of this service listens, or has: then it records all, and can be asked for what it has. */
  knows(service: string): boolean {
    for (const known of this.#known.values()) if (known.service === service) return true;
    return false;
  }

  /** Whether a process of this service that was there in this time ended in it or soon after. */
  hasLost(
    service: string,
    { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  ): boolean {
    for (const known of this.#known.values()) {
      if (known.service !== service || known.streams > 0 || known.sinceMs > endMs + SKEW_MS) continue;
      if (known.endMs >= startMs - SKEW_MS && known.endMs <= endMs + MEMORY_MS) return true;
    }
    return false;
  }

  #forget(): void {
    for (const [id, { streams }] of this.#known) {
      if (streams > 0) continue;
      this.#known.delete(id);
      return;
    }
  }
}
