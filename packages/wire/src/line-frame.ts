/**
 * A line of the log as a frame of its own: written once, in shared memory, by the thread that logs; numbered, summed
 * and put on disk by another, and decoded only when it is sent. Beside the line itself it has what makes it one of a
 * request, so that none of the three can be without the others. docs/formats/journal.md has a vector.
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 32 | header, see frame.ts; its hash is of trace id, request id and time: two halves |
 * | | | of MurmurHash3_x86_32, seeds 0 (low) and 9e3779b9 |
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
 * | 92 | | request id, padded with zeros to a multiple of 4; head; line; all UTF-8 |
 *
 * The head is what all lines of a logger at one level have in common: name and version of the scope, text of the
 * severity, keys of message and error, with a zero behind each. Of a line of a call site (flag 2) the head has its
 * message and its keys besides, and the line is values instead of text: from the next multiple of 4 on, a word for each
 * with its type (1) and the bytes of its text (3), and behind it a number or a text, padded to words.
 */
import { FRAME_HEADER_BYTES, FRAME_KINDS } from './frame.ts';
import {
  type LineFields,
  type LineSite,
  type LineSpace,
  type LineValue,
  padded,
  readFields,
  UNIT_BYTES_MAX,
  valuesBytesMax,
  writeValues,
} from './line-values.ts';

/** In the flags of a frame with values instead of a text. */
const HAS_VALUES = 2;

const EXTENSION_BYTES = 8;
const PAYLOAD_AT = FRAME_HEADER_BYTES + EXTENSION_BYTES;
const TEXTS_AT = 92;

const REQUEST_ID_BYTES_MAX = 255;

/** The ids of a line as they are written: made once for all lines of a span and a request. */
export interface LineIds {
  /** Trace id, span id. */
  readonly words: Int32Array;
  readonly requestBytes: number;
  /** The request id, padded. */
  readonly requestWords: Int32Array;
  /** Of trace and request, for the hash of a line to go on from. */
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
  const bytes = room.subarray(0, new TextEncoder().encodeInto(requestId, room).written);
  const hash = (seed: number): number => {
    let state = seed;
    for (let i = 0; i < 4; i += 1) state = mix(state, words[i] ?? 0);
    return mix(state, fnv(bytes));
  };
  return {
    words,
    requestBytes: bytes.byteLength,
    requestWords: paddedWords(bytes),
    hashLow: hash(0),
    hashHigh: hash(HIGH_SEED),
  };
}

/** With zeros behind, up to a whole word. */
function paddedWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(padded(bytes.byteLength) / 4);
  new Uint8Array(words.buffer).set(bytes);
  return words;
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
const NO_HEAD: EncodedHead = { byteLength: 0, words: new Int32Array(0) };

/** As it is written. */
export interface EncodedHead {
  readonly byteLength: number;
  /** Padded. */
  readonly words: Int32Array;
}

/**
 * Beyond 64 KiB a head is empty: without scope and level, and of a call site its values say nothing. So is that of a
 * call site with a zero in its message or its keys.
 */
export function encodeLineHead(texts: LineHeadTexts, site?: LineSite): EncodedHead {
  const { scopeName, scopeVersion, severityText, messageKey, errorKey } = texts;
  const ofSite = site === undefined ? [] : [site.message, ...site.keys];
  if (ofSite.some((text) => text.includes('\0'))) return NO_HEAD;
  const all = [scopeName, scopeVersion, severityText, messageKey, errorKey, ...ofSite];
  const bytes = new TextEncoder().encode(all.map((text) => `${text.replaceAll('\0', '')}\0`).join(''));
  return bytes.byteLength > HEAD_BYTES_MAX
    ? NO_HEAD
    : { byteLength: bytes.byteLength, words: paddedWords(bytes) };
}

