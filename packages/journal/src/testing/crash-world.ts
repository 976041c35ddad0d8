/**
 * What the world outside a journal knows of it: what was appended, what has been settled, and how much of either must
 * be there after the end of a process or of the machine. It believes nothing that the journal has not promised, and
 * holds it to everything that it has.
 */
import { assert } from '@aode/base';
import type { JournalFrame } from '../journal.ts';
import type { DiskJournal } from '../disk/disk-journal.ts';
import { unitsOf } from './journal-driver.ts';

/** How a life has ended. */
export type Ending = 'kill' | 'power cut';

interface Settled {
  readonly how: 'acknowledged' | 'dropped' | 'gone';
  /** What it may not come back after. */
  readonly survives: Ending | undefined;
}

/** What is known of one frame, a line being one. */
export interface Known {
  /** Of a frame, or the text of a line. */
  readonly payload: Uint8Array;
  /** Lines of a run come and go together: whether this is the last. Always, of what is no line. */
  isLast: boolean;
  settled: Settled | undefined;
}

export interface WorldSettings {
  /** Whether the disk fails now and then. */
  readonly withFaults: boolean;
  readonly withPowerCuts: boolean;
}

export class CrashWorld {
  readonly known: Map<number, Known> = new Map();
  readonly #settings: WorldSettings;
  /** Everything up to this must be found at the next opening. */
  #promised = 0;
  /** Up to this also when the machine stops. */
  #durable = 0;
  #ending: Ending = 'kill';
  #isOpening = false;
  readonly #droppedAtOpening = new Set<number>();

  constructor(settings: WorldSettings) {
    this.#settings = settings;
  }

  opening(): void {
    this.#isOpening = true;
    this.#droppedAtOpening.clear();
  }

  /** It has come to its end in the middle of it, and what it said until then stands. */
  openingFailed(): void {
    this.#isOpening = false;
    for (const sequence of this.#droppedAtOpening) {
      const known = this.known.get(sequence);
      if (known !== undefined) known.settled ??= { how: 'dropped', survives: undefined };
    }
  }

  appended(sequence: number, payload: Uint8Array, isLast: boolean): void {
    this.known.set(sequence, { payload, isLast, settled: undefined });
  }

  dropped(sequence: number): void {
    const known = this.known.get(sequence);
    assert(known !== undefined, `frame ${sequence} is dropped, and was appended`);
    if (this.#isOpening) {
      this.#droppedAtOpening.add(sequence);
      return;
    }
    assert(known.settled === undefined, `frame ${sequence} is dropped once, and was ${known.settled?.how}`);
    known.settled = { how: 'dropped', survives: undefined };
  }

  acknowledged(sequence: number): void {
    for (const [each, known] of this.known) {
      if (each <= sequence) known.settled ??= { how: 'acknowledged', survives: undefined };
    }
  }

  /** What is settled now stays so after such an end. */
  kept(survives: Ending): void {
    for (const known of this.known.values()) {
      const { settled } = known;
      if (settled !== undefined && settled.survives !== 'power cut') known.settled = { ...settled, survives };
    }
  }

  /** The life of a journal that was opened comes to its end, by whatever. */
  left(journal: DiskJournal): void {
    this.#promised = journal.written;
    this.#durable = journal.durable;
    this.#ending = 'kill';
  }

  /** The machine stops, whether somebody has opened the journal since the last end or not. */
  powerCut(): void {
    this.#promised = Math.min(this.#promised, this.#durable);
    this.#ending = 'power cut';
  }

  check(sequence: number, payload: Uint8Array): void {
    const known = this.known.get(sequence);
    assert(known !== undefined, `frame ${sequence} was appended`);
    assert(known.settled === undefined, `frame ${sequence} waits, it was not ${known.settled?.how}`);
    assert(Buffer.compare(known.payload, payload) === 0, `frame ${sequence} is as it was`);
  }

  /**
   * Compares what a journal has found with what must be there, and with what lies whole on its disk and is not settled
   * there. Returns how many frames there are.
   */
  opened(journal: DiskJournal, whole: ReadonlySet<number>): number {
    this.#isOpening = false;
    const found = this.#read(journal.read(0, Infinity));
    for (const sequence of this.#droppedAtOpening) found.add(sequence);
    for (const sequence of whole) assert(found.has(sequence), `frame ${sequence} is whole and is found`);
    for (const [sequence, known] of this.known) {
      if (found.has(sequence)) this.#isBack(sequence, known, whole);
      else {
        const isLost = known.settled === undefined && sequence <= this.#promised;
        assert(!isLost, `frame ${sequence} was promised up to ${this.#promised}`);
        // Whoever opens a journal syncs what is there. A sequence that nobody can have seen is given out again.
        if (sequence > journal.appended) this.#forget(sequence);
        else known.settled = { how: known.settled?.how ?? 'gone', survives: 'power cut' };
      }
    }
    this.left(journal);
    return found.size;
  }

  #forget(sequence: number): void {
    this.known.delete(sequence);
    const before = this.known.get(sequence - 1);
    if (before !== undefined) before.isLast = true;
  }

  #read(frames: readonly JournalFrame[]): Set<number> {
    const found = new Set<number>();
    let last = 0;
    let isGoingOn = false;
    for (const frame of frames) {
      const units = [...unitsOf(frame)];
      for (const [i, { sequence, payload }] of units.entries()) {
        assert(sequence > last, `frame ${sequence} comes behind ${last}`);
        const isTorn = isGoingOn && i === 0 && sequence === last + 1;
        assert(!isTorn || !this.#mayTear, `the run that frame ${sequence} is of is in one piece`);
        last = sequence;
        const known = this.known.get(sequence);
        assert(known !== undefined, `frame ${sequence} was appended`);
        assert(Buffer.compare(known.payload, payload) === 0, `frame ${sequence} is as it was`);
        const isEnd = i === units.length - 1;
        assert(isEnd || !known.isLast, `frame ${sequence} ends a run`);
        isGoingOn = !known.isLast;
        found.add(sequence);
      }
    }
    return found;
  }

  /** Where nothing fails a run is found in one piece, however much of it there is. */
  get #mayTear(): boolean {
    const { withFaults, withPowerCuts } = this.#settings;
    return !withFaults && !withPowerCuts;
  }

  #isBack(sequence: number, known: Known, whole: ReadonlySet<number>): void {
    assert(whole.has(sequence), `frame ${sequence} is found and was there`);
    const { settled } = known;
    const isForGood =
      settled?.survives === 'power cut' || (settled?.survives === 'kill' && this.#ending === 'kill');
    assert(!isForGood, `frame ${sequence} was ${settled?.how} for good and is back after a ${this.#ending}`);
    // The news that it was settled was lost with the crash: it is delivered again.
    const isDropped = this.#droppedAtOpening.has(sequence);
    known.settled = isDropped ? { how: 'dropped', survives: undefined } : undefined;
  }
}
