/**
 * Delivers what agents have left behind that are gone: processes that were killed, or that have ended while the
 * receiver was away. Looks at the start and now and then, takes one journal at a time, and leaves to others what
 * belongs to a process that lives. Its requests say that they may repeat what the receiver has:
 * `aode.journal.replayed`.
 */
import { join } from 'node:path';
import { AodeError, type Clock, type Diag, durationMs, isAodeError, type Random } from '@aode/base';
import {
  createShipper,
  type DiskJournal,
  type DropReason,
  listJournals,
  openDiskJournal,
  type Poster,
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

interface Inheritance {
  readonly journal: DiskJournal;
  readonly shipper: Shipper;
}

export class JournalHeir implements Disposable {
  readonly #parts: JournalHeirParts;
  #timer: Disposable | undefined;
  #current: Inheritance | undefined;
  /** That cannot be opened, so that it is said once. */
  readonly #refused = new Set<string>();

  constructor(parts: JournalHeirParts) {
    this.#parts = parts;
  }

  /** Begins to look, after `delayMs`. */
  start(delayMs: number): void {
    this.#timer = this.#parts.clock.timer(durationMs(delayMs), () => {
      this.#next();
      this.start(LOOK_MS);
    });
  }

  #next(): void {
    // What was left of it could not be read any more.
    if (this.#current?.journal.oldest === undefined) this.#leave();
    if (this.#current !== undefined) return;
    const { place, ownName } = this.#parts;
    const { directory } = place;
    for (const name of listJournals(directory)) {
      if (name === ownName) continue;
      const journal = this.#open(join(directory, name), name);
      if (journal === undefined) continue;
      if (journal.usage().frameCount === 0) journal.vacate();
      else {
        this.#ship(journal, name);
        return;
      }
    }
  }

  #isOwn(name: string): boolean {
    return name.startsWith(nameOfProcess(this.#parts.place.token));
  }

  #open(directory: string, name: string): DiskJournal | undefined {
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
    this.#current = { journal, shipper };
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
