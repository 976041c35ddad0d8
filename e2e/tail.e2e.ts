/** `aode tail` as a process of its own beside a hub that is started again: every line once, and its ends. */
import type { LogRow } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { freePorts, startHubProcess } from './hub-process.ts';

const AODE = ['--conditions=@aode/source', join(import.meta.dirname, '../packages/cli/bin/aode.js')];

interface Tail {
  readonly child: ChildProcess;
  /** The next so many lines. */
  next(count: number): Promise<readonly string[]>;
  complaints(): string;
}

function startTail(t: TestContext, hub: string, ...args: string[]): Tail {
  const child = spawn(process.execPath, [...AODE, 'tail', ...args], {
    env: { ...process.env, AODE_HUB: hub },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async next(count) {
      const bodies: string[] = [];
      while (bodies.length < count) {
        const { value, done } = await lines.next();
        assert.ok(done !== true, `ended early: ${said}`);
        bodies.push((JSON.parse(value) as LogRow).body);
      }
      return bodies;
    },
    complaints: () => said,
  };
}

/** Lines of so many seconds ago. */
async function send(http: string, agoSeconds: number, ...bodies: string[]): Promise<void> {
  const timeUnixNano = String(BigInt(Date.now() - agoSeconds * 1000) * 1_000_000n);
  const logRecords = bodies.map((body) => ({ timeUnixNano, severityNumber: 9, body: { stringValue: body } }));
  const answer = await fetch(`${http}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
  });
  assert.equal(answer.status, 200);
}

test('late lines, and lines over a restart of the hub: each once; Ctrl-C ends it well', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'aode-tail-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const ports = await freePorts();
  let hub = await startHubProcess(data, ports);
  t.after(() => hub.stop());
  await send(hub.http, 0, 'before');
  const tail = startTail(t, hub.board);
  assert.deepEqual(await tail.next(1), ['before']);
  await send(hub.http, 0, 'now');
  assert.deepEqual(await tail.next(1), ['now']);
  await send(hub.http, 3600, 'an hour late');
  assert.deepEqual(await tail.next(1), ['an hour late']);
  await hub.stop();
  hub = await startHubProcess(data, ports);
  await send(hub.http, 0, 'after', 'and more');
  assert.deepEqual(await tail.next(2), ['after', 'and more']);
  tail.child.kill('SIGINT');
  assert.deepEqual(await once(tail.child, 'exit'), [0, null]);
  assert.match(tail.complaints(), /^the hub does not answer; waiting for it\nthe hub is back\n$/);
});

test('a reader that has seen enough: it ends well', async (t) => {
  const hub = await startHubProcess(undefined);
  t.after(() => hub.stop());
  await send(hub.http, 0, 'first');
  const tail = startTail(t, hub.board);
  assert.deepEqual(await tail.next(1), ['first']);
  tail.child.stdout?.destroy();
  const exit = once(tail.child, 'exit');
  await send(hub.http, 0, 'nobody reads this');
  assert.deepEqual(await exit, [0, null]);
  assert.equal(tail.complaints(), '');
});
