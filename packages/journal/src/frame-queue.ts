/** Frames by ascending sequence: taken from the front, added at the back, put back in front. */

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

/** Beyond this many empty places the array is cut, once they are the larger part of it. */
const CUT_FROM = 64;

export class FrameQueue<F extends WaitingFrame> {
  #frames: (F | undefined)[] = [];
  /** Index of the first frame that has not been taken. */
  #start = 0;
  /** Sum of the sizes of what is in here. */
  bytes = 0;

  get count(): number {
    return this.#frames.length - this.#start;
  }

  push(frame: F): void {
    this.#frames.push(frame);
    this.bytes += frame.size;
  }

  first(): F | undefined {
    return this.#frames[this.#start];
  }

  shift(): F | undefined {
    const frame = this.#frames[this.#start];
    if (frame === undefined) return undefined;
    // The place may stay for long, the payload must not.
    this.#frames[this.#start] = undefined;
    this.#start += 1;
    this.bytes -= frame.size;
    if (this.#start > CUT_FROM && this.#start * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#start);
      this.#start = 0;
    }
    return frame;
  }

  /** Puts frames, all older than what is in here, back to the front. */
  unshift(frames: readonly F[]): void {
    if (frames.length === 0) return;
    this.#frames = [...frames, ...this.#frames.slice(this.#start)];
    this.#start = 0;
    for (const frame of frames) this.bytes += frame.size;
  }

  /** False when it is not in here. */
  remove(frame: F): boolean {
    const index = this.#start + this.indexAfter(frame.sequence - 1);
    if (this.#frames[index] !== frame) return false;
    this.#frames.splice(index, 1);
    this.bytes -= frame.size;
    return true;
  }

  /** Position of the first frame behind `sequence`, for `at`. */
  indexAfter(sequence: number): number {
    let low = this.#start;
    let high = this.#frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#frames[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low - this.#start;
  }

  /** The frame at a position counted from the front. */
  at(index: number): F | undefined {
    return this.#frames[this.#start + index];
  }
}
