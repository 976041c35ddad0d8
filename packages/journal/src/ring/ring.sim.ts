/**
 * Lines on their way from the threads that log through their rings into the segments, all from one seed, and beside
 * them plain arrays. Two threads write, a third reads and appends; each of them is stopped at every point where it
 * touches shared memory, and the others go on there. Rings go round and run full, threads end anywhere and are
 * replaced, the reader as well, and so does the process. What it must hold:
 *
 * - R1 what the journal has is what its plain array has: every line that was published and read, in the order of its
 *   ring, once, letter for letter; after the end of the process all of it that was written.
 * - R2 a line is refused only where there is no room; what a thread has not published nobody reads.
 * - R3 numbers of the lines of a ring ascend, whoever writes it.
 * - R4 a reader that ends loses what it had taken out and not appended, and nothing besides.
 *
 * It is known to see: room given back before it is copied, room that is not looked at again or without what is skipped
 * at the end, a thread that begins before the last one's end or at the front, numbers that are stored behind the head.
 */
import { assert, type Random, seededRandom } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import { lineFrameBytesMax, type LineSpace, readLineFrame, runFrameBytes, writeLineFrame } from '@aode/wire';
import type { DiskJournal } from '../disk/disk-journal.ts';
import { openOn } from '../disk/open-journal.ts';
import { type AtomicStep, pause, stepThrough, withAtomicSteps } from '../testing/atomic-steps.ts';
import { lineAbout } from '../testing/line-run.ts';
import { simFiles, type SimFiles } from '../testing/sim-files.ts';
import { newRingMemory, RingReader, RingWriter } from './frame-ring.ts';

export interface RingOutcome {
  readonly published: number;
  readonly refused: number;
  readonly turns: number;
  readonly ends: number;
  readonly recovered: number;
}

const STEPS = 120;
/** A line takes at most three bytes a letter, and a quarter of the ring. */
const TEXT_MAX = 5200;
/** A thread dies at one in so many steps of shared memory. */
const END_ONE_IN = 150;

/** Runs one seed; throws with what did not hold. */
export function runRings(seed: number): RingOutcome {
  return withAtomicSteps(() => new Process(seed).run());
}

interface Line {
  readonly ring: number;
  readonly number: number;
  readonly text: string;
}

/** One that the journal has. */
interface Kept extends Line {
  readonly sequence: number;
}

interface Ring {
  readonly id: number;
  readonly priority: number;
  readonly memory: SharedArrayBuffer;
  writer: RingWriter;
  /** Published and not read. */
  readonly waiting: Line[];
  lastNumber: number;
  /** Bytes that were published in all. */
  bytes: number;
}

class Ended extends Error {}

