/**
 * What a line of a call site is instead of a text: values, behind a head that says what they stand for. A word for each
 * with its type (1) and the bytes of its text (3), and behind it a number, or a text padded with zeros.
 */
import type { WordBytes } from './crc32.ts';

/** What is more is text, JSON if need be. */
export type LineValue = string | number | boolean | null | undefined;

/** What the lines of one call site have in common. */
export interface LineSite {
  readonly message: string;
  /** One for each value. */
  readonly keys: readonly string[];
}

/** Members of a line. */
export type LineFields = Readonly<Record<string, unknown>>;

/** What the values of a call site stand for. */
function siteFields(
  { message, keys }: LineSite,
  messageKey: string,
  values: readonly LineValue[],
): LineFields {
  const fields = keys.map((key, i): [string, LineValue] => [key, values[i]]);
  if (message !== '') fields.push([messageKey, message]);
  return Object.fromEntries(fields);
}

/** The same as JSON. */
export const siteText = (site: LineSite, messageKey: string, values: readonly LineValue[]): string =>
  JSON.stringify(siteFields(site, messageKey, values));

/** Memory that lines are written to. `bytes` is a Buffer because its way to write a text is the fastest there is. */
export interface LineSpace extends WordBytes {
  readonly bytes: Buffer;
}

const WORD = 4;

/** The next multiple of a word. */
export const padded = (at: number): number => (at + WORD - 1) & -WORD;

/** A UTF-16 unit takes three bytes of UTF-8 at most. */
export const UNIT_BYTES_MAX = 3;

/** Of a value but its text: type and length, a number or the padding of a text. */
const VALUE_BYTES = 12;

/** Room that values may need. */
export function valuesBytesMax(values: readonly LineValue[]): number {
  let room = values.length * VALUE_BYTES;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value === 'string') room += value.length * UNIT_BYTES_MAX;
  }
  return room;
}

/** Up to here looking at each unit costs less than a call into native code. */
const LOOKED_AT_MAX = 48;
const BEYOND_ASCII = ~0x7f;

/** At the word `at`, padded with zeros. Returns its bytes without the padding. */
function writeText(space: LineSpace, at: number, text: string): number {
  const { length } = text;
  if (length > LOOKED_AT_MAX) return writeEncoded(space, at, text);
  const { words } = space;
  let seen = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    seen |= a | b | c | d;
    words[at + (i >>> 2)] = a | (b << 8) | (c << 16) | (d << 24);
  }
  if (i < length) {
    let word = 0;
    for (let k = i; k < length; k += 1) {
      const unit = text.charCodeAt(k);
      seen |= unit;
      word |= unit << ((k - i) << 3);
    }
    words[at + (i >>> 2)] = word;
  }
  return (seen & BEYOND_ASCII) === 0 ? length : writeEncoded(space, at, text);
}

function writeEncoded({ bytes }: LineSpace, at: number, text: string): number {
  const length = bytes.write(text, at << 2, 'utf8');
  for (let k = length; k % WORD !== 0; k += 1) bytes[(at << 2) + k] = 0;
  return length;
}

/** Types of values: the first byte of their word. */
const TYPE = { none: 0, no: 1, yes: 2, int: 3, float: 4, text: 5 } as const;

/** A number as its two words. */
const FLOAT = new Float64Array(1);
const FLOAT_WORDS = new Int32Array(FLOAT.buffer);

/** From the word `start` on. Returns the byte where they end. */
export function writeValues(space: LineSpace, start: number, values: readonly LineValue[]): number {
  const { words: w } = space;
  let i = start;
  for (let k = 0; k < values.length; k += 1) {
    const value = values[k];
    if (typeof value === 'number') {
      const int = value | 0;
      if (int === value && (int !== 0 || !Object.is(value, -0))) {
        w[i] = TYPE.int;
        w[i + 1] = int;
        i += 2;
      } else {
        FLOAT[0] = value;
        w[i] = TYPE.float;
        w[i + 1] = FLOAT_WORDS[0] as number;
        w[i + 2] = FLOAT_WORDS[1] as number;
        i += 3;
      }
    } else if (typeof value === 'string') {
      const length = writeText(space, i + 1, value);
      w[i] = TYPE.text | (length << 8);
      i += 1 + ((length + 3) >>> 2);
    } else {
      w[i] = value === true ? TYPE.yes : value === false ? TYPE.no : TYPE.none;
      i += 1;
    }
  }
  return i << 2;
}

/** Undefined when the values do not fit into the frame. */
export function readFields(
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  { message, keys, messageKey }: LineSite & { readonly messageKey: string },
): LineFields | undefined {
  const values: LineValue[] = [];
  let at = start;
  while (values.length < keys.length) {
    if (at + WORD > end) return undefined;
    const word = bytes.readUInt32LE(at);
    const next = at + WORD + valueBytes(word);
    if (next > end) return undefined;
    values.push(readValue(bytes, at, word));
    at = next;
  }
  return at === end ? siteFields({ message, keys }, messageKey, values) : undefined;
}

/** Behind its word. */
function valueBytes(word: number): number {
  switch (word & 0xff) {
    case TYPE.int:
      return WORD;
    case TYPE.float:
      return 2 * WORD;
    case TYPE.text:
      return Math.ceil((word >>> 8) / WORD) * WORD;
    default:
      return 0;
  }
}

function readValue(bytes: Buffer, at: number, word: number): LineValue {
  switch (word & 0xff) {
    case TYPE.no:
      return false;
    case TYPE.yes:
      return true;
    case TYPE.int:
      return bytes.readInt32LE(at + WORD);
    case TYPE.float: {
      // What JSON would have made of it.
      const value = bytes.readDoubleLE(at + WORD);
      return Number.isFinite(value) ? value + 0 : null;
    }
    case TYPE.text:
      return bytes.toString('utf8', at + WORD, at + WORD + (word >>> 8));
    default:
      return undefined;
  }
}
