/** What stands before each record of the pool: its length, then which of these it is. */

export const RECORD = { span: 1, line: 2, part: 3, lastPart: 4, ask: 5, log: 6 } as const;

/** Length and kind. */
export const RECORD_HEAD_BYTES = 8;
