/**
 * The thread's part of the loss ledger, as places in its pool's `counts`. Each is written by one side alone.
 *
 *   spans started = ended + open
 *   ended         = kept + dropped + evicted + waiting for a decision
 */
export const COUNT = {
  spansStarted: 0,
  spansEnded: 1,
  spansKept: 2,
  spansEvicted: 3,
  spansDroppedPoolFull: 4,
  spansDroppedTooLarge: 5,
  tracesEvicted: 6,
  linesKept: 8,
  linesEvicted: 9,
  linesDroppedPoolFull: 10,
  linesDroppedTooLarge: 11,
} as const;
