/** Where a list goes on: the sort key of its last row, as text that is opaque to whoever passes it back. */
import { AodeError } from '@aode/base';

/** Encodes the numbers of a sort key. */
export function encodeCursor(position: readonly bigint[]): string {
  return Buffer.from(position.join('.')).toString('base64url');
}

/** Decodes a key of `count` 64-bit numbers. Throws AODE_CURSOR_INVALID. */
export function decodeCursor(cursor: string, count: number): readonly bigint[] {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (/^\d{1,20}(?:\.\d{1,20})*$/.test(text)) {
    const position = text.split('.').map(BigInt);
    if (position.length === count && position.every((part) => part < 1n << 64n)) return position;
  }
  throw new AodeError('AODE_CURSOR_INVALID', { cursor: cursor.slice(0, 100) });
}
