/** Eight hex digits of `text` from `at` on, as a word whose little-endian bytes are in their order. */
export function wordOfHex(text: string, at: number): number {
  const word = Number.parseInt(text.slice(at, at + 8), 16);
  return (
    (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff)) >>> 0
  );
}
