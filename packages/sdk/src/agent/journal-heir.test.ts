import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createDiag, seededRandom, systemClock } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { type DiskJournal, openDiskJournal, type Poster } from '@aode/journal';
import { encodeScopeLogs } from '@aode/wire';
import { type Inherited, JournalHeir } from './journal-heir.ts';

const HOUR_MS = 3_600_000;

interface Bench {
  readonly directory: string;
  readonly heir: JournalHeir;
  readonly clock: ManualClock;
  readonly settled: Inherited[];
  readonly said: string[];
  /** Answers everything that is posted from now on. */
  answer: boolean;
  /** Leaves a journal with a record of each of these priorities, last written so many minutes ago. */
  readonly leave: (name: string, minutesAgo: number, priorities?: readonly number[]) => void;
  readonly open: (name: string) => DiskJournal;
  /** Until nothing is under way any more. */
  readonly turns: () => Promise<void>;
}

function bench(t: TestContext, bytesMax = 1e9): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'aode-heir-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const clock = manualClock(BigInt(Date.now()) * 1_000_000n);
  const random = seededRandom(1);
  const settled: Inherited[] = [];
  const said: string[] = [];
  const poster: Poster = {
    post: () =>
      one.answer
        ? Promise.resolve({ kind: 'done', rejectedCount: 0, errorMessage: '' })
        : new Promise(() => undefined),
    keepAlive: () => undefined,
    close: () => undefined,
  };
  const open = (name: string): DiskJournal =>
    openDiskJournal({
      directory: join(directory, name),
      bytesMax: 1e6,
      unwrittenBytesMax: 1e6,
      segmentBytesMax: 4096,
      origin: new Uint8Array(),
      random,
      clock,
      token: 'another process',
      onDropped: () => assert.fail('there is room'),
      onTrouble: (error) => assert.fail(String(error)),
    });
  const heir = new JournalHeir({
    place: { directory, bytesMax, syncMs: 1, token: 'this process' },
    ownName: 'own',
    poster,
    clock,
    random,
    diag: createDiag(systemClock, (line) => void said.push(line)),
    schemaUrl: '',
    onSettled: (inherited) => void settled.push(inherited),
  });
  t.after(() => heir[Symbol.dispose]());
  const one: Bench = {
    directory,
    heir,
    clock,
    settled,
    said,
    answer: true,
    open,
    leave(name, minutesAgo, priorities = [0]) {
      const journal = open(name);
      for (const priority of priorities) {
        const payload = encodeScopeLogs([]);
        journal.append({ signal: 'logs', priority, recordCount: 1, payload });
      }
      journal.close();
      age(join(directory, name), minutesAgo);
    },
    async turns() {
      for (let i = 0; i < 20; i += 1) await new Promise((turn) => setImmediate(turn));
    },
  };
  return one;
}

/** As if nothing in it had been written for so long. */
function age(directory: string, minutesAgo: number): void {
  const time = Date.now() / 1000 - 60 * minutesAgo;
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), time, time);
  utimesSync(directory, time, time);
}

const lostOf = ({ settled }: Bench): number =>
  settled.reduce((sum, { dropped }) => sum + (dropped?.count ?? 0), 0);

describe('what others have left', () => {
  test('is delivered, all of it at one look, and removed', async (t) => {
    const one = bench(t);
    for (let i = 0; i < 5; i += 1) one.leave(`left-${i}`, i);
    one.heir.start(0);
    one.clock.advance(1);
    await one.turns();
    assert.deepEqual(
      one.settled.map(({ delivered, isOwn }) => [delivered, isOwn]),
      Array.from({ length: 5 }, () => [1, false]),
    );
    assert.deepEqual(readdirSync(one.directory), []);
  });

  test('is not touched while its owner lives', async (t) => {
    const one = bench(t);
    const alive = one.open('alive');
    alive.append({ signal: 'logs', priority: 0, recordCount: 1, payload: encodeScopeLogs([]) });
    assert.ok(alive.sync());
    const place = join(one.directory, 'alive');
    age(place, 5);
    const before = statSync(place).mtimeMs;
    one.heir.start(0);
    one.clock.advance(1);
    await one.turns();
    // Who claims it makes a file there.
    assert.equal(statSync(place).mtimeMs, before);
    assert.deepEqual(one.settled, []);
    alive.close();
    one.clock.advance(60_000);
    await one.turns();
    assert.equal(one.settled.length, 1);
  });
});

describe('what all have left together has a bound', () => {
  test('64 directories: the oldest go, counted and said once', (t) => {
    const one = bench(t);
    one.answer = false;
    for (let i = 0; i < 67; i += 1) one.leave(`left-${i}`, i);
    one.heir.start(0);
    one.clock.advance(1);
    assert.equal(lostOf(one), 3);
    assert.equal(readdirSync(one.directory).length, 64);
    for (const i of [64, 65, 66]) assert.ok(!existsSync(join(one.directory, `left-${i}`)));
    assert.equal(one.said.length, 1);
    assert.match(one.said[0] ?? '', /journal_full.*lost 3/);
  });

  test('four times what one may keep: the least important go first, of them the oldest', (t) => {
    // Each segment has 4 KiB and its head.
    const one = bench(t, 4400);
    one.answer = false;
    for (const [i, name] of ['young', 'older', 'oldest'].entries()) one.leave(name, i, [0, 3]);
    one.heir.start(0);
    one.clock.advance(1);
    assert.equal(lostOf(one), 2);
    const segmentsOf = (name: string): string[] =>
      readdirSync(join(one.directory, name))
        .filter((file) => file.endsWith('.segment'))
        .map((file) => file.slice(18, 20));
    assert.deepEqual(segmentsOf('young').toSorted(), ['00', '03']);
    assert.deepEqual([segmentsOf('older'), segmentsOf('oldest')], [['03'], ['03']]);
  });
});

test('directories that never became a journal are removed after an hour', (t) => {
  const one = bench(t);
  for (const [name, minutes] of [
    ['young', 50],
    ['old', 70],
  ] as const) {
    const place = join(one.directory, name);
    mkdirSync(place);
    writeFileSync(join(place, 'draft-1'), '');
    writeFileSync(join(place, 'claim-2'), '{}');
    age(place, minutes);
  }
  mkdirSync(join(one.directory, 'theirs'));
  writeFileSync(join(one.directory, 'theirs', 'file'), '');
  age(join(one.directory, 'theirs'), 70);
  one.heir.start(0);
  one.clock.advance(1);
  assert.deepEqual(readdirSync(one.directory).toSorted(), ['old', 'theirs', 'young']);
  assert.deepEqual(
    readdirSync(join(one.directory, 'old')),
    [],
    'its drafts went first, which has made it young',
  );
  age(join(one.directory, 'old'), 70);
  one.clock.advance(HOUR_MS);
  // What lies there of somebody else stays, and so does what was young until its own drafts went.
  assert.deepEqual(readdirSync(one.directory).toSorted(), ['theirs', 'young']);
});
