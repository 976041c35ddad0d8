/**
 * Spans of the application's own code that cannot be left open: for the length of a call, or of a block. Through the
 * API, so that without a running SDK they cost a call and change nothing.
 */
import { type Span, type SpanOptions, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { SDK_VERSION } from '../version.ts';

/**
 * Runs `work` in a span, which is active meanwhile and ends with it: when it returns or throws, or when the promise
 * that it returns settles. What it throws is recorded on the span and thrown on.
 */
export function withSpan<T>(name: string, work: (span: Span) => T, options: SpanOptions = {}): T {
  return tracer().startActiveSpan(name, options, (span) => {
    let isGoingOn = false;
    try {
      const result = work(span);
      if (!(result instanceof Promise)) return result;
      isGoingOn = true;
      return endWith(result, span) as T;
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      if (!isGoingOn) span.end();
    }
  });
}

/**
 * A span for a block, by `using span = openSpan('…')`, which Node.js knows from 24 on. It ends with the block; it is
 * not active, because a block cannot be entered and left by every await within it.
 */
export function openSpan(name: string, options: SpanOptions = {}): Span & Disposable {
  const span = tracer().startSpan(name, options);
  return Object.assign(span, {
    [Symbol.dispose](): void {
      if (span.isRecording()) span.end();
    },
  });
}

const tracer = (): Tracer => trace.getTracer('@aode/sdk', SDK_VERSION);

async function endWith(result: Promise<unknown>, span: Span): Promise<unknown> {
  try {
    return await result;
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function fail(span: Span, error: unknown): void {
  span.recordException(error as Error);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
