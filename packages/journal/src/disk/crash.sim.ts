/**
 * One life of a journal after the other on a file system that forgets, tears and fails, all from one seed: appended to,
 * read, acknowledged, synced, repaired, closed, vacated, killed, cut from power in the middle of any call and of its
 * opening, opened again. What it must hold (docs/formats/journal.md):
 *
 * - I1 what was durable, and not settled since, is there; after a kill also what was written. What lies whole on the
 *   disk, and is not settled there, is found.
 * - I2 what is there comes in its order, once, byte for byte; lines of two runs are never put together, and where
 *   nothing fails those of one run never torn apart.
 * - I3 nothing is there that was never appended in this life of the directory.
 * - I4 what was settled, acknowledged or dropped, and written then stays away after a kill, and what was synced then
 *   after the end of the machine; what was found to be gone stays gone.
 * - I5 opening twice, or with a crash in between, finds the same.
 *
 * It is known to see, within 500 seeds: no `dropped` frame written; a segment that names dropped ones swept at once, or
 * without a sync of the names; no cursor written, or not synced; nothing synced at opening, not the files, the names,
 * nor the directory's own; a segment that failed synced again; the cursor removed before the segments; a repair that
 * forgets what it could not read; runs put together, or never. What is too rare here stands by itself in
 * settled.test.ts, and copies of a run that are torn in different places in recover.test.ts.
 */
import { assert, isAodeError, seededRandom, type Random } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { CrashWorld, type WorldSettings } from '../testing/crash-world.ts';
import { doSomething, wholeIn } from '../testing/journal-driver.ts';
import { type Operation, simFiles, type SimFiles } from '../testing/sim-files.ts';
import type { DiskJournal, DiskJournalSettings } from './disk-journal.ts';
import { openOn } from './open-journal.ts';

export interface CrashOutcome {
  readonly lives: number;
  readonly appended: number;
  readonly recovered: number;
  readonly faults: number;
}

export type CrashSettings = WorldSettings;

const DIRECTORY = '/journal';
const LIVES = 6;
const CALLS_MAX = 60;
/** After so many openings that fail somebody mends the disk. */
const ATTEMPTS_MAX = 20;

/** Runs one seed; throws with what did not hold. */
export function runCrashes(seed: number, settings: CrashSettings): CrashOutcome {
  const run = new Run(seed, settings);
  for (let life = 0; life < LIVES; life += 1) run.live();
  run.look();
  const { world, recovered, faults } = run;
  return { lives: LIVES, appended: world.known.size, recovered, faults };
}

/** How an operation fails: by itself, with those that follow at once, or with all that come before the end. */
export type Failing = 'once' | 'thrice' | 'always';

const FAILING: Readonly<Record<Failing, number>> = { once: 1, thrice: 3, always: Infinity };

/**
 * One journal, found as a life before has left it, opened and called always in the same way; for each of its operations
 * in turn a run in which that one fails and whatever the journal can do about it follows. Returns how many operations
 * there are.
 */
export function sweepFaults(seed: number, code: 'EIO' | 'ENOSPC', failing: Failing): number {
  for (let at = 1; ; at += 1) {
    const settings = { withFaults: true, withPowerCuts: at % 2 === 0 };
    const run = new Run(seed, settings);
    if (!run.liveThrough({ at, code, count: FAILING[failing] })) return at - 1;
    run.look();
  }
}

interface Fault {
  /** Of which operation, counted from the opening. */
  readonly at: number;
  readonly code: string;
  /** How many fail in a row. */
  readonly count: number;
}

class Run {
  readonly world: CrashWorld;
  recovered = 0;
  faults = 0;
  readonly #random: Random;
  /** So that calls are the same whatever fails. */
  readonly #calls: Random;
  readonly #settings: CrashSettings;
  readonly #clock: ManualClock = manualClock();
  #files: SimFiles;

  constructor(seed: number, settings: CrashSettings) {
    this.#random = seededRandom(seed);
    this.#calls = seededRandom(seed + 0x8000_0000);
    this.#settings = settings;
    this.#files = simFiles(this.#random);
    this.world = new CrashWorld(settings);
  }

