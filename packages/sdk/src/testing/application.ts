/** Applications as users write them, each in a folder of its own, run as real processes with the SDK in front. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

const REGISTER = new URL('../register.ts', import.meta.url).href;
const MODULES = join(import.meta.dirname, '../../../../node_modules');
/** The SDK's source as Node.js has compiled it: half the start of each application. */
const COMPILED = join(MODULES, '.cache/aode-compiled');

export interface Folder extends Disposable {
  readonly path: string;
}

/** Name of a file -> its text; `node_modules` is that of this repository. */
export function folder(files: Readonly<Record<string, string>>): Folder {
  const path = mkdtempSync(join(tmpdir(), 'aode-sdk-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  symlinkSync(MODULES, join(path, 'node_modules'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Launch {
  readonly cwd: string;
  /** Arguments of node, the script last. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** False: the application starts the SDK itself, or not at all. */
  readonly register?: boolean;
}

export interface Running {
  readonly process: ChildProcess;
  /** Resolves with the first line that matches. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  /** The same; one that does not end is killed then, which its signal tells. */
  endWithin(ms: number): Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function launch({ cwd, args, env = {}, register = true }: Launch): Running {
  const flags = ['--conditions=@aode/source', ...(register ? ['--import', REGISTER] : [])];
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd,
    // The agent starts from many source files, and the machine may be busy with other tests.
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: COMPILED,
      AODE_EXIT_TIMEOUT: '20000',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A test that fails does not come to its end: the application would stay behind.
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let seen = '';
  child.stdout.on('data', (part: Buffer) => (seen += part.toString()));
  const ended = (async (): Promise<Ended> => {
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const [[code, signal], stdout, stderr] = await Promise.all([
      exit,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, signal, stdout, stderr };
  })();
  const line = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(seen);
      if (found !== null) return found;
      const end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended]);
      if (end !== undefined && pattern.exec(seen) === null) {
        throw new Error(`ended without ${String(pattern)}: ${end.stdout}${end.stderr}`);
      }
    }
  };
  const endWithin = async (ms: number): Promise<Ended> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    return ended.finally(() => clearTimeout(timer));
  };
  return { process: child, line, ended, endWithin };
}

/** Runs to its end. */
export function run(what: Launch): Promise<Ended> {
  return launch(what).ended;
}
