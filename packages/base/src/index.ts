export { assert, InvariantError, unreachable } from './assert.ts';
export { backoff, type BackoffOptions } from './backoff.ts';
export { boundedQueue, type BoundedQueue, type QueueLimits } from './bounded-queue.ts';
export { type Brand } from './brand.ts';
export { type ByteReader, byteReader } from './byte-reader.ts';
export { type ByteWriter, byteWriter } from './byte-writer.ts';
export { type Clock, systemClock } from './clock.ts';
export { withCoarseTimers } from './coarse-timers.ts';
export { createDiag, type Diag } from './diag.ts';
export { AODE_ERRORS, AodeError, type AodeErrorCode, errorLine, isAodeError, visible } from './errors.ts';
export {
  isSpanId,
  isTraceId,
  newSpanId,
  newTraceId,
  type SpanId,
  spanId,
  type TraceId,
  traceId,
} from './ids.ts';
export { REQUEST_BYTES_MAX, VALUE_DEPTH_MAX } from './limits.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export { type Bytes, bytes, type DurationMs, durationMs, elapsedMs, type MonoNs, monoNs } from './units.ts';
export { type UnixNs, unixMs, unixNs, unixNsOfMs } from './units.ts';
