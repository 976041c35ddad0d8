/** The places of a repeated field within one record, and its bytes as a raw list (raw.ts). */

export interface RawList {
  readonly count: number;
  /**
   * All elements with tag and length, as `decodeAttributes`, `decodeEvents` and `decodeLinks` read them. A view onto
   * the request while they stand together, as they do from every known sender, and a copy where they do not.
   */
  raw(): Uint8Array;
}

/** Room for this many elements before it grows; semantic conventions stay below. */
const FIRST_COUNT = 32;

export class FieldPlaces implements RawList {
  count = 0;
  readonly #source: Buffer;
  #starts: Int32Array = new Int32Array(FIRST_COUNT);
  #ends: Int32Array = new Int32Array(FIRST_COUNT);
  #together = true;

  constructor(source: Buffer) {
    this.#source = source;
  }

  clear(): void {
    this.count = 0;
    this.#together = true;
  }

  /** The field, tag included, is `source[start..end)`. */
  add(start: number, end: number): void {
    const { count } = this;
    if (count === this.#starts.length) this.#grow();
    if (count > 0 && this.#ends[count - 1] !== start) this.#together = false;
    this.#starts[count] = start;
    this.#ends[count] = end;
    this.count = count + 1;
  }

  startOf(index: number): number {
    return this.#starts[index] ?? 0;
  }

  endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }

  raw(): Uint8Array {
    const { count } = this;
    if (count === 0) return this.#source.subarray(0, 0);
    if (this.#together) return this.#source.subarray(this.startOf(0), this.endOf(count - 1));
    const parts = Array.from({ length: count }, (_, i) =>
      this.#source.subarray(this.startOf(i), this.endOf(i)),
    );
    return Buffer.concat(parts);
  }

  #grow(): void {
    const starts = new Int32Array(this.#starts.length * 2);
    starts.set(this.#starts);
    this.#starts = starts;
    const ends = new Int32Array(starts.length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
