/** Arbitrary remote traces, and texts that are nearly headers. */
import { isSpanId, isTraceId, type SpanId, spanId, type TraceId, traceId } from '@aode/base';
import fc from 'fast-check';
import type { RemoteTrace } from '../propagation/remote-trace.ts';

export const TRACE: TraceId = traceId('0af7651916cd43dd8448eb211c80319c');
export const SPAN: SpanId = spanId('b7ad6b7169203331');

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: digits, maxLength: digits });

export const anyTraceId: fc.Arbitrary<TraceId> = hex(32).filter(isTraceId);
export const anySpanId: fc.Arbitrary<SpanId> = hex(16).filter(isSpanId);

const anyDecision: fc.Arbitrary<Pick<RemoteTrace, 'sampled' | 'debug'>> = fc.constantFrom(
  { sampled: undefined, debug: false },
  { sampled: false, debug: false },
  { sampled: true, debug: false },
  { sampled: true, debug: true },
);

/** With both ids. */
export const anyTrace: fc.Arbitrary<RemoteTrace> = fc
  .tuple(anyTraceId, anySpanId, anyDecision)
  .map(([trace, span, decision]) => ({ traceId: trace, spanId: span, ...decision }));
