/** Frames by ascending sequence: taken from the front, added at the back, put back in front. */
import type { JournalFrame } from './journal.ts';

/** Beyond this many empty places the array is cut, once they are the larger part of it. */
const CUT_FROM = 64;

export class FrameQueue {
  #frames: (JournalFrame | undefined)[] = [];
  /** Index of the first frame that has not been taken. */
  #start = 0;
  /** Sum of the sizes of what is in here. */
  bytes = 0;
  readonly #sizeOf: (frame: JournalFrame) => number;

  constructor(sizeOf: (frame: JournalFrame) => number) {
    this.#sizeOf = sizeOf;
  }

  get count(): number {
    return this.#frames.length - this.#start;
  }

  push(frame: JournalFrame): void {
    this.#frames.push(frame);
    this.bytes += this.#sizeOf(frame);
  }

  first(): JournalFrame | undefined {
    return this.#frames[this.#start];
  }

  shift(): JournalFrame | undefined {
    const frame = this.#frames[this.#start];
    if (frame === undefined) return undefined;
    // The place may stay for long, the payload must not.
    this.#frames[this.#start] = undefined;
    this.#start += 1;
    this.bytes -= this.#sizeOf(frame);
    if (this.#start > CUT_FROM && this.#start * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#start);
      this.#start = 0;
    }
    return frame;
  }

  /** Puts frames, all older than what is in here, back to the front. */
  unshift(frames: readonly JournalFrame[]): void {
    if (frames.length === 0) return;
    this.#frames = [...frames, ...this.#frames.slice(this.#start)];
    this.#start = 0;
    for (const frame of frames) this.bytes += this.#sizeOf(frame);
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
  at(index: number): JournalFrame | undefined {
    return this.#frames[this.#start + index];
  }
}
