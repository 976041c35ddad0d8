/** What stands in front of every record of a pool: its length in bytes with this head, u32, and its kind. */

/** The first byte behind a record's length. */
export const RECORD = { span: 1, line: 2, part: 3, lastPart: 4, ask: 5 } as const;

/** Length and kind. */
export const RECORD_HEAD_BYTES = 8;
