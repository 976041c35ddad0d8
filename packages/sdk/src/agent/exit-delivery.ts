/**
 * Delivery when the process or the thread ends. What is open is ended as incomplete, and the thread waits for the
 * agent, at most `exitTimeoutMs` in all. Exit codes and signals stay what they were (exit-signals.ts).
 */
import { isMainThread } from 'node:worker_threads';
import { AodeError, type Clock, type Diag } from '@aode/base';
import { context as contextApi, SpanStatusCode, trace } from '@opentelemetry/api';
import { unwoundContext } from '../context/unwound-context.ts';
import { lostOf } from '../loss/ledger.ts';
import type { SdkOptions } from '../options.ts';
import type { Recorder } from '../trace/recorder.ts';
import { RecordingSpan } from '../trace/span.ts';
import { endAllOpen } from '../trace/unfinished.ts';
import type { Engine } from './engine.ts';
import { atLastOfExit } from './exit-last.ts';
import { listenToSignals } from './exit-signals.ts';
import { shownEndpoints } from './ship-options.ts';

export interface ExitParts {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly options: SdkOptions;
  readonly clock: Clock;
  readonly diag: Diag;
  /** Told before what is open is ended. Must not throw. */
  readonly ending?: () => void;
}

/** Listens until disposed of. */
export function deliverAtExit(parts: ExitParts): Disposable {
  const { engine, recorder, options, clock } = parts;
  /** What is left of `exitTimeoutMs`: a signal and the exit that follows share it. */
  let leftMs = options.exitTimeoutMs;
  const deliver = (): void => {
    const start = clock.ticks();
    parts.ending?.();
    endAllOpen(recorder, 'exit');
    const gaveUp = givenUp(engine);
    const delivery = engine.flushAndWait(leftMs);
    leftMs = Math.max(0, leftMs - (clock.ticks() - start));
    if (delivery !== 'delivered') sayRest(parts, delivery, givenUp(engine) - gaveUp);
  };
  engine.beforeEnd = () => void endAllOpen(recorder, 'exit');
  const last = atLastOfExit(deliver);
  process.on('uncaughtExceptionMonitor', noteException);
  // Worker threads get no signals.
  const signals = isMainThread ? listenToSignals(deliver) : undefined;
  return {
    [Symbol.dispose]() {
      last[Symbol.dispose]();
      process.off('uncaughtExceptionMonitor', noteException);
      signals?.[Symbol.dispose]();
    },
  };
}

/** The span that was active when nobody caught it. Whether the process ends is for others to say. */
function noteException(error: unknown): void {
  const span = trace.getSpan(unwoundContext() ?? contextApi.active());
  if (!(span instanceof RecordingSpan)) return;
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: error instanceof Error ? error.message : String(error),
  });
  span.fail('exception');
}

/** By the agent of this thread, which has nobody to leave it to. */
const givenUp = (engine: Engine): number => lostOf(engine.ledger()).exit_timeout ?? 0;

/**
 * The last word about what was not delivered: how much, and where to. Of a disk that is full a part is on it. So many
 * have been counted as lost already.
 */
function sayRest({ engine, options, diag }: ExitParts, delivery: 'stored' | 'lost', gaveUp: number): void {
  const { spans, lines } = engine.ledger();
  const all = spans.waiting + lines.waiting;
  const waiting = delivery === 'stored' ? all : Math.min(all, engine.storedCount());
  const lost = all - waiting + gaveUp;
  const endpoint = shownEndpoints(options);
  if (waiting > 0) diag.warn(new AodeError('AODE_EXPORT_WAITING', { waiting, endpoint }));
  if (lost > 0) diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'exit_timeout', lost, endpoint }));
}
