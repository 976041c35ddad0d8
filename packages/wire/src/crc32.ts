/**
 * CRC-32 as zlib computes it (ISO 3309, reflected polynomial 0xEDB88320), of short runs of words. For some hundred
 * bytes most of what a call into native code costs is the call; sixteen bytes a turn by tables (after Kounavis and
 * Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation", 2008) need none. What is longer
 * goes to zlib.
 */
import { crc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb88320;
const LANES = 16;

/** Entry `256 * k + b`: the checksum of the byte `b` with `k` bytes of zeros behind it. */
const TABLE: Int32Array = newTable();

function newTable(): Int32Array {
  const table = new Int32Array(256 * LANES);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i += 1) {
    const before = table[i - 256] ?? 0;
    table[i] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}

/** From here on zlib is faster. */
const NATIVE_FROM = 768;

/** The same memory as bytes and as little-endian words. */
export interface WordBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** Of `length` bytes from `at`, a multiple of 4; `before` is the checksum of what goes before. Unsigned. */
export function crcOf({ bytes, words }: WordBytes, at: number, length: number, before = 0): number {
  if (length >= NATIVE_FROM) return crc32(bytes.subarray(at, at + length), before);
  const t = TABLE;
  let crc = ~before;
  let word = at >>> 2;
  // Sixteen bytes of four words: the first byte has fifteen behind it.
  for (const end = word + ((length >>> 4) << 2); word < end; word += 4) {
    const a = (words[word] as number) ^ crc;
    const b = words[word + 1] as number;
    const c = words[word + 2] as number;
    const d = words[word + 3] as number;
    crc =
      (t[3840 + (a & 0xff)] as number) ^
      (t[3584 + ((a >>> 8) & 0xff)] as number) ^
      (t[3328 + ((a >>> 16) & 0xff)] as number) ^
      (t[3072 + (a >>> 24)] as number) ^
      (t[2816 + (b & 0xff)] as number) ^
      (t[2560 + ((b >>> 8) & 0xff)] as number) ^
      (t[2304 + ((b >>> 16) & 0xff)] as number) ^
      (t[2048 + (b >>> 24)] as number) ^
      (t[1792 + (c & 0xff)] as number) ^
      (t[1536 + ((c >>> 8) & 0xff)] as number) ^
      (t[1280 + ((c >>> 16) & 0xff)] as number) ^
      (t[1024 + (c >>> 24)] as number) ^
      (t[768 + (d & 0xff)] as number) ^
      (t[512 + ((d >>> 8) & 0xff)] as number) ^
      (t[256 + ((d >>> 16) & 0xff)] as number) ^
      (t[d >>> 24] as number);
  }
  for (const end = (at + length) >>> 2; word < end; word += 1) {
    const a = (words[word] as number) ^ crc;
    crc =
      (t[768 + (a & 0xff)] as number) ^
      (t[512 + ((a >>> 8) & 0xff)] as number) ^
      (t[256 + ((a >>> 16) & 0xff)] as number) ^
      (t[a >>> 24] as number);
  }
  for (let i = word << 2; i < at + length; i += 1) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}
