/**
 * Delivers what agents have left behind that are gone: processes that were killed, or that have ended while the
 * receiver was away. Looks at the start and now and then, takes one journal at a time, and leaves to others what
 * belongs to a process that lives. Its requests say that they may repeat what the receiver has:
 * `aode.journal.replayed`.
 */
import { AodeError, type Clock, type Diag, durationMs, isAodeError, type Random, unixMs } from '@aode/base';
import {
  createShipper,
  type DiskJournal,
  type DropReason,
  type LeftJournal,
  leftJournals,
  openDiskJournal,
  type Poster,
  PRIORITY_MAX,
  type Settled,
  REPLAY_MARK,
  type Shipper,
  type ShipLossReason,
} from '@aode/journal';
import { type JournalPlace, nameOfProcess, troubleOf } from './agent-journal.ts';

export interface JournalHeirParts {
  readonly place: JournalPlace;
  /** The directory of whoever inherits. */
  readonly ownName: string;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly random: Random;
  readonly diag: Diag;
  readonly schemaUrl: string;
  readonly onSettled: (settled: Inherited) => void;
}

/** Records of a journal that was left, which the receiver has now, or which are lost. */
export interface Inherited {
  readonly signal: Settled['signal'];
  readonly delivered: number;
  readonly dropped: { readonly count: number; readonly reason: DropReason | ShipLossReason } | undefined;
  /** An agent of this very process has left it, and it has died. */
  readonly isOwn: boolean;
}

/** How soon somebody else's journal is taken up once its process is gone. */
const LOOK_MS = 60_000;

/**
 * What all processes of a service may have left together: so many directories, and so many times the bytes that one of
 * them may keep. A service that crashes in a loop while the hub is away fills no disk.
 */
const LEFT_JOURNALS_MAX = 64;
const LEFT_BYTES_SHARE = 4;

const sumOf = (numbers: Iterable<number>): number => [...numbers].reduce((sum, one) => sum + one, 0);

interface Inheritance {
  readonly name: string;
  readonly journal: DiskJournal;
  readonly shipper: Shipper;
}

export class JournalHeir implements Disposable {
  readonly #parts: JournalHeirParts;
  #timer: Disposable | undefined;
  #current: Inheritance | undefined;
  /** Found at the last look, and not taken up yet. */
  #queue: LeftJournal[] = [];
  #isGivingUp = false;
  /** That cannot be opened, so that it is said once. */
  readonly #refused = new Set<string>();

  constructor(parts: JournalHeirParts) {
    this.#parts = parts;
  }

