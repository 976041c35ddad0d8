/**
 * A 64-bit hash of `key=value`, the index entry under which any attribute can be found. Two lanes of 32 bits, because
 * JavaScript multiplies those fast: the lower is MurmurHash3_x86_32 (A. Appleby, 2011), the upper the same construction
 * with other constants of MurmurHash3_x86_128. The hash of the key seeds that of the text.
 *
 * Not for adversaries: whoever finds a hit compares the value itself. The hashes are stored: they never change.
 */

/** The two lanes of a hash, unsigned. */
interface Lanes {
  readonly low: number;
  readonly high: number;
}

const NO_SEED: Lanes = { low: 0, high: 0 };

/** Hash of `key` with `text`, which is `valueText` of the value; 0 <= hash < 2^64. */
export function attributeHash(key: string, text: string): bigint {
  hashText(text, seedOf(key));
  return combined();
}

/**
 * The same for a text that stands in `source[start..end)` as UTF-8, without making a string of it. Undefined unless it
 * is ASCII: other bytes may not be valid UTF-8 and hash as their text does.
 */
export function attributeHashOfAscii(
  key: string,
  source: Uint8Array,
  start: number,
  end: number,
): bigint | undefined {
  return hashBytes(source, start, end, seedOf(key)) ? combined() : undefined;
}

/** Keys repeat without end; beyond this many the memory starts anew. */
const SEEDS_MAX = 4096;
const SEEDS = new Map<string, Lanes>();

function seedOf(key: string): Lanes {
  const known = SEEDS.get(key);
  if (known !== undefined) return known;
  hashText(key, NO_SEED);
  const seed: Lanes = { low: resultLow, high: resultHigh };
  if (SEEDS.size >= SEEDS_MAX) SEEDS.clear();
  SEEDS.set(key, seed);
  return seed;
}

const SCRATCH: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(8));
let resultLow = 0;
let resultHigh = 0;

function combined(): bigint {
  SCRATCH.setUint32(0, resultLow, true);
  SCRATCH.setUint32(4, resultHigh, true);
  return SCRATCH.getBigUint64(0, true);
}

const TEXT_BYTES = 1024;
const TEXT: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(TEXT_BYTES));

function hashText(text: string, seed: Lanes): void {
  const short = text.length * 3 <= TEXT_BYTES;
  const bytes = short ? TEXT : Buffer.from(text, 'utf8');
  hashBytes(bytes, 0, short ? TEXT.write(text, 0, 'utf8') : bytes.length, seed);
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Leaves the lanes in `resultLow` and `resultHigh`; says whether all bytes are ASCII. */
function hashBytes(source: Uint8Array, start: number, end: number, seed: Lanes): boolean {
  let { low, high } = seed;
  let seen = 0;
  const blocks = end - ((end - start) & 3);
  for (let i = start; i < blocks; i += 4) {
    const word = wordAt(source, i);
    seen |= word;
    low = (Math.imul(rotate(low ^ lowMix(word), 13), 5) + 0xe6546b64) | 0;
    high = (Math.imul(rotate(high ^ highMix(word), 17), 5) + 0x38b34ae5) | 0;
  }
  let tail = 0;
  for (let i = end - 1; i >= blocks; i -= 1) tail = (tail << 8) | (source[i] ?? 0);
  seen |= tail;
  if (blocks < end) {
    low ^= lowMix(tail);
    high ^= highMix(tail);
  }
  resultLow = finish(low ^ (end - start));
  resultHigh = finish(high ^ (end - start));
  return (seen & 0x8080_8080) === 0;
}

function wordAt(source: Uint8Array, i: number): number {
  return (
    (source[i] ?? 0) |
    ((source[i + 1] ?? 0) << 8) |
    ((source[i + 2] ?? 0) << 16) |
    ((source[i + 3] ?? 0) << 24)
  );
}

const lowMix = (word: number): number => Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
const highMix = (word: number): number => Math.imul(rotate(Math.imul(word, 0xab0e9789), 16), 0xa1e38b93);

function finish(lane: number): number {
  let x = lane ^ (lane >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
