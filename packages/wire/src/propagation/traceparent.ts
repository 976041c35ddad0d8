/**
 * The `traceparent` header of W3C Trace Context, level 2:
 *
 *   version "-" trace-id "-" parent-id "-" trace-flags       2, 32, 16 and 2 lower-case hex digits
 *
 * A higher version than 00 is read as far as it looks like 00 (§ 4.3) and may go on after another "-"; `ff` is invalid.
 */
import { isSpanId, isTraceId, type SpanId, type TraceId } from '@aode/base';

/** What a caller says of itself. */
export interface RemoteParent {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** Only the flags that version 00 of level 2 knows; the rest must not be passed on. */
  readonly flags: number;
}

export const TRACE_FLAG = { sampled: 0x01, random: 0x02 } as const;

const KNOWN_FLAGS: number = TRACE_FLAG.sampled | TRACE_FLAG.random;
const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined when the header is not valid: the caller then counts it and begins a new trace. */
export function parseTraceparent(header: string): RemoteParent | undefined {
  const match = SHAPE.exec(header);
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

/** Always version 00. */
export function formatTraceparent({ traceId, spanId, flags }: RemoteParent): string {
  return `00-${traceId}-${spanId}-${(flags & KNOWN_FLAGS).toString(16).padStart(2, '0')}`;
}
