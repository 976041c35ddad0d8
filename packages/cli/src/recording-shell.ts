/** A shell for tests: keeps what is written, waits for nothing, takes its time from a clock that stands still. */
import { type Clock, durationMs, monoNs, unixNsOfMs } from '@aode/base';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Shell } from './shell.ts';

export interface RecordingShell extends Shell {
  readonly written: { out: string; err: string };
  /** Milliseconds that were slept away. */
  readonly slept: readonly number[];
}

/** 2026-03-01T12:00Z. */
export const STANDING_MS = 1_772_366_400_000;

export function recordingShell(over: Partial<Shell> = {}): RecordingShell {
  const written = { out: '', err: '' };
  const slept: number[] = [];
  const clock: Clock = {
    now: () => unixNsOfMs(STANDING_MS),
    mono: () => monoNs(0n),
    ticks: () => 0,
    timer: () => ({ [Symbol.dispose]: () => undefined }),
  };
  return {
    written,
    slept,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    env: {},
    clock,
    sleep: async (ms) => void slept.push(durationMs(ms)),
    fetch,
    stdin: (async function* () {})(),
    interrupted: new AbortController().signal,
    ...over,
  };
}

/** Address of a port on which nobody listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}