  /** Opens it, lets it do something, and ends it. */
  live(): void {
    const random = this.#random;
    const { withFaults } = this.#settings;
    this.#files.capacity = withFaults && random.chance(1, 3) ? 20_000 : Infinity;
    const isFaulty = withFaults && random.chance(1, 2);
    if (random.chance(1, 6)) this.#files.lastOperation = this.#files.operations + 1 + random.below(30);
    if (isFaulty) this.#failOne(30);
    const journal = this.#open();
    // Nothing has happened since: whoever comes next finds the same.
    if (journal === undefined) this.world.openingFailed();
    if (journal === undefined || random.chance(1, 3)) {
      this.#end();
      return;
    }
    if (isFaulty) this.#failOne(random.chance(1, 2) ? 4 : 15);
    if (random.chance(1, 2)) this.#files.lastOperation = this.#files.operations + 1 + random.below(150);
    this.#call(journal, random.below(CALLS_MAX));
    if (this.#isUp && random.chance(1, 3)) this.#close(journal);
    this.world.left(journal);
    this.#end();
  }

  /** Two lives; false when there is no such operation in the second. */
  liveThrough({ at, code, count }: Fault): boolean {
    this.#call(this.#open(), CALLS_MAX);
    this.#files = this.#files.killed();
    let operation = 0;
    const fault = (): string | undefined => {
      operation += 1;
      if (operation < at || operation >= at + count) return undefined;
      this.faults += 1;
      return code;
    };
    this.#files.fault = fault;
    const journal = this.#open();
    this.#files.fault = fault;
    this.#call(journal, CALLS_MAX);
    if (journal !== undefined && this.#random.chance(1, 2)) this.#close(journal);
    const isThere = this.faults > 0;
    this.#files.fault = () => undefined;
    if (journal !== undefined) this.world.left(journal);
    this.#end();
    return isThere;
  }

  #call(journal: DiskJournal | undefined, count: number): void {
    for (let call = 0; call < count && journal !== undefined && this.#isUp; call += 1) {
      doSomething(journal, this.#calls, this.world);
      this.#clock.advance(10_000);
    }
    if (journal !== undefined) this.world.left(journal);
  }

  /** Opens it on a good disk. */
  look(): void {
    this.#files.capacity = Infinity;
    assert(this.#open() !== undefined, 'a journal opens');
  }

  get #isUp(): boolean {
    return this.#files.operations < this.#files.lastOperation;
  }

  get #mayLose(): boolean {
    return this.#settings.withFaults || !this.#isUp;
  }

  /** One operation in so many fails from now on. */
  #failOne(inSoMany: number): void {
    const random = this.#random;
    this.#files.fault = (operation: Operation) => {
      if (!random.chance(1, inSoMany)) return undefined;
      this.faults += 1;
      const mayBeFull = operation === 'write' || operation === 'create';
      return mayBeFull && random.chance(1, 2) ? 'ENOSPC' : 'EIO';
    };
  }

  /** Undefined when that was its end. */
  #open(): DiskJournal | undefined {
    const random = this.#random;
    for (let attempt = 1; ; attempt += 1) {
      const files = this.#files;
      const before = this.faults;
      const whole = wholeIn(files, DIRECTORY);
      this.world.opening();
      try {
        const journal = openOn(files, this.#journal(), {
          random,
          clock: this.#clock,
          unlock: () => undefined,
        });
        if (!this.#isUp) return undefined;
        // Now it is looked at, and nothing but that.
        files.fault = () => undefined;
        files.lastOperation = Infinity;
        this.recovered += this.world.opened(journal, whole);
        return journal;
      } catch (error) {
        if (!(error instanceof Error && isAodeError(error))) throw error;
        if (!this.#isUp) return undefined;
        const isExpected = this.faults > before || files.capacity !== Infinity;
        assert(isExpected, `a journal opens on a good disk: ${error.message}`);
        // A disk without room for the cursor: the operator makes some. What a sync has not written then no process
        // knows of that comes later, as after any end.
        if (this.faults === before) files.capacity = Infinity;
        else this.#files = handedOn(files);
        if (attempt === ATTEMPTS_MAX) this.#files.fault = () => undefined;
      }
    }
  }

  #journal(): DiskJournalSettings {
    return {
      directory: DIRECTORY,
      bytesMax: this.#random.chance(1, 5) ? 2000 : 6000,
      unwrittenBytesMax: 3000,
      segmentBytesMax: 2048,
      packFrames: 2,
      origin: new Uint8Array([7]),
      onDropped: ({ sequence, recordCount }, reason) => {
        assert(reason === 'journal_full' || this.#mayLose, `frame ${sequence} is lost, ${reason}`);
        for (let i = recordCount - 1; i >= 0; i -= 1) this.world.dropped(sequence - i);
      },
      onTrouble: () => undefined,
    };
  }

  #close(journal: DiskJournal): void {
    const before = this.faults;
    const { capacity } = this.#files;
    if (this.#random.chance(1, 2)) journal.close();
    else journal.vacate();
    if (this.faults > before || !this.#isUp || capacity !== Infinity) return;
    assert(journal.durable === journal.appended, 'what is closed is durable');
    this.world.kept('power cut');
  }

  #end(): void {
    const random = this.#random;
    if (!this.#settings.withPowerCuts || random.chance(1, 2)) this.#files = this.#files.killed();
    else {
      this.world.powerCut();
      this.#files = this.#files.afterPowerCut(random);
    }
  }
}

/** The same disk for another process, with the same faults ahead. */
function handedOn(files: SimFiles): SimFiles {
  const left = files.killed();
  left.fault = files.fault;
  left.capacity = files.capacity;
  left.lastOperation = files.lastOperation - files.operations;
  return left;
}