export interface LineFrame {
  readonly ids: LineIds;
  readonly head: EncodedHead;
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

/** Room that a frame of this line may need. */
export function lineFrameBytesMax({
  ids,
  head,
  text,
  values,
}: Pick<LineFrame, 'ids' | 'head' | 'text' | 'values'>): number {
  const bytes = TEXTS_AT + ids.requestWords.byteLength + head.words.byteLength;
  if (values === undefined) return bytes + text.length * UNIT_BYTES_MAX;
  return bytes + valuesBytesMax(values);
}

/**
 * Writes all of a frame but its sequence and its checksums at `at`, a multiple of 32 with room for `lineFrameBytesMax`.
 * Returns where it ends, without padding. Hot path: bench/log.bench.ts.
 */
export function writeLineFrame(space: LineSpace, at: number, line: LineFrame): number {
  const { words: w } = space;
  const { ids, head, sec, nano, number, values } = line;
  const textsAt = (at + TEXTS_AT) >>> 2;
  putWords(w, textsAt, ids.requestWords);
  const headAt = textsAt + ids.requestWords.length;
  putWords(w, headAt, head.words);
  const textAt = (headAt << 2) + head.byteLength;
  const end =
    values === undefined
      ? textAt + space.bytes.write(line.text, textAt, 'utf8')
      : writeValues(space, headAt + head.words.length, values);
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
  w[i + 15] = line.ring | (line.isCut ? 0x1_0000 : 0) | (ids.requestBytes << 24);
  putWords(w, i + 16, ids.words);
  w[i + 22] = head.byteLength;
  return end;
}

/** For some words faster than `set`, most of which is the call. */
function putWords(to: Int32Array, at: number, from: Int32Array): void {
  for (let i = 0; i < from.length; i += 1) to[at + i] = from[i] as number;
}

/** Of the frame at `at`. */
export function linePriority(words: Int32Array, at: number): number {
  return (words[(at >>> 2) + 9] ?? 0) & 0xff;
}

/** Number of the line within its ring, of the frame at `at`. */
export function lineNumber(words: Int32Array, at: number): number {
  const i = at >>> 2;
  return ((words[i + 13] ?? 0) >>> 0) + (words[i + 14] ?? 0) * 0x1_0000_0000;
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
  /** Empty for a line of a call site. */
  readonly text: string;
  /** Of a line of a call site. */
  readonly fields: LineFields | undefined;
}

/**
 * The line of the frame at `at`, whose header says that it is one and how long it is. Undefined when its parts do not
 * fit into it, or its hash is not that of its ids and time: then they are not of one line.
 */
export function readLineFrame(bytes: Buffer, at: number): DecodedLine | undefined {
  if (bytes.byteLength < at + TEXTS_AT || bytes.readUInt16LE(at + 16) !== PAYLOAD_AT) return undefined;
  const end = at + PAYLOAD_AT + bytes.readUInt32LE(at + 20);
  const hasValues = ((bytes[at + 19] as number) & HAS_VALUES) !== 0;
  const requestAt = at + TEXTS_AT;
  const requestEnd = requestAt + (bytes[at + 63] as number);
  const headAt = padded(requestEnd);
  const textAt = headAt + bytes.readUInt16LE(at + 88);
  if (textAt > end || end > bytes.byteLength) return undefined;
  const sec = bytes.readUInt32LE(at + 44);
  const nano = bytes.readUInt32LE(at + 48);
  const { low, high } = hashOfIds(bytes, at, bytes.subarray(requestAt, requestEnd));
  if (half(low, sec, nano) !== bytes.readInt32LE(at) || half(high, sec, nano) !== bytes.readInt32LE(at + 4))
    return undefined;
  const { texts, site } = readHead(bytes.toString('utf8', headAt, textAt));
  const { messageKey } = texts;
  const range = { start: padded(textAt), end };
  const fields = hasValues ? readFields(bytes, range, { ...site, messageKey }) : undefined;
  if (hasValues && fields === undefined) return undefined;
  return {
    ...texts,
    severityNumber: bytes[at + 40] as number,
    traceFlags: bytes.readUInt32LE(at + 40) >>> 8,
    sec,
    nano,
    number: bytes.readUInt32LE(at + 52) + bytes.readUInt32LE(at + 56) * 0x1_0000_0000,
    ring: bytes.readUInt16LE(at + 60),
    isCut: bytes[at + 62] === 1,
    traceId: idText(bytes.toString('hex', at + 64, at + 80)),
    spanId: idText(bytes.toString('hex', at + 80, at + 88)),
    requestId: bytes.toString('utf8', requestAt, requestEnd),
    text: hasValues ? '' : bytes.toString('utf8', textAt, end),
    fields,
  };
}

interface DecodedHead {
  readonly texts: LineHeadTexts;
  readonly site: LineSite;
}

/** Of the line before: most are of the same logger and level, or of the same call site. */
let latestHead = '';
let latestDecoded: DecodedHead = decodeHead('');

function readHead(head: string): DecodedHead {
  if (head !== latestHead) {
    latestDecoded = decodeHead(head);
    latestHead = head;
  }
  return latestDecoded;
}

function decodeHead(head: string): DecodedHead {
  const [scopeName = '', scopeVersion = '', severityText = '', messageKey = '', errorKey = '', ...site] =
    head.split('\0');
  return {
    texts: { scopeName, scopeVersion, severityText, messageKey, errorKey },
    // Behind the last zero is nothing.
    site: { message: site[0] ?? '', keys: site.slice(1, -1) },
  };
}

const idText = (hex: string): string => (/^0*$/.test(hex) ? '' : hex);

/** As `encodeLineIds` begins it, of the frame at `at`. */
function hashOfIds(
  bytes: Buffer,
  at: number,
  requestId: Uint8Array,
): { readonly low: number; readonly high: number } {
  let low = 0;
  let high = HIGH_SEED;
  for (let word = at + 64; word < at + 80; word += 4) {
    const next = bytes.readInt32LE(word);
    low = mix(low, next);
    high = mix(high, next);
  }
  const request = fnv(requestId);
  return { low: mix(low, request), high: mix(high, request) };
}
