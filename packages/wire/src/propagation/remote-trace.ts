/** What the formats other than W3C's say of a caller, in one shape; and the pieces of which they are all made. */
import { isSpanId, isTraceId, type SpanId, type TraceId } from '@aode/base';

export interface RemoteTrace {
  /** Undefined where only a decision was sent: the trace begins here. */
  readonly traceId: TraceId | undefined;
  /** Undefined where only the trace is named: what begins here is its root. */
  readonly spanId: SpanId | undefined;
  /** The caller's decision; undefined when it leaves that to who receives it. */
  readonly sampled: boolean | undefined;
  /** Somebody has asked for this very trace. Implies `sampled`. */
  readonly debug: boolean;
}

/** Lower-case hex of any length up to 32 digits, padded to the left; undefined when it is none, or zero. */
export function traceIdOf(hex: string): TraceId | undefined {
  const padded = hex.padStart(32, '0');
  return isTraceId(padded) ? padded : undefined;
}

/** The same for the 16 digits of a span id. */
export function spanIdOf(hex: string): SpanId | undefined {
  const padded = hex.padStart(16, '0');
  return isSpanId(padded) ? padded : undefined;
}

/** Without the blanks that HTTP allows around a value. A loop: a pattern would look at long runs again and again. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
