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
  type TraceState,
} from '@opentelemetry/api';
import { dyeOf } from '../context/dye.ts';
import { requestOf, type TraceSeed } from '../context/request-context.ts';
import { textOf } from './attribute-value.ts';
import { RecordingSpan, type SpanSink } from './span.ts';

export interface TracerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: SpanSink;
  /** Keys of baggage that each span shows. */
  readonly dye: readonly string[];
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
    const { clock, sink, dye } = this.#parts;
    // The first span of this process; those below it have a parent that is not remote.
    const isFirst = options.root !== true && (parent === undefined || parent.isRemote === true);
    const arrival = isFirst ? requestOf(context)?.arrival : undefined;
    const span = new RecordingSpan(
      {
        name,
        kind: options.kind ?? SpanKind.INTERNAL,
        context: parent === undefined ? this.#newTrace(arrival?.seed) : this.#newChild(parent),
        parent,
        startTime: options.startTime,
        dye: dyeOf(context, dye),
        attributes: options.attributes,
        links: options.links,
        scope: this.#scope,
      },
      clock,
      sink,
    );
    if (arrival !== undefined) span.addLinks(arrival.links);
    return span;
  }

  /** An id that somebody else has given is not known to be random, and its trace state says what stands for that. */
  #newTrace(seed: TraceSeed | undefined): SpanContext {
    const { random } = this.#parts;
    const sampled = seed?.sampled === false ? 0 : TRACE_FLAG.sampled;
    const spanId = newSpanId(random);
    if (seed?.traceId === undefined) {
      return { traceId: newTraceId(random), spanId, traceFlags: sampled | TRACE_FLAG.random };
    }
    return { traceId: seed.traceId, spanId, traceFlags: sampled, ...stateOf(seed) };
  }

  /** A child keeps the flags of its trace. It is recorded in any case, whatever its parent decided for itself. */
  #newChild(parent: SpanContext): SpanContext {
    const { traceId, traceFlags } = parent;
    return { traceId, spanId: newSpanId(this.#parts.random), traceFlags, ...stateOf(parent) };
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

const stateOf = ({
  traceState,
}: {
  readonly traceState?: TraceState | undefined;
}): Pick<SpanContext, 'traceState'> => (traceState === undefined ? {} : { traceState });

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
