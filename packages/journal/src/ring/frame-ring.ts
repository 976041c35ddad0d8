/**
 * Frames on their way from the one thread that writes them to the one that puts them on disk: a ring in shared memory,
 * with one writer and one reader, neither of which waits for the other. A frame is filled where it will be read and
 * published by one atomic store behind it, so that a reader never sees a part of one, and a thread that dies leaves
 * whole ones only.
 *
 *   control   Int32 × 16    positions, in units of 32 bytes, counting up for ever
 *   data      a power of two bytes
 *
 * A frame does not go round the end: what is left there is a frame of its own kind that says so. Frames begin at
 * multiples of 32 bytes, so that there is always room for its header.
 */
import { assert } from '@aode/base';
import { FRAME_ALIGN, FRAME_HEADER_BYTES, type LineSpace, runFrameBytes } from '@aode/wire';

/** Places in `control`. */
const AT = {
  /** Behind the last frame that is published. */
  head: 0,
  /** Behind the last frame that was read. */
  tail: 1,
  /** Frames published since the ring was made, 53 bits in two words: the numbers of the next thread go on from here. */
  numberLow: 2,
  numberHigh: 3,
} as const;

const CONTROL_BYTES = 64;

/** Kind of the frame that fills what is left at the end; no kind of a file. */
const PADDING_KIND = 0xff;

/** The smallest ring there is. */
export const RING_BYTES_MIN: number = 64 * 1024;

/** One frame takes no more of a ring, so that others have room beside it. */
const FRAME_SHARE = 4;

/** Memory of a ring of at most `bytes`: the next lower power of two, and not below `RING_BYTES_MIN`. */
export function newRingMemory(bytes: number): SharedArrayBuffer {
  const capacity = 2 ** Math.floor(Math.log2(Math.max(bytes, RING_BYTES_MIN)));
  return new SharedArrayBuffer(CONTROL_BYTES + capacity);
}

interface Ring {
  readonly control: Int32Array;
  readonly space: LineSpace;
  readonly capacity: number;
}

function ringOf(memory: ArrayBufferLike): Ring {
  const capacity = memory.byteLength - CONTROL_BYTES;
  assert(
    capacity >= RING_BYTES_MIN && Number.isInteger(Math.log2(capacity)),
    'a ring is made by newRingMemory',
  );
  const control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  const bytes = Buffer.from(memory, CONTROL_BYTES, capacity);
  return { control, space: { bytes, words: new Int32Array(memory, CONTROL_BYTES, capacity / 4) }, capacity };
}

/** Bytes between two positions, which wrap at 2^32 units. */
const between = (to: number, from: number): number => ((to - from) | 0) * FRAME_ALIGN;

export class RingWriter {
  readonly space: LineSpace;
  /** A frame of more than this has no place in the ring, whatever is read meanwhile. */
  readonly frameBytesMax: number;
  readonly #control: Int32Array;
  readonly #capacity: number;
  #head: number;
  /** As it was last seen; it only grows. */
  #tail: number;
  /** Where the frame begins that is being written. */
  #start: number;
  /** Of the next frame. */
  number: number;

  constructor(memory: ArrayBufferLike) {
    const { control, space, capacity } = ringOf(memory);
    this.#control = control;
    this.space = space;
    this.#capacity = capacity;
    this.frameBytesMax = capacity / FRAME_SHARE;
    this.#head = Atomics.load(control, AT.head);
    this.#tail = Atomics.load(control, AT.tail);
    this.#start = this.#head;
    this.number = numberIn(control) + 1;
  }

