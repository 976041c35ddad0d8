/** Tracing inside a test's own process: context and propagation registered with the API, ended spans kept in a list. */
import { type Clock, seededRandom, systemClock } from '@aode/base';
import type { Span } from '@aode/wire';
import { context as contextApi, propagation, trace, type TracerProvider } from '@opentelemetry/api';
import type { LogicalClock } from '../clock/logical-clock.ts';
import { AsyncContext } from '../context/async-context.ts';
import { createPropagator, type Propagator } from '../context/propagator.ts';
import { createLosses, type Losses } from '../losses.ts';
import { PoolReader } from '../pool/pool-reader.ts';
import { BASELINE, PoolWriter } from '../pool/pool-writer.ts';
import { createSampling, type SamplingSettings } from '../sampling/settings.ts';
import { Recorder as TraceRecorder } from '../trace/recorder.ts';
import { createTracerProvider } from '../trace/tracer.ts';

export interface Recorder extends Disposable {
  readonly provider: TracerProvider;
  readonly contexts: AsyncContext;
  readonly losses: Losses;
  readonly propagator: Propagator;
  readonly recorder: TraceRecorder;
  /** Those that are kept, in the order in which they ended. */
  readonly spans: Span[];
  /** Traces that others were asked to keep, and why. */
  readonly asks: (readonly [traceId: string, reason: string])[];
  /** Resolves once `count` spans have ended. */
  ended(count: number): Promise<readonly Span[]>;
}

export interface RecorderOptions {
  readonly propagators?: readonly string[];
  readonly baggageAllow?: readonly string[];
  readonly sampling?: Partial<SamplingSettings>;
  readonly poolBytes?: number;
  readonly placeEvery?: number;
  /** Goes along with requests. */
  readonly logical?: LogicalClock;
}

const PROPAGATORS = ['tracecontext', 'baggage', 'x-trace-id'];

export interface Recording {
  readonly recorder: TraceRecorder;
  readonly spans: Span[];
  readonly asks: Recorder['asks'];
  /** What was done to spans that had ended. */
  readonly misuses: string[];
}

/** A recorder whose pool is read at once. `onRead` is called whenever something may have come. */
export function recordInto(
  clock: Clock,
  { sampling, poolBytes = 1024 * 1024, placeEvery = 0 }: RecorderOptions = {},
  onRead: () => void = () => undefined,
): Recording {
  const spans: Span[] = [];
  const asks: Recorder['asks'] = [];
  const misuses: string[] = [];
  const buffer = new ArrayBuffer(poolBytes);
  const reader = new PoolReader(buffer);
  const pool = new PoolWriter(buffer, () => undefined);
  if (sampling === undefined) {
    // A test that does not ask about sampling sees every span, whatever its caller has decided.
    const begin = pool.begin.bind(pool);
    pool.begin = (words, text, keptFor = BASELINE) => begin(words, text, keptFor);
  }
  const recorder = new TraceRecorder({
    clock,
    random: seededRandom(1),
    pool,
    sampling: createSampling({ probability: 1, tracesPerSecondMin: 0, keep: [], ...sampling }),
    placeEvery,
    misused: (_, how) => void misuses.push(how),
    forgotten: () => undefined,
    wake() {
      pool.sealAll();
      reader.read(Number.MAX_SAFE_INTEGER, {
        span: ({ span }) => void spans.push(span),
        line: () => undefined,
        ask: (traceId, reason) => void asks.push([traceId, reason]),
        taken: () => undefined,
        damaged: (_spans, _lines, why) => {
          throw new Error(why);
        },
      });
      onRead();
    },
  });
  return { recorder, spans, asks, misuses };
}

export function startRecorder(clock: Clock = systemClock, options: RecorderOptions = {}): Recorder {
  const { propagators = PROPAGATORS, baggageAllow = [], logical } = options;
  const contexts = new AsyncContext();
  const losses = createLosses();
  const propagator = createPropagator(propagators, { losses, baggageAllow, logical });
  const waiting = new Set<() => void>();
  const { recorder, spans, asks } = recordInto(clock, options, () => {
    for (const look of waiting) look();
  });
  const provider = createTracerProvider({ recorder, dye: baggageAllow });
  contextApi.setGlobalContextManager(contexts);
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(propagator);
  return {
    provider,
    contexts,
    losses,
    propagator,
    recorder,
    spans,
    asks,
    ended: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (spans.length < count) return;
          waiting.delete(look);
          resolve(spans);
        };
        waiting.add(look);
        look();
      }),
    [Symbol.dispose]() {
      contextApi.disable();
      trace.disable();
      propagation.disable();
      contexts.disable();
    },
  };
}
