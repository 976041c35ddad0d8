/** Retry delays as a pure function, so that a simulation can replay them. */
import type { Random } from './random.ts';
import { type DurationMs, durationMs } from './units.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * Exponential with full jitter: uniform in [0, min(lastMs, firstMs * 2^attempt)), `attempt` counted from 0.
 * (M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015: fewest calls under contention.)
 */
export function backoff(attempt: number, options: BackoffOptions, random: Random): DurationMs {
  const ceiling = Math.min(options.lastMs, options.firstMs * 2 ** Math.min(attempt, 52));
  return durationMs(Math.floor((random.next() / 0x1_0000_0000) * ceiling));
}
