/** Sequences in a row, and lists of such rows as the payload of a `dropped` frame: 16 bytes each, from and to. */

export interface SequenceRange {
  readonly from: number;
  /** Within. */
  readonly to: number;
}

/** Of nothing. */
export const NO_RANGE: SequenceRange = { from: Infinity, to: -Infinity };

export const RANGE_BYTES = 16;

export const doMeet = (a: SequenceRange, b: SequenceRange): boolean => a.from <= b.to && b.from <= a.to;

/** The smallest that has both in it. */
export const hullOf = (a: SequenceRange, b: SequenceRange): SequenceRange => ({
  from: Math.min(a.from, b.from),
  to: Math.max(a.to, b.to),
});

/** Adds a range to the end of a list, as one with the last where they meet. */
export function addRange(ranges: SequenceRange[], range: SequenceRange): void {
  const last = ranges.at(-1);
  if (last === undefined || last.to + 1 !== range.from) ranges.push(range);
  else ranges[ranges.length - 1] = { from: last.from, to: range.to };
}

export function encodeRanges(ranges: readonly SequenceRange[]): Uint8Array {
  const bytes = new Uint8Array(ranges.length * RANGE_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, { from, to }] of ranges.entries()) {
    view.setBigUint64(i * RANGE_BYTES, BigInt(from), true);
    view.setBigUint64(i * RANGE_BYTES + 8, BigInt(to), true);
  }
  return bytes;
}

export function decodeRanges(bytes: Uint8Array): readonly SequenceRange[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ranges: SequenceRange[] = [];
  for (let at = 0; at + RANGE_BYTES <= bytes.byteLength; at += RANGE_BYTES) {
    ranges.push({ from: Number(view.getBigUint64(at, true)), to: Number(view.getBigUint64(at + 8, true)) });
  }
  return ranges;
}

/** Whether a sequence is in one of the ranges, which are sorted by `from`; they may overlap. */
export class RangeSet {
  readonly #from: readonly number[];
  /** Largest `to` of the ranges up to each. */
  readonly #to: readonly number[];

  constructor(ranges: readonly SequenceRange[]) {
    const sorted = ranges.toSorted((a, b) => a.from - b.from);
    let largest = 0;
    this.#from = sorted.map(({ from }) => from);
    this.#to = sorted.map(({ to }) => (largest = Math.max(largest, to)));
  }

  has(sequence: number): boolean {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#from[middle] ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (this.#to[low - 1] ?? 0) >= sequence;
  }
}
