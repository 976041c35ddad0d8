import { AODE_ERRORS } from '@aode/base';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS, COMMON_OPTIONS } from './commands.ts';
import { runCommand } from './main.ts';
import { closedUrl, recordingShell } from './recording-shell.ts';
import { cliReference } from './reference.ts';

const BIN = join(import.meta.dirname, '../bin/aode.js');

for (const [args, why] of [
  [['nonsense'], 'unknown command'],
  [['causes', '--nonsense'], 'unknown option'],
  [['import'], 'missing required argument'],
  [['causes', '--since'], 'argument missing'],
  [['causes', '--since', 'soon'], '--since takes'],
  [['causes', '--limit', '0'], '--limit takes'],
  [['causes', '--hub', 'localhost'], '--hub takes'],
  [['explain'], 'either a trace id or --last'],
  [['explain', '4bf92f3577b34da6a3ce929d0e0e4736', '--last'], 'either a trace id or --last'],
  [['run'], 'missing required argument'],
  [['doctor', '--for', 'ever'], '--for takes'],
  [['doctor', '--hub', 'localhost'], '--hub takes'],
] as const) {
  test(`aode ${args.join(' ')}: exit code 2 and one line`, async () => {
    const shell = recordingShell();
    assert.equal(await runCommand(args, shell), 2);
    assert.match(shell.written.err, /^AODE_CLI_USAGE: [^\n]+ — [^\n]+\n$/);
    assert.ok(shell.written.err.includes(why), shell.written.err);
    assert.equal(shell.written.out, '');
  });
}

test('an id that is none is wrong use too', async () => {
  const shell = recordingShell();
  assert.equal(await runCommand(['explain', 'abc'], shell), 2);
  assert.match(shell.written.err, /^AODE_TRACE_ID_INVALID: /);
});

test('every command has three examples of itself, and its help shows them and all its options', async () => {
  for (const spec of COMMANDS) {
    const shell = recordingShell();
    assert.equal(await runCommand([spec.name, '--help'], shell), 0);
    assert.equal(spec.examples.length, 3);
    for (const [line] of spec.examples) {
      assert.match(line, new RegExp(`\\baode ${spec.name}\\b`));
      assert.ok(shell.written.out.includes(line));
    }
    for (const { flags } of [...spec.options, ...COMMON_OPTIONS])
      assert.ok(shell.written.out.includes(flags), flags);
    assert.equal(shell.written.err, '');
  }
});

test('the reference names every command and option', () => {
  const page = cliReference();
  for (const { name, options } of COMMANDS) {
    assert.ok(page.includes(`\n## aode ${name}\n`));
    for (const { flags } of options) assert.ok(page.includes(`\`${flags}\``), flags);
  }
});

test('--version and no argument at all are no errors', async () => {
  const shell = recordingShell();
  assert.equal(await runCommand(['--version'], shell), 0);
  assert.match(shell.written.out, /^aode \d+\.\d+\.\d+\n$/);
  const bare = recordingShell();
  assert.equal(await runCommand([], bare), 0);
  for (const { name } of COMMANDS) assert.ok(bare.written.out.includes(`  ${name} `));
});

test('no hub: exit code 3, the reason, and what to do', async () => {
  const shell = recordingShell();
  assert.equal(await runCommand(['causes', '--hub', await closedUrl()], shell), 3);
  assert.match(
    shell.written.err,
    /^AODE_HUB_UNREACHABLE: [^\n]*ECONNREFUSED[^\n]* — start one with `aode up`/,
  );
});

test('AODE_HUB names the hub, --verbose shows where an error came from', async () => {
  const url = await closedUrl();
  const shell = recordingShell({ env: { AODE_HUB: `${url}/` } });
  assert.equal(await runCommand(['causes', '--verbose'], shell), 3);
  assert.ok(shell.written.err.includes(`hub ${url},`));
  assert.match(shell.written.err, /\ncaused by TypeError: fetch failed\n/);
});

test('what a hub says when it refuses is shown, with its control characters made visible', async () => {
  const body = { error: { code: 'AODE_QUERY_INVALID', message: 'bad\u001b[31m', remedy: '' } };
  const server = createServer((_req, res) => res.writeHead(400).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const shell = recordingShell();
    assert.equal(await runCommand(['causes', '--hub', `http://127.0.0.1:${address.port}`], shell), 3);
    assert.match(shell.written.err, /^AODE_HUB_ANSWER: [^\n]*AODE_QUERY_INVALID[^\n]*bad\\x1b\[31m/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('interrupted: exit code 130 and no complaint', async () => {
  const shell = recordingShell({ interrupted: AbortSignal.abort() });
  assert.equal(await runCommand(['causes', '--hub', await closedUrl()], shell), 130);
  assert.equal(shell.written.err, '');
});

test('the program itself: exit codes and streams', () => {
  const aode = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['--conditions=@aode/source', BIN, ...args], { encoding: 'utf8' });
  assert.equal(aode('--version').status, 0);
  const wrong = aode('nonsense');
  assert.equal(wrong.status, 2);
  assert.equal(wrong.stdout, '');
  assert.ok(Object.keys(AODE_ERRORS).some((code) => String(wrong.stderr).startsWith(code)));
});

test('a Node that is too old gets one clear line', () => {
  const older = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';
  const preload = `data:text/javascript,${encodeURIComponent(older)}`;
  const result = spawnSync(process.execPath, ['--import', preload, BIN, 'up'], { encoding: 'utf8' });
  assert.equal(result.stderr, 'aode needs Node 22.15 or newer, this is 20.19.0\n');
  assert.equal(result.status, 2);
});
