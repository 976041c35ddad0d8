/**
 * Delivery when the process ends. A natural end waits for the answers; signals are put off by a bounded time and raised
 * again; `process.exit()` and uncaught errors leave no event loop, so a small program of its own delivers what is left
 * while the process waits for it, at most `exitTimeoutMs`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { AodeError, type Diag } from '@aode/base';
import type { Losses } from '../losses.ts';
import type { SdkOptions } from '../options.ts';
import type { Batch, Shipper } from './shipper.ts';

export interface ExitParts {
  readonly shipper: Shipper;
  readonly options: Pick<SdkOptions, 'endpoint' | 'headers' | 'exitTimeoutMs'>;
  readonly losses: Losses;
  readonly diag: Diag;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Lies beside this file, as source or built. */
const SENDER = import.meta.url.replace(/exit-flush\.(ts|js)$/, 'exit-sender.$1');

/** Listens until disposed of. */
export function flushAtExit(parts: ExitParts): Disposable {
  const { shipper, options } = parts;
  let tried = false;
  const onBeforeExit = (): void => {
    // Sockets of the requests keep the process alive until they are answered; then this event comes once more.
    if (shipper.isEmpty || tried) return;
    tried = true;
    void shipper.flush(options.exitTimeoutMs);
  };
  const onExit = (): void => sendNow(parts);
  const onSignal = (signal: NodeJS.Signals): void => {
    // Somebody else handles the signal, and decides whether and when the process ends.
    if (process.listenerCount(signal) > 1) return;
    void shipper.flush(options.exitTimeoutMs).finally(() => {
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

function sendNow({ shipper, options, losses, diag }: ExitParts): void {
  const batches = shipper.takeAll();
  if (batches.length === 0) return;
  const undelivered = send(batches, options);
  if (undelivered === 0) return;
  const lost = batches.reduce((sum, { count }) => sum + count, 0);
  losses.add('exit_timeout', lost);
  diag.warn(
    new AodeError('AODE_EXPORT_FAILED', { reason: 'exit_timeout', lost, endpoint: options.endpoint }),
  );
}

/** How many batches were not delivered, as far as is known. */
function send(batches: readonly Batch[], options: ExitParts['options']): number {
  const { endpoint, headers, exitTimeoutMs } = options;
  const order = {
    endpoint,
    headers,
    timeoutMs: exitTimeoutMs,
    batches: batches.map(({ signal, body }) => ({ signal, bytes: body.byteLength })),
  };
  const input = Buffer.concat([
    Buffer.from(`${JSON.stringify(order)}\n`),
    ...batches.map(({ body }) => body),
  ]);
  const result = spawnSync(process.execPath, [fileURLToPath(SENDER)], {
    input,
    timeout: exitTimeoutMs,
    killSignal: 'SIGKILL',
    // Nothing of the application's: its NODE_OPTIONS would load the SDK into the sender.
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return result.status ?? batches.length;
}
