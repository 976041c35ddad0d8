/**
 * Texts that many records have in common are written once, into memory that the agent reads, and named by their place
 * there. What takes many values (paths with ids in them, addresses) is found out key by key and written out in each
 * record instead, so that the table stays small whatever the application does. Bench: bench/span.bench.ts.
 */

import { type KeyPath, keysOf } from './key-path.ts';
import { ownText, SHARED_CHARS_MAX } from './shared-text.ts';

/** Names of spans, scopes, severities; a service has dozens. Beyond this many they are made up and not shared. */
const NAMES_MAX = 2048;
/** Keys of attributes likewise. */
const KEYS_MAX = 2048;
/** A key with more different values than this has its values written out: a service has some 60 routes. */
const VALUES_MAX = 64;

/** What is known of the values of one key. */
export interface KeyEntry {
  readonly key: string;
  /** 0 when the key itself is not shared. */
  readonly id: number;
  /** Undefined when its values are written out. */
  values: Map<string, number> | undefined;
  /** The shared value that came last: most keys have one for long, and a comparison costs less than a hash. */
  lastText: string;
  lastId: number;
}

const newEntry = (key: string, id: number, values: Map<string, number> | undefined): KeyEntry => ({
  key,
  id,
  values,
  lastText: '',
  lastId: 0,
});

export class TextTable {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #names = new Map<string, number>();
  readonly #keys = new Map<string, KeyEntry>();
  /** The first place is never given, so that 0 means "not here". */
  #used = 8;

  constructor(texts: Uint8Array) {
    this.#bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength);
    this.#view = new DataView(texts.buffer, texts.byteOffset, texts.byteLength);
  }

  /** Its place in the table; 0 when it is not shared. */
  name(text: string): number {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= NAMES_MAX) return 0;
    const id = this.#add(text);
    if (id !== 0) this.#names.set(ownText(text), id);
    return id;
  }

  /** What is known of all keys that lead to `path`, in their order. */
  keys(path: KeyPath): readonly KeyEntry[] {
    if (path.entriesIn === this) return path.entries;
    path.entries = keysOf(path).map((key) => this.key(key));
    path.entriesIn = this;
    return path.entries;
  }

  key(text: string): KeyEntry {
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    if (this.#keys.size >= KEYS_MAX) return newEntry(text, 0, undefined);
    const id = this.#add(text);
    if (id === 0) return newEntry(text, 0, undefined);
    const entry = newEntry(text, id, new Map());
    this.#keys.set(ownText(text), entry);
    return entry;
  }

  /** As `name`, for a value of `key`. */
  value(key: KeyEntry, text: string): number {
    const { values } = key;
    if (values === undefined) return 0;
    if (key.lastText === text && key.lastId !== 0) return key.lastId;
    const known = values.get(text);
    if (known !== undefined) {
      key.lastText = text;
      key.lastId = known;
      return known;
    }
    if (text.length > SHARED_CHARS_MAX) return 0;
    if (values.size >= VALUES_MAX) {
      key.values = undefined;
      return 0;
    }
    const id = this.#add(text);
    if (id !== 0) values.set(ownText(text), id);
    return id;
  }

  /** Length and UTF-8, at a multiple of 4. */
  #add(text: string): number {
    if (text.length > SHARED_CHARS_MAX) return 0;
    const bytes = Buffer.byteLength(text);
    const id = this.#used;
    if (id + 4 + bytes > this.#bytes.length) return 0;
    this.#view.setUint32(id, bytes, true);
    this.#bytes.write(text, id + 4, bytes, 'utf8');
    this.#used = Math.ceil((id + 4 + bytes) / 4) * 4;
    return id;
  }
}

/** The other side. Each text is decoded once. */
export class TextTableReader {
  readonly #bytes: Buffer;
  readonly #known = new Map<number, string>();

  constructor(texts: Uint8Array) {
    this.#bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength);
  }

  text(id: number): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const bytes = this.#bytes.readUInt32LE(id);
    const text = this.#bytes.toString('utf8', id + 4, id + 4 + bytes);
    this.#known.set(id, text);
    return text;
  }
}
