/** What waits for its time, in the order in which it came; all wait equally long. Full, it forgets the oldest. */

export class DueQueue<T> {
  readonly #waitMs: number;
  readonly #dueMs: Float64Array;
  readonly #items: (T | undefined)[];
  #first = 0;
  #size = 0;

  constructor(waitMs: number, sizeMax: number) {
    this.#waitMs = waitMs;
    this.#dueMs = new Float64Array(sizeMax);
    this.#items = Array.from({ length: sizeMax }, () => undefined);
  }

  get size(): number {
    return this.#size;
  }

  push(item: T, nowMs: number): void {
    const sizeMax = this.#items.length;
    if (this.#size === sizeMax) this.#drop();
    const at = (this.#first + this.#size) % sizeMax;
    this.#dueMs[at] = nowMs + this.#waitMs;
    this.#items[at] = item;
    this.#size += 1;
  }

  /** The oldest when its time has come. */
  shift(nowMs: number): T | undefined {
    if (this.#size === 0 || (this.#dueMs[this.#first] ?? 0) > nowMs) return undefined;
    return this.#drop();
  }

  #drop(): T | undefined {
    const oldest = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#items.length;
    this.#size -= 1;
    return oldest;
  }
}
