/** What waits for its time, in the order in which it came; all wait equally long. Full, it forgets the oldest. */

interface Waiting<T> {
  readonly dueMs: number;
  readonly item: T;
}

export class DueQueue<T> {
  readonly #waitMs: number;
  readonly #sizeMax: number;
  readonly #ring: (Waiting<T> | undefined)[] = [];
  #first = 0;
  #next = 0;

  constructor(waitMs: number, sizeMax: number) {
    this.#waitMs = waitMs;
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#next - this.#first;
  }

  push(item: T, nowMs: number): void {
    if (this.size === this.#sizeMax) this.#first += 1;
    this.#ring[this.#next % this.#sizeMax] = { dueMs: nowMs + this.#waitMs, item };
    this.#next += 1;
  }

  /** The oldest when its time has come. */
  shift(nowMs: number): T | undefined {
    if (this.size === 0) return undefined;
    const at = this.#first % this.#sizeMax;
    const oldest = this.#ring[at];
    if (oldest === undefined || oldest.dueMs > nowMs) return undefined;
    this.#ring[at] = undefined;
    this.#first += 1;
    return oldest.item;
  }
}
