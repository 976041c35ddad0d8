/** Makes spans for every user of `@opentelemetry/api`. Every span is recorded; what is kept is decided elsewhere. */
import { type Clock, newSpanId, newTraceId, type Random } from '@aode/base';
import { type Scope, TRACE_FLAG } from '@aode/wire';
import {
  type Context,
  context as contextApi,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { RecordingSpan, type SpanSink } from './span.ts';

export interface TracerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: SpanSink;
}

type Work<F> = F extends (span: Span) => infer R ? R : never;

class RecordingTracer implements Tracer {
  readonly #scope: Scope;
  readonly #parts: TracerParts;

  constructor(scope: Scope, parts: TracerParts) {
    this.#scope = scope;
    this.#parts = parts;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextApi.active()): Span {
    const above = options.root === true ? undefined : trace.getSpanContext(context);
    const parent = above !== undefined && isSpanContextValid(above) ? above : undefined;
    const { clock, sink } = this.#parts;
    return new RecordingSpan(
      {
        name,
        kind: options.kind ?? SpanKind.INTERNAL,
        context: this.#newContext(parent),
        parent,
        startTime: options.startTime,
        attributes: options.attributes,
        links: options.links,
        scope: this.#scope,
      },
      clock,
      sink,
    );
  }

  /** A child keeps its trace's random flag; it is always sampled here, whatever its parent decided for itself. */
  #newContext(parent: SpanContext | undefined): SpanContext {
    const { random } = this.#parts;
    if (parent === undefined) {
      const traceFlags = TRACE_FLAG.sampled | TRACE_FLAG.random;
      return { traceId: newTraceId(random), spanId: newSpanId(random), traceFlags };
    }
    return {
      traceId: parent.traceId,
      spanId: newSpanId(random),
      traceFlags: parent.traceFlags | TRACE_FLAG.sampled,
      ...(parent.traceState === undefined ? {} : { traceState: parent.traceState }),
    };
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): Work<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, fn: F): Work<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): Work<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: readonly unknown[]): Work<F> {
    const fn = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const context = rest.length > 2 ? (rest[1] as Context) : contextApi.active();
    const span = this.startSpan(name, options, context);
    return contextApi.with(trace.setSpan(context, span), () => fn(span)) as Work<F>;
  }
}

export function createTracerProvider(parts: TracerParts): TracerProvider {
  const tracers = new Map<string, Tracer>();
  return {
    getTracer(name, version = '') {
      const key = `${name}@${version}`;
      let tracer = tracers.get(key);
      if (tracer === undefined) {
        const scope: Scope = { name, version, attributes: [], droppedAttributesCount: 0 };
        tracers.set(key, (tracer = new RecordingTracer(scope, parts)));
      }
      return tracer;
    },
  };
}
