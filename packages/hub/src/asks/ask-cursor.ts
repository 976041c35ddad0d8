/** Places in the stream of asks, `EPOCH-NUMBER`: the epoch is that of one life of the hub, the number counts in it. */

const CURSOR = /^([0-9a-f]{16})-(0|[1-9]\d{0,14})$/;

export interface AskCursor {
  readonly epoch: string;
  readonly number: number;
}

export const askCursorText = ({ epoch, number }: AskCursor): string => `${epoch}-${number}`;

/** Undefined when it is none that a hub has given out. */
export function parseAskCursor(text: string): AskCursor | undefined {
  const found = CURSOR.exec(text);
  return found === null ? undefined : { epoch: found[1] ?? '', number: Number(found[2]) };
}
