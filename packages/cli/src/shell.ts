/**
 * What a command may touch of the world around it: the two output streams, the clock, the environment, Ctrl-C. Tests
 * hand in their own; `systemShell` is the real one.
 */
import { type Clock, systemClock } from '@aode/base';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemEnv } from './env.ts';

export interface Shell {
  /** Standard output: what was asked for. */
  readonly out: (text: string) => void;
  /** Standard error: progress, complaints. */
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal; Infinity into a file or a pipe, where what is cut would be lost to whoever searches it. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Fulfilled after `ms`, rejected when interrupted. Keeps the process alive, unlike a timer of the clock. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly fetch: typeof fetch;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Aborted when the user ends the command by Ctrl-C or a signal. */
  readonly interrupted: AbortSignal;
}

/** The shell of this process, whose `interrupted` is given, because who catches signals owns them. */
export function systemShell(interrupted: AbortSignal): Shell {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY,
    errIsTerminal: process.stderr.isTTY,
    columns: process.stdout.isTTY ? process.stdout.columns : Infinity,
    env: systemEnv,
    clock: systemClock,
    sleep: async (ms) => {
      await sleep(ms, undefined, { signal: interrupted });
    },
    fetch,
    get stdin() {
      return process.stdin;
    },
    interrupted,
  };
}
