import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { type DirectoryLock, lockDirectory, lockOwner } from './directory-lock.ts';

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'aode-lock-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function held(lock: ReturnType<typeof lockDirectory>): DirectoryLock {
  assert.ok(!('pid' in lock));
  return lock;
}

test('one holds it, another is told who, and may have it afterwards', (t) => {
  const directory = place(t);
  const first = held(lockDirectory(directory, ''));
  assert.ok(first.isHeld);
  assert.deepEqual(lockDirectory(directory, ''), { pid: process.pid });
  first[Symbol.dispose]();
  assert.ok(!first.isHeld);
  held(lockDirectory(directory, ''))[Symbol.dispose]();
  assert.deepEqual(readdirSync(directory), []);
});

test('a part of the process that is started again takes over what it held; another part does not', (t) => {
  const directory = place(t);
  const before = held(lockDirectory(directory, 'agent 1'));
  assert.deepEqual(lockDirectory(directory, 'agent 2'), { pid: process.pid });
  held(lockDirectory(directory, 'agent 1'));
  assert.ok(!before.isHeld);
});

test('what the dead have left is taken over: gone, another process of the same id, half written', (t) => {
  const directory = place(t);
  const owners = [
    JSON.stringify({ pid: 2 ** 22 + 1, started: '1', token: '' }),
    JSON.stringify({ pid: process.pid, started: 'long ago', token: '' }),
    '{"pid":',
    'null',
    '{"pid":-1,"started":""}',
  ];
  for (const [i, owner] of owners.entries()) writeFileSync(join(directory, `lock-${i}`), owner);
  writeFileSync(join(directory, 'claim-0'), owners[0] ?? '');
  held(lockDirectory(directory, ''));
  assert.equal(readdirSync(directory).length, 1);
});

test('a lock without room for a file is a link: it holds, and is taken over from the dead', (t) => {
  const directory = place(t);
  const first = held(lockDirectory(directory, 'a'));
  const [name = ''] = readdirSync(directory);
  const { pid, started, token } = JSON.parse(readFileSync(join(directory, name), 'utf8'));
  rmSync(join(directory, name));
  symlinkSync(`${pid} ${started} ${token}`, join(directory, name));
  assert.ok(first.isHeld);
  assert.deepEqual(lockDirectory(directory, 'b'), { pid: process.pid });
  assert.equal(lockOwner(directory), process.pid);
  held(lockDirectory(directory, 'a'));
  assert.ok(!first.isHeld);
  for (const dead of ['1 long-ago b', '0  ', 'x', '../../etc/passwd'])
    symlinkSync(dead, join(directory, `lock-${dead.length}`));
  held(lockDirectory(directory, 'a'));
  assert.equal(readdirSync(directory).length, 1);
});

/** Takes the lock when told to, holds it for a moment in which nobody else may be there, and says what it saw. */
const CONTENDER = `
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { lockDirectory } from ${JSON.stringify(new URL('directory-lock.ts', import.meta.url).href)};
const [directory, gate, inside] = process.argv.slice(1);
process.stdout.write('ready\\n');
while (!existsSync(gate)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
const seen = { held: 0, refused: 0, together: 0 };
for (let i = 0; i < 40; i += 1) {
  const lock = lockDirectory(directory, '');
  if ('pid' in lock) { seen.refused += 1; continue; }
  seen.held += 1;
  if (existsSync(inside)) seen.together += 1;
  writeFileSync(inside, '');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  rmSync(inside, { force: true });
  lock[Symbol.dispose]();
}
process.stdout.write(JSON.stringify(seen));
`;

test('four processes that want it at once: one at a time, and always somebody', async (t) => {
  const directory = place(t);
  const rim = place(t);
  const [gate, inside] = [join(rim, 'gate'), join(rim, 'inside')];
  const args = [
    '--conditions=@aode/source',
    '--input-type=module',
    '--eval',
    CONTENDER,
    directory,
    gate,
    inside,
  ];
  const contenders = Array.from({ length: 4 }, () =>
    spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const outputs = contenders.map(({ stdout }) => text(stdout));
  await Promise.all(contenders.map(({ stdout }) => once(stdout, 'data')));
  writeFileSync(gate, '');
  const seen = (await Promise.all(outputs)).map(
    (output) => JSON.parse(output.replace('ready\n', '')) as Record<string, number>,
  );
  const sum = (key: string): number => seen.reduce((all, one) => all + (one[key] ?? 0), 0);
  assert.equal(sum('together'), 0);
  assert.ok(sum('held') > 0);
  assert.equal(sum('held') + sum('refused'), 160);
  assert.ok(!existsSync(inside));
  assert.deepEqual(readdirSync(directory), []);
});
