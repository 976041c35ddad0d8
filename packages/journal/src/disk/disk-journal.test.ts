import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AodeError, seededRandom, systemClock } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import { createShipper } from '../ship/shipper.ts';
import { journalContract, type JournalSettings } from '../testing/journal-contract.ts';
import { type SimFiles, simFiles } from '../testing/sim-files.ts';
import type { DiskJournal, DiskJournalSettings } from './disk-journal.ts';
import { openDiskJournal, openOn } from './open-journal.ts';
import { DISK_OVERHEAD_BYTES } from './segment-stream.ts';

const random = seededRandom(1);
const clock = manualClock();

const SETTINGS: JournalSettings = {
  bytesMax: 1_000_000,
  origin: new Uint8Array([9]),
  onDropped: () => assert.fail('nothing is dropped'),
};

const settingsOf = (given: JournalSettings, directory: string): DiskJournalSettings => ({
  ...given,
  directory,
  unwrittenBytesMax: 1_000_000,
  segmentBytesMax: 4096,
  onTrouble: (error) => assert.fail(String(error)),
});

journalContract({
  name: 'disk',
  overheadBytes: DISK_OVERHEAD_BYTES,
  isLasting: true,
  open(given, t) {
    const directory = mkdtempSync(join(tmpdir(), 'aode-journal-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    return openDiskJournal({ ...settingsOf(given, directory), random, clock: systemClock, token: '' });
  },
});

journalContract({
  name: 'disk, written at each call',
  overheadBytes: DISK_OVERHEAD_BYTES,
  isLasting: true,
  open(given) {
    const settings = { ...settingsOf(given, '/journal'), packFrames: 2 };
    const journal = openOn(simFiles(), settings, { random, clock, unlock: () => undefined });
    const append = journal.append.bind(journal);
    // Everything is read from the disk.
    journal.append = (frame) => {
      const sequence = append(frame);
      if (sequence === undefined) return sequence;
      assert.ok(journal.sync());
      assert.equal(journal.durable, journal.appended);
      return sequence;
    };
    return journal;
  },
});

describe('a damaged segment', () => {
  /** Three frames in one segment, and a byte of the second changed. */
  function damaged(): { readonly files: SimFiles; readonly path: string; readonly troubles: unknown[] } {
    const files = simFiles();
    const journal = openOn(files, settingsOf(SETTINGS, '/journal'), {
      random,
      clock,
      unlock: () => undefined,
    });
    for (const text of ['one', 'two', 'three']) {
      journal.append({ signal: 'logs', priority: 1, recordCount: 1, payload: Buffer.from(text) });
    }
    assert.ok(journal.sync());
    const name = files.list('/journal').find((one) => one.endsWith('.segment')) ?? assert.fail('no segment');
    const path = `/journal/${name}`;
    const bytes = files.bytesOf(path);
    const at = Buffer.from(bytes).indexOf('two');
    bytes[at] = 0;
    return { files: files.killed(), path, troubles: [] };
  }
  const reopen = (files: SimFiles, troubles: unknown[]): DiskJournal =>
    openOn(
      files,
      { ...settingsOf(SETTINGS, '/journal'), onTrouble: (trouble) => troubles.push(trouble) },
      { random, clock, unlock: () => undefined },
    );
  const textsOf = (journal: DiskJournal): string[] =>
    journal.read(0, Infinity).map(({ payload }) => Buffer.from(payload).toString());

  test('is said, with the range of bytes; the rest is there', () => {
    const { files, path, troubles } = damaged();
    const journal = reopen(files, troubles);
    assert.deepEqual(textsOf(journal), ['one', 'three']);
    const [trouble] = troubles as AodeError[];
    assert.equal(trouble?.code, 'AODE_JOURNAL_DAMAGED');
    assert.equal(trouble.detail['path'], path);
    assert.match(String(trouble.detail['bytes']), /^\d+-\d+$/);
  });

  test('repaired, it is set aside, and its whole frames are elsewhere', () => {
    const { files, path, troubles } = damaged();
    const journal = reopen(files, troubles);
    assert.deepEqual(journal.repair(), [`${path}.damaged`]);
    assert.deepEqual(textsOf(journal), ['one', 'three']);
    journal.close();
    troubles.length = 0;
    const next = files.killed();
    const after = reopen(next, troubles);
    assert.deepEqual(troubles, []);
    assert.deepEqual(textsOf(after), ['one', 'three']);
    assert.ok(next.list('/journal').includes(`${path.slice('/journal/'.length)}.damaged`));
    assert.deepEqual(after.repair(), []);
  });

  test('on a disk that takes nothing it stays as it is', () => {
    const { files, path, troubles } = damaged();
    const journal = reopen(files, troubles);
    files.fault = (operation) => (operation === 'create' ? 'ENOSPC' : undefined);
    assert.deepEqual(journal.repair(), []);
    files.fault = () => undefined;
    assert.ok(files.list('/journal').includes(path.slice('/journal/'.length)));
    assert.deepEqual(textsOf(reopen(files.killed(), troubles)), ['one', 'three']);
  });
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('a hundred thousand frames that wait take little memory, and come back in order', () => {
  const files = simFiles();
  const settings = { ...settingsOf(SETTINGS, '/journal'), bytesMax: Infinity, segmentBytesMax: 1 << 20 };
  const journal = openOn(files, settings, { random, clock, unlock: () => undefined });
  const payload = new Uint8Array(4);
  const count = 100_000;
  const heapUsed = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heapUsed();
  for (let i = 1; i <= count; i += 1) {
    new DataView(payload.buffer).setUint32(0, i);
    journal.append({
      signal: i % 3 === 0 ? 'logs' : 'traces',
      priority: 0,
      recordCount: 1,
      payload: payload.slice(),
    });
    if (i % 500 === 0) assert.ok(journal.sync());
  }
  // As objects they take 150 bytes each.
  assert.ok(heapUsed() - before < 60 * count);
  assert.equal(journal.usage().frameCount, count);
  let last = 0;
  while (journal.usage().frameCount > 0) {
    const frames = journal.read(journal.acknowledged, 4000);
    for (const frame of frames) {
      assert.equal(frame.sequence, last + 1);
      assert.equal(new DataView(frame.payload.buffer, frame.payload.byteOffset).getUint32(0), frame.sequence);
      assert.equal(frame.signal, frame.sequence % 3 === 0 ? 'logs' : 'traces');
      last = frame.sequence;
    }
    journal.hold(last);
    journal.acknowledge(last);
  }
  assert.equal(last, count);
  journal.close();
});

function withThree(given: JournalSettings = SETTINGS): {
  readonly files: SimFiles;
  readonly journal: DiskJournal;
} {
  const files = simFiles();
  const settings = { ...settingsOf(given, '/journal'), onTrouble: () => undefined };
  const journal = openOn(files, settings, { random, clock, unlock: () => undefined });
  for (let i = 0; i < 3; i += 1) {
    journal.append({ signal: 'logs', priority: 0, recordCount: 1, payload: new Uint8Array([i]) });
  }
  assert.ok(journal.sync());
  return { files, journal };
}

describe('a disk that cannot be read for a while', () => {
  test('holds shipping up and not for ever, and nothing is called settled meanwhile', async () => {
    const { files, journal } = withThree();
    const posts: Uint8Array[] = [];
    const shipper = createShipper({
      journal,
      poster: {
        post: (_, body) => {
          posts.push(body);
          return Promise.resolve({ kind: 'done', rejectedCount: 0, errorMessage: '' });
        },
        keepAlive: () => undefined,
        close: () => undefined,
      },
      clock,
      random,
      schemaUrl: '',
      onSettled: () => undefined,
      onDelayed: () => undefined,
    });
    files.fault = (operation) => (operation === 'read' ? 'EIO' : undefined);
    shipper.wake();
    let isFlushed: boolean | undefined;
    const flushed = shipper.flush(60_000).then((isDone) => (isFlushed = isDone));
    await Promise.resolve();
    assert.deepEqual([posts.length, isFlushed, journal.oldest], [0, undefined, 1]);
    files.fault = () => undefined;
    clock.advance(10_000);
    assert.equal(await flushed, true);
    assert.equal(posts.length, 1);
    assert.equal(journal.oldest, undefined);
    shipper[Symbol.dispose]();
  });

  test('is not opened before it can be: what stands behind would be settled without it', () => {
    const { files } = withThree();
    const left = files.killed();
    left.fault = (operation, path) =>
      operation === 'open' && path.endsWith('.segment') ? 'EMFILE' : undefined;
    const open = (): DiskJournal =>
      openOn(left, settingsOf(SETTINGS, '/journal'), { random, clock, unlock: () => undefined });
    assert.throws(open, { code: 'AODE_JOURNAL_UNREADABLE' });
    left.fault = () => undefined;
    assert.equal(open().usage().frameCount, 3);
  });

  test('gives a frame up that fails for a minute, and not for failing often', () => {
    const dropped: string[] = [];
    const onDropped: JournalSettings['onDropped'] = (_, reason) => void dropped.push(reason);
    const { files, journal } = withThree({ ...SETTINGS, onDropped });
    files.fault = (operation) => (operation === 'read' ? 'EMFILE' : undefined);
    for (let i = 0; i < 10; i += 1) assert.deepEqual(journal.read(0, 1), []);
    clock.advance(59_999);
    journal.read(0, 1);
    assert.deepEqual([journal.usage().frameCount, dropped], [3, []]);
    clock.advance(1);
    journal.read(0, 1);
    assert.deepEqual([journal.usage().frameCount, dropped], [2, ['journal_damaged']]);
    files.fault = () => undefined;
    assert.equal(journal.read(0, Infinity).length, 2);
  });
});

test('what is in memory alone: not what a file has that failed behind it', () => {
  const files = simFiles();
  const settings = { ...settingsOf(SETTINGS, '/journal'), onTrouble: () => undefined };
  const journal = openOn(files, settings, { random, clock, unlock: () => undefined });
  const frame = { signal: 'logs', priority: 0, recordCount: 2, payload: new Uint8Array(8) } as const;
  journal.append(frame);
  assert.equal(journal.unwritten().logs, 2);
  assert.ok(journal.write());
  assert.equal(journal.unwritten().logs, 0);
  files.fault = (operation) => (operation === 'write' || operation === 'create' ? 'ENOSPC' : undefined);
  journal.append({ ...frame, recordCount: 3 });
  journal.append({ ...frame, signal: 'traces' });
  assert.ok(!journal.write());
  assert.deepEqual(journal.unwritten(), { traces: 2, logs: 3, metrics: 0 });
  files.fault = () => undefined;
  assert.ok(journal.sync());
  assert.deepEqual(journal.unwritten(), { traces: 0, logs: 0, metrics: 0 });
});

test('a directory that is taken away: nothing is called written any more, and it is said once', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'aode-journal-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const troubles: unknown[] = [];
  const dropped: unknown[] = [];
  const settings = {
    ...settingsOf(SETTINGS, directory),
    onTrouble: (error: unknown) => troubles.push(error),
    onDropped: (_: unknown, reason: string) => dropped.push(reason),
  };
  const journal = openDiskJournal({ ...settings, random, clock, token: '' });
  const frame = { signal: 'logs', priority: 0, recordCount: 1, payload: new Uint8Array(8) } as const;
  journal.append(frame);
  assert.ok(journal.sync());
  rmSync(directory, { recursive: true });
  journal.append(frame);
  assert.deepEqual([journal.write(), journal.sync(), journal.sync()], [false, false, false]);
  assert.deepEqual([journal.written, journal.durable], [1, 1]);
  assert.equal(journal.unwritten().logs, Infinity);
  assert.match(String(troubles[0]), /taken away/);
  assert.equal(troubles.length, 1);
  journal.close();
  assert.deepEqual(dropped, ['journal_closed', 'journal_closed'], 'both are nowhere');
});
