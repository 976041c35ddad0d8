/**
 * Trace and span ids in their text form: lower-case hex, 32 and 16 digits, never all zero (W3C Trace Context §3.2.2).
 */
import type { Brand } from './brand.ts';
import { AodeError } from './errors.ts';
import type { Random } from './random.ts';

/** 32 lower-case hex digits, not all zero. */
export type TraceId = Brand<string, 'TraceId'>;
/** 16 lower-case hex digits, not all zero. */
export type SpanId = Brand<string, 'SpanId'>;

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

/** Whether `text` is a valid trace id as it stands. */
export function isTraceId(text: string): text is TraceId {
  return TRACE_ID.test(text);
}

/** Whether `text` is a valid span id as it stands. */
export function isSpanId(text: string): text is SpanId {
  return SPAN_ID.test(text);
}

/** Checks and brands. Throws `AODE_TRACE_ID_INVALID`. */
export function traceId(text: string): TraceId {
  if (!isTraceId(text)) throw new AodeError('AODE_TRACE_ID_INVALID', { text });
  return text;
}

/** Checks and brands. Throws `AODE_SPAN_ID_INVALID`. */
export function spanId(text: string): SpanId {
  if (!isSpanId(text)) throw new AodeError('AODE_SPAN_ID_INVALID', { text });
  return text;
}

/** A new random trace id: all 128 bits are random, so W3C level 2's random flag may be set for it. */
export function newTraceId(random: Random): TraceId {
  let text = '';
  do text = hex8(random.next()) + hex8(random.next()) + hex8(random.next()) + hex8(random.next());
  while (!isTraceId(text));
  return text;
}

/** A new random span id. */
export function newSpanId(random: Random): SpanId {
  let text = '';
  do text = hex8(random.next()) + hex8(random.next());
  while (!isSpanId(text));
  return text;
}

const hex8 = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
