/** Tracing inside a test's own process: context and propagation registered with the API, ended spans kept in a list. */
import { type Clock, seededRandom, systemClock } from '@aode/base';
import type { Span } from '@aode/wire';
import { context as contextApi, propagation, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncContext } from '../context/async-context.ts';
import { createPropagator, type Propagator } from '../context/propagator.ts';
import { createLosses, type Losses } from '../losses.ts';
import { createTracerProvider } from '../trace/tracer.ts';

export interface Recorder extends Disposable {
  readonly provider: TracerProvider;
  readonly contexts: AsyncContext;
  readonly losses: Losses;
  readonly propagator: Propagator;
  /** In the order in which they ended. */
  readonly spans: Span[];
  /** Resolves once `count` spans have ended. */
  ended(count: number): Promise<readonly Span[]>;
}

export interface RecorderOptions {
  readonly propagators?: readonly string[];
  readonly baggageAllow?: readonly string[];
}

const PROPAGATORS = ['tracecontext', 'baggage', 'x-trace-id'];

export function startRecorder(clock: Clock = systemClock, options: RecorderOptions = {}): Recorder {
  const { propagators = PROPAGATORS, baggageAllow = [] } = options;
  const contexts = new AsyncContext();
  const losses = createLosses();
  const propagator = createPropagator(propagators, { losses, baggageAllow });
  const spans: Span[] = [];
  const waiting = new Set<() => void>();
  const provider = createTracerProvider({
    clock,
    random: seededRandom(1),
    dye: baggageAllow,
    sink: {
      span(record) {
        spans.push(record);
        for (const look of waiting) look();
      },
    },
  });
  contextApi.setGlobalContextManager(contexts);
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(propagator);
  return {
    provider,
    contexts,
    losses,
    propagator,
    spans,
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
