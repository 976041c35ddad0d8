/** What was not delivered and why. Every loss has a reason from this list and is counted. */
type LossReason =
  | 'queue_full'
  | 'refused'
  | 'rejected'
  | 'exit_timeout'
  | 'encode_failed'
  | 'boundary_failed'
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
