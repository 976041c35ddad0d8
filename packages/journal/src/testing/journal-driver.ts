/** Random calls to a journal on disk, each of which a world outside it is told of; and what lies on its disk. */
import { assert, type Random } from '@aode/base';
import { readLineFrame, runFrameBytes, wordBytesOf } from '@aode/wire';
import { readCursorFile } from '../disk/cursor-file.ts';
import type { DiskJournal } from '../disk/disk-journal.ts';
import { parseSegmentName, scanSegment } from '../disk/segment.ts';
import { decodeRanges, RangeSet, type SequenceRange } from '../disk/sequence-range.ts';
import type { JournalFrame } from '../journal.ts';
import type { CrashWorld } from './crash-world.ts';
import { lineRun } from './line-run.ts';
import type { SimFiles } from './sim-files.ts';

type Call = (journal: DiskJournal, random: Random, world: CrashWorld) => unknown;

/** With how many of twenty calls are of this kind. */
const CALLS: readonly (readonly [number, Call])[] = [
  [2, (journal, _, world) => journal.sync() && world.kept('power cut')],
  [2, (journal, _, world) => journal.write() && world.kept('kill')],
  [2, acknowledge],
  [2, read],
  [1, hold],
  [1, (journal) => journal.repair()],
  [3, appendLines],
  [1, (journal, random) => random.chance(1, 4) && journal.giveUp(random.below(2))],
  [6, append],
];

export function doSomething(journal: DiskJournal, random: Random, world: CrashWorld): void {
  let chosen = random.below(20);
  for (const [weight, call] of CALLS) {
    if (chosen < weight) {
      call(journal, random, world);
      return;
    }
    chosen -= weight;
  }
}

function read(journal: DiskJournal, _: Random, world: CrashWorld): void {
  for (const frame of journal.read(journal.acknowledged, 500)) {
    for (const { sequence, payload } of unitsOf(frame)) world.check(sequence, payload);
  }
}

function hold(journal: DiskJournal, random: Random): void {
  journal.hold(journal.acknowledged + random.below(4));
  if (random.chance(1, 3)) journal.release();
}

function acknowledge(journal: DiskJournal, random: Random, world: CrashWorld): void {
  let sequence = journal.acknowledged + random.below(journal.appended - journal.acknowledged + 1);
  while (sequence < journal.appended && world.known.get(sequence)?.isLast === false) sequence += 1;
  world.acknowledged(sequence);
  journal.acknowledge(sequence);
}

function append(journal: DiskJournal, random: Random, world: CrashWorld): void {
  const bytes = random.below(random.chance(1, 10) ? 1500 : 120);
  const payload = new Uint8Array(bytes).map(() => random.below(256));
  const sequence = journal.append({ signal: 'logs', priority: random.below(2), recordCount: 1, payload });
  if (sequence !== undefined) world.appended(sequence, payload, true);
}

function appendLines(journal: DiskJournal, random: Random, world: CrashWorld): void {
  const count = 1 + random.below(5);
  const texts = Array.from({ length: count }, (_, i) => `${i}-${random.below(1e6)}`.repeat(random.below(8)));
  if (!journal.appendLines(lineRun(texts, random.below(2)), count)) return;
  for (const [i, text] of texts.entries()) {
    world.appended(journal.appended - count + 1 + i, Buffer.from(text), i === count - 1);
  }
}

export interface Unit {
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** The frames of a run of lines, or the frame itself. */
export function* unitsOf({ form, sequence, payload, recordCount }: JournalFrame): Generator<Unit> {
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

/** What lies whole in a directory and is not settled there: one frame after the other, and nothing put together. */
export function wholeIn(files: SimFiles, directory: string): ReadonlySet<number> {
  const left = files.killed();
  const whole: { readonly priority: number; readonly sequence: number }[] = [];
  const dropped = new Map<number, SequenceRange[]>();
  left.makeDirectory(directory);
  for (const fileName of left.list(directory)) {
    const name = parseSegmentName(fileName);
    if (name === undefined) continue;
    const { priority, salt } = name;
    const bytes = left.bytesOf(`${directory}/${fileName}`);
    for (const { offset, header } of scanSegment(bytes, salt).frames) {
      const at = offset + header.payloadOffset;
      const { kind, sequence, payloadBytes } = header;
      if (kind !== 'dropped') whole.push({ priority, sequence });
      else {
        const ranges = decodeRanges(bytes.subarray(at, at + payloadBytes));
        dropped.set(priority, [...(dropped.get(priority) ?? []), ...ranges]);
      }
    }
  }
  const { acknowledged } = readCursorFile(left, directory);
  const sets = new Map([...dropped].map(([priority, ranges]) => [priority, new RangeSet(ranges)]));
  const isWaiting = ({ priority, sequence }: (typeof whole)[number]): boolean =>
    sequence > acknowledged && sets.get(priority)?.has(sequence) !== true;
  return new Set(whole.filter(isWaiting).map(({ sequence }) => sequence));
}
