import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from './main.ts';
import { recordingShell } from './recording-shell.ts';
import { userDataDirectory } from './up.ts';

const FREE = ['--port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0'];

test('a hub in memory answers, says where, and ends by Ctrl-C with 0', async () => {
  const interruption = new AbortController();
  let ready: (line: string) => void = () => undefined;
  const said = new Promise<string>((resolve) => {
    ready = resolve;
  });
  const shell = recordingShell({ interrupted: interruption.signal, out: (text) => ready(text) });
  const ended = runCommand(['up', '--memory', '--json', ...FREE], shell);
  const first = await Promise.race([said, ended.then((code) => assert.fail(`${code} ${shell.written.err}`))]);
  const where = JSON.parse(first) as {
    board: string;
    otlpHttp: string;
    otlpGrpc: string;
    data: null;
    pid: number;
  };
  assert.equal(where.data, null);
  assert.equal(where.pid, process.pid);
  assert.equal((await fetch(`${where.board}/healthz`)).status, 200);

  const busy = recordingShell();
  const port = new URL(where.board).port;
  assert.equal(await runCommand(['up', '--memory', ...FREE.slice(2), '--port', port], busy), 3);
  assert.match(busy.written.err, new RegExp(`^AODE_PORT_IN_USE: [^\\n]*${port}[^\\n]*\\n$`));

  interruption.abort();
  assert.equal(await ended, 0);
  await assert.rejects(fetch(`${where.board}/healthz`));
});

for (const args of [
  ['--memory', '--data', '/tmp/x'],
  ['--port', '70000'],
  ['--port', 'x'],
  ['--keep', 'forever'],
  ['--keep', '0d'],
  ['--disk', 'much'],
  ['--disk', '0'],
]) {
  test(`aode up ${args.join(' ')} is wrong use`, async () => {
    assert.equal(await runCommand(['up', ...args], recordingShell()), 2);
  });
}

test('the data directory of the user follows XDG, and ignores what is not absolute', () => {
  assert.equal(userDataDirectory({ XDG_DATA_HOME: '/data' }), '/data/aode');
  assert.equal(userDataDirectory({ XDG_DATA_HOME: 'data' }), join(homedir(), '.local/share/aode'));
  assert.equal(userDataDirectory({}), join(homedir(), '.local/share/aode'));
});
