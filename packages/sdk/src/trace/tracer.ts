/** Makes spans for every user of `@opentelemetry/api`. Every span is recorded; what is kept is decided elsewhere. */
import type { Scope } from '@aode/wire';
import {
  type Context,
  context as contextApi,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { stampSpan } from '../clock/span-stamp.ts';
import { dyeOf } from '../context/dye.ts';
import { type Arrival, requestOf } from '../context/request-context.ts';
import { unmuted } from '../instrument/muted-tracer.ts';
import { textOf } from './attribute-value.ts';
import type { LostContexts } from './lost-context.ts';
import type { Recorder, SpanPlace } from './recorder.ts';
import { LOCAL_PARENT, RecordingSpan, type SpanMaker } from './span.ts';
import { spanWords } from './span-identity.ts';
import { remoteFlags } from './span-link.ts';

export interface TracerParts {
  readonly recorder: Recorder;
  /** Keys of baggage that each span shows. */
  readonly dye: readonly string[];
  /** Told of spans that begin a trace. */
  readonly lost?: LostContexts;
}

const NO_OPTIONS: SpanOptions = Object.freeze({});

/** Tracers are kept by name and version; names made up by the thousand must not fill the memory. */
const TRACERS_MAX = 1000;

const NO_PARENT = { hi: 0, lo: 0 };

type Work<F> = F extends (span: Span) => infer R ? R : never;

class RecordingTracer implements Tracer {
  readonly #maker: SpanMaker;
  readonly #parts: TracerParts;

  constructor(scope: Scope, parts: TracerParts) {
    this.#maker = { scope, sink: parts.recorder };
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
    const { recorder, dye } = this.#parts;
    // Read before a span begins: it would be left open when one of them throws.
    const { attributes, links } = options;
    const found = options.root === true ? undefined : trace.getSpan(context);
    const active = found instanceof RecordingSpan ? found : unmuted(found);
    let span: RecordingSpan;
    if (active instanceof RecordingSpan) {
      // Of the same process: it shares the decision of its parent.
      span = new RecordingSpan(name, options, active, this.#maker);
    } else {
      const above = active?.spanContext();
      const parent = above !== undefined && isSpanContextValid(above) ? above : undefined;
      const arrival = options.root === true ? undefined : requestOf(context)?.arrival;
      span = this.#first(parent, arrival, name, options);
      this.#arrived(span, parent, arrival, options);
      const baggage = propagation.getBaggage(context);
      if (baggage !== undefined) recorder.begun(span, baggage);
    }
    if (dye.length > 0) {
      const values = dyeOf(context, dye);
      // The application's own may overwrite them.
      if (values !== undefined) span.setAttributes(values);
    }
    if (attributes !== undefined) span.setAttributes(attributes);
    if (links !== undefined) span.addLinks(links);
    return span;
  }

  #arrived(
    span: RecordingSpan,
    parent: SpanContext | undefined,
    arrival: Arrival | undefined,
    { root }: SpanOptions,
  ): void {
    if (arrival !== undefined) {
      span.addLinks(arrival.links);
      if (arrival.stamp !== undefined) stampSpan(span, arrival.stamp);
    } else if (parent === undefined && root !== true) this.#parts.lost?.began(span);
  }

  /** The first of this process, or below one that somebody else has made. */
  #first(
    parent: SpanContext | undefined,
    arrival: Arrival | undefined,
    name: string,
    options: SpanOptions,
  ): RecordingSpan {
    const { recorder } = this.#parts;
    const isUndecided = arrival?.isUndecided === true;
    const place = parent === undefined ? recorder.root(arrival?.seed) : this.#under(parent, isUndecided);
    const id = parent === undefined ? NO_PARENT : spanWords(parent.spanId);
    const above = {
      trace: place.trace,
      traceFlags: place.traceFlags,
      traceState: place.traceState,
      idHi: id.hi,
      idLo: id.lo,
      parentFlags: parent === undefined ? LOCAL_PARENT : remoteFlags(parent),
    };
    return new RecordingSpan(name, options, above, this.#maker);
  }

  /** A trace state is of whoever made it; one that throws is left out. */
  #under(parent: SpanContext, isUndecided: boolean): SpanPlace {
    const { recorder } = this.#parts;
    try {
      return recorder.under(parent, isUndecided);
    } catch {
      const { traceId, spanId, traceFlags, isRemote } = parent;
      return recorder.under({ traceId, spanId, traceFlags, isRemote: isRemote === true }, isUndecided);
    }
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
