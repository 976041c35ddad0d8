/** Finding the program that a command line names, as a shell does, and becoming it. */
import { AodeError } from '@aode/base';
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** As `env` and shells say it. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Absolute path of `name`, or the exit code and the error to end with. */
export function findProgram(
  name: string,
  path: string,
): { readonly file: string } | { readonly exitCode: number; readonly error: AodeError } {
  const candidates = name.includes('/')
    ? [resolve(name)]
    : path.split(delimiter).map((directory) => join(resolve(directory), name));
  let exitCode = EXIT_NOT_FOUND;
  for (const file of candidates) {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue;
    if (isExecutable(file)) return { file };
    exitCode = EXIT_NOT_EXECUTABLE;
  }
  const why = exitCode === EXIT_NOT_FOUND ? undefined : 'it may not be executed';
  return { exitCode, error: new AodeError('AODE_COMMAND_NOT_FOUND', { program: name, why }) };
}

/**
 * Runs `file` in the place of this process: it has our process id, so signals, exit code and streams need no passing
 * on. Where the platform has no such thing (Windows), it becomes a child, and its exit code is returned.
 */
export async function become(file: string, argv: readonly string[], env: Environment): Promise<number> {
  if (typeof process.execve !== 'function') return await runChild(file, argv.slice(1), env);
  // Node ignores these two, and what is ignored stays so in the program that follows; what is handled does not.
  process.on('SIGPIPE', () => undefined);
  process.on('SIGXFSZ', () => undefined);
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return process.execve(file, [...argv], Object.fromEntries(defined));
}

/** Runs `file` as a child with our streams; signals are passed on, its exit code is returned. */
export async function runChild(file: string, args: readonly string[], env: Environment): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...env } });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise<number>((done, fail) => {
      child.once('error', fail);
      // A shell adds 128 to the number of the signal that ended a program; 1 where the number is not known.
      child.once('exit', (code) => done(code ?? 1));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
