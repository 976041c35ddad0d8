/**
 * What has been recorded and nobody has confirmed yet: frames in the order in which they were appended, kept within a
 * bound. A journal does not know what a frame means; it knows how important it is and how many records it stands for.
 * One writer appends, one reader reads and acknowledges, both on one thread.
 *
 * It always holds, in records, that `appended = acknowledged + dropped + waiting`: a frame leaves by `acknowledge` or
 * through `onDropped`, never by both and never otherwise.
 */
import type { SignalName } from '@aode/wire';

/** Priorities are whole numbers from 0 to this: one byte, wherever they are written down. */
export const PRIORITY_MAX = 255;

export interface Frame {
  readonly signal: SignalName;
  /** 0 is the baseline; when room runs out, what has a higher one stays longer. */
  readonly priority: number;
  /** Spans, log records or data points within: the unit in which losses are counted and receivers answer. */
  readonly recordCount: number;
  /** Opaque. It belongs to the journal from `append` on and must not be written to any more. */
  readonly payload: Uint8Array;
}

export interface JournalFrame extends Frame {
  /** Place in the order of appending: from 1, one by one. Of several lines in a row, that of the last. */
  readonly sequence: number;
  /** What the payload is: a run of OTLP's scope messages, or of frames of a line each (@aode/wire's line-frame.ts). */
  readonly form: FrameForm;
}

export type FrameForm = 'otlp' | 'lines';

/**
 * Why a frame has left without being acknowledged. `journal_full`: it gave way to a newer one. `journal_closed`: the
 * journal keeps nothing beyond the process, or could not write it, and was closed. `journal_damaged`: it was on disk
 * and cannot be read any more.
 */
export type DropReason = 'journal_full' | 'journal_closed' | 'journal_damaged';

/** Called for each frame that is dropped, before the call that caused it returns. Must not call the journal. */
export type OnDropped = (frame: Omit<JournalFrame, 'payload' | 'form'>, reason: DropReason) => void;

/** What waits, including what is under way. */
export interface JournalUsage {
  readonly frameCount: number;
  readonly recordCount: number;
  /** As they count against the bound: payloads and what keeping a frame costs besides. */
  readonly bytes: number;
}

export interface Journal {
  /** Who writes, in bytes that the journal does not look into; the same for all frames, from its creation on. */
  readonly origin: Uint8Array;
  /** Sequence of the newest frame ever appended; 0 before the first. */
  readonly appended: number;
  /** Everything up to this sequence has been acknowledged or dropped; 0 at first. */
  readonly acknowledged: number;
  /** Sequence of the oldest frame that waits or is under way; undefined when there is none. */
  readonly oldest: number | undefined;

  /**
   * Keeps `frame` and returns its sequence, or returns undefined and has kept and dropped nothing: the caller counts.
   *
   * Oldest unimportant first: when there is no room, waiting frames give way that are not more important than the new
   * one; of these the least important, and among equals the oldest. A frame is refused when all that may give way would
   * not make enough room, and when the journal is closed.
   */
  append(frame: Frame): number | undefined;

  /**
   * Frames behind `afterSequence`, oldest first, with payloads of at most `bytesMax` together, but at least one frame
   * if there is any. Where frames have given way, sequences are missing. Changes nothing.
   */
  read(afterSequence: number, bytesMax: number): readonly JournalFrame[];

  /**
   * Everything up to `sequence` is under way to somebody who may take it: from now on it does not give way, so that no
   * record can be delivered and counted as dropped as well.
   */
  hold(sequence: number): void;

  /** Nothing is under way any more: what was held waits as before and may give way again. */
  release(): void;

  /**
   * Everything up to `sequence` has been taken care of, delivered or refused for good, and gives its room back. Never
   * goes back, never beyond what was appended. After `close` it does nothing.
   */
  acknowledge(sequence: number): void;

  usage(): JournalUsage;

  /**
   * Ends appending and reading. A journal that lasts keeps what waits for the next who opens it; any other reports it
   * as dropped, `journal_closed`.
   */
  close(): void;
}
