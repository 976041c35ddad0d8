/** Ids between their hex text and the 64-bit columns that hold them. */

/** The two halves of a trace id. */
export interface TraceKey {
  readonly high: bigint;
  readonly low: bigint;
}

/** Splits 32 hex digits. */
export function traceKeyOf(hex: string): TraceKey {
  return { high: BigInt(`0x${hex.slice(0, 16)}`), low: BigInt(`0x${hex.slice(16)}`) };
}

/** 32 hex digits. */
export function traceIdOf(high: bigint, low: bigint): string {
  return hex16(high) + hex16(low);
}

/** 16 hex digits as 64 bits. */
export function spanBitsOf(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

/** 64 bits as 16 hex digits. */
export function hex16(bits: bigint): string {
  return bits.toString(16).padStart(16, '0');
}
