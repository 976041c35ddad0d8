import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualClock } from '../testing/manual-clock.ts';
import { spanIdOf, spanOf, spansRequest, traceIdOf } from '../testing/records.ts';
import { NOON_MS, temporaryDirectory } from '../testing/store-contract.ts';
import { STORE_VERSION } from './schema.ts';
import { openDuckDbStore } from './duckdb-store.ts';
import { openDirectory } from './directory.ts';
import type { Store } from './store.ts';

const open = (directory: string): Promise<Store> =>
  openDuckDbStore({ directory, clock: manualClock(NOON_MS) });

/** A directory with one span in it, closed. */
async function withOneSpan(directory: string): Promise<void> {
  const store = await open(directory);
  await store.write(spansRequest('a', [spanOf({ traceId: traceIdOf(1), spanId: spanIdOf(1) })]));
  await store.close();
}

async function assertOneSpan(directory: string): Promise<void> {
  const store = await open(directory);
  assert.equal((await store.status()).stored.spans, 1);
  await store.close();
}

/** Every file with its bytes. */
const contentOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(directory, name), 'latin1')]),
  );

test('a directory in use is refused, and its owner goes on', async (t) => {
  const directory = temporaryDirectory(t);
  const owner = await open(directory);
  await assert.rejects(open(directory), { code: 'AODE_DATA_IN_USE' });
  await owner.write(spansRequest('a', [spanOf({ traceId: traceIdOf(1), spanId: spanIdOf(1) })]));
  await assert.rejects(open(directory), { code: 'AODE_DATA_IN_USE' });
  await owner.close();
  await assertOneSpan(directory);
});

test('of many that come at once, one gets it', async (t) => {
  const directory = temporaryDirectory(t);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => open(directory)));
  const opened = results.filter((result) => result.status === 'fulfilled');
  for (const { value } of opened) await value.close();
  assert.equal(opened.length, 1);
  for (const result of results) {
    if (result.status === 'rejected') {
      assert.equal((result.reason as { code?: string }).code, 'AODE_DATA_IN_USE');
    }
  }
});

test('the lock of a process that is gone is taken over; of one that lives, it is not', async (t) => {
  const directory = temporaryDirectory(t);
  await withOneSpan(directory);
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => other.kill('SIGKILL'));
  await once(other, 'spawn');
  const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const lock = JSON.stringify({ pid: other.pid, started });
  writeFileSync(join(directory, 'lock-other'), lock);
  await assert.rejects(open(directory), {
    code: 'AODE_DATA_IN_USE',
    detail: { path: directory, pid: other.pid },
  });
  assert.equal(
    readFileSync(join(directory, 'lock-other'), 'utf8'),
    lock,
    'the lock of the other is untouched',
  );
  const gone = once(other, 'exit');
  other.kill('SIGKILL');
  await gone;
  await assertOneSpan(directory);
});

test('a lock is stale when its process id belongs to somebody else by now, or when it is no lock', async (t) => {
  const directory = temporaryDirectory(t);
  await withOneSpan(directory);
  for (const lock of [JSON.stringify({ pid: process.pid, started: '1' }), '', '{"pid":-1}', 'null', '\0']) {
    writeFileSync(join(directory, 'lock-other'), lock);
    await assertOneSpan(directory);
    assert.ok(!existsSync(join(directory, 'lock-other')), 'and is given back at the end');
  }
});

test('a directory of another version is refused untouched', async (t) => {
  const directory = temporaryDirectory(t);
  await withOneSpan(directory);
  writeFileSync(join(directory, 'version'), '999\n');
  const before = contentOf(directory);
  await assert.rejects(open(directory), {
    code: 'AODE_DATA_VERSION',
    detail: { path: directory, found: '999', wanted: STORE_VERSION },
  });
  assert.deepEqual(contentOf(directory), before);
});

test('a directory that cannot be made or written is refused', async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'file');
  writeFileSync(file, '');
  await assert.rejects(open(file), { code: 'AODE_DATA_UNWRITABLE' });
  await assert.rejects(open(join(file, 'below')), { code: 'AODE_DATA_UNWRITABLE' });
  // Root may write everywhere, so rights say nothing to it.
  if (process.getuid?.() === 0) return;
  const closed = join(directory, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  await assert.rejects(open(closed), { code: 'AODE_DATA_UNWRITABLE' });
});

test('a file that is no database is refused untouched, and the lock is given back', async (t) => {
  const directory = temporaryDirectory(t);
  await withOneSpan(directory);
  writeFileSync(
    join(directory, 'aode.duckdb'),
    'this is not a database, but it is long enough to look like one'.repeat(99),
  );
  const before = contentOf(directory);
  await assert.rejects(open(directory), { code: 'AODE_DATA_DAMAGED' });
  assert.deepEqual(contentOf(directory), before);
});

test('a hub that was killed while it made the directory leaves one that can be used', async (t) => {
  const directory = temporaryDirectory(t);
  await withOneSpan(directory);
  // Tables are there, the version file is not yet: the moment between the two.
  writeFileSync(join(directory, 'lock-other'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }));
  unlinkSync(join(directory, 'version'));
  await assertOneSpan(directory);
});

test('a directory is for its owner alone', (t) => {
  const directory = join(temporaryDirectory(t), 'data');
  using opened = openDirectory(directory);
  assert.ok(opened.fresh);
  const [lock, ...others] = readdirSync(directory);
  assert.match(lock ?? '', /^lock-/);
  assert.deepEqual(others, []);
});
