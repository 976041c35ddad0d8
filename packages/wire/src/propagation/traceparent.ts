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
const BYTE = /^[0-9a-f]{2}$/;
const DASH = 0x2d;
/** Of version 00; of a higher one the least. */
const CHARS = 55;

/** Undefined when the header is not valid: the caller then counts it and begins a new trace. */
export function parseTraceparent(header: string): RemoteParent | undefined {
  if (header.length < CHARS || !hasDash(header, 2) || !hasDash(header, 35) || !hasDash(header, 52)) {
    return undefined;
  }
  const version = header.slice(0, 2);
  if (!BYTE.test(version) || version === 'ff') return undefined;
  if (header.length > CHARS && (version === '00' || !hasDash(header, CHARS))) return undefined;
  const traceId = header.slice(3, 35);
  const spanId = header.slice(36, 52);
  const flags = header.slice(53, CHARS);
  if (!isTraceId(traceId) || !isSpanId(spanId) || !BYTE.test(flags)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

const hasDash = (header: string, at: number): boolean => header.charCodeAt(at) === DASH;

/** Always version 00. */
export function formatTraceparent({ traceId, spanId, flags }: RemoteParent): string {
  return `00-${traceId}-${spanId}-${(flags & KNOWN_FLAGS).toString(16).padStart(2, '0')}`;
}
