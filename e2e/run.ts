/**
 * `npm run test:e2e`: the whole system as its users have it, `e2e/*.e2e.ts`, and whole processes of one package, which
 * stand beside its code. One after the other, because they measure time and share two cores. Arguments narrow it down:
 * `npm run test:e2e -- first-light cli`.
 */
import '../tools/node-version.js';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename } from 'node:path';

const args = process.argv.slice(2);
const flags = args.filter((a) => a.startsWith('-'));
const wanted = args.filter((a) => !a.startsWith('-'));
const files = globSync(['e2e/*.e2e.ts', 'packages/*/src/**/*.e2e.ts'])
  .filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.e2e.ts')))
  .toSorted();
if (files.length === 0) {
  process.stderr.write(`no e2e file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
// A file whose test failed may still hold a process; the run goes on with the next file all the same.
const node = [
  '--conditions=@aode/source',
  '--test',
  '--test-force-exit',
  '--test-concurrency=1',
  ...flags,
  ...files,
];
process.exitCode = spawnSync(process.execPath, node, { stdio: 'inherit' }).status ?? 1;
