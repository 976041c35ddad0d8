/**
 * Numbers with a meaning. A brand stops a `MonoNs` from being handed over as a `UnixNs`; it does not stop `a - b`
 * (arithmetic erases it), so each legal operation is a function here and the result gets its own brand.
 */
import type { Brand } from './brand.ts';

/** Wall clock, nanoseconds since 1970-01-01T00:00Z. May jump: never subtract two of these to get a duration. */
export type UnixNs = Brand<bigint, 'UnixNs'>;
/** Monotonic clock, nanoseconds since an arbitrary start. Never leaves the process. */
export type MonoNs = Brand<bigint, 'MonoNs'>;
/** Length of time in milliseconds, with fractions. */
export type DurationMs = Brand<number, 'DurationMs'>;
/** Size in bytes, a whole number. */
export type Bytes = Brand<number, 'Bytes'>;

/** Mints a `UnixNs` from nanoseconds since 1970. */
export const unixNs = (n: bigint): UnixNs => n as UnixNs;
/** Mints a `MonoNs` from nanoseconds of the monotonic clock. */
export const monoNs = (n: bigint): MonoNs => n as MonoNs;
/** Mints a `DurationMs` from milliseconds. */
export const durationMs = (n: number): DurationMs => n as DurationMs;
/** Mints a `Bytes` from a count of bytes. */
export const bytes = (n: number): Bytes => n as Bytes;

/** Milliseconds from `from` to `to`, read on the same monotonic clock. */
export function elapsedMs(from: MonoNs, to: MonoNs): DurationMs {
  return durationMs(Number(to - from) / 1e6);
}

/** Nanoseconds since 1970 as whole milliseconds, the resolution of `Date`. */
export function unixMs(at: UnixNs): number {
  return Number(at / 1_000_000n);
}

/** Milliseconds since 1970, with fractions down to a microsecond, as nanoseconds. */
export function unixNsOfMs(ms: number): UnixNs {
  return (BigInt(Math.round(ms * 1000)) * 1000n) as UnixNs;
}
