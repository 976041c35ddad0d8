/**
 * The journal of one agent: on disk where there is a place for it, else in memory. What was appended in a step is given
 * to the file system at the end of it, and put on stable storage a little later, unless the receiver has it by then.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AodeError, type Clock, type Diag, durationMs, isAodeError, type Random } from '@aode/base';
import {
  createMemoryJournal,
  type DiskJournal,
  type Journal,
  openDiskJournal,
  type OnDropped,
  type UnwrittenCounts,
} from '@aode/journal';
import { encodeLines, linePriority, type LineSpace } from '@aode/wire';

/** Where the agents of one service keep what the receiver does not have yet: each in a directory of its own. */
export interface JournalPlace {
  readonly directory: string;
  /** Of each agent. */
  readonly bytesMax: number;
  /** Longest time between a record that is kept and one that survives the end of the machine. */
  readonly syncMs: number;
  /** Names the agents of this process, which come one after the other. */
  readonly token: string;
}

export interface AgentJournalParts {
  /** Undefined: in memory. */
  readonly place: JournalPlace | undefined;
  /** Of a journal in memory, and of what a disk does not take. */
  readonly memoryBytesMax: number;
  readonly origin: Uint8Array;
  /** What is sent may be sent to somebody else as well, who has to know it again. */
  readonly hasOthers: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly diag: Diag;
  readonly onDropped: OnDropped;
}

const NAME_BYTES = 8;

const NONE: UnwrittenCounts = { traces: 0, logs: 0, metrics: 0 };

/** A segment is read at once when somebody recovers it. */
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;

/** From one try to the next on a disk that fails. */
const SYNC_MS_MIN = 100;
const SYNC_MS_MAX = 10_000;

export class AgentJournal implements Disposable {
  readonly journal: Journal;
  /** Of its own directory within the place; no other journal has it. */
  readonly name: string;
  readonly #disk: DiskJournal | undefined;
  readonly #isNamed: boolean;
  readonly #clock: Clock;
  readonly #syncMs: number;
  #timer: Disposable | undefined;
  /** The disk did not do what it was asked last. */
  #hasFailed = false;

  constructor(parts: AgentJournalParts) {
    const { place, memoryBytesMax, origin, onDropped } = parts;
    this.name = nameOfProcess(place?.token ?? '') + randomBytes(NAME_BYTES / 2).toString('hex');
    this.#disk = place === undefined ? undefined : openOwn(place, this.name, parts);
    this.journal = this.#disk ?? createMemoryJournal({ bytesMax: memoryBytesMax, origin, onDropped });
    this.#isNamed = this.#disk !== undefined || parts.hasOthers;
    this.#clock = parts.clock;
    this.#syncMs = place?.syncMs ?? 0;
  }

  /** Names for the records of the frame that is appended next; undefined where nothing is sent as a replay. */
  namesOfNext(): ((index: number) => string) | undefined {
    if (!this.#isNamed) return undefined;
    const frame = `${this.name}-${(this.journal.appended + 1).toString(36)}-`;
    return (index) => frame + index.toString(36);
  }

  /** What the names of its lines begin with; undefined where nothing is sent as a replay. */
  get uidPrefix(): string | undefined {
    return this.#isNamed ? this.name : undefined;
  }

  /**
   * Keeps a run of lines (@aode/wire's line-frame.ts), all of one priority. False when there is no room, and nothing
   * was kept then.
   */
  appendLines(run: LineSpace, recordCount: number): boolean {
    if (this.#disk !== undefined) return this.#disk.appendLines(run, recordCount);
    const { payload } = encodeLines(run.bytes, this.uidPrefix);
    const priority = linePriority(run.words, 0);
    return this.journal.append({ signal: 'logs', priority, recordCount, payload }) !== undefined;
  }

  /** Something was appended, and no more is for now. */
  appended(): void {
    const disk = this.#disk;
    if (disk === undefined || disk.appended === disk.acknowledged) return;
    this.#hasFailed = !disk.write();
    this.#syncIn(this.#syncMs, disk);
  }

  #syncIn(ms: number, disk: DiskJournal): void {
    this.#timer ??= this.#clock.timer(durationMs(ms), () => {
      this.#timer = undefined;
      // A disk that does not do it now is asked again, whether anything comes or not, and ever more seldom.
      if (disk.appended > disk.acknowledged && !this.sync())
        this.#syncIn(Math.min(SYNC_MS_MAX, Math.max(ms, SYNC_MS_MIN) * 2), disk);
    });
  }

  /** Whether what waits may outlive the process. */
  get isOnDisk(): boolean {
    return this.#disk !== undefined;
  }

  /** How many records are in memory alone. Undefined without a disk: all are. */
  unwritten(): UnwrittenCounts | undefined {
    const disk = this.#disk;
    if (disk === undefined) return undefined;
    return this.#hasFailed || disk.written < disk.appended ? disk.unwritten() : NONE;
  }

  /** The receiver has taken something, or refused it: whoever comes next need not send it again. */
  settled(): void {
    if (this.#disk !== undefined) this.#hasFailed = !this.#disk.write();
  }

  /** Puts everything on stable storage; false when that is not so afterwards. */
  sync(): boolean {
    const isGood = this.#disk?.sync() ?? false;
    this.#hasFailed = !isGood;
    return isGood;
  }

  /** The end of the agent. What waits stays on disk; where nothing waits, nothing stays. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#disk === undefined) this.journal.close();
    else this.#disk.vacate();
  }
}

/** What the directories of all agents of a process begin with. */
export const nameOfProcess = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, NAME_BYTES);

/** Undefined where it cannot be, which is said. */
function openOwn(place: JournalPlace, name: string, parts: AgentJournalParts): DiskJournal | undefined {
  const { memoryBytesMax, origin, random, clock, diag, onDropped } = parts;
  const { directory, bytesMax, token } = place;
  try {
    return openDiskJournal({
      directory: join(directory, name),
      bytesMax,
      unwrittenBytesMax: memoryBytesMax,
      segmentBytesMax: SEGMENT_BYTES_MAX,
      origin,
      random,
      clock,
      token,
      onDropped,
      onTrouble: (error) => diag.warn(troubleOf(error, directory)),
    });
  } catch (error) {
    diag.warn(troubleOf(error, directory));
    return undefined;
  }
}

/** As a line that a user can do something with. */
export function troubleOf(error: unknown, directory: string): AodeError {
  if (isAodeError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new AodeError('AODE_JOURNAL_UNWRITABLE', { directory, why }, error);
}
