/** Each check, good and bad, on real folders and a real listener. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { closedUrl, recordingShell, STANDING_MS } from '../recording-shell.ts';
import { checkClock, checkEnvironment, checkNode, checkPackages } from './environment.ts';

test('Node.js: the oldest that will do, and the one before', () => {
  assert.equal(checkNode('22.15.0').severity, 'good');
  assert.equal(checkNode('22.14.9').severity, 'problem');
  assert.equal(checkNode('20.19.0').severity, 'problem');
});

function tree(packages: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'aode-tree-'));
  for (const [path, version] of Object.entries(packages)) {
    const file = join(root, path, 'package.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ version }));
  }
  return root;
}

test('copies of the API: one, several of one major version, several of two', () => {
  const severities: string[] = [];
  for (const nested of [undefined, '1.9.0', '2.0.0']) {
    const root = tree({
      'node_modules/@opentelemetry/api': '1.10.0',
      ...(nested === undefined ? {} : { 'node_modules/lib/node_modules/@opentelemetry/api': nested }),
    });
    const check = checkPackages(root).find(({ name }) => name === 'api');
    severities.push(check?.severity ?? '');
    assert.ok(check?.text.includes(root));
    rmSync(root, { recursive: true });
  }
  assert.deepEqual(severities, ['good', 'note', 'problem']);
});

test('the clock of the hub: whole seconds say nothing of less than one', () => {
  const date = new Date(STANDING_MS).toUTCString();
  const at = (ms: number): string | undefined => checkClock(date, ms, ms + 10)[0]?.severity;
  assert.equal(at(STANDING_MS + 999), 'good');
  assert.equal(at(STANDING_MS + 3000), 'good');
  assert.equal(at(STANDING_MS + 3001), 'problem');
  assert.equal(at(STANDING_MS - 2010), 'good');
  assert.equal(at(STANDING_MS - 2011), 'problem');
  assert.deepEqual(checkClock(null, 0, 0), []);
  assert.deepEqual(checkClock('soon', 0, 0), []);
});

async function hubCheck(body: string, given: string | undefined): Promise<string | undefined> {
  const server = createServer((_, response) => response.end(body));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}`;
  const checks = await checkEnvironment(given === undefined ? undefined : url, recordingShell({ env: {} }));
  server.closeAllConnections();
  server.close();
  return checks.find(({ name }) => name === 'hub')?.severity;
}

test('a hub, somebody who is none, and nobody', async () => {
  assert.equal(await hubCheck('{"version":"1","apiVersion":1}', 'given'), 'good');
  assert.equal(await hubCheck('hello', 'given'), 'problem');
  const closed = await closedUrl();
  const severity = async (
    hub: string | undefined,
    env: Record<string, string>,
  ): Promise<string | undefined> =>
    (await checkEnvironment(hub, recordingShell({ env }))).find(({ name }) => name === 'hub')?.severity;
  assert.equal(await severity(closed, {}), 'problem');
  assert.equal(await severity(undefined, { AODE_HUB: closed }), 'problem');
});
