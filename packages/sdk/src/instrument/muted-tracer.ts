/**
 * Tracers and loggers for instrumentations whose boundary Aode records itself, when an application has set them up in
 * its own code: their spans are nowhere recorded, and do not stand between ours and what happens below them.
 */
import {
  type Context,
  context as contextApi,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { OWN_BOUNDARIES } from './instrumentation.ts';

class MutedSpan implements Span {
  /** What is active without it. */
  readonly parent: Span | undefined;
  readonly #isOutgoing: boolean;

  constructor(parent: Span | undefined, kind: SpanKind | undefined) {
    this.parent = parent;
    this.#isOutgoing = kind === SpanKind.CLIENT;
  }

  /** Invalid for a call, so that no header is written that would keep out that of our own span. */
  spanContext(): SpanContext {
    return this.#isOutgoing ? INVALID_SPAN_CONTEXT : (this.parent?.spanContext() ?? INVALID_SPAN_CONTEXT);
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  recordException(): void {
    // Recorded by ours.
  }

  end(): void {
    // Nothing was begun.
  }
}

/** `active` without muted spans. */
export function unmuted(span: Span | undefined): Span | undefined {
  let at = span;
  while (at instanceof MutedSpan) at = at.parent;
  return at;
}

class MutedTracer implements Tracer {
  startSpan(_: string, options?: SpanOptions, context: Context = contextApi.active()): Span {
    // For a request that arrives the given context is the caller's, and our span is what is active.
    const parent = trace.getSpan(contextApi.active()) ?? trace.getSpan(context);
    return new MutedSpan(unmuted(parent), options?.kind);
  }

  startActiveSpan<F extends (span: Span) => unknown>(...args: readonly unknown[]): ReturnType<F> {
    const fn = args.at(-1) as F;
    const options = args.length > 2 ? (args[1] as SpanOptions) : undefined;
    const span = this.startSpan('', options);
    return contextApi.with(trace.setSpan(contextApi.active(), span), () => fn(span)) as ReturnType<F>;
  }
}

/** `provider`, silent for those that would record a second time what Aode records. */
export function withoutDoubles(provider: TracerProvider): TracerProvider {
  const muted = new MutedTracer();
  return {
    getTracer: (name, version, options) =>
      OWN_BOUNDARIES.has(name) ? muted : provider.getTracer(name, version, options),
  };
}
