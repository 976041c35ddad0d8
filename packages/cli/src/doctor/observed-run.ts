/** A program under observation: run with the SDK before it, for a while, and what its threads have reported. */
import { errorLine } from '@aode/base';
import type { DoctorReport } from '@aode/sdk';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../program.ts';
import { nodeOptions } from '../run.ts';
import type { Shell } from '../shell.ts';

export interface ObservedRun {
  readonly reports: readonly DoctorReport[];
  /** It was ended from outside. */
  readonly wasStopped: boolean;
}

/** How long a program has to end after it was asked to. */
const STOP_MS = 5000;

/** Undefined when there is no such program, which has been said then. */
export async function observe(
  command: readonly string[],
  forMs: number,
  shell: Shell,
): Promise<ObservedRun | undefined> {
  const [name = '', ...args] = command;
  const found = findProgram(name, shell.env['PATH'] ?? '');
  if ('error' in found) {
    shell.err(`${errorLine(found.error)}\n`);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'aode-doctor-'));
  try {
    const fromSource = fileURLToPath(import.meta.url).endsWith('.ts');
    const child = spawn(found.file, args, {
      // What it prints is not the answer of this command. A group of its own, so that all of it can be ended.
      stdio: ['ignore', 2, 2],
      detached: process.platform !== 'win32',
      env: { ...shell.env, NODE_OPTIONS: nodeOptions(shell.env, fromSource), AODE_DOCTOR: folder },
    });
    const wasStopped = await endOf(child, forMs, shell);
    return { reports: reportsIn(folder), wasStopped };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether it had to be ended. */
async function endOf(child: ChildProcess, forMs: number, shell: Shell): Promise<boolean> {
  const ended = once(child, 'exit').then(() => true);
  const within = (ms: number): Promise<boolean> =>
    Promise.race([
      ended,
      shell.sleep(ms).then(
        () => false,
        () => false,
      ),
    ]);
  if (await within(forMs)) return false;
  signalAll(child, 'SIGTERM');
  const isGone = await Promise.race([ended, pause(STOP_MS)]);
  // Also what it has left behind.
  signalAll(child, 'SIGKILL');
  if (!isGone) await ended;
  return true;
}

/** Also after Ctrl-C, when the shell sleeps no more. */
async function pause(ms: number): Promise<false> {
  await new Promise((resolve) => AbortSignal.timeout(ms).addEventListener('abort', resolve));
  return false;
}

function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid === undefined || process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // There is nobody left.
  }
}

function reportsIn(folder: string): DoctorReport[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as DoctorReport);
}
