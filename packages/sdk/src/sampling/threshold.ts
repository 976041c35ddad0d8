/**
 * A sampling probability as OpenTelemetry's rejection threshold (specification, § TraceState: probability sampling):
 * T = (1 - p) * 2^56, and a trace is sampled when its 56 bits of randomness R are at least T. Whoever compares the same
 * R with a smaller T samples the trace too, so what services of different probability keep is nested.
 *
 * As text, `th`, T is hex with the trailing zeros stripped. All texts here are lower-case, so that comparing texts from
 * the left compares the numbers. Thresholds are made where settings change, and used at each root: bench `sampling`.
 */
import { assert } from '@aode/base';
import { isProbability } from '@aode/wire';

/** What is decided of a trace; `th` is undefined where nobody knows the probability, or nothing is sampled. */
export interface Decision {
  readonly sampled: boolean;
  readonly th: string | undefined;
}

export interface Threshold {
  /** 1 to 14 hex digits; undefined for never. */
  readonly th: string | undefined;
  /** `th` with its zeros, 14 digits: sampled when `R >= padded` as texts. For never a text above all digits. */
  readonly padded: string;
  /** How many traces a sampled one stands for; 0 for never, which samples none. */
  readonly adjustedCount: number;
  /** The decision for what reaches it, one object for all. */
  readonly decision: Decision;
}

const DIGITS = 14;
const SCALE = 1n << 56n;
/** Digits after the leading f or 0, which keeps p within 1/8192 of itself; the specification's recommendation. */
const PRECISION = 4;

export const NOT_SAMPLED: Decision = Object.freeze({ sampled: false, th: undefined });

const NEVER: Threshold = Object.freeze({
  th: undefined,
  padded: 'g'.repeat(DIGITS),
  adjustedCount: 0,
  decision: NOT_SAMPLED,
});

/** Of a probability for which `isProbability` holds. */
export function thresholdOf(probability: number): Threshold {
  assert(isProbability(probability), 'a probability is 0, or from 2^-56 to 1');
  if (probability === 0) return NEVER;
  // Exact: a power of two moves the exponent only, and above 2^53 there is nothing to round.
  const exact = SCALE - BigInt(Math.round(probability * 2 ** 56));
  const lead = /^(?:0+|f+)?/.exec(hexOf(exact))?.[0].length ?? 0;
  const shift = BigInt(4 * Math.max(0, DIGITS - PRECISION - lead));
  const half = shift === 0n ? 0n : 1n << (shift - 1n);
  // The digit after the leading f is none, so that rounding up does not reach 2^56.
  return make(((exact + half) >> shift) << shift);
}

/** Of a `th` that came in a header: 1 to 14 lower-case hex digits. */
export function thresholdOfTh(th: string): Threshold {
  return make(BigInt(`0x${th.padEnd(DIGITS, '0')}`));
}

function make(t: bigint): Threshold {
  const padded = hexOf(t);
  const th = padded.replace(/0+$/, '') || '0';
  const adjustedCount = 2 ** 56 / Number(SCALE - t);
  return Object.freeze({ th, padded, adjustedCount, decision: Object.freeze({ sampled: true, th }) });
}

const hexOf = (t: bigint): string => t.toString(16).padStart(DIGITS, '0');
