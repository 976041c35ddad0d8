/**
 * `npm test`: unit, property and contract tests, all in `*.test.ts` beside the code. Arguments narrow it down:
 * `npm test -- wire hub` runs two packages, `npm test -- packages/wire/src/model.test.ts` one file; what starts with a
 * dash goes to `node --test`.
 */
import './node-version.js';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

const ROOMS = [
  'packages/*/src/**/*.test.ts',
  'tools/**/*.test.ts',
  'eval/**/*.test.ts',
  'examples/**/*.test.ts',
];

/** Node leaves one core free; but some tests mostly wait, for a timeout or for a process that starts. */
const CONCURRENCY = `--test-concurrency=${availableParallelism() + 1}`;

/** Each file is a process that reads half the source; so only the first has to strip its types and compile it. */
const COMPILED = resolve('node_modules/.cache/compiled');

const args = process.argv.slice(2);
const flags = args.filter((a) => a.startsWith('-'));
const wanted = args.filter((a) => !a.startsWith('-'));
const patterns = wanted.map((w) => (existsSync(w) ? w : `packages/${w}/src/**/*.test.ts`));
const files = globSync(patterns.length > 0 ? patterns : ROOMS, {
  exclude: (f) => f.includes('node_modules'),
}).sort();
if (files.length === 0) {
  process.stderr.write(`no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
const result = spawnSync(
  process.execPath,
  ['--conditions=@aode/source', '--test', CONCURRENCY, ...flags, ...files],
  {
    stdio: 'inherit',
    // What a test leaves on disk it says itself.
    env: { NODE_COMPILE_CACHE: COMPILED, AODE_JOURNAL_DIRECTORY: 'off', ...process.env },
  },
);
process.exitCode = result.status ?? 1;
