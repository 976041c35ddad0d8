/** What was not as it should be, and why, beside the records themselves (loss/ledger.ts): counted by reason. */
import { COUNTS, LOSS } from './pool/counts.ts';

export type LossReason = keyof typeof LOSS;

export interface Losses {
  add(reason: LossReason, count: number): void;
  /** Counts so far, reasons without any left out. */
  counts(): Readonly<Partial<Record<LossReason, number>>>;
}

const REASONS = Object.keys(LOSS) as LossReason[];

/** A view on a thread's counts, where the agent reads them too. */
export function createLosses(counts: Float64Array = new Float64Array(COUNTS)): Losses {
  return {
    add(reason, count) {
      counts[LOSS[reason]] = (counts[LOSS[reason]] ?? 0) + count;
    },
    counts: () => lossesOf([counts]),
  };
}

/** Of all threads together. */
export function lossesOf(pools: readonly Float64Array[]): Readonly<Partial<Record<LossReason, number>>> {
  const losses: Partial<Record<LossReason, number>> = {};
  for (const reason of REASONS) {
    const count = pools.reduce((sum, counts) => sum + (counts[LOSS[reason]] ?? 0), 0);
    if (count > 0) losses[reason] = count;
  }
  return losses;
}
