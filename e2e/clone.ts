/** A clean clone of the working tree with its dependencies, and `npm start` in it, as a newcomer has them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');

/** Where pictures are left; git does not see it. */
export const OUT: string = join(import.meta.dirname, 'out');

/** Copies what git tracks or would track, and links the installed packages file by file, on the same file system. */
export function makeClone(name: string): string {
  const clone = join(ROOT, '.aode', name);
  rmSync(clone, { recursive: true, force: true });
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  });
  const files = list.toString().split('\0').filter(Boolean);
  for (const file of files) {
    mkdirSync(join(clone, dirname(file)), { recursive: true });
    cpSync(join(ROOT, file), join(clone, file));
  }
  // Hard links: half a gigabyte in two seconds, and the links of the workspace lead into the clone.
  for (const modules of ['node_modules', ...globSync('{packages,examples}/*/node_modules', { cwd: ROOT })]) {
    execFileSync('cp', ['-al', join(ROOT, modules), join(clone, modules)]);
  }
  return clone;
}

export interface Started {
  readonly child: ChildProcess;
  /** Seconds from the start until each line of its output. */
  readonly lines: { readonly text: string; readonly seconds: number }[];
  /** The first line that matches, whether already printed or still to come. */
  line(pattern: RegExp): Promise<{ readonly match: RegExpExecArray; readonly seconds: number }>;
  /** What a Ctrl-C on its terminal does: SIGINT to its whole process group. */
  interrupt(): Promise<number | null>;
}

/** `npm start` with the npm and the Node that are there without this repository. */
export function npmStart(clone: string, args: readonly string[]): Started {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((p) => !/node_modules|node-gyp-bin/.test(p));
  const from = performance.now();
  const child = spawn('npm', ['start', '--', ...args], {
    cwd: clone,
    detached: true,
    env: { ...withoutNpm(process.env), PATH: path.join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: { text: string; seconds: number }[] = [];
  const waiting = new Set<() => void>();
  const hear = (text: string): void => {
    lines.push({ text, seconds: (performance.now() - from) / 1000 });
    for (const look of waiting) look();
  };
  createInterface(child.stdout).on('line', hear);
  createInterface(child.stderr).on('line', hear);
  return {
    child,
    lines,
    line: (pattern) =>
      new Promise((found, failed) => {
        const look = (): void => {
          for (const { text, seconds } of lines) {
            const match = pattern.exec(text);
            if (match === null) continue;
            waiting.delete(look);
            found({ match, seconds });
            return;
          }
        };
        const said = (): string => lines.map((l) => l.text).join('\n');
        child.once('exit', (code) =>
          failed(new Error(`npm start ended (${code}) before ${pattern}\n${said()}`)),
        );
        waiting.add(look);
        look();
      }),
    async interrupt() {
      const gone = once(child, 'exit');
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}

/** npm gives its scripts a view of the package it runs for; the clone is another one. */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([key]) => !key.startsWith('npm_') && key !== 'NODE_OPTIONS' && key !== 'NODE_TEST_CONTEXT',
    ),
  );
}

/** Command lines of the processes that run something inside `directory`. */
export function processesIn(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const cwd = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line !== '' && (line.includes(directory) || cwd.includes(`PWD=${directory}\0`))
          ? `${pid} ${line}`
          : '';
      } catch {
        return ''; // It has ended meanwhile, or is not ours.
      }
    })
    .filter(Boolean);
}
