/**
 * Which frames wait, which are under way, and which gives way when room runs out: the rules of every journal, without
 * the frames' payloads. Frames wait in one queue a priority, so that the one that gives way is always at the front of a
 * queue; what is under way stands apart, so that it never is.
 */
import { assert } from '@aode/base';
import { FrameQueue, type Packing, type WaitingFrame } from './frame-queue.ts';
import { type Frame, type JournalUsage, PRIORITY_MAX } from './journal.ts';

export class WaitingFrames<F extends WaitingFrame> {
  readonly #bytesMax: number;
  /** Priority -> what waits; every sequence in here is above every one in `#held`. */
  readonly #waiting = new Map<number, FrameQueue<F>>();
  /** The priorities of `#waiting`, lowest first. */
  #priorities: number[] = [];
  /** What is under way. */
  readonly #held = new FrameQueue<F>();
  #frameCount = 0;
  #recordCount = 0;
  #bytes = 0;

  readonly #packing: Packing<F> | undefined;

  /** With `packing`, frames that wait for long take less memory. */
  constructor(bytesMax: number, packing?: Packing<F>) {
    this.#bytesMax = bytesMax;
    this.#packing = packing;
  }

  /**
   * Takes what gives way to `size` bytes of `priority` out and returns it, if that is enough; undefined when it is not,
   * and then nothing has changed.
   */
  makeRoom(size: number, priority: number): readonly F[] | undefined {
    let missing = this.#bytes + size - this.#bytesMax;
    if (missing <= 0) return NONE;
    const queues = this.#priorities.filter((one) => one <= priority).map((one) => this.#queueOf(one));
    if (queues.reduce((sum, { bytes }) => sum + bytes, 0) < missing) return undefined;
    const gone: F[] = [];
    for (const queue of queues) {
      while (missing > 0) {
        const frame = queue.shift();
        if (frame === undefined) break;
        missing -= frame.size;
        this.#forget(frame);
        gone.push(frame);
      }
    }
    return gone;
  }

  add(frame: F): void {
    this.#queueOf(frame.priority).push(frame);
    this.#frameCount += 1;
    this.#recordCount += frame.recordCount;
    this.#bytes += frame.size;
  }

  #forget(frame: F): void {
    this.#frameCount -= 1;
    this.#recordCount -= frame.recordCount;
    this.#bytes -= frame.size;
  }

  #queueOf(priority: number): FrameQueue<F> {
    const known = this.#waiting.get(priority);
    if (known !== undefined) return known;
    const queue = new FrameQueue<F>(this.#packing);
    this.#waiting.set(priority, queue);
    this.#priorities = [...this.#waiting.keys()].sort((a, b) => a - b);
    return queue;
  }

  /** As `Journal.oldest`. */
  get oldest(): number | undefined {
    const held = this.#held.first();
    return held?.sequence ?? oldestOf([...this.#waiting.values()], (queue) => queue.first())?.frame.sequence;
  }

  /** As `Journal.read`. */
  read(afterSequence: number, bytesMax: number): readonly F[] {
    const frames: F[] = [];
    let bytes = 0;
    const take = (frame: F): boolean => {
      bytes += frame.payloadBytes;
      if (frames.length > 0 && bytes > bytesMax) return false;
      frames.push(frame);
      return true;
    };
    let i = this.#held.indexAfter(afterSequence);
    for (let frame = this.#held.at(i); frame !== undefined; frame = this.#held.at(++i)) {
      if (!take(frame)) return frames;
    }
    const cursors = [...this.#waiting.values()].map((queue) => ({
      queue,
      index: queue.indexAfter(afterSequence),
    }));
    for (;;) {
      const oldest = oldestOf(cursors, ({ queue, index }) => queue.at(index));
      if (oldest === undefined || !take(oldest.frame)) return frames;
      oldest.source.index += 1;
    }
  }

  /** As `Journal.hold`. */
  hold(sequence: number): void {
    const queues = [...this.#waiting.values()];
    for (;;) {
      const oldest = oldestOf(queues, (queue) => queue.first());
      if (oldest === undefined || oldest.frame.sequence > sequence) return;
      oldest.source.shift();
      this.#held.push(oldest.frame);
    }
  }

  /** As `Journal.release`. */
  release(): void {
    const frames: F[] = [];
    for (let frame = this.#held.shift(); frame !== undefined; frame = this.#held.shift()) frames.push(frame);
    for (const [priority, list] of Map.groupBy(frames, (frame) => frame.priority)) {
      this.#queueOf(priority).unshift(list);
    }
  }

  /** Takes everything up to `sequence` out, whether it was held or not, and passes it to `each`, oldest first. */
  settle(sequence: number, each: (frame: F) => void): void {
    this.hold(sequence);
    for (
      let frame = this.#held.first();
      frame !== undefined && frame.sequence <= sequence;
      frame = this.#held.first()
    ) {
      this.#held.shift();
      this.#forget(frame);
      each(frame);
    }
  }

  /** Takes everything out that is not more important. */
  takeUpTo(priority: number): readonly F[] {
    this.release();
    const gone: F[] = [];
    for (const each of this.#priorities.filter((one) => one <= priority)) {
      const queue = this.#queueOf(each);
      for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) {
        this.#forget(frame);
        gone.push(frame);
      }
    }
    return gone;
  }

  /** Takes one frame out, wherever it is. */
  remove(frame: F): void {
    if (this.#held.remove(frame) || this.#queueOf(frame.priority).remove(frame)) this.#forget(frame);
  }

  usage(): JournalUsage {
    return { frameCount: this.#frameCount, recordCount: this.#recordCount, bytes: this.#bytes };
  }
}

const NONE: readonly never[] = [];

/** What a frame must be, whoever keeps it. */
export function assertFrame({ priority, recordCount }: Frame): void {
  assert(
    Number.isInteger(priority) && priority >= 0 && priority <= PRIORITY_MAX,
    'a priority is a whole number from 0 to PRIORITY_MAX',
  );
  assert(Number.isSafeInteger(recordCount) && recordCount >= 0, 'a frame has a whole number of records');
}

/** Of several sources of frames the one whose next frame is the oldest; undefined when all are empty. */
function oldestOf<T, F extends WaitingFrame>(
  sources: readonly T[],
  next: (source: T) => F | undefined,
): { readonly source: T; readonly frame: F } | undefined {
  let oldest: { source: T; frame: F } | undefined;
  for (const source of sources) {
    const frame = next(source);
    if (frame !== undefined && (oldest === undefined || frame.sequence < oldest.frame.sequence)) {
      oldest = { source, frame };
    }
  }
  return oldest;
}
