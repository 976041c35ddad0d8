/** Why single records of a request are refused, and what an accepted request came to. */
import type { RefusedReason } from './store.ts';

/**
 * Most attributes of one record. OpenTelemetry SDKs stop at 128 by default; 10 000 leaves room for every legitimate
 * sender and keeps one record from costing more to index and to show than a thousand others.
 */
export const ATTRIBUTES_MAX = 10_000;

/** Counts of one request. */
export interface Tally {
  accepted: number;
  readonly refused: Partial<Record<RefusedReason, number>>;
}

export const newTally = (): Tally => ({ accepted: 0, refused: {} });

/** Counts one refused record. */
export function refuse(tally: Tally, reason: RefusedReason, count = 1): void {
  tally.refused[reason] = (tally.refused[reason] ?? 0) + count;
}
