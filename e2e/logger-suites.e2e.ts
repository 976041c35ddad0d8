/**
 * pino's own tests, from its package, as installed and with the SDK in front of them: test by test the same result.
 * winston and bunyan ship none; what their documentation says stands as tests in packages/sdk/src/log.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const REGISTER = join(ROOT, 'packages/sdk/src/register.ts');

/** What its tests need, in the versions that its package.json asks for. */
const NEEDED = [
  '@matteo.collina/tspl',
  'execa',
  'flush-write-stream',
  'import-fresh',
  'pino-pretty',
  'proxyquire',
  'rimraf',
  'semver',
  'split2',
  'strip-ansi',
  'tape',
  'through2',
];

/** They test what is not there, or what no logger is: types, and bundles for browsers. */
const LEFT_OUT = /(?:^|\/)(?:browser[^/]*|types\/.*|.*\.ts)$/;

/** File -> why its tests cannot give the same result. */
const ALLOWED: ReadonlyMap<string, string> = new Map([
  [
    'test/http.test.js',
    'compares whole lines that are written while a request is served, and those carry its ids; that nothing else ' +
      'changes in them is tested in packages/sdk/src/log/pino.test.ts',
  ],
]);

/** One file of so many is run. */
const SHARE = Number(process.env['AODE_SUITE_SHARE'] ?? 1);

/** A file that hangs is a result too. */
const FILE_MS_MAX = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'aode-suites-'));
const pino = join(folder, 'node_modules/pino');
after(() => rmSync(folder, { recursive: true, force: true }));

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

before(() => {
  const { version, devDependencies } = read(join(ROOT, 'node_modules/pino/package.json'));
  const needed = Object.fromEntries(NEEDED.map((name) => [name, devDependencies[name] ?? '']));
  const dependencies = { pino: version, ...needed };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'suites', private: true, dependencies }),
  );
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: 'pipe',
  });
});

/** Tests of one file in the order in which they ended: `ok name`, `not ok name`, how the process ended. */
function run(file: string, withSdk: boolean): Promise<readonly string[]> {
  const args = [
    '--conditions=@aode/source',
    ...(withSdk ? ['--import', REGISTER] : []),
    '--test-reporter=tap',
    join(pino, file),
  ];
  const env = {
    ...process.env,
    AODE_EXIT_TIMEOUT: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    // How often a test looks for what a worker writes; one that runs from source starts slowly.
    MAX_TEST_LOOP_ITERATION: '10000000',
  };
  // A runner says to its tests that they are under it, and these are not.
  delete (env as Record<string, unknown>)['NODE_TEST_CONTEXT'];
  return new Promise((resolve) => {
    const options = { cwd: pino, env, timeout: FILE_MS_MAX, maxBuffer: 256 * 1024 * 1024 };
    execFile(process.execPath, args, options, (error, stdout) => {
      const verdicts = [...stdout.matchAll(/^( *)(not ok|ok) \d+ -? ?(.*)$/gm)].map(
        ([, indent = '', verdict = '', name = '']) =>
          `${indent}${verdict} ${name.replace(/ # time=.*$/, '')}`,
      );
      resolve([...verdicts, `exit ${error?.code ?? 0}`]);
    });
  });
}

/** Both ways; what differs is tried once more, because some of them measure time. */
async function compare(file: string): Promise<void> {
  let [plain, observed] = [await run(file, false), await run(file, true)];
  if (plain.join('\n') !== observed.join('\n')) {
    [plain, observed] = [await run(file, false), await run(file, true)];
  }
  assert.ok(plain.length > 1, `${file} has tests`);
  assert.deepEqual(observed, plain);
}

describe("pino's own tests", { concurrency: availableParallelism() }, () => {
  const files = globSync('test/**/*.test.{js,mjs}', { cwd: join(ROOT, 'node_modules/pino') })
    .filter((file) => !LEFT_OUT.test(file))
    .toSorted();
  assert.ok(files.length > 30, 'pino ships its tests');
  for (const file of files.filter((_, i) => i % SHARE === 0))
    test(file, { skip: ALLOWED.get(file) ?? false }, () => compare(file));
});
