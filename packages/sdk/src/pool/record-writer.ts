/**
 * Writes the parts of a record into a piece of memory with an end: numbers, texts, attribute values. What does not fit
 * sets `isFull` and writes no more; the caller begins anew where there is more room. Little-endian, packed.
 *
 *   text    u32: place in the text table, or 0x80000000 + bytes, and the UTF-8
 *   value   u8 tag, and by tag: f64 · text · i64 · bytes · items
 *
 * Bench: bench/span.bench.ts.
 */
import { type Attribute, isValueMap, type Scope, type Value } from '@aode/wire';
import type { LineHead } from '../log/log-line.ts';
import { wordOfHex } from './hex-word.ts';
import { isInt64 } from './int64.ts';
import type { KeyPath } from './key-path.ts';
import type { KeyEntry, TextTable } from './text-table.ts';

/** How a value is written. Numbers without a fraction are int64 in OTLP, and `integer` here. */
export const TAG = {
  null: 0,
  false: 1,
  true: 2,
  double: 3,
  integer: 4,
  text: 5,
  bigint: 6,
  bytes: 7,
  list: 8,
  map: 9,
} as const;

/** Set in a text's first word when the text itself follows. */
export const INLINE = 0x80000000;

/** Up to here a loop over the characters beats the call into the encoder. */
const LOOP_CHARS_MAX = 32;

/** An attribute value as it waits in a span: as the application gave it, or already in its OTLP form. */
export type HeldValue = Value | number;

/** Key and tag, and a place in the text table or a number. */
const SHARED_TEXT_BYTES = 9;
const NUMBER_BYTES = 13;

export interface SpanHead {
  readonly kind: number;
  readonly statusCode: number;
  readonly idHi: number;
  readonly idLo: number;
  readonly parentHi: number;
  readonly parentLo: number;
  readonly flags: number;
  readonly startSec: number;
  readonly startNano: number;
  readonly endSec: number;
  readonly endNano: number;
}

const SPAN_HEAD_BYTES = 40;

/** A negative zero is no integer. */
function numberTag(value: number): number {
  if ((value | 0) === value && value !== 0) return TAG.integer;
  return isInt64(value) ? TAG.integer : TAG.double;
}

export class RecordWriter {
  at = 0;
  isFull = false;
  /** Longer texts are cut. */
  charsMax: number = Number.POSITIVE_INFINITY;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #texts: TextTable;
  #end = 0;
  #scope: Scope | undefined;
  #scopeName = 0;
  #scopeVersion = 0;
  readonly #heads = new WeakMap<LineHead, readonly number[]>();
  #traceId = '';
  #spanId = '';
  readonly #idWords = new Uint32Array(6);

  constructor(memory: Uint8Array, texts: TextTable) {
    this.#bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#texts = texts;
  }

  /** Begins at `at`; nothing is written at `end` or behind. */
  aim(at: number, end: number): void {
    this.at = at;
    this.#end = end;
    this.isFull = false;
  }

  byte(value: number): void {
    const { at } = this;
    if (at + 1 > this.#end) {
      this.isFull = true;
      return;
    }
    this.#bytes[at] = value;
    this.at = at + 1;
  }

  word(value: number): void {
    const { at } = this;
    if (at + 4 > this.#end) {
      this.isFull = true;
      return;
    }
    this.#view.setUint32(at, value, true);
    this.at = at + 4;
  }

  /** Into a place that was written before. */
  wordAt(at: number, value: number): void {
    if (!this.isFull) this.#view.setUint32(at, value, true);
  }

  double(value: number): void {
    const { at } = this;
    if (at + 8 > this.#end) {
      this.isFull = true;
      return;
    }
    this.#view.setFloat64(at, value, true);
    this.at = at + 8;
  }

  /** A text that is likely to come again, such as a name. */
  name(text: string): void {
    const id = text === '' ? 0 : this.#texts.name(text);
    if (id !== 0 || text === '') this.word(id);
    else this.text(text);
  }

