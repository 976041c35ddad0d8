/**
 * One life of a journal after the other on a file system that forgets, tears and fails, all from one seed: appended to,
 * read, acknowledged, synced, killed, cut from power, opened again. What it must hold (docs/formats/journal.md):
 *
 * - I1 what was durable, and not settled since, is there; after a kill also what was written.
 * - I2 what is there comes in its order, once, byte for byte.
 * - I3 nothing is there that was never appended in this life of the directory.
 * - I4 what was found to be gone once stays gone. Weaker than it should be: what was dropped or acknowledged and comes
 *   back at the next opening passes, as news that a crash may have taken along.
 * - I5 opening twice, or with a crash in between, finds the same.
 */
import { assert, seededRandom, type Random } from '@aode/base';
import { readLineFrame, runFrameBytes, wordBytesOf } from '@aode/wire';
import type { JournalFrame } from '../journal.ts';
import { lineRun } from '../testing/line-run.ts';
import { simFiles, type SimFiles } from '../testing/sim-files.ts';
import type { DiskJournal, DiskJournalSettings } from './disk-journal.ts';
import { openOn } from './open-journal.ts';

export interface CrashOutcome {
  readonly lives: number;
  readonly appended: number;
  readonly recovered: number;
  readonly faults: number;
}

export interface CrashSettings {
  /** Whether the disk fails now and then. */
  readonly withFaults: boolean;
  /** Whether some ends take the machine along, or only the process. */
  readonly withPowerCuts: boolean;
}

const DIRECTORY = '/journal';
const LIVES = 6;
const CALLS_MAX = 60;

/** What the world outside the journal knows of one frame, a line being one. */
interface Known {
  /** Of a frame, or the text of a line. */
  readonly payload: Uint8Array;
  /** Lines of a run come and go together: whether this is the last. Always, of what is no line. */
  readonly isLast: boolean;
  state: 'waiting' | 'acknowledged' | 'dropped' | 'dropped at opening' | 'lost';
}

/** Runs one seed; throws with what did not hold. */
export function runCrashes(seed: number, { withFaults, withPowerCuts }: CrashSettings): CrashOutcome {
  const random = seededRandom(seed);
  let files = simFiles(new Map(), random);
  const world = new World(withFaults);
  let recovered = 0;
  let faults = 0;
  for (let life = 0; life < LIVES; life += 1) {
    files.capacity = random.chance(1, 4) ? 20_000 : Infinity;
    const journal = open(files, random, world);
    recovered += world.opened(journal);
    if (random.chance(1, 3)) {
      // Nothing has happened since: whoever comes next finds the same.
      files = files.killed();
      continue;
    }
    const isFaulty = withFaults && random.chance(1, 2);
    files.fault = (operation) => {
      if (!isFaulty || !random.chance(1, 15)) return undefined;
      faults += 1;
      return operation === 'write' || operation === 'create'
        ? random.chance(1, 2)
          ? 'ENOSPC'
          : 'EIO'
        : 'EIO';
    };
    const calls = random.below(CALLS_MAX);
    for (let call = 0; call < calls; call += 1) doSomething(journal, random, world);
    files.fault = () => undefined;
    files = end(files, journal, random, { world, withPowerCuts });
  }
  files.capacity = Infinity;
  recovered += world.opened(open(files, random, world));
  return { lives: LIVES, appended: world.known.size, recovered, faults };
}

function open(files: SimFiles, random: Random, world: World): DiskJournal {
  const settings: DiskJournalSettings = {
    directory: DIRECTORY,
    bytesMax: 6000,
    unwrittenBytesMax: 3000,
    segmentBytesMax: 2048,
    packFrames: 2,
    origin: new Uint8Array([7]),
    onDropped({ sequence, recordCount }, reason) {
      for (let i = recordCount - 1; i >= 0; i -= 1) world.dropped(sequence - i, reason);
    },
    onTrouble: () => undefined,
  };
  world.isOpening = true;
  for (;;) {
    try {
      const journal = openOn(files, settings, { random, unlock: () => undefined });
      world.isOpening = false;
      return journal;
    } catch (error) {
      // A disk without room for the cursor: the operator makes some.
      assert(
        files.capacity !== Infinity,
        `a journal opens on a good disk: ${String((error as Error).cause)}`,
      );
      files.capacity = Infinity;
    }
  }
}

function doSomething(journal: DiskJournal, random: Random, world: World): void {
  switch (random.below(10)) {
    case 0:
      if (journal.sync()) world.synced(journal);
      break;
    case 1:
      if (journal.write()) world.written = journal.written;
      break;
    case 2:
      acknowledge(journal, random, world);
      break;
    case 3:
      for (const frame of journal.read(journal.acknowledged, 500)) {
        for (const { sequence, payload } of unitsOf(frame)) world.check(sequence, payload);
      }
      break;
    case 4:
      journal.hold(journal.acknowledged + random.below(4));
      if (random.chance(1, 3)) journal.release();
      break;
    case 5:
    case 6:
      appendLines(journal, random, world);
      break;
    default:
      append(journal, random, world);
  }
}

function acknowledge(journal: DiskJournal, random: Random, world: World): void {
  let sequence = journal.acknowledged + random.below(journal.appended - journal.acknowledged + 1);
  while (sequence < journal.appended && world.known.get(sequence)?.isLast === false) sequence += 1;
  world.acknowledged(sequence);
  journal.acknowledge(sequence);
}

