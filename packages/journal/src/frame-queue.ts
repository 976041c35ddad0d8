/**
 * Frames by ascending sequence: taken from the front, added at the back, put back in front. Where there are many, those
 * in the middle, which nobody will ask for soon, are packed, and unpacked when they come to the front.
 */

/** A frame without its payload, as whoever keeps it knows it. */
export interface WaitingFrame {
  readonly sequence: number;
  readonly priority: number;
  readonly recordCount: number;
  /** Bytes of the payload. */
  readonly payloadBytes: number;
  /** Bytes that it counts against the bound. */
  readonly size: number;
}

/** Frames that follow each other, in less memory. */
export interface PackedFrames<F extends WaitingFrame> {
  readonly isPacked: true;
  /** Of the last. */
  readonly sequence: number;
  unpack(): readonly F[];
}

export interface Packing<F extends WaitingFrame> {
  /** So many frames become one pack, once twice as many more are there besides. */
  readonly packFrames: number;
  /** Undefined for frames that are still needed as they are. */
  pack(frames: readonly F[]): PackedFrames<F> | undefined;
}

type Item<F extends WaitingFrame> = F | PackedFrames<F>;

/** Beyond this many empty places the array is cut, once they are the larger part of it. */
const CUT_FROM = 64;

export class FrameQueue<F extends WaitingFrame> {
  #items: (Item<F> | undefined)[] = [];
  /** Index of the first item that has not been taken. */
  #start = 0;
  /** Behind the last pack. */
  #loose = 0;
  readonly #packing: Packing<F> | undefined;
  /** Sum of the sizes of what is in here. */
  bytes = 0;

  constructor(packing?: Packing<F>) {
    this.#packing = packing;
  }

  push(frame: F): void {
    this.#items.push(frame);
    this.bytes += frame.size;
    if (this.#packing !== undefined) this.#packSome(this.#packing);
  }

  /** The oldest loose frames but those at the front, when there are enough behind them. */
  #packSome(packing: Packing<F>): void {
    const { packFrames } = packing;
    const from = Math.max(this.#loose, this.#start + packFrames);
    if (this.#items.length < from + 2 * packFrames) return;
    const packed = packing.pack(this.#items.slice(from, from + packFrames) as F[]);
    if (packed === undefined) return;
    this.#items.splice(from, packFrames, packed);
    this.#loose = from + 1;
  }

  /** The frame at a place in the array, unpacked if need be. */
  #frameAt(index: number): F | undefined {
    const item = this.#items[index];
    if (item === undefined || !('isPacked' in item)) return item;
    const frames = item.unpack();
    this.#items.splice(index, 1, ...frames);
    if (this.#loose > index) this.#loose += frames.length - 1;
    return frames[0];
  }

  first(): F | undefined {
    return this.#frameAt(this.#start);
  }

  shift(): F | undefined {
    const frame = this.#frameAt(this.#start);
    if (frame === undefined) return undefined;
    // The place may stay for long, the payload must not.
    this.#items[this.#start] = undefined;
    this.#start += 1;
    this.bytes -= frame.size;
    if (this.#start > CUT_FROM && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#loose = Math.max(0, this.#loose - this.#start);
      this.#start = 0;
    }
    return frame;
  }

  /** Puts frames, all older than what is in here, back to the front. */
  unshift(frames: readonly F[]): void {
    if (frames.length === 0) return;
    this.#items = [...frames, ...this.#items.slice(this.#start)];
    this.#loose = Math.max(0, this.#loose - this.#start + frames.length);
    this.#start = 0;
    for (const frame of frames) this.bytes += frame.size;
  }

  /** False when it is not in here. */
  remove(frame: F): boolean {
    const index = this.#start + this.indexAfter(frame.sequence - 1);
    if (this.#frameAt(index) !== frame) return false;
    this.#items.splice(index, 1);
    if (this.#loose > index) this.#loose -= 1;
    this.bytes -= frame.size;
    return true;
  }

  /** Position of the first frame behind `sequence`, for `at`. */
  indexAfter(sequence: number): number {
    for (;;) {
      const index = this.#search(sequence);
      const item = this.#items[index];
      // Of a pack the last frame is behind it, and the first one may be as well or not.
      if (item === undefined || !('isPacked' in item)) return index - this.#start;
      this.#frameAt(index);
    }
  }

  #search(sequence: number): number {
    let low = this.#start;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The frame at a position counted from the front; those before it must have been asked for. */
  at(index: number): F | undefined {
    return this.#frameAt(this.#start + index);
  }
}
