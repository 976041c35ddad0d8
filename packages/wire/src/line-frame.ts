/**
 * A line of the log as a frame of its own: written once, in shared memory, by the thread that logs; numbered, summed
 * and put on disk by another, and decoded only when it is sent. Beside the line itself it has what makes it one of a
 * request, so that none of the three can be without the others. docs/formats/journal.md has a vector.
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 32 | header, see frame.ts; its hash is `lineHash` |
 * | 32 | 8 | extension of every record frame: 1, the priority, zeros |
 * | 40 | 4 | severity number (1), trace flags (3) |
 * | 44 | 8 | seconds and nanoseconds since 1970, 4 bytes each |
 * | 52 | 8 | number of the line in its ring: 1, 2, 3 … |
 * | 60 | 2 | number of the ring |
 * | 62 | 1 | 1 when the line was too long and is cut |
 * | 63 | 1 | bytes of the request id |
 * | 64 | 16 | trace id, zeros for none |
 * | 80 | 8 | span id, zeros for none |
 * | 88 | 2 | bytes of the head |
 * | 90 | 2 | zeros |
 * | 92 | | request id, head, line, all UTF-8 |
 *
 * The head is what all lines of a logger at one level have in common: name and version of the scope, text of the
 * severity, keys of message and error, with a zero behind each. Of a line of a call site (flag 2) the head has its
 * message and its keys besides, and the line is values instead of text: from the next multiple of 4 on, a word for each
 * with its type (1) and the bytes of its text (3), and behind it a number or a text, padded to words.
 */
import type { WordBytes } from './crc32.ts';
import { FRAME_HEADER_BYTES, FRAME_KINDS } from './frame.ts';

/** In the flags of a frame with values instead of a text. */
const HAS_VALUES = 2;

const EXTENSION_BYTES = 8;
const PAYLOAD_AT = FRAME_HEADER_BYTES + EXTENSION_BYTES;
const TEXTS_AT = 92;

/** A UTF-16 unit takes three bytes of UTF-8 at most. */
const UNIT_BYTES_MAX = 3;

const REQUEST_ID_BYTES_MAX = 255;

/** The ids of a line as they are written: made once for all lines of a span and a request. */
export interface LineIds {
  readonly words: Int32Array;
  readonly requestId: Uint8Array;
  /** Of trace and request, for `lineHash` to go on from. */
  readonly hashLow: number;
  readonly hashHigh: number;
}

/** Ids in hexadecimal or empty; a request id beyond its bound is cut. */
export function encodeLineIds(traceId: string, spanId: string, requestId: string): LineIds {
  const words = new Int32Array(6);
  putId(words, 0, traceId, 4);
  putId(words, 4, spanId, 2);
  const room = new Uint8Array(REQUEST_ID_BYTES_MAX);
  // Never a part of a character.
  const bytes = room.slice(0, new TextEncoder().encodeInto(requestId, room).written);
  const hash = (seed: number): number => {
    let state = seed;
    for (let i = 0; i < 4; i += 1) state = mix(state, words[i] ?? 0);
    return mix(state, fnv(bytes));
  };
  return { words, requestId: bytes, hashLow: hash(0), hashHigh: hash(HIGH_SEED) };
}

/** The first digit pair of an id is its first byte. */
function putId(words: Int32Array, at: number, id: string, count: number): void {
  if (id.length !== count * 8) return;
  const bytes = new DataView(words.buffer);
  for (let i = 0; i < count; i += 1) {
    bytes.setUint32((at + i) * 4, Number.parseInt(id.slice(i * 8, i * 8 + 8), 16));
  }
}

