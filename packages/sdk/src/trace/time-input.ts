/** The times that OpenTelemetry's API takes, as nanoseconds since 1970. */
import { type Clock, type UnixNs, unixNs, unixNsOfMs } from '@aode/base';
import type { TimeInput } from '@opentelemetry/api';

/** What fits a signed 64-bit integer, as stores keep it: until the year 2262. */
const NS_MAX = 2n ** 63n - 1n;
/** Milliseconds beyond `NS_MAX`; below it a number can be turned into nanoseconds without an overflow. */
const MS_MAX = 1e13;

/** Whether an argument that may be attributes or a time is a time. */
export function isTimeInput(value: unknown): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || (Array.isArray(value) && value.length === 2);
}

/** Milliseconds since 1970, `performance.now()`, seconds and nanoseconds, or a Date; now for none and for nonsense. */
export function timeOf(input: unknown, clock: Clock): UnixNs {
  const ns = isTimeInput(input) ? nsOf(input) : undefined;
  return ns === undefined || ns < 0n || ns > NS_MAX ? clock.now() : unixNs(ns);
}

function nsOf(input: TimeInput): bigint | undefined {
  if (Array.isArray(input)) {
    const [seconds, nanos] = input;
    if (!Number.isFinite(seconds) || !Number.isFinite(nanos)) return undefined;
    return BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.round(nanos));
  }
  const ms = typeof input === 'number' ? input : input.getTime();
  if (!(Math.abs(ms) < MS_MAX)) return undefined;
  // A number below the process's start is `performance.now()`, counted from there.
  const isRelative = typeof input === 'number' && ms < performance.timeOrigin;
  return unixNsOfMs(isRelative ? performance.timeOrigin + ms : ms);
}