  /** Bytes that are written and not read. */
  get usedBytes(): number {
    this.#tail = Atomics.load(this.#control, AT.tail);
    return between(this.#head, this.#tail);
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Where in `space` a frame of at most `bytes` may be written; -1 while there is no room. Nothing is published. */
  reserve(bytes: number): number {
    const needed = Math.ceil(bytes / FRAME_ALIGN) * FRAME_ALIGN;
    if (needed > this.frameBytesMax) return -1;
    const capacity = this.#capacity;
    const at = (this.#head * FRAME_ALIGN) & (capacity - 1);
    const toEnd = capacity - at;
    const skipped = needed > toEnd ? toEnd : 0;
    if (between(this.#head, this.#tail) + skipped + needed > capacity) {
      this.#tail = Atomics.load(this.#control, AT.tail);
      if (between(this.#head, this.#tail) + skipped + needed > capacity) return -1;
    }
    this.#start = (this.#head + skipped / FRAME_ALIGN) | 0;
    if (skipped === 0) return at;
    const { words } = this.space;
    words[(at >>> 2) + 4] = FRAME_HEADER_BYTES | (PADDING_KIND << 16);
    words[(at >>> 2) + 5] = toEnd - FRAME_HEADER_BYTES;
    return 0;
  }

  /** Publishes the frame of so many bytes that was written where `reserve` has said. */
  publish(bytes: number): void {
    const control = this.#control;
    this.#head = (this.#start + ((bytes + FRAME_ALIGN - 1) >>> 5)) | 0;
    control[AT.numberLow] = this.number | 0;
    control[AT.numberHigh] = this.number / 0x1_0000_0000;
    this.number += 1;
    Atomics.store(control, AT.head, this.#head);
  }

  /** Blocks until something was read, at most `timeoutMs`; false when nothing was. */
  awaitRoom(timeoutMs: number): boolean {
    const seen = this.#tail;
    return Atomics.wait(this.#control, AT.tail, seen, timeoutMs) !== 'timed-out';
  }
}

function numberIn(control: Int32Array): number {
  return ((control[AT.numberLow] ?? 0) >>> 0) + (control[AT.numberHigh] ?? 0) * 0x1_0000_0000;
}

export class RingReader {
  readonly #control: Int32Array;
  readonly #space: LineSpace;
  readonly #capacity: number;
  /** Bytes that were no frames and were passed over. */
  damagedBytes = 0;

  constructor(memory: ArrayBufferLike) {
    const { control, space, capacity } = ringOf(memory);
    this.#control = control;
    this.#space = space;
    this.#capacity = capacity;
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#control, AT.head) === (this.#control[AT.tail] ?? 0);
  }

  /**
   * Whole frames from the front, copied, of at most `bytesMax` together but at least one; their room is free then.
   * Undefined when there are none.
   */
  take(bytesMax: number): LineSpace | undefined {
    const head = Atomics.load(this.#control, AT.head);
    let tail = this.#control[AT.tail] ?? 0;
    while (tail !== head) {
      const at = (tail * FRAME_ALIGN) & (this.#capacity - 1);
      const end = this.#endOf(at, Math.min(between(head, tail), this.#capacity - at), bytesMax);
      if (end === undefined) {
        // Not as a writer leaves it. Where the next frame begins is not known.
        this.damagedBytes += between(head, tail);
        this.#free(head);
        return undefined;
      }
      const isPadding = end > at && kindAt(this.#space.words, at) === PADDING_KIND;
      const bytes = isPadding ? undefined : Buffer.allocUnsafeSlow(end - at);
      bytes?.set(this.#space.bytes.subarray(at, end));
      tail = (tail + (end - at) / FRAME_ALIGN) | 0;
      this.#free(tail);
      if (bytes !== undefined) return { bytes, words: new Int32Array(bytes.buffer, 0, bytes.byteLength / 4) };
    }
    return undefined;
  }

  /** Where the frames end that are taken: of one kind, padding or not. Undefined for what is no frame. */
  #endOf(start: number, available: number, bytesMax: number): number | undefined {
    const { words } = this.#space;
    let at = start;
    const end = start + available;
    while (at < end) {
      const bytes = runFrameBytes(words, at);
      if (bytes < FRAME_HEADER_BYTES || at + bytes > end) return at === start ? undefined : at;
      const isPadding = kindAt(words, at) === PADDING_KIND;
      if (isPadding) return at === start ? end : at;
      if (at > start && at + bytes - start > bytesMax) return at;
      at += bytes;
    }
    return at;
  }

  #free(tail: number): void {
    Atomics.store(this.#control, AT.tail, tail);
    Atomics.notify(this.#control, AT.tail);
  }
}

const kindAt = (words: Int32Array, at: number): number => ((words[(at >>> 2) + 4] as number) >>> 16) & 0xff;
