/** Tracing inside a test's own process: context and propagation registered with the API, ended spans kept in a list. */
import { type Clock, seededRandom, systemClock } from '@aode/base';
import type { Span } from '@aode/wire';
import { context as contextApi, propagation, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncContext } from '../context/async-context.ts';
import { createBaggagePropagator, joinPropagators } from '../context/baggage-propagator.ts';
import { createTraceContextPropagator } from '../context/propagator.ts';
import { createLosses, type Losses } from '../losses.ts';
import { createTracerProvider } from '../trace/tracer.ts';

export interface Recorder extends Disposable {
  readonly provider: TracerProvider;
  readonly contexts: AsyncContext;
  readonly losses: Losses;
  /** In the order in which they ended. */
  readonly spans: Span[];
  /** Resolves once `count` spans have ended. */
  ended(count: number): Promise<readonly Span[]>;
}

export function startRecorder(clock: Clock = systemClock): Recorder {
  const contexts = new AsyncContext();
  const losses = createLosses();
  const spans: Span[] = [];
  const waiting = new Set<() => void>();
  const provider = createTracerProvider({
    clock,
    random: seededRandom(1),
    sink: {
      span(record) {
        spans.push(record);
        for (const look of waiting) look();
      },
    },
  });
  contextApi.setGlobalContextManager(contexts);
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(
    joinPropagators([createTraceContextPropagator(losses), createBaggagePropagator()]),
  );
  return {
    provider,
    contexts,
    losses,
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