  /** A text that is not. */
  text(whole: string): void {
    const { at } = this;
    const text = whole.length > this.charsMax ? whole.slice(0, this.charsMax) : whole;
    const { length } = text;
    if (length <= LOOP_CHARS_MAX && at + 4 + length <= this.#end) {
      const bytes = this.#bytes;
      let i = 0;
      for (; i < length; i += 1) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at + 4 + i] = code;
      }
      if (i === length) {
        this.#view.setUint32(at, INLINE + length, true);
        this.at = at + 4 + length;
        return;
      }
    }
    const room = this.#end - at - 4;
    if (room < length * 3 && Buffer.byteLength(text) > room) {
      this.isFull = true;
      return;
    }
    const written = this.#bytes.write(text, at + 4, room, 'utf8');
    this.#view.setUint32(at, INLINE + written, true);
    this.at = at + 4 + written;
  }

  /** Ids, flags and times of a span: all its words in front of its name, after one look at the room that is left. */
  spanHead(span: SpanHead): void {
    const { at } = this;
    if (at + SPAN_HEAD_BYTES > this.#end) {
      this.isFull = true;
      return;
    }
    const view = this.#view;
    view.setInt32(at, span.kind | (span.statusCode << 8), true);
    view.setInt32(at + 4, span.idHi, true);
    view.setInt32(at + 8, span.idLo, true);
    view.setInt32(at + 12, span.parentHi, true);
    view.setInt32(at + 16, span.parentLo, true);
    view.setInt32(at + 20, span.flags, true);
    view.setUint32(at + 24, span.startSec, true);
    view.setUint32(at + 28, span.startNano, true);
    view.setUint32(at + 32, span.endSec, true);
    view.setUint32(at + 36, span.endNano, true);
    this.at = at + SPAN_HEAD_BYTES;
  }

  /** Name and version of a scope; the one that came last is remembered, because most spans are of a few. */
  scope(scope: Scope): void {
    if (scope !== this.#scope) {
      this.#scope = scope;
      this.#scopeName = scope.name === '' ? 0 : this.#texts.name(scope.name);
      this.#scopeVersion = scope.version === '' ? 0 : this.#texts.name(scope.version);
    }
    if (this.#scopeName === 0) this.name(scope.name);
    else this.word(this.#scopeName);
    if (this.#scopeVersion === 0) this.name(scope.version);
    else this.word(this.#scopeVersion);
  }

  /** Of a line: its trace and its span, which lines that follow each other have in common. '' for none. */
  ids(traceId: string, spanId: string): void {
    if (traceId !== this.#traceId || spanId !== this.#spanId) {
      this.#traceId = traceId;
      this.#spanId = spanId;
      putId(this.#idWords, 0, traceId);
      putId(this.#idWords, 4, spanId);
    }
    for (const word of this.#idWords) this.word(word);
  }

  /** Of a line: its scope, the text of its level, the keys of message and error. */
  lineHead(head: LineHead): void {
    const ids = this.#heads.get(head) ?? this.#newHead(head);
    if (ids === undefined) for (const text of textsOf(head)) this.name(text);
    else for (const id of ids) this.word(id);
  }

  /** Undefined where the table has no place for one of its texts. */
  #newHead(head: LineHead): readonly number[] | undefined {
    const texts = textsOf(head);
    const ids = texts.map((text) => (text === '' ? 0 : this.#texts.name(text)));
    if (ids.some((id, i) => id === 0 && texts[i] !== '')) return undefined;
    this.#heads.set(head, ids);
    return ids;
  }

  raw(value: Uint8Array): void {
    if (this.at + value.byteLength > this.#end) {
      this.isFull = true;
      return;
    }
    this.#bytes.set(value, this.at);
    this.at += value.byteLength;
  }

  /** Of a span: the keys that lead to `path`, and their values. */
  attributes(path: KeyPath, values: readonly HeldValue[]): void {
    const entries = this.#texts.keys(path);
    const { length } = entries;
    this.word(length);
    for (let i = 0; i < length && !this.isFull; i += 1) {
      const entry = entries[i] as KeyEntry;
      const value = values[i] as HeldValue;
      const isText = typeof value === 'string';
      const textId = isText ? this.#texts.value(entry, value) : 0;
      const { at } = this;
      if (
        entry.id === 0 ||
        (isText ? textId === 0 : typeof value !== 'number') ||
        at + NUMBER_BYTES > this.#end
      ) {
        this.#attribute(entry, value);
        continue;
      }
      // Both are in the table, or the value is a number: one look at the room that is left instead of three.
      const view = this.#view;
      view.setUint32(at, entry.id, true);
      if (isText) {
        view.setUint8(at + 4, TAG.text);
        view.setUint32(at + 5, textId, true);
        this.at = at + SHARED_TEXT_BYTES;
      } else {
        view.setUint8(at + 4, numberTag(value as number));
        view.setFloat64(at + 5, value as number, true);
        this.at = at + NUMBER_BYTES;
      }
    }
  }

  /** Of anything else. */
  attributeList(list: readonly Attribute[]): void {
    this.word(list.length);
    for (const { key, value } of list) this.#attribute(this.#texts.key(key), value);
  }

  #attribute(entry: KeyEntry, value: HeldValue): void {
    if (entry.id === 0) this.text(entry.key);
    else this.word(entry.id);
    if (typeof value !== 'string') {
      this.value(value);
      return;
    }
    this.byte(TAG.text);
    const id = this.#texts.value(entry, value);
    if (id === 0) this.text(value);
    else this.word(id);
  }

  value(value: HeldValue): void {
    switch (typeof value) {
      case 'string':
        this.byte(TAG.text);
        this.text(value);
        return;
      case 'number':
        this.byte(numberTag(value));
        this.double(value);
        return;
      case 'boolean':
        this.byte(value ? TAG.true : TAG.false);
        return;
      case 'bigint':
        this.byte(TAG.bigint);
        this.word(Number(BigInt.asUintN(32, value)));
        this.word(Number(BigInt.asUintN(32, value >> 32n)));
        return;
      default:
        this.#compound(value);
    }
  }

  #compound(value: Exclude<HeldValue, string | number | boolean | bigint>): void {
    if (value === null) {
      this.byte(TAG.null);
    } else if (value instanceof Uint8Array) {
      this.byte(TAG.bytes);
      this.word(value.byteLength);
      this.raw(value);
    } else if (isValueMap(value)) {
      this.byte(TAG.map);
      this.word(value.entries.length);
      for (const entry of value.entries) {
        this.text(entry.key);
        this.value(entry.value);
      }
    } else {
      this.byte(TAG.list);
      this.word(value.length);
      for (const item of value) this.value(item);
    }
  }
}

const textsOf = ({ scope, severityText, messageKey, errorKey }: LineHead): readonly string[] => [
  scope.name,
  scope.version,
  severityText,
  messageKey,
  errorKey,
];

/** Of hex digits, eight a word; all zero for ''. */
function putId(words: Uint32Array, at: number, text: string): void {
  const count = at === 0 ? 4 : 2;
  for (let i = 0; i < count; i += 1) words[at + i] = text === '' ? 0 : wordOfHex(text, i * 8);
}
