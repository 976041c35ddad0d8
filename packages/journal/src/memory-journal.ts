/** A journal that lives as long as its process. */
import { assert } from '@aode/base';
import type { WaitingFrame } from './frame-queue.ts';
import type { Frame, Journal, JournalFrame, JournalUsage, OnDropped } from './journal.ts';
import { assertFrame, WaitingFrames } from './waiting-frames.ts';

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

interface KeptFrame extends WaitingFrame {
  readonly frame: JournalFrame;
}

class MemoryJournal implements Journal {
  readonly origin: Uint8Array;
  appended = 0;
  acknowledged = 0;
  readonly #onDropped: OnDropped;
  readonly #frames: WaitingFrames<KeptFrame>;
  #isClosed = false;

  constructor({ bytesMax, origin, onDropped }: MemoryJournalOptions) {
    this.origin = origin;
    this.#onDropped = onDropped;
    this.#frames = new WaitingFrames(bytesMax);
  }

  append(given: Frame): number | undefined {
    assertFrame(given);
    const { signal, priority, recordCount, payload } = given;
    const payloadBytes = payload.byteLength;
    const size = payloadBytes + FRAME_OVERHEAD_BYTES;
    const gone = this.#isClosed ? undefined : this.#frames.makeRoom(size, priority);
    if (gone === undefined) return undefined;
    for (const { frame } of gone) this.#onDropped(frame, 'journal_full');
    this.appended += 1;
    const sequence = this.appended;
    const frame = { signal, form: 'otlp', priority, recordCount, payload, sequence } as const;
    this.#frames.add({ sequence, priority, recordCount, payloadBytes, size, frame });
    return sequence;
  }

  get oldest(): number | undefined {
    return this.#frames.oldest;
  }

  read(afterSequence: number, bytesMax: number): readonly JournalFrame[] {
    return this.#frames.read(afterSequence, bytesMax).map(({ frame }) => frame);
  }

  hold(sequence: number): void {
    this.#frames.hold(sequence);
  }

  release(): void {
    this.#frames.release();
  }

  acknowledge(sequence: number): void {
    if (this.#isClosed) return;
    assert(sequence >= this.acknowledged, 'an acknowledgement does not go back');
    assert(sequence <= this.appended, 'only what was appended is acknowledged');
    this.acknowledged = sequence;
    this.#frames.settle(sequence, () => undefined);
  }

  usage(): JournalUsage {
    return this.#frames.usage();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.acknowledged = this.appended;
    this.#frames.settle(this.appended, ({ frame }) => this.#onDropped(frame, 'journal_closed'));
  }
}
