/** What was not as it should be, and why, beside the records themselves (loss/ledger.ts): counted by reason. */
type LossReason =
  | 'boundary_failed'
  | 'context_lost'
  | 'lines_without_trace'
  | 'span_unfinished'
  | 'span_ended_twice'
  | 'span_written_after_end'
  | 'request_id_invalid'
  | 'propagation_invalid'
  | 'correlation_id_invalid'
  | 'baggage_invalid'
  | 'baggage_dropped';

export interface Losses {
  add(reason: LossReason, count: number): void;
  /** Counts so far, reasons without any left out. */
  counts(): Readonly<Partial<Record<LossReason, number>>>;
}

export function createLosses(): Losses {
  const counts: Partial<Record<LossReason, number>> = {};
  return {
    add(reason, count) {
      counts[reason] = (counts[reason] ?? 0) + count;
    },
    counts: () => ({ ...counts }),
  };
}
