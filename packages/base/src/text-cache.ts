/**
 * Turns UTF-8 bytes into strings and remembers the short ones. Telemetry says the same few hundred words over and
 * over (attribute keys, span names, methods); comparing bytes with a known string is several times cheaper than
 * making a new one, and equal strings that are identical are cheaper for everybody behind.
 *
 * Bounded: a fixed table with one string a slot, where a newcomer replaces what was there. Only ASCII is remembered,
 * because there a byte is a character and no copy of the bytes is needed to compare.
 */
export interface TextCache {
  /** The text of `source[start..end)`. What is not UTF-8 becomes U+FFFD. */
  text(source: Buffer, start: number, end: number): string;
}

/** A power of two. 4 096 strings of at most 64 bytes: 256 KiB of text, more distinct names than a request has. */
const SLOTS = 4096;
const TEXT_BYTES_MAX = 64;

/** A new empty cache. */
export function textCache(): TextCache {
  const slots: string[] = Array.from({ length: SLOTS }, () => '');
  return {
    text(source, start, end) {
      const length = end - start;
      if (length === 0) return '';
      if (length > TEXT_BYTES_MAX) return source.toString('utf8', start, end);
      const slot = slotOf(source, start, length);
      const known = slots[slot] as string;
      if (same(known, source, start, length)) return known;
      if (!isAscii(source, start, end)) return source.toString('utf8', start, end);
      const made = source.toString('latin1', start, end);
      slots[slot] = made;
      return made;
    },
  };
}

/** Looks at the length and six bytes, most of them near the end, where names of one family differ. */
function slotOf(source: Buffer, start: number, length: number): number {
  const last = start + length - 1;
  let hash = length;
  hash = Math.imul(hash ^ (source[start] as number), 0x01000193);
  hash = Math.imul(hash ^ (source[start + (length >> 2)] as number), 0x01000193);
  hash = Math.imul(hash ^ (source[start + (length >> 1)] as number), 0x01000193);
  hash = Math.imul(hash ^ (source[last - (length > 2 ? 2 : 0)] as number), 0x01000193);
  hash = Math.imul(hash ^ (source[last - (length > 1 ? 1 : 0)] as number), 0x01000193);
  hash = Math.imul(hash ^ (source[last] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function same(known: string, source: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i += 1) {
    if (known.charCodeAt(i) !== source[start + i]) return false;
  }
  return true;
}

function isAscii(source: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    if ((source[i] as number) > 0x7f) return false;
  }
  return true;
}
