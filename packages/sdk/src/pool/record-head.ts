/** In front of each record of a chunk: its length in bytes with this, its kind, and of a part its place in the row. */

/** In the first byte behind the length. */
export const RECORD = { span: 1, line: 2, part: 3, lastPart: 4, ask: 5, log: 6 } as const;

/** Length and kind. */
export const RECORD_HEAD_BYTES = 8;

/** What the place of a part is multiplied by, in the word of its kind. */
export const PART_UNIT = 0x100;
