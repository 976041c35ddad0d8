/** Bytes to lines, without ever holding more than one line of limited length. */

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its end; undefined when it was longer than the limit, and skipped. */
  readonly bytes: Uint8Array | undefined;
}

const NEWLINE = 0x0a;

/** The lines of `pieces` that are not empty. A last line without an end is a line too. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Line> {
  let number = 1;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let skipping = false;

  const hold = (part: Uint8Array): void => {
    heldBytes += part.byteLength;
    skipping ||= heldBytes > bytesMax;
    if (skipping) held = [];
    else if (part.byteLength > 0) held.push(part);
  };
  const take = (): Line | undefined => {
    const bytes = skipping ? undefined : oneOf(held, heldBytes);
    const line = heldBytes > 0 && (bytes === undefined || !isBlank(bytes)) ? { number, bytes } : undefined;
    held = [];
    heldBytes = 0;
    skipping = false;
    number += 1;
    return line;
  };

  for await (const piece of pieces) {
    let from = 0;
    for (;;) {
      const at = piece.indexOf(NEWLINE, from);
      if (at < 0) break;
      hold(piece.subarray(from, at));
      const line = take();
      if (line !== undefined) yield line;
      from = at + 1;
    }
    hold(piece.subarray(from));
  }
  const last = take();
  if (last !== undefined) yield last;
}

function oneOf(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts, bytes);
}

/** Space, tab and carriage return only. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
