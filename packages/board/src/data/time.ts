/** Nanoseconds as the hub writes them (decimal strings, too long for a double) to numbers the board can count with. */

const NANO_PER_MS = 1_000_000n;

/** Milliseconds since 1970, whole. */
export function msOfNano(unixNano: string): number {
  return Number(BigInt(unixNano) / NANO_PER_MS);
}

/** Nanoseconds from `base` to `unixNano`, negative when earlier. Exact up to 104 days, which no trace lasts. */
export function nanoSince(base: bigint, unixNano: string): number {
  return Number(BigInt(unixNano) - base);
}
