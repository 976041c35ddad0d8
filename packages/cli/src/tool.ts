/**
 * Which programs `aode run` passes over: what installs, starts, compiles or bundles other programs. They are known by
 * the package that their entry script belongs to, because the script itself may have any name.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TOOLS: ReadonlySet<string> = new Set([
  // package managers
  '@yarnpkg/cli',
  'bun',
  'corepack',
  'cnpm',
  'npm',
  'pnpm',
  'yarn',
  // starters of other programs
  '@dotenvx/dotenvx',
  'concurrently',
  'cross-env',
  'dotenv-cli',
  'lerna',
  'nodemon',
  'npm-run-all',
  'npm-run-all2',
  'nx',
  'rimraf',
  'tsc-watch',
  'tsx',
  'turbo',
  'wait-on',
  'wireit',
  // compilers, bundlers, checkers
  '@babel/cli',
  '@nestjs/cli',
  '@swc/cli',
  '@typescript/native-preview',
  'esbuild',
  'eslint',
  'oxfmt',
  'oxlint',
  'parcel',
  'prettier',
  'prisma',
  'rolldown',
  'rollup',
  'rspack',
  'tsup',
  'typescript',
  'vite',
  'webpack',
  'webpack-cli',
]);

/** Yarn since version 2 is one file inside the project, with no package of its own. */
const YARN_FILE = /^yarn(-[\w.-]+)?\.c?js$/;

/** Whether the script that a process was started with is a tool. No script (`node -e`, the REPL) is none. */
export function isToolScript(script: string | undefined): boolean {
  if (script === undefined) return false;
  const file = realFile(script);
  if (YARN_FILE.test(file.slice(file.lastIndexOf('/') + 1))) return true;
  const name = packageNameOf(dirname(file));
  return name !== undefined && TOOLS.has(name);
}

/** node_modules/.bin holds links. A script that is gone, or given without its ending, is taken as it is. */
function realFile(script: string): string {
  try {
    return realpathSync(script).replaceAll('\\', '/');
  } catch {
    return script.replaceAll('\\', '/');
  }
}

/** Name in the nearest package.json that has one; dist folders hold nameless ones that only say `type`. */
function packageNameOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const name = nameIn(join(at, 'package.json'));
    if (name !== undefined || at === dirname(at)) return name;
  }
}

function nameIn(file: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const named = typeof content === 'object' && content !== null && 'name' in content;
    return named && typeof content.name === 'string' ? content.name : undefined;
  } catch {
    return undefined;
  }
}