  /** Begins to look, after `delayMs`. */
  start(delayMs: number): void {
    this.#timer = this.#parts.clock.timer(durationMs(delayMs), () => {
      this.#look();
      this.start(LOOK_MS);
    });
  }

  #look(): void {
    // What was left of it could not be read any more.
    if (this.#current?.journal.oldest === undefined) this.#leave();
    const { place, ownName, clock } = this.#parts;
    const nowMs = unixMs(clock.now());
    const left = leftJournals(place.directory, { token: place.token, nowMs }).filter(
      ({ name }) => name !== ownName && name !== this.#current?.name,
    );
    this.#queue = [...this.#bounded(left)];
    if (this.#current === undefined) this.#next();
  }

  /** The next of what was found; nobody looks again before it is time. */
  #next(): void {
    for (let left = this.#queue.shift(); left !== undefined; left = this.#queue.shift()) {
      const journal = this.#open(left);
      if (journal === undefined) continue;
      if (journal.usage().frameCount > 0) {
        this.#ship(journal, left.name);
        return;
      }
      journal.vacate();
    }
  }

  /** What has room of all that was left: the least important goes first, of that the oldest. Returns what stays. */
  #bounded(left: readonly LeftJournal[]): readonly LeftJournal[] {
    const kept = left.slice(-LEFT_JOURNALS_MAX);
    let recordsLost = 0;
    const giveUp = (one: LeftJournal, priority: number): void => {
      recordsLost += this.#giveUp(one, priority);
    };
    for (const one of left.slice(0, -LEFT_JOURNALS_MAX)) giveUp(one, PRIORITY_MAX);
    let bytes = kept.reduce((sum, one) => sum + sumOf(one.bytes.values()), 0);
    const priorities = [...new Set(kept.flatMap((one) => [...one.bytes.keys()]))].toSorted((a, b) => a - b);
    const bytesMax = this.#parts.place.bytesMax * LEFT_BYTES_SHARE;
    for (const priority of priorities) {
      for (const one of kept) {
        if (bytes <= bytesMax) break;
        if (!one.bytes.has(priority)) continue;
        giveUp(one, priority);
        bytes -= one.bytes.get(priority) ?? 0;
      }
    }
    if (recordsLost > 0) {
      const { directory } = this.#parts.place;
      const detail = { reason: 'journal_full', lost: recordsLost, directory };
      this.#parts.diag.warn(new AodeError('AODE_EXPORT_FAILED', detail));
    }
    return kept;
  }

  /** Returns how many records that were. */
  #giveUp(left: LeftJournal, priority: number): number {
    const journal = this.#open(left);
    if (journal === undefined) return 0;
    const { recordCount } = journal.usage();
    this.#isGivingUp = true;
    journal.giveUp(priority);
    this.#isGivingUp = false;
    const lost = recordCount - journal.usage().recordCount;
    journal.vacate();
    return lost;
  }

  #isOwn(name: string): boolean {
    return name.startsWith(nameOfProcess(this.#parts.place.token));
  }

  #open({ directory, name }: LeftJournal): DiskJournal | undefined {
    const { place, random, clock, diag } = this.#parts;
    try {
      return openDiskJournal({
        directory,
        bytesMax: Infinity,
        unwrittenBytesMax: 0,
        segmentBytesMax: 0,
        origin: new Uint8Array(),
        random,
        clock,
        token: place.token,
        onDropped: ({ signal, recordCount }, reason) => {
          const dropped = { count: recordCount, reason };
          this.#parts.onSettled({ signal, delivered: 0, dropped, isOwn: this.#isOwn(name) });
          // Said for all of them together.
          if (this.#isGivingUp) return;
          diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason, lost: recordCount, directory }));
        },
        onTrouble: (error) => diag.warn(troubleOf(error, directory)),
      });
    } catch (error) {
      // The usual case: its process lives.
      if (isAodeError(error) && error.code === 'AODE_JOURNAL_IN_USE') return undefined;
      if (!this.#refused.has(directory)) diag.warn(troubleOf(error, directory));
      this.#refused.add(directory);
      return undefined;
    }
  }

  #ship(journal: DiskJournal, name: string): void {
    const { poster, clock, random, schemaUrl, onSettled, diag } = this.#parts;
    const shipper = createShipper({
      journal,
      origin: Buffer.concat([journal.origin, REPLAY_MARK]),
      poster,
      clock,
      random,
      schemaUrl,
      // Under the names that their own process has sent them by, if it has.
      uidPrefix: name,
      onSettled: ({ signal, delivered, dropped }) => {
        onSettled({ signal, delivered, dropped, isOwn: this.#isOwn(name) });
        if (dropped !== undefined) {
          const { reason, count, why } = dropped;
          diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason, why, lost: count }));
        }
        journal.write();
        // Not within the shipper's own step.
        if (shipper.isIdle) queueMicrotask(() => this.#done());
      },
      // The agent's own shipper says that the receiver is away.
      onDelayed: () => undefined,
    });
    this.#current = { name, journal, shipper };
    shipper.wake();
  }

  /** The process ends: what is under way is waited for, and nothing more is sent. */
  async finish(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    await this.#current?.shipper.finish();
    this.#leave();
  }

  #done(): void {
    this.#leave();
    if (this.#timer !== undefined) this.#next();
  }

  #leave(): void {
    const current = this.#current;
    this.#current = undefined;
    current?.shipper[Symbol.dispose]();
    current?.journal.vacate();
  }

  /** What is not delivered stays where it is. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#leave();
  }
}
