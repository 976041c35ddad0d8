/** What was settled and written or synced then stays away, whatever of the disk fails in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import { type Operation, type SimFiles, simFiles } from '../testing/sim-files.ts';
import type { DiskJournal } from './disk-journal.ts';
import { openOn } from './open-journal.ts';

const random = seededRandom(1);
/** Room for three frames of 100 bytes. */
const BYTES_MAX = 500;

function open(files: SimFiles, bytesMax = BYTES_MAX, segmentBytesMax = 10_000): DiskJournal {
  const settings = {
    directory: '/journal',
    bytesMax,
    unwrittenBytesMax: 10_000,
    segmentBytesMax,
    origin: new Uint8Array(),
    onDropped: () => undefined,
    onTrouble: () => undefined,
  };
  return openOn(files, settings, { random, clock: manualClock(), unlock: () => undefined });
}

const append = (journal: DiskJournal, priority = 0): number | undefined =>
  journal.append({ signal: 'logs', priority, recordCount: 1, payload: new Uint8Array(100).fill(7) });
const found = (journal: DiskJournal): number[] => journal.read(0, Infinity).map(({ sequence }) => sequence);

/** Whoever comes next, with room for all there is. */
const openNext = (files: SimFiles): DiskJournal => open(files, Infinity);

/** The next of these operations fails, by itself. */
function failNext(files: SimFiles, operation: Operation): void {
  files.fault = (one) => {
    if (one !== operation) return undefined;
    files.fault = () => undefined;
    return 'EIO';
  };
}

test('what has given way is said again when the segment that says so cannot be synced', () => {
  const files = simFiles(random);
  const journal = open(files);
  for (let i = 0; i < 3; i += 1) append(journal);
  assert.ok(journal.sync());
  append(journal);
  assert.ok(journal.write());
  failNext(files, 'sync');
  assert.ok(journal.sync());
  for (let seed = 1; seed <= 20; seed += 1) {
    assert.deepEqual(found(openNext(files.afterPowerCut(seededRandom(seed)))), [2, 3, 4]);
  }
});

test('what has given way is said again when the segment that says so fails as it is left for the next', () => {
  const files = simFiles(random);
  // Room for five frames and one list of what has given way.
  const journal = open(files, BYTES_MAX, 5 * 160 + 64 + 32);
  for (let i = 0; i < 3; i += 1) append(journal);
  assert.ok(journal.sync());
  append(journal);
  assert.ok(journal.write());
  append(journal);
  failNext(files, 'sync');
  assert.ok(journal.sync());
  for (let seed = 1; seed <= 20; seed += 1) {
    assert.deepEqual(found(openNext(files.afterPowerCut(seededRandom(seed)))), [3, 4, 5]);
  }
});

test('one frame that is under way for long keeps no more on the disk than what waits', () => {
  const files = simFiles(random);
  const journal = open(files, BYTES_MAX, 1000);
  append(journal);
  journal.hold(1);
  let largest = 0;
  for (let i = 2; i <= 500; i += 1) {
    append(journal);
    assert.ok(i % 5 === 0 ? journal.sync() : journal.write());
    const names = files.list('/journal');
    largest = Math.max(
      largest,
      names.reduce((sum, name) => sum + files.bytesOf(`/journal/${name}`).length, 0),
    );
  }
  assert.ok(largest < 10_000, `${largest} bytes`);
  assert.ok(journal.sync());
  const kept = [1, 499, 500];
  assert.deepEqual(found(journal), kept);
  assert.deepEqual(found(openNext(files.killed())), kept);
  for (let seed = 1; seed <= 20; seed += 1) {
    assert.deepEqual(found(openNext(files.afterPowerCut(seededRandom(seed)))), kept);
  }
});

test('what a write has left on the disk although it failed does not come back once it has given way', () => {
  // As many ends of a write as it takes for one that leaves all of the frame there.
  for (let seed = 1; seed <= 50; seed += 1) {
    const files = simFiles(seededRandom(seed));
    const journal = open(files);
    append(journal);
    assert.ok(journal.sync());
    journal.hold(1);
    append(journal);
    failNext(files, 'write');
    assert.equal(journal.write(), false);
    append(journal, 1);
    // The second makes room.
    append(journal, 1);
    assert.ok(journal.write());
    assert.deepEqual(found(openNext(files.killed())), [1, 3, 4], `seed ${seed}`);
  }
});

test('a cursor that cannot be synced is written again', () => {
  const files = simFiles(random);
  const journal = open(files);
  append(journal);
  append(journal);
  assert.ok(journal.sync());
  journal.acknowledge(1);
  failNext(files, 'sync');
  assert.ok(journal.sync());
  for (let seed = 1; seed <= 20; seed += 1) {
    assert.deepEqual(found(openNext(files.afterPowerCut(seededRandom(seed)))), [2]);
  }
});

test('where a segment cannot be removed the cursor stays that says what is settled in it', () => {
  const files = simFiles(random);
  const journal = open(files);
  append(journal);
  assert.ok(journal.sync());
  journal.acknowledge(1);
  files.fault = (operation, path) =>
    operation === 'remove' && path.endsWith('.segment') ? 'EIO' : undefined;
  journal.vacate();
  assert.deepEqual(found(openNext(files.killed())), []);
});

test('a repair that cannot read sets nothing aside', () => {
  const files = simFiles(random);
  const journal = open(files);
  for (let i = 0; i < 3; i += 1) append(journal);
  assert.ok(journal.sync());
  const name = files.list('/journal').find((one) => one.endsWith('.segment')) ?? assert.fail('no segment');
  // Of the second of three frames.
  files.bytesOf(`/journal/${name}`)[64 + 160 + 60] = 0;
  const left = files.killed();
  const next = openNext(left);
  assert.deepEqual(found(next), [1, 3]);
  left.fault = (operation) => (operation === 'read' ? 'EIO' : undefined);
  assert.deepEqual(next.repair(), []);
  failNext(left, 'rename');
  assert.deepEqual(next.repair(), []);
  assert.deepEqual(found(next), [1, 3]);
  assert.equal(next.repair().length, 1);
  assert.deepEqual(next.repair(), [], 'once');
  assert.deepEqual(found(openNext(left.killed())), [1, 3]);
});

test('what a damaged segment says of those before it outlasts its repair', () => {
  const files = simFiles(random);
  const room = 700;
  const journal = open(files, room);
  // The first stays, so that the cursor does not say it all.
  for (const priority of [1, 0, 0, 0]) append(journal, priority);
  journal.close();
  const later = files.killed();
  const second = open(later, room);
  append(second);
  append(second);
  second.close();
  const [name] = later.list('/journal').filter((one) => one.startsWith('00000002-'));
  // Of the first frame in the segment that says of others that they have given way.
  later.bytesOf(`/journal/${name ?? ''}`)[64 + 60] = 0;
  const left = later.killed();
  const third = openNext(left);
  assert.deepEqual(found(third), [1, 4, 6]);
  assert.equal(third.repair().length, 1);
  third.close();
  assert.deepEqual(found(openNext(left.killed())), [1, 4, 6]);
});
