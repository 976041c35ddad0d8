/**
 * A journal that lives as long as its process. Frames wait in one queue a priority, so that the one that gives way is
 * always at the front of a queue; what is under way stands apart, so that it never is.
 */
import { assert } from '@aode/base';
import { FrameQueue } from './frame-queue.ts';
import {
  type DropReason,
  type Frame,
  type Journal,
  type JournalFrame,
  type JournalUsage,
  type OnDropped,
  PRIORITY_MAX,
} from './journal.ts';

export interface MemoryJournalOptions {
  /** Bound of payloads and overhead together. */
  readonly bytesMax: number;
  readonly origin: Uint8Array;
  readonly onDropped: OnDropped;
}

/**
 * What a frame costs besides its payload: two objects and their places in arrays, some 200 bytes in V8. Without it a
 * journal of empty frames would have no bound.
 */
export const FRAME_OVERHEAD_BYTES = 256;

/** A new empty journal in memory. */
export function createMemoryJournal(options: MemoryJournalOptions): Journal {
  return new MemoryJournal(options);
}

const sizeOf = (frame: Frame): number => frame.payload.byteLength + FRAME_OVERHEAD_BYTES;

class MemoryJournal implements Journal {
  readonly origin: Uint8Array;
  appended = 0;
  acknowledged = 0;
  readonly #bytesMax: number;
  readonly #onDropped: OnDropped;
  /** Priority -> what waits; every sequence in here is above every one in `#held`. */
  readonly #waiting = new Map<number, FrameQueue>();
  /** The priorities of `#waiting`, lowest first. */
  #priorities: number[] = [];
  /** What is under way. */
  readonly #held = new FrameQueue(sizeOf);
  #frameCount = 0;
  #recordCount = 0;
  #bytes = 0;
  #isClosed = false;

  constructor({ bytesMax, origin, onDropped }: MemoryJournalOptions) {
    this.#bytesMax = bytesMax;
    this.origin = origin;
    this.#onDropped = onDropped;
  }

  append(frame: Frame): number | undefined {
    const { signal, priority, recordCount, payload } = frame;
    assert(
      Number.isInteger(priority) && priority >= 0 && priority <= PRIORITY_MAX,
      'a priority is a whole number from 0 to PRIORITY_MAX',
    );
    assert(Number.isSafeInteger(recordCount) && recordCount >= 0, 'a frame has a whole number of records');
    const size = sizeOf(frame);
    if (this.#isClosed || !this.#makeRoom(size, priority)) return undefined;
    this.appended += 1;
    this.#queueOf(priority).push({ signal, priority, recordCount, payload, sequence: this.appended });
    this.#frameCount += 1;
    this.#recordCount += recordCount;
    this.#bytes += size;
    return this.appended;
  }

  /** Drops what may give way to `size` bytes of `priority`, if that is enough; else nothing. */
  #makeRoom(size: number, priority: number): boolean {
    let missing = this.#bytes + size - this.#bytesMax;
    if (missing <= 0) return true;
    const queues = this.#priorities.filter((one) => one <= priority).map((one) => this.#queueOf(one));
    if (queues.reduce((sum, { bytes }) => sum + bytes, 0) < missing) return false;
    for (const queue of queues) {
      while (missing > 0) {
        const frame = queue.shift();
        if (frame === undefined) break;
        missing -= sizeOf(frame);
        this.#drop(frame, 'journal_full');
      }
    }
    return true;
  }

  #drop(frame: JournalFrame, reason: DropReason): void {
    this.#forget(frame);
    this.#onDropped(frame, reason);
  }

  #forget(frame: JournalFrame): void {
    this.#frameCount -= 1;
    this.#recordCount -= frame.recordCount;
    this.#bytes -= sizeOf(frame);
  }

  #queueOf(priority: number): FrameQueue {
    const known = this.#waiting.get(priority);
    if (known !== undefined) return known;
    const queue = new FrameQueue(sizeOf);
    this.#waiting.set(priority, queue);
    this.#priorities = [...this.#waiting.keys()].sort((a, b) => a - b);
    return queue;
  }

  read(afterSequence: number, bytesMax: number): readonly JournalFrame[] {
    const frames: JournalFrame[] = [];
    let bytes = 0;
    const take = (frame: JournalFrame): boolean => {
      bytes += frame.payload.byteLength;
      if (frames.length > 0 && bytes > bytesMax) return false;
      frames.push(frame);
      return true;
    };
    for (let i = this.#held.indexAfter(afterSequence); i < this.#held.count; i += 1) {
      const frame = this.#held.at(i);
      if (frame === undefined || !take(frame)) return frames;
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

  hold(sequence: number): void {
    const queues = [...this.#waiting.values()];
    for (;;) {
      const oldest = oldestOf(queues, (queue) => queue.first());
      if (oldest === undefined || oldest.frame.sequence > sequence) return;
      oldest.source.shift();
      this.#held.push(oldest.frame);
    }
  }

  release(): void {
    const frames: JournalFrame[] = [];
    for (let frame = this.#held.shift(); frame !== undefined; frame = this.#held.shift()) frames.push(frame);
    for (const [priority, list] of Map.groupBy(frames, (frame) => frame.priority)) {
      this.#queueOf(priority).unshift(list);
    }
  }

  acknowledge(sequence: number): void {
    if (this.#isClosed) return;
    assert(sequence >= this.acknowledged, 'an acknowledgement does not go back');
    assert(sequence <= this.appended, 'only what was appended is acknowledged');
    this.acknowledged = sequence;
    // What somebody acknowledges without having held it is no less done.
    this.hold(sequence);
    for (
      let frame = this.#held.first();
      frame !== undefined && frame.sequence <= sequence;
      frame = this.#held.first()
    ) {
      this.#held.shift();
      this.#forget(frame);
    }
  }

  usage(): JournalUsage {
    return { frameCount: this.#frameCount, recordCount: this.#recordCount, bytes: this.#bytes };
  }

  close(): void {
    if (this.#isClosed) return;
    this.hold(this.appended);
    this.#isClosed = true;
    this.acknowledged = this.appended;
    for (let frame = this.#held.shift(); frame !== undefined; frame = this.#held.shift()) {
      this.#drop(frame, 'journal_closed');
    }
  }
}

/** Of several sources of frames the one whose next frame is the oldest; undefined when all are empty. */
function oldestOf<T>(
  sources: readonly T[],
  next: (source: T) => JournalFrame | undefined,
): { readonly source: T; readonly frame: JournalFrame } | undefined {
  let oldest: { source: T; frame: JournalFrame } | undefined;
  for (const source of sources) {
    const frame = next(source);
    if (frame !== undefined && (oldest === undefined || frame.sequence < oldest.frame.sequence)) {
      oldest = { source, frame };
    }
  }
  return oldest;
}