function append(journal: DiskJournal, random: Random, world: World): void {
  const bytes = random.below(random.chance(1, 10) ? 1500 : 120);
  const payload = new Uint8Array(bytes).map(() => random.below(256));
  const sequence = journal.append({ signal: 'logs', priority: random.below(2), recordCount: 1, payload });
  if (sequence !== undefined) world.known.set(sequence, { payload, isLast: true, state: 'waiting' });
}

function appendLines(journal: DiskJournal, random: Random, world: World): void {
  const count = 1 + random.below(5);
  const texts = Array.from({ length: count }, (_, i) => `${i}-${random.below(1e6)}`.repeat(random.below(8)));
  if (!journal.appendLines(lineRun(texts, random.below(2)), count)) return;
  for (const [i, text] of texts.entries()) {
    const payload = Buffer.from(text);
    const sequence = journal.appended - count + 1 + i;
    world.known.set(sequence, { payload, isLast: i === count - 1, state: 'waiting' });
  }
}

/** The frames of a run of lines, or the frame itself. */
function* unitsOf({ form, sequence, payload, recordCount }: JournalFrame): Generator<Unit> {
  if (form === 'otlp') {
    yield { sequence, payload };
    return;
  }
  const { words } = wordBytesOf(payload);
  let next = sequence - recordCount + 1;
  for (let at = 0; at < payload.byteLength; at += runFrameBytes(words, at)) {
    assert(words[(at >>> 2) + 2] === next, `line ${next} has its sequence`);
    const line = readLineFrame(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength), at);
    assert(line !== undefined, `line ${next} is one`);
    yield { sequence: next, payload: Buffer.from(line.text) };
    next += 1;
  }
  assert(next === sequence + 1, `the run up to ${sequence} is whole`);
}

interface Unit {
  readonly sequence: number;
  readonly payload: Uint8Array;
}

interface EndParts {
  readonly world: World;
  readonly withPowerCuts: boolean;
}

function end(
  files: SimFiles,
  journal: DiskJournal,
  random: Random,
  { world, withPowerCuts }: EndParts,
): SimFiles {
  if (random.chance(1, 4)) {
    journal.close();
    world.closed();
    return files.killed();
  }
  if (withPowerCuts && random.chance(1, 2)) {
    world.survivors(world.durable);
    return files.afterPowerCut(random);
  }
  world.survivors(world.written);
  return files.killed();
}

class World {
  readonly known = new Map<number, Known>();
  written = 0;
  durable = 0;
  isOpening = false;
  /** Everything up to this must be found at the next opening. */
  #promised = 0;
  /** Settled for good: what was settled when it was last made durable. */
  readonly #gone = new Set<number>();

  readonly #mayFail: boolean;

  constructor(mayFail: boolean) {
    this.#mayFail = mayFail;
  }

  dropped(sequence: number, reason: string): void {
    const known = this.known.get(sequence);
    // Of one that comes back after a crash nobody knows that it was dropped before.
    const isDue = known?.state === 'waiting' || this.isOpening;
    assert(known !== undefined && isDue, `frame ${sequence} is dropped once, and was there`);
    assert(reason !== 'journal_damaged' || this.#mayFail, `frame ${sequence} can be read`);
    known.state = this.isOpening ? 'dropped at opening' : 'dropped';
  }

  acknowledged(sequence: number): void {
    for (const [each, known] of this.known) {
      if (each <= sequence && known.state === 'waiting') known.state = 'acknowledged';
    }
  }

  synced(journal: DiskJournal): void {
    this.written = journal.written;
    this.durable = journal.durable;
  }

  closed(): void {
    this.#promised = 0;
    for (const [sequence, { state }] of this.known) if (state === 'waiting') this.#promised = sequence;
  }

  survivors(upTo: number): void {
    this.#promised = upTo;
  }

  check(sequence: number, payload: Uint8Array): void {
    const known = this.known.get(sequence);
    assert(known !== undefined, `frame ${sequence} was appended`);
    assert(known.state === 'waiting', `frame ${sequence} waits, it was not ${known.state}`);
    assert(Buffer.compare(known.payload, payload) === 0, `frame ${sequence} is as it was`);
  }

  /** Compares what was found with what must be there; returns how many frames there are. */
  opened(journal: DiskJournal): number {
    const frames = journal.read(0, Infinity).flatMap((frame) => [...unitsOf(frame)]);
    const found = new Set<number>();
    let last = 0;
    for (const { sequence, payload } of frames) {
      assert(sequence > last, `frame ${sequence} comes behind ${last}`);
      last = sequence;
      const known = this.known.get(sequence);
      assert(known !== undefined, `frame ${sequence} was appended`);
      assert(Buffer.compare(known.payload, payload) === 0, `frame ${sequence} is as it was`);
      assert(!this.#gone.has(sequence), `frame ${sequence} was found to be gone before`);
      found.add(sequence);
    }
    for (const [sequence, known] of this.known) {
      if (found.has(sequence)) {
        // The news that it was settled was lost with the crash: it is delivered again.
        known.state = 'waiting';
        continue;
      }
      const isLost = known.state === 'waiting' && sequence <= this.#promised;
      assert(!isLost, `frame ${sequence} was promised up to ${this.#promised}`);
      // A sequence that nobody can have seen is given out again.
      if (sequence > journal.appended) this.known.delete(sequence);
      else if (known.state !== 'dropped at opening') {
        known.state = 'lost';
        this.#gone.add(sequence);
      }
    }
    this.written = journal.written;
    this.durable = journal.durable;
    this.#promised = journal.durable;
    return frames.length;
  }
}
