/**
 * A hybrid logical clock (Kulkarni et al., Logical Physical Clocks, 2014): 48 bits of milliseconds since 1970 and 16 of
 * a counter in one number, so that what is caused has a larger number than its cause, whatever the clocks of the two
 * processes say. Pure; the cell that all threads share is in logical-clock.ts.
 *
 * One number does what the paper does with two: the next event within a millisecond adds one, and a counter that is
 * full borrows the next millisecond. A number is ahead of the clocks that it was made from by no more than that.
 */

const COUNTER_BITS = 16n;

/** Beyond 48 bits of milliseconds there is no time to tell. */
export const LOGICAL_MAX: bigint = (1n << 64n) - 1n;

export const logicalOfMs = (ms: number): bigint => BigInt(Math.floor(ms)) << COUNTER_BITS;
export const msOfLogical = (logical: bigint): number => Number(logical >> COUNTER_BITS);

/** The number of an event of this process, at `nowMs` of its clock, when `last` was the one before. */
export function nextEvent(last: bigint, nowMs: number): bigint {
  const now = logicalOfMs(nowMs);
  return now > last ? now : last + 1n;
}

/** What came from elsewhere, and what is known of the clocks of both sides. */
export interface Arrived {
  readonly remote: bigint;
  readonly nowMs: number;
  /** How far the other may be ahead: what is allowed, and the error bounds of both. */
  readonly aheadMsMax: number;
}

export interface ReceivedEvent {
  readonly logical: bigint;
  /** By how much the other is ahead, when that is too far to follow. */
  readonly refusedMs: number | undefined;
}

/** The number of an event that one of another process has caused. A clock that is too far ahead is not followed. */
export function receivedEvent(last: bigint, { remote, nowMs, aheadMsMax }: Arrived): ReceivedEvent {
  const aheadMs = msOfLogical(remote) - nowMs;
  if (aheadMs > aheadMsMax) return { logical: nextEvent(last, nowMs), refusedMs: aheadMs };
  return { logical: nextEvent(remote > last ? remote : last, nowMs), refusedMs: undefined };
}

const LOGICAL_TEXT = /^[0-9a-f]{16}$/;

/** 16 hex digits, which sort as the numbers do. */
export const logicalText = (logical: bigint): string => logical.toString(16).padStart(16, '0');

/** Undefined for what is no such text. */
export function parseLogical(text: string): bigint | undefined {
  return LOGICAL_TEXT.test(text) ? BigInt(`0x${text}`) : undefined;
}
