/** What a journal in a directory promises besides what every journal does, and what it is opened with. */
import type { SignalName, WordBytes } from '@aode/wire';
import type { Journal, OnDropped } from '../journal.ts';

/** Of each signal; `Infinity` for all that there are, where nobody finds the directory any more. */
export type UnwrittenCounts = Readonly<Record<SignalName, number>>;

export interface DiskJournal extends Journal {
  /** Everything up to this sequence survives the end of the process: written, or settled. */
  readonly written: number;
  /** Everything up to this sequence survives the end of the machine. */
  readonly durable: number;
  /**
   * Keeps lines, each a frame of its own, all of one priority: a run of them as a thread has written them
   * (@aode/wire's line-frame.ts), which is sealed here and belongs to the journal from now on. They come and go
   * together and have sequences in a row. False as `append` refuses: nothing was kept.
   */
  appendLines(run: WordBytes, lineCount: number): boolean;
  /** How many records are in memory alone: they end with the process. */
  unwritten(): UnwrittenCounts;
  /** Gives what was appended to the file system. False when that failed: it stays in memory until the next call. */
  write(): boolean;
  /** The same, and puts it on stable storage. */
  sync(): boolean;
  /**
   * Writes what is whole in damaged segments anew and sets the files aside, as `NAME.segment.damaged`. Returns their
   * paths. Of one that the disk does not let go everything stays, to be repaired at the next call.
   */
  repair(): readonly string[];
  /** Everything that is not more important gives way, oldest first, under way or not: nobody has room for it. */
  giveUp(priority: number): void;
  /**
   * Closes it, and leaves nothing behind where nothing waits: neither files nor the directory. Otherwise as `close`.
   */
  vacate(): void;
}

export interface DiskJournalSettings {
  readonly directory: string;
  /** Bound of what waits: payloads and what a frame takes besides. */
  readonly bytesMax: number;
  /** Bound of what is in memory because it could not be written. */
  readonly unwrittenBytesMax: number;
  /** A segment grows up to this. */
  readonly segmentBytesMax: number;
  /** How many frames that wait are packed into one in memory; a thousand unless it is said. */
  readonly packFrames?: number;
  /** For `repair`: what is damaged stays until it is set aside, also where nobody needs a frame of it. */
  readonly keepsDamaged?: boolean;
  /** Who writes, where the directory does not say so already. */
  readonly origin: Uint8Array;
  readonly onDropped: OnDropped;
  /**
   * The disk does not do what it should: AODE_JOURNAL_DAMAGED for each file of which a part was lost when it was
   * opened, later what the file system has thrown, and then not again before a `sync` has gone well.
   */
  readonly onTrouble: (error: unknown) => void;
}
