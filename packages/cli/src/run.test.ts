/** `aode run` as a process: what it runs must not notice. The SDK's part is shown in e2e/. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runChild } from './program.ts';
import { nodeOptions } from './run.ts';
import { isToolScript } from './tool.ts';

const BIN = join(import.meta.dirname, '../bin/aode.js');
const AODE = ['--conditions=@aode/source', BIN, 'run', '--'];
const directory = mkdtempSync(join(tmpdir(), 'aode-run-'));
after(() => rmSync(directory, { recursive: true }));

function aodeRun(...command: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...AODE, ...command], { encoding: 'utf8', input: 'from stdin' });
}

test('streams and exit code are those of the program', () => {
  const result = aodeRun('sh', '-c', 'cat; echo " out"; echo err >&2; exit 7');
  assert.equal(result.stdout, 'from stdin out\n');
  assert.equal(result.stderr, 'err\n');
  assert.equal(result.status, 7);
});

test('arguments are passed on as they are, also those that look like options of aode', () => {
  const result = aodeRun('printf', '%s|', '--help', '', 'a b', '*', '--json');
  assert.equal(result.stdout, '--help||a b|*|--json|');
});

test('a program that is ended by a signal is seen to be', () => {
  assert.equal(aodeRun('sh', '-c', 'kill -TERM $$').signal, 'SIGTERM');
});

test('signals that Node ignores are as usual in the program', () => {
  const result = aodeRun('sh', '-c', '(yes; echo $? >&2) | head -n 1');
  assert.equal(result.stdout, 'y\n');
  assert.match(result.stderr, /^141\n$/);
});

test('a signal to aode reaches the program', async () => {
  const script = 'trap "echo ended; exit 3" TERM; echo ready; while :; do sleep 0.02; done';
  const child: ChildProcess = spawn(process.execPath, [...AODE, 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout !== null);
  const [ready] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(ready.toString(), 'ready\n');
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 3);
});

test('no such program: 127; one that may not be executed: 126; both with a code', () => {
  const missing = aodeRun('no-such-program');
  assert.equal(missing.status, 127);
  assert.match(missing.stderr, /^AODE_COMMAND_NOT_FOUND: .*no-such-program.*\n$/);
  const file = join(directory, 'plain');
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  assert.equal(aodeRun(file).status, 126);
});

test('NODE_OPTIONS of the user stay, the preload is added once', () => {
  const once = nodeOptions({ NODE_OPTIONS: '--max-old-space-size=99' }, true);
  assert.match(
    once,
    /^--max-old-space-size=99 --import=file:\/\/\S+\/bin\/preload\.js --conditions=@aode\/source$/,
  );
  assert.equal(nodeOptions({ NODE_OPTIONS: once }, true), once);
  assert.doesNotMatch(nodeOptions({}, false), /conditions/);
});

/** A script inside a package of this name; returns its path. */
function scriptOf(name: string, file: string, link?: string): string {
  const root = join(directory, 'node_modules', name);
  const path = join(root, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name }));
  // Packages with two builds hold a second, nameless manifest.
  if (file.includes('/')) writeFileSync(join(path, '..', 'package.json'), '{"type":"commonjs"}');
  writeFileSync(path, '');
  if (link === undefined) return path;
  const at = join(directory, link);
  symlinkSync(path, at);
  return at;
}

test('package managers, compilers and bundlers are known by their package, also through a link', () => {
  for (const [name, file] of [
    ['npm', 'bin/npm-cli.js'],
    ['npm', 'bin/npx-cli.js'],
    ['pnpm', 'bin/pnpm.cjs'],
    ['corepack', 'dist/yarn.js'],
    ['typescript', 'bin/tsc'],
    ['esbuild', 'bin/esbuild'],
    ['vite', 'bin/vite.js'],
    ['@swc/cli', 'bin/swc.js'],
  ] as const) {
    assert.ok(isToolScript(scriptOf(name, file)), name);
  }
  assert.ok(isToolScript(scriptOf('webpack', 'bin/webpack.js', 'linked')));
  assert.ok(isToolScript('/project/.yarn/releases/yarn-4.9.1.cjs'));
});

test('everything else is a program', () => {
  assert.ok(!isToolScript(scriptOf('my-app', 'dist/main.js')));
  assert.ok(!isToolScript(scriptOf('npm-like', 'index.js')));
  assert.ok(!isToolScript(join(directory, 'not-there')));
  assert.ok(!isToolScript(undefined));
});

test('a program without a usable SDK runs on, and says that it does so', () => {
  const older = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';
  const preload = join(import.meta.dirname, '../bin/preload.js');
  const options = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, '--import', preload];
  const result = spawnSync(process.execPath, [...options, '-e', 'console.log("ran")'], { encoding: 'utf8' });
  assert.equal(result.stdout, 'ran\n');
  assert.match(result.stderr, /^aode: this program runs without telemetry: .* 20\.19\.0\n$/);
});

test('where a process cannot be replaced, a child gets streams and signals, and its exit code is ours', async () => {
  assert.equal(await runChild('/bin/sh', ['-c', 'exit 5'], process.env), 5);
  await assert.rejects(runChild(join(directory, 'gone'), [], process.env), /ENOENT/);
});
