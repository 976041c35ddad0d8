/** The times that OpenTelemetry's API takes, as nanoseconds since 1970. */
import { type UnixNs, unixNs, unixNsOfMs } from '@aode/base';
import type { TimeInput } from '@opentelemetry/api';

/** What fits a signed 64-bit integer, as stores keep it: until the year 2262. */
const NS_MAX = 2n ** 63n - 1n;
/** Milliseconds beyond `NS_MAX`; below it a number can be turned into nanoseconds without an overflow. */
const MS_MAX = 1e13;

/**
 * A number below this is `performance.now()`, counted from the start of the process: three years of uptime, and as
 * milliseconds since 1970 the spring of 1973. A moment before the start of the process, when a job was queued for
 * instance, is no such number.
 */
const UPTIME_MS_MAX = 1e11;

/** Whether an argument that may be attributes or a time is a time. */
export function isTimeInput(value: unknown): value is TimeInput {
  if (typeof value === 'number') return true;
  if (typeof value !== 'object') return false;
  try {
    return value instanceof Date || (Array.isArray(value) && value.length === 2);
  } catch {
    return false; // A proxy has thrown.
  }
}

/** Milliseconds since 1970, `performance.now()`, seconds and nanoseconds, or a Date; now for none and for nonsense. */
export function timeOf(input: unknown, clock: { now(): UnixNs }): UnixNs {
  const ns = isTimeInput(input) ? nsOf(input) : undefined;
  return ns === undefined || ns < 0n || ns > NS_MAX ? clock.now() : unixNs(ns);
}

/** A Date may be of a class of the application's own, and anything a proxy. */
function nsOf(input: TimeInput): bigint | undefined {
  try {
    return readNs(input);
  } catch {
    return undefined;
  }
}

function readNs(input: TimeInput): bigint | undefined {
  if (Array.isArray(input)) {
    const [seconds, nanos] = input;
    if (!Number.isFinite(seconds) || !Number.isFinite(nanos)) return undefined;
    return BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.round(nanos));
  }
  const ms = typeof input === 'number' ? input : input.getTime();
  if (!(Math.abs(ms) < MS_MAX)) return undefined;
  const isRelative = typeof input === 'number' && ms < UPTIME_MS_MAX;
  return unixNsOfMs(isRelative ? performance.timeOrigin + ms : ms);
}
