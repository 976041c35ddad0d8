/**
 * What a thread says of itself in its pool's `counts`: its part of the loss ledger (loss/ledger.ts), what was not as it
 * should be (losses.ts), and how its pool stands. It alone writes them, but for what was taken, which is the agent's.
 */
export const COUNT = {
  spansStarted: 0,
  spansEnded: 1,
  spansKept: 2,
  spansEvicted: 3,
  spansDroppedPoolFull: 4,
  spansDroppedTooLarge: 5,
  tracesEvicted: 6,
  /** Records whose texts were cut because there was no room for all of them. */
  recordsCut: 7,
  linesStarted: 8,
  linesKept: 9,
  linesEvicted: 10,
  linesDroppedPoolFull: 11,
  linesDroppedTooLarge: 12,
  /** Kept ones that the agent has read. */
  spansTaken: 25,
  linesTaken: 26,
  /** Given up because the ring was full (log/line-ring.ts). */
  linesDroppedRingFull: 30,
} as const;

/** By reason. */
export const LOSS = {
  boundary_failed: 13,
  span_unfinished: 14,
  span_ended_twice: 15,
  span_written_after_end: 16,
  request_id_invalid: 17,
  propagation_invalid: 18,
  correlation_id_invalid: 19,
  baggage_invalid: 20,
  baggage_dropped: 21,
  context_lost: 27,
  lines_without_trace: 28,
  clock_remote_refused: 29,
  line_cut: 31,
} as const;

/** No sums: how it stands now. */
export const STATE = {
  /** Chunks that the thread may take; those that the agent has given back since are in the ring. */
  chunksFree: 22,
  /** When the oldest trace came that may still be asked for, milliseconds since 1970; 0 without one. */
  oldestUndecidedMs: 23,
  /** Of the root that began last; 0 before the first. */
  samplingProbability: 24,
  /** Lines that wait in the thread's own memory for room in its ring. */
  linesSpilled: 32,
} as const;

/** Places in all. */
export const COUNTS = 33;
