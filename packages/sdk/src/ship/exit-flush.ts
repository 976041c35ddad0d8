/**
 * Delivery when the process ends. A natural end waits for the answers; signals are put off by a bounded time and raised
 * again; `process.exit()` and uncaught errors leave no event loop, so a small program of its own delivers what is left
 * while the process waits for it, at most `exitTimeoutMs`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { AodeError, type Clock, type Diag, elapsedMs } from '@aode/base';
import type { Poster } from '@aode/journal';
import { redactUrl } from '../boundary/redact.ts';
import { environment } from '../env.ts';
import type { Losses } from '../losses.ts';
import type { SdkOptions } from '../options.ts';
import type { Batch, Shipper } from './shipper.ts';

export interface ExitParts {
  readonly shipper: Shipper;
  readonly poster: Poster;
  readonly options: Pick<SdkOptions, 'endpoint' | 'headers' | 'exitTimeoutMs'>;
  readonly clock: Clock;
  readonly losses: Losses;
  readonly diag: Diag;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Lies beside this file, as source or built. */
const SENDER = import.meta.url.replace(/exit-flush\.(ts|js)$/, 'exit-sender.$1');

/** Listens until disposed of. */
export function flushAtExit(parts: ExitParts): Disposable {
  const { shipper, poster, options, clock } = parts;
  /** What is left of `exitTimeoutMs`: an attempt that fails and the next one share it. */
  let leftMs = options.exitTimeoutMs;
  const flush = async (): Promise<void> => {
    const start = clock.mono();
    poster.keepAlive(true);
    const isDelivered = await shipper.flush(leftMs);
    poster.keepAlive(false);
    leftMs = isDelivered ? options.exitTimeoutMs : leftMs - elapsedMs(start, clock.mono());
  };
  const onBeforeExit = (): void => {
    // Requests keep the process alive until they are answered; then this event comes once more.
    if (!shipper.isEmpty && leftMs === options.exitTimeoutMs) void flush();
  };
  const onExit = (): void => sendNow(parts, leftMs);
  const onSignal = (signal: NodeJS.Signals): void => {
    // Somebody else handles the signal, and decides whether and when the process ends.
    if (process.listenerCount(signal) > 1) return;
    void flush().finally(() => {
      // This end has no `exit` event.
      giveUp(parts, shipper.takeAll());
      process.off(signal, onSignal);
      process.kill(process.pid, signal);
    });
  };
  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  // Worker threads get no signals.
  const signals = isMainThread ? SIGNALS : [];
  for (const signal of signals) process.on(signal, onSignal);
  return {
    [Symbol.dispose]() {
      process.off('beforeExit', onBeforeExit);
      process.off('exit', onExit);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

function sendNow(parts: ExitParts, leftMs: number): void {
  const batches = parts.shipper.takeAll();
  if (batches.length === 0) return;
  const delivered = leftMs < 1 ? new Set<number>() : send(batches, parts.options, leftMs);
  giveUp(
    parts,
    batches.filter((_, i) => !delivered.has(i)),
  );
}

/** The last word about these: counted and said. */
function giveUp({ options, losses, diag }: ExitParts, batches: readonly Batch[]): void {
  const lost = batches.reduce((sum, { count }) => sum + count, 0);
  if (lost === 0) return;
  losses.add('exit_timeout', lost);
  const endpoint = redactUrl(new URL(options.endpoint));
  diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'exit_timeout', lost, endpoint }));
}

/** Indices of the batches that were delivered, as far as is known. */
function send(batches: readonly Batch[], options: ExitParts['options'], timeoutMs: number): Set<number> {
  const { endpoint, headers } = options;
  const order = {
    endpoint,
    headers,
    timeoutMs,
    batches: batches.map(({ signal, body }) => ({ signal, bytes: body.byteLength })),
  };
  const input = Buffer.concat([
    Buffer.from(`${JSON.stringify(order)}\n`),
    ...batches.map(({ body }) => body),
  ]);
  try {
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(SENDER)], {
      input,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      // The application's NODE_OPTIONS would load the SDK into the sender; its certificates are needed.
      env: { ...environment(), NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return new Set(stdout.toString().split('\n').filter(Boolean).map(Number));
  } catch {
    return new Set(); // No process may be started here, or there is no memory for one.
  }
}
