/**
 * The attributes of a record under scan: where each stands, and its parts on demand. Nothing is made before it is asked
 * for; a whole list can be kept as bytes (`raw`), searched (`indexOf`) and indexed (`hash`) without decoding it.
 */
import { type ByteReader, unreachable } from '@aode/base';
import { attributeHash, attributeHashOfAscii } from './attribute-hash.ts';
import { messageReader, readTag, skipField } from './decode-field.ts';
import { readAttribute } from './decode-value.ts';
import type { Value } from './model.ts';
import { FieldPlaces, type RawList } from './scan-list.ts';
import { walkComposite } from './scan-walk.ts';
import { valueText } from './value-text.ts';

/** Indexes run from 0 to `count` - 1, in the order of the message. All is void once the sink has returned. */
export interface AttributeScan extends RawList {
  key(index: number): string;
  /** Index of the first attribute with this key, or -1. */
  indexOf(key: string): number;
  value(index: number): Value;
  /** `valueText(value(index))`. */
  text(index: number): string;
  /** `attributeHash(key(index), text(index))`. */
  hash(index: number): bigint;
}

/** How a value is read on demand; what is no lone scalar is decoded whole. */
const FORM = { none: 0, string: 1, bool: 2, int: 3, double: 4, other: 5 } as const;
type Form = (typeof FORM)[keyof typeof FORM];

/** Numbers kept for each attribute: start and end of key and of value, and the form. */
const SLOT = 5;

export class AttributePlaces implements AttributeScan {
  /** Whether one of the values nests deeper than VALUE_DEPTH_MAX; then it cannot be decoded. */
  tooDeep = false;
  readonly #places: FieldPlaces;
  /** Reads parts on demand while the scan's own reader stands elsewhere. */
  readonly #reader: ByteReader;
  #slots: Int32Array = new Int32Array(SLOT * 32);
  #valueStart = 0;
  #valueEnd = 0;

  constructor(source: Buffer) {
    this.#places = new FieldPlaces(source);
    this.#reader = messageReader(source);
  }

  get count(): number {
    return this.#places.count;
  }

  clear(): void {
    this.#places.clear();
    this.tooDeep = false;
  }

  /** Scans the length-delimited KeyValue at which `reader` stands; its tag began at `start`. */
  scan(reader: ByteReader, start: number): void {
    let keyStart = 0;
    let keyEnd = 0;
    let form: Form = FORM.none;
    const outer = reader.enter();
    while (reader.at < reader.limit) {
      const tag = readTag(reader);
      if (tag === 0x0a) {
        const length = reader.length();
        keyStart = reader.at;
        reader.skip(length);
        keyEnd = reader.at;
      } else if (tag === 0x12) form = this.#scanValue(reader, form);
      else skipField(reader, tag);
    }
    reader.leave(outer);
    this.#keep(form, keyStart, keyEnd);
    this.#places.add(start, reader.at);
  }

  raw(): Uint8Array {
    return this.#places.raw();
  }

  key(index: number): string {
    const at = index * SLOT;
    return this.#reader.nameAt(this.#slots[at] ?? 0, this.#slots[at + 1] ?? 0);
  }

  indexOf(key: string): number {
    for (let i = 0; i < this.count; i += 1) {
      if (this.key(i) === key) return i;
    }
    return -1;
  }

  value(index: number): Value {
    const form = this.#seek(index);
    switch (form) {
      case FORM.none:
        return null;
      case FORM.string:
        return this.#reader.textAt(this.#reader.at, this.#reader.limit);
      case FORM.bool:
        return this.#reader.bool();
      case FORM.int:
        return this.#reader.int64();
      case FORM.double:
        return this.#reader.double();
      case FORM.other:
        return this.#decoded(index);
      default:
        return unreachable(form);
    }
  }

  text(index: number): string {
    return valueText(this.value(index));
  }

  hash(index: number): bigint {
    const key = this.key(index);
    if (this.#seek(index) === FORM.string) {
      const { source, at, limit } = this.#reader;
      const hash = attributeHashOfAscii(key, source, at, limit);
      if (hash !== undefined) return hash;
    }
    return attributeHash(key, this.text(index));
  }

  /** Puts the reader on the value and says its form. */
  #seek(index: number): Form {
    const at = index * SLOT;
    this.#reader.seek(this.#slots[at + 2] ?? 0, this.#slots[at + 3] ?? 0);
    return this.#slots[at + 4] as Form;
  }

  #decoded(index: number): Value {
    this.#reader.seek(this.#places.startOf(index), this.#places.endOf(index));
    readTag(this.#reader);
    return readAttribute(this.#reader, 1).value;
  }

  /** Notes the place of the last scalar; an AnyValue that comes twice is merged, hence `before`. */
  #scanValue(reader: ByteReader, before: Form): Form {
    let form = before;
    const outer = reader.enter();
    while (reader.at < reader.limit) {
      const tag = readTag(reader);
      switch (tag) {
        case 0x0a: // string_value = 1
          this.#valueEnd = reader.length() + reader.at;
          this.#valueStart = reader.at;
          reader.skip(this.#valueEnd - this.#valueStart);
          form = FORM.string;
          break;
        case 0x10: // bool_value = 2
        case 0x18: // int_value = 3
        case 0x21: // double_value = 4
          form = this.#scanNumber(reader, tag);
          break;
        case 0x2a: // array_value = 5
        case 0x32: // kvlist_value = 6
          this.tooDeep = walkComposite(reader, tag, 2) || this.tooDeep;
          form = FORM.other;
          break;
        case 0x3a: // bytes_value = 7
        case 0x40: // string_value_strindex = 8
          skipField(reader, tag);
          form = FORM.other;
          break;
        default:
          skipField(reader, tag);
      }
    }
    reader.leave(outer);
    return form;
  }

  #scanNumber(reader: ByteReader, tag: number): Form {
    this.#valueStart = reader.at;
    skipField(reader, tag);
    this.#valueEnd = reader.at;
    if (tag === 0x10) return FORM.bool;
    return tag === 0x18 ? FORM.int : FORM.double;
  }

  #keep(form: Form, keyStart: number, keyEnd: number): void {
    const at = this.count * SLOT;
    if (at === this.#slots.length) {
      const larger = new Int32Array(this.#slots.length * 2);
      larger.set(this.#slots);
      this.#slots = larger;
    }
    const scalar = form !== FORM.none && form !== FORM.other;
    this.#slots[at] = keyStart;
    this.#slots[at + 1] = keyEnd;
    this.#slots[at + 2] = scalar ? this.#valueStart : 0;
    this.#slots[at + 3] = scalar ? this.#valueEnd : 0;
    this.#slots[at + 4] = form;
  }
}