/** FNV-1a, 32 bits. */
function fnv(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

const HIGH_SEED = 0x9e3779b9 | 0;

/** A step of MurmurHash3_x86_32 (Appleby). */
function mix(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = state ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Its end, for seven words. */
function finish(state: number): number {
  let h = state ^ 28;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Half of the hash of trace id, request id and time. */
const half = (state: number, sec: number, nano: number): number => finish(mix(mix(state, sec), nano));

export interface LineHeadTexts {
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly severityText: string;
  readonly messageKey: string;
  readonly errorKey: string;
}

const HEAD_BYTES_MAX = 0xffff;

/** What the lines of one call site have in common. */
export interface LineSite {
  readonly message: string;
  /** One for each value. */
  readonly keys: readonly string[];
}

/** The line that the values of a call site stand for, as JSON. */
export function siteText(
  { message, keys }: LineSite,
  messageKey: string,
  values: readonly LineValue[],
): string {
  const fields = keys.map((key, i): [string, LineValue] => [key, values[i]]);
  if (message !== '') fields.push([messageKey, message]);
  return JSON.stringify(Object.fromEntries(fields));
}

/** Beyond 64 KiB a head is empty: without scope and level, and of a call site its values say nothing. */
export function encodeLineHead(texts: LineHeadTexts, site?: LineSite): Uint8Array {
  const { scopeName, scopeVersion, severityText, messageKey, errorKey } = texts;
  const ofSite = site === undefined ? [] : [site.message, ...site.keys];
  const all = [scopeName, scopeVersion, severityText, messageKey, errorKey, ...ofSite];
  const bytes = new TextEncoder().encode(all.map((text) => `${text.replaceAll('\0', '')}\0`).join(''));
  return bytes.byteLength > HEAD_BYTES_MAX ? new Uint8Array(0) : bytes;
}

export interface LineFrame {
  readonly ids: LineIds;
  readonly head: Uint8Array;
  readonly severityNumber: number;
  readonly traceFlags: number;
  readonly sec: number;
  readonly nano: number;
  readonly priority: number;
  readonly ring: number;
  readonly number: number;
  readonly isCut: boolean;
  readonly text: string;
  /** Of a call site, whose head says what they are; `text` is of no meaning then. */
  readonly values: readonly LineValue[] | undefined;
}

/** What is more is text, JSON if need be. */
export type LineValue = string | number | boolean | null | undefined;

/** Room that a frame of this line may need. */
export function lineFrameBytesMax({
  ids,
  head,
  text,
  values,
}: Pick<LineFrame, 'ids' | 'head' | 'text' | 'values'>): number {
  const bytes = TEXTS_AT + ids.requestId.byteLength + head.byteLength;
  if (values === undefined) return bytes + text.length * UNIT_BYTES_MAX;
  let room = bytes + WORD;
  for (const value of values)
    room += VALUE_BYTES + (typeof value === 'string' ? value.length * UNIT_BYTES_MAX : 0);
  return room;
}

const WORD = 4;

/** Of a value but its text: type and length, a number or the padding of a text. */
const VALUE_BYTES = 12;

/** Memory that lines are written to. `bytes` is a Buffer because its way to write a text is the fastest there is. */
export interface LineSpace extends WordBytes {
  readonly bytes: Buffer;
}

/**
 * Writes all of a frame but its sequence and its checksums at `at`, a multiple of 32 with room for `lineFrameBytesMax`.
 * Returns where it ends, without padding.
 */
export function writeLineFrame({ bytes, words: w }: LineSpace, at: number, line: LineFrame): number {
  const { ids, head, sec, nano, number } = line;
  let textAt = at + TEXTS_AT;
  if (ids.requestId.byteLength > 0) bytes.set(ids.requestId, textAt);
  textAt += ids.requestId.byteLength;
  bytes.set(head, textAt);
  textAt += head.byteLength;
  const { values } = line;
  const end =
    values === undefined
      ? textAt + bytes.write(line.text, textAt, 'utf8')
      : writeValues({ bytes, words: w }, (textAt + 3) & ~3, values);
  const i = at >>> 2;
  w[i] = half(ids.hashLow, sec, nano);
  w[i + 1] = half(ids.hashHigh, sec, nano);
  w[i + 2] = 0;
  w[i + 3] = 0;
  w[i + 4] = PAYLOAD_AT | (FRAME_KINDS.line << 16) | (values === undefined ? 0 : HAS_VALUES << 24);
  w[i + 5] = end - at - PAYLOAD_AT;
  w[i + 6] = 0;
  w[i + 7] = 0;
  w[i + 8] = 1;
  w[i + 9] = line.priority;
  w[i + 10] = line.severityNumber | (line.traceFlags << 8);
  w[i + 11] = sec;
  w[i + 12] = nano;
  w[i + 13] = number | 0;
  w[i + 14] = number / 0x1_0000_0000;
  w[i + 15] = line.ring | (line.isCut ? 0x1_0000 : 0) | (ids.requestId.byteLength << 24);
  const { words } = ids;
  for (let k = 0; k < 6; k += 1) w[i + 16 + k] = words[k] as number;
  w[i + 22] = head.byteLength;
  return end;
}

/** Types of values: the first byte of their word. */
const TYPE = { none: 0, no: 1, yes: 2, int: 3, float: 4, text: 5 } as const;

/** A number as its two words. */
const FLOAT = new Float64Array(1);
const FLOAT_WORDS = new Int32Array(FLOAT.buffer);

function writeValues({ bytes, words: w }: LineSpace, start: number, values: readonly LineValue[]): number {
  let i = start >>> 2;
  for (const value of values) {
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
      const length = bytes.write(value, (i + 1) << 2, 'utf8');
      w[i] = TYPE.text | (length << 8);
      i += 1 + ((length + 3) >>> 2);
    } else {
      w[i] = value === true ? TYPE.yes : value === false ? TYPE.no : TYPE.none;
      i += 1;
    }
  }
  return i << 2;
}

/** As the JSON that another line has. Undefined when the values do not fit into the frame, or are others than named. */
function textOfValues(
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  { message, keys, messageKey }: LineSite & Pick<LineHeadTexts, 'messageKey'>,
): string | undefined {
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
  return at === end ? siteText({ message, keys }, messageKey, values) : undefined;
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
    case TYPE.float:
      return bytes.readDoubleLE(at + WORD);
    case TYPE.text:
      return bytes.toString('utf8', at + WORD, at + WORD + (word >>> 8));
    default:
      return undefined;
  }
}

/** Of the frame at `at`. */
export function linePriority(words: Int32Array, at: number): number {
  return (words[(at >>> 2) + 9] ?? 0) & 0xff;
}

/** Of a frame that is not sealed yet. */
export function setLinePriority(words: Int32Array, at: number, priority: number): void {
  words[(at >>> 2) + 9] = priority;
}

export interface DecodedLine extends LineHeadTexts {
  readonly severityNumber: number;
  readonly traceFlags: number;
  readonly sec: number;
  readonly nano: number;
  readonly ring: number;
  readonly number: number;
  readonly isCut: boolean;
  readonly traceId: string;
  readonly spanId: string;
  readonly requestId: string;
  readonly text: string;
}

/**
 * The line of the frame at `at`, whose header says that it is one and how long it is. Undefined when its parts do not
 * fit into it, or its hash is not that of its ids and time: then they are not of one line.
 */
export function readLineFrame(bytes: Buffer, at: number): DecodedLine | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
  if (view.byteLength < TEXTS_AT || view.getUint16(16, true) !== PAYLOAD_AT) return undefined;
  const end = PAYLOAD_AT + view.getUint32(20, true);
  const hasValues = (view.getUint8(19) & HAS_VALUES) !== 0;
  const requestBytes = view.getUint8(63);
  const headBytes = view.getUint16(88, true);
  const headAt = TEXTS_AT + requestBytes;
  const textAt = headAt + headBytes;
  if (textAt > end || end > view.byteLength) return undefined;
  const text = (from: number, to: number): string => bytes.toString('utf8', at + from, at + to);
  const id = (from: number, to: number): string => idText(bytes.toString('hex', at + from, at + to));
  const [scopeName = '', scopeVersion = '', severityText = '', messageKey = '', errorKey = '', ...site] =
    text(headAt, textAt).split('\0');
  const written = hasValues
    ? textOfValues(
        bytes,
        { start: at + ((textAt + 3) & ~3), end: at + end },
        // Behind the last zero is nothing.
        { message: site[0] ?? '', keys: site.slice(1, -1), messageKey },
      )
    : text(textAt, end);
  if (written === undefined) return undefined;
  const line = {
    scopeName,
    scopeVersion,
    severityText,
    messageKey,
    errorKey,
    severityNumber: view.getUint8(40),
    traceFlags: view.getUint32(40, true) >>> 8,
    sec: view.getUint32(44, true),
    nano: view.getUint32(48, true),
    number: view.getUint32(52, true) + view.getUint32(56, true) * 0x1_0000_0000,
    ring: view.getUint16(60, true),
    isCut: view.getUint8(62) === 1,
    traceId: id(64, 80),
    spanId: id(80, 88),
    requestId: text(TEXTS_AT, headAt),
    text: written,
  };
  return lineHash(line) === view.getBigUint64(0, true) ? line : undefined;
}

const idText = (hex: string): string => (/^0*$/.test(hex) ? '' : hex);

/** Of trace id, request id and time: two halves of MurmurHash3_x86_32, seeds 0 (low) and 9e3779b9. */
export function lineHash(
  line: Pick<DecodedLine, 'traceId' | 'spanId' | 'requestId' | 'sec' | 'nano'>,
): bigint {
  const { hashLow, hashHigh } = encodeLineIds(line.traceId, line.spanId, line.requestId);
  const low = half(hashLow, line.sec, line.nano) >>> 0;
  const high = half(hashHigh, line.sec, line.nano) >>> 0;
  return (BigInt(high) << 32n) | BigInt(low);
}
