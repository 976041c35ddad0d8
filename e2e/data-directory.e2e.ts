/**
 * Data directories that a hub must not use: each is one coded line that says what to do, exit code 3, and every file in
 * it stays as it was. The programs are real ones, the second hub included.
 */
import type { StatusResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { getJson, startHubProcess } from './hub-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'aode-data-'));
after(() => rmSync(folder, { recursive: true }));

/** `aode up` that is expected to refuse: its exit code and what it says. */
function refused(data: string): { readonly status: number | null; readonly stderr: string } {
  const ports = ['--port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0'];
  const program = ['--conditions=@aode/source', 'packages/cli/bin/aode.js', 'up', '--data', data, ...ports];
  return spawnSync(process.execPath, program, { encoding: 'utf8', timeout: 30_000 });
}

function filesOf(data: string): Record<string, string> {
  const files = globSync('**', { cwd: data }).filter((path) => statSync(join(data, path)).isFile());
  const digest = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(data, path)))
      .digest('hex');
  return Object.fromEntries(files.sort().map((path) => [path, digest(path)]));
}

/** A directory in which a hub has stored one span. */
async function used(name: string): Promise<string> {
  const data = join(folder, name);
  const hub = await startHubProcess(data);
  const resourceSpans = [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'kept' } }] },
      scopeSpans: [
        { spans: [{ traceId: '1'.padStart(32, '0'), spanId: '1'.padStart(16, '0'), name: 'kept', kind: 2 }] },
      ],
    },
  ];
  const answer = await fetch(`${hub.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  });
  assert.equal(answer.status, 200);
  assert.equal(await hub.stop(), 0);
  return data;
}

async function storedSpans(data: string): Promise<number> {
  const hub = await startHubProcess(data);
  const { stored } = await getJson<StatusResponse>(`${hub.board}/aode/v1/status`);
  await hub.stop();
  return stored.spans;
}

test('a directory in use by another hub; the first one goes on', async (t) => {
  const data = join(folder, 'in-use');
  const hub = await startHubProcess(data);
  t.after(() => hub.child.kill('SIGKILL'));
  const second = refused(data);
  assert.match(second.stderr, new RegExp(`^AODE_DATA_IN_USE: [^\\n]*pid ${hub.child.pid}[^\\n]*\\n$`));
  assert.equal(second.status, 3);
  assert.equal((await fetch(`${hub.board}/readyz`)).status, 200);
  assert.equal(await hub.stop(), 0);
});

test('the lock of a hub that was killed is no obstacle', async () => {
  const data = join(folder, 'killed');
  const hub = await startHubProcess(data);
  hub.child.kill('SIGKILL');
  await once(hub.child, 'exit');
  assert.equal(await storedSpans(data), 0);
});

test('a directory of another version', async () => {
  const data = await used('version');
  const version = readFileSync(join(data, 'version'), 'utf8');
  writeFileSync(join(data, 'version'), '999\n');
  const before = filesOf(data);
  const { status, stderr } = refused(data);
  assert.match(stderr, /^AODE_DATA_VERSION: [^\n]*found 999[^\n]*\n$/);
  assert.equal(status, 3);
  assert.deepEqual(filesOf(data), before);
  writeFileSync(join(data, 'version'), version);
  assert.equal(await storedSpans(data), 1);
});

test('a database that is cut off', async () => {
  const data = await used('damaged');
  truncateSync(join(data, 'aode.duckdb'), 5000);
  const before = filesOf(data);
  const { status, stderr } = refused(data);
  assert.match(stderr, /^AODE_DATA_DAMAGED: [^\n]+\n$/);
  assert.equal(status, 3);
  assert.deepEqual(filesOf(data), before);
});

test('a database whose inside is overwritten', async () => {
  const data = await used('overwritten');
  const file = join(data, 'aode.duckdb');
  // The three headers stay whole, so it is the contents that cannot be read.
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, 12_288), Buffer.alloc(bytes.length - 12_288, 0x5a)]));
  const before = filesOf(data);
  const { status, stderr } = refused(data);
  assert.match(stderr, /^AODE_DATA_DAMAGED: [^\n]+\n$/);
  assert.equal(status, 3);
  assert.deepEqual(filesOf(data), before);
});

test('a database that is gone is not replaced by an empty one', async () => {
  const data = await used('gone');
  rmSync(join(data, 'aode.duckdb'));
  const before = filesOf(data);
  const { status, stderr } = refused(data);
  assert.match(stderr, /^AODE_DATA_DAMAGED: [^\n]*missing[^\n]*\n$/);
  assert.equal(status, 3);
  assert.deepEqual(filesOf(data), before);
});

test('a place where nothing can be written', () => {
  writeFileSync(join(folder, 'file'), 'not a directory');
  for (const data of [join(folder, 'file'), join(folder, 'file/below'), '/sys/aode', '/proc/aode/below']) {
    const { status, stderr } = refused(data);
    assert.match(stderr, /^AODE_DATA_UNWRITABLE: [^\n]+\n$/, data);
    assert.equal(status, 3);
  }
});
