/**
 * The thread's part of the loss ledger (loss/ledger.ts), as places in its pool's `counts`, which it alone writes, but
 * for the last two, which are the agent's.
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
  spansTaken: 16,
  linesTaken: 17,
} as const;
