/**
 * Reads varints, fixed-width numbers, text and length-delimited regions out of bytes of unknown origin. Little-endian.
 *
 * Nothing is ever read at or beyond `limit`; `enter` narrows the limit to a region and `leave` restores it, so damage
 * stays within the bytes that were received. Every refusal is an `AodeError` with the code that the caller chose and
 * the offset in `detail.at`. Bench: bench/codec.bench.ts.
 */
import { AodeError, type AodeErrorCode } from './errors.ts';
import { type TextCache, textCache } from './text-cache.ts';

export interface ByteReader {
  /** What is read, whole. */
  readonly source: Buffer;
  /** Offset of the next byte. */
  readonly at: number;
  /** Where reading stops: the end of the innermost region entered. */
  readonly limit: number;
  /** Goes on reading at `at`, up to `limit`; both within the source. */
  seek(at: number, limit: number): void;
  /** Reads a length and narrows the limit to that region. Returns the limit to hand to `leave`. */
  enter(): number;
  /** Ends a region that has been read up to its limit. */
  leave(outer: number): void;
  /** Reads a length, checks that as many bytes follow, and returns it. The bytes are not consumed. */
  length(): number;
  skip(count: number): void;
  /** Varint, low 32 bits, unsigned. */
  uint32(): number;
  /** Varint, low 32 bits, signed. */
  int32(): number;
  /** Varint, zigzag, low 32 bits. */
  sint32(): number;
  /** Varint, two's complement. */
  int64(): bigint;
  /** Varint, unsigned. */
  uint64(): bigint;
  /** Varint, whether any of its 64 bits is set. */
  bool(): boolean;
  fixed32(): number;
  fixed64(): bigint;
  sfixed64(): bigint;
  double(): number;
  /** Length-delimited UTF-8. What is not UTF-8 becomes U+FFFD. */
  string(): string;
  /** The same for text that repeats, as names do: equal bytes give the very same string, from a bounded cache. */
  name(): string;
  /** What `string` gives for `source[start..end)`, without moving. */
  textAt(start: number, end: number): string;
  /** What `name` gives for `source[start..end)`, without moving. */
  nameAt(start: number, end: number): string;
  /** Length-delimited bytes as lower-case hex. */
  hex(): string;
  /** Length-delimited bytes, copied. */
  bytes(): Uint8Array;
  /** Throws the reader's code for the place where it stands. */
  fail(why: string): never;
}

/** A reader over all of `source`; its refusals carry `code`. The bytes are not copied. */
export function byteReader(source: Uint8Array, code: AodeErrorCode): ByteReader {
  return new BufferReader(source, code);
}

const SCRATCH = new DataView(new ArrayBuffer(8));

/** 64 bits need ten groups of seven. */
const VARINT_BYTES_MAX = 10;

/** Shared by all readers: what is cached does not depend on who reads it. */
const NAMES: TextCache = textCache();
const SHORT_TEXTS: TextCache = textCache();

class BufferReader implements ByteReader {
  readonly source: Buffer;
  at = 0;
  limit: number;
  readonly #view: DataView;
  readonly #code: AodeErrorCode;
  #low = 0;
  #high = 0;

  constructor(source: Uint8Array, code: AodeErrorCode) {
    this.source = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    this.limit = source.byteLength;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.#code = code;
  }

  seek(at: number, limit: number): void {
    if (at < 0 || at > limit || limit > this.source.length) this.fail('outside of the source');
    this.at = at;
    this.limit = limit;
  }

  enter(): number {
    const outer = this.limit;
    this.limit = this.length() + this.at;
    return outer;
  }

  leave(outer: number): void {
    this.limit = outer;
  }

  length(): number {
    const at = this.at;
    const first = at < this.limit ? (this.source[at] as number) : 0x80;
    let length = first;
    if (first < 0x80) this.at = at + 1;
    else {
      this.#varint();
      length = this.#high === 0 ? this.#low : Infinity;
    }
    if (length > this.limit - this.at) this.fail('length beyond the end');
    return length;
  }

  skip(count: number): void {
    if (count > this.limit - this.at) this.fail('ends in the middle of a field');
    this.at += count;
  }

  uint32(): number {
    const at = this.at;
    if (at < this.limit) {
      const first = this.source[at] as number;
      if (first < 0x80) {
        this.at = at + 1;
        return first;
      }
    }
    this.#varint();
    return this.#low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const zigzag = this.uint32();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  int64(): bigint {
    this.#varint();
    if (this.#high === 0) return BigInt(this.#low);
    SCRATCH.setUint32(0, this.#low, true);
    SCRATCH.setUint32(4, this.#high, true);
    return SCRATCH.getBigInt64(0, true);
  }

  uint64(): bigint {
    return BigInt.asUintN(64, this.int64());
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  fixed32(): number {
    const at = this.at;
    this.skip(4);
    return this.#view.getUint32(at, true);
  }

  fixed64(): bigint {
    const at = this.at;
    this.skip(8);
    return this.#view.getBigUint64(at, true);
  }

  sfixed64(): bigint {
    const at = this.at;
    this.skip(8);
    return this.#view.getBigInt64(at, true);
  }

  double(): number {
    const at = this.at;
    this.skip(8);
    return this.#view.getFloat64(at, true);
  }

  string(): string {
    return this.#text(SHORT_TEXTS);
  }

  name(): string {
    return this.#text(NAMES);
  }

  textAt(start: number, end: number): string {
    return SHORT_TEXTS.text(this.source, start, end);
  }

  nameAt(start: number, end: number): string {
    return NAMES.text(this.source, start, end);
  }

  hex(): string {
    const length = this.length();
    const start = this.at;
    this.at = start + length;
    return length === 0 ? '' : this.source.toString('hex', start, this.at);
  }

  bytes(): Uint8Array {
    const length = this.length();
    const start = this.at;
    this.at = start + length;
    return new Uint8Array(this.source.subarray(start, this.at));
  }

  fail(why: string): never {
    throw new AodeError(this.#code, { why, at: this.at });
  }

  #text(cache: TextCache): string {
    const length = this.length();
    const start = this.at;
    this.at = start + length;
    return cache.text(this.source, start, this.at);
  }

  /** Leaves the 64 bits in `#low` and `#high`. */
  #varint(): void {
    const { source, limit } = this;
    let { at } = this;
    let low = 0;
    let high = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
      if (at >= limit) this.fail('ends in the middle of a number');
      const byte = source[at] as number;
      at += 1;
      const bits = byte & 0x7f;
      if (i < 5) low |= bits << (7 * i);
      if (i === 4) high = bits >>> 4;
      if (i > 4) high |= bits << (7 * i - 32);
      if (byte < 0x80) {
        this.at = at;
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.fail('number of more than ten bytes');
  }
}
