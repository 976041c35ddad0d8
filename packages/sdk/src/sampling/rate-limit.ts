/**
 * How many traces a second each reason may keep: a token bucket by reason, filled for one second at first. Time is
 * passed in, so that asking reads no clock. What is refused is counted by reason.
 */

export interface RateLimits {
  /** Whether `reason` may keep one more trace now, by a monotonic clock. Without a limit, always. */
  take(reason: string, nowMs: number): boolean;
  /** Refused so far, reasons without any left out. */
  refused(): Readonly<Record<string, number>>;
}

interface Bucket {
  readonly perMs: number;
  readonly capacity: number;
  tokens: number;
  at: number;
  refused: number;
}

/** `before` was refused under limits that these replace. */
export function createRateLimits(
  perSecondByReason: ReadonlyMap<string, number>,
  before: Readonly<Record<string, number>> = {},
): RateLimits {
  const buckets = new Map<string, Bucket>();
  for (const [reason, perSecond] of perSecondByReason) {
    // Below one a second, whole traces still pass, the seconds apart.
    const capacity = Math.max(1, perSecond);
    const at = Number.NEGATIVE_INFINITY;
    buckets.set(reason, { perMs: perSecond / 1000, capacity, tokens: capacity, at, refused: 0 });
  }
  return {
    take(reason, nowMs) {
      const bucket = buckets.get(reason);
      return bucket === undefined || takeFrom(bucket, nowMs);
    },
    refused() {
      const counts: Record<string, number> = { ...before };
      for (const [reason, { refused }] of buckets) {
        if (refused > 0) counts[reason] = (counts[reason] ?? 0) + refused;
      }
      return counts;
    },
  };
}

function takeFrom(bucket: Bucket, nowMs: number): boolean {
  const passed = nowMs - bucket.at;
  if (passed > 0) {
    bucket.tokens = Math.min(bucket.capacity, bucket.tokens + passed * bucket.perMs);
    bucket.at = nowMs;
  }
  if (bucket.tokens < 1) {
    bucket.refused += 1;
    return false;
  }
  bucket.tokens -= 1;
  return true;
}
