/** Whether the board's built files are there and as new as what they are built from, and building them. */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BOARD = join(ROOT, 'packages/board');
const BUILT = join(BOARD, 'dist/index.html');
const SOURCES = [
  'packages/board/{src,public}/**/*',
  'packages/board/{index.html,package.json,vite.config.ts}',
  'packages/wire/src/hub-api.ts',
];

export function boardIsBuilt(): boolean {
  const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return globSync(SOURCES, { cwd: ROOT }).every((file) => statSync(join(ROOT, file)).mtimeMs <= built);
}

/** Builds it; what the bundler says is shown only when it fails. */
export function buildBoard(): boolean {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const result = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: BOARD,
    encoding: 'utf8',
  });
  if (result.status === 0) return true;
  process.stderr.write(`${result.stdout}${result.stderr}the board could not be built\n`);
  return false;
}
