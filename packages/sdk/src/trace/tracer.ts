/** Makes spans for every user of `@opentelemetry/api`. Every span is recorded; what is kept is decided elsewhere. */
import { type Clock, newSpanId, newTraceId, type Random } from '@aode/base';
import { type Scope, TRACE_FLAG } from '@aode/wire';
import {
  type Context,
  context as contextApi,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { textOf } from './attribute-value.ts';
import { RecordingSpan, type SpanSink } from './span.ts';

export interface TracerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: SpanSink;
}

const NO_OPTIONS: SpanOptions = Object.freeze({});

/** Tracers are kept by name and version; names made up by the thousand must not fill the memory. */
const TRACERS_MAX = 1000;

type Work<F> = F extends (span: Span) => infer R ? R : never;

class RecordingTracer implements Tracer {
  readonly #scope: Scope;
  readonly #parts: TracerParts;

  constructor(scope: Scope, parts: TracerParts) {
    this.#scope = scope;
    this.#parts = parts;
  }

  /** Does not throw: a call that cannot be made sense of begins a root span of that name. */
  startSpan(name: string, options: SpanOptions = NO_OPTIONS, context: Context = contextApi.active()): Span {
    try {
      return this.#start(name, options, context);
    } catch {
      return this.#start(name, NO_OPTIONS, ROOT_CONTEXT);
    }
  }

  #start(name: string, options: SpanOptions, context: Context): Span {
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
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : NO_OPTIONS;
    const context = (rest.length > 2 ? (rest[1] as Context | undefined) : undefined) ?? contextApi.active();
    const span = this.startSpan(name, options, context);
    return contextApi.with(trace.setSpan(context, span), () => fn(span)) as Work<F>;
  }
}

export function createTracerProvider(parts: TracerParts): TracerProvider {
  const tracers = new Map<string, Tracer>();
  return {
    getTracer(givenName, givenVersion) {
      const name = textOf(givenName);
      const version = textOf(givenVersion);
      const key = `${name}@${version}`;
      const known = tracers.get(key);
      if (known !== undefined) return known;
      const tracer = new RecordingTracer({ name, version, attributes: [], droppedAttributesCount: 0 }, parts);
      if (tracers.size < TRACERS_MAX) tracers.set(key, tracer);
      return tracer;
    },
  };
}