class Process {
  readonly #random: Random;
  /** Far more is written than read: where that is not so no ring is ever full. */
  readonly #isBusy: boolean;
  #files: SimFiles;
  #journal: DiskJournal;
  #rings: readonly Ring[];
  /** What the journal has, by sequence. */
  #kept: Kept[] = [];
  #ringCount = 0;
  /** Who is stopped in the middle of something. */
  readonly #stopped = new Set<'writer' | 'reader'>();
  readonly #outcome = { published: 0, refused: 0, turns: 0, ends: 0, recovered: 0 };

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#isBusy = this.#random.chance(1, 3);
    this.#files = simFiles(this.#random);
    this.#journal = this.#open();
    this.#rings = this.#newRings();
  }

  run(): RingOutcome {
    const random = this.#random;
    for (let step = 0; step < STEPS; step += 1) {
      if (random.chance(this.#isBusy ? 19 : 10, 20)) this.#write();
      else if (random.chance(3, 5)) this.#read();
      else if (random.chance(9, 10)) this.#keep();
      else if (random.chance(1, 4)) this.#endProcess();
    }
    while (this.#rings.some(({ waiting }) => waiting.length > 0)) this.#read();
    this.#compare();
    this.#endProcess();
    return this.#outcome;
  }

  #newRings(): readonly Ring[] {
    return [0, 1].map((priority) => {
      this.#ringCount += 1;
      const memory = newRingMemory(0);
      const writer = new RingWriter(memory);
      return { id: this.#ringCount, priority, memory, writer, waiting: [], lastNumber: 0, bytes: 0 };
    });
  }

  #open(): DiskJournal {
    const settings = {
      directory: '/journal',
      bytesMax: 200_000,
      unwrittenBytesMax: 60_000,
      segmentBytesMax: 50_000,
      packFrames: 2,
      origin: new Uint8Array([1]),
      onDropped: ({ sequence, recordCount }: { sequence: number; recordCount: number }) => {
        this.#forget((one) => one.sequence <= sequence && one.sequence > sequence - recordCount);
      },
      onTrouble: (error: unknown) => assert(false, String(error)),
    };
    return openOn(this.#files, settings, {
      random: this.#random,
      clock: manualClock(),
      unlock: () => undefined,
    });
  }

  #forget(which: (one: Kept) => boolean): void {
    this.#kept = this.#kept.filter((one) => !which(one));
  }

  #ring(): Ring {
    const ring = this.#rings[this.#random.below(this.#rings.length)];
    assert(ring !== undefined, 'there are rings');
    return ring;
  }

  /** Runs a part of one side's work; false when its thread has ended within. */
  #as(side: 'writer' | 'reader', code: () => void, onStored: () => void = () => undefined): boolean {
    this.#stopped.add(side);
    try {
      stepThrough(code, (step) => this.#at(side, step, onStored));
      return true;
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      this.#outcome.ends += 1;
      return false;
    } finally {
      this.#stopped.delete(side);
    }
  }

  #at(side: 'writer' | 'reader', step: AtomicStep, onStored: () => void): void {
    const random = this.#random;
    if (step === 'stored') onStored();
    const other = side === 'writer' ? 'reader' : 'writer';
    while (!this.#stopped.has(other) && random.chance(1, other === 'reader' && this.#isBusy ? 60 : 4)) {
      if (other === 'reader') this.#read();
      else this.#write();
    }
    if (random.chance(1, END_ONE_IN)) throw new Ended();
  }

  #write(): void {
    const ring = this.#ring();
    const { writer } = ring;
    const random = this.#random;
    const length = random.below(random.chance(1, 2) ? TEXT_MAX : 200);
    const text = `${ring.id}.${writer.number} `.repeat(TEXT_MAX / 4).slice(0, length);
    const line: Line = { ring: ring.id, number: writer.number, text };
    const frame = { ...lineAbout(ring.priority), ...line };
    const needed = lineFrameBytesMax(frame);
    // Of a writer of its own: this one is to look for itself.
    const room = writer.capacity - new RingWriter(ring.memory).usedBytes;
    let bytes = 0;
    const isThere = this.#as(
      'writer',
      () => {
        const at = writer.reserve(needed);
        if (at < 0) {
          // At the end of the ring as much may be skipped as the frame takes.
          assert(room < 2 * (needed + 32), 'a line is refused for want of room');
          this.#outcome.refused += 1;
          return;
        }
        const end = writeLineFrame(writer.space, at, frame);
        pause();
        bytes = end - at;
        writer.publish(bytes);
      },
      () => this.#published(ring, line, bytes),
    );
    if (!isThere || random.chance(1, 40)) ring.writer = new RingWriter(ring.memory);
  }

  #published(ring: Ring, line: Line, bytes: number): void {
    assert(line.number > ring.lastNumber, `numbers ascend: ${line.number} behind ${ring.lastNumber}`);
    ring.lastNumber = line.number;
    ring.waiting.push(line);
    ring.bytes += bytes;
    this.#outcome.published += 1;
    if (ring.bytes > ring.writer.capacity) {
      ring.bytes = 0;
      this.#outcome.turns += 1;
    }
  }

  #read(): void {
    const ring = this.#ring();
    const reader = new RingReader(ring.memory);
    let run: LineSpace | undefined;
    let taken: readonly Line[] = [];
    const isThere = this.#as('reader', () => {
      run = reader.take(1 + this.#random.below(40_000));
      if (run === undefined) return;
      const lines = linesIn(run);
      taken = ring.waiting.splice(0, lines.length);
      compare(lines, taken, `ring ${ring.id}`);
      // Between the one and the other the thread may end, and what it had is gone.
      pause();
      this.#append(run, taken);
    });
    assert(reader.damagedBytes === 0, 'a ring is whole');
    // Ended behind the store that has given the room back.
    if (!isThere && taken.length === 0) this.#lost(ring);
  }

  /** A reader has ended within `take`: what is not in the ring any more it had in its hands. */
  #lost(ring: Ring): void {
    const copy = new RingReader(copied(ring.memory));
    const rest: Line[] = [];
    for (let run = copy.take(Infinity); run !== undefined; run = copy.take(Infinity))
      rest.push(...linesIn(run));
    ring.waiting.splice(0, ring.waiting.length - rest.length);
    compare(rest, ring.waiting, `ring ${ring.id} behind a reader that has ended`);
  }

  #append(run: LineSpace, lines: readonly Line[]): void {
    if (!this.#journal.appendLines(run, lines.length)) return;
    const first = this.#journal.appended - lines.length + 1;
    this.#kept.push(...lines.map((line, i) => ({ ...line, sequence: first + i })));
  }

  #keep(): void {
    const journal = this.#journal;
    switch (this.#random.below(4)) {
      case 0:
        assert(journal.write(), 'the disk is good');
        break;
      case 1:
        assert(journal.sync(), 'the disk is good');
        break;
      case 2:
        this.#settle();
        break;
      default:
        this.#compare();
    }
  }

  /** The receiver has taken the first runs. */
  #settle(): void {
    const frames = this.#journal.read(this.#journal.acknowledged, 1 + this.#random.below(100_000));
    const last = frames.at(-1)?.sequence;
    if (last === undefined) return;
    this.#journal.acknowledge(last);
    this.#forget(({ sequence }) => sequence <= last);
  }

  #compare(): void {
    const found = this.#journal.read(0, Infinity).flatMap(({ payload }) => linesIn(spaceOf(payload)));
    compare(found, this.#kept, 'the journal');
  }

  /** The rings go with it, and what was not written. */
  #endProcess(): void {
    this.#journal.write();
    const { written } = this.#journal;
    this.#files = this.#files.killed();
    this.#forget(({ sequence }) => sequence > written);
    this.#journal = this.#open();
    this.#outcome.recovered += this.#kept.length;
    this.#compare();
    this.#rings = this.#newRings();
  }
}

function compare(found: readonly Line[], expected: readonly Line[], where: string): void {
  assert(found.length === expected.length, `${where}: ${found.length} lines, not ${expected.length}`);
  for (const [i, { ring, number, text }] of found.entries()) {
    const right = expected[i];
    const isSame = right?.ring === ring && right.number === number && right.text === text;
    assert(isSame, `${where}: line ${ring}.${number} is ${right?.ring}.${right?.number} as it was`);
  }
}

function copied(memory: SharedArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(memory.byteLength);
  new Uint8Array(copy).set(new Uint8Array(memory));
  return copy;
}

function spaceOf(payload: Uint8Array): LineSpace {
  const { buffer } = Uint8Array.from(payload);
  return { bytes: Buffer.from(buffer), words: new Int32Array(buffer, 0, buffer.byteLength >>> 2) };
}

function linesIn({ bytes, words }: LineSpace): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < bytes.byteLength; at += runFrameBytes(words, at)) {
    const line = readLineFrame(bytes, at);
    assert(line !== undefined, 'a line is whole');
    lines.push({ ring: line.ring, number: line.number, text: line.text });
  }
  return lines;
}
