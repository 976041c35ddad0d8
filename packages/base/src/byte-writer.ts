/**
 * A growable buffer that protobuf messages are written into: varints, fixed integers, doubles, UTF-8, and messages
 * whose length is only known at their end. Bench: bench/codec.bench.ts.
 */
import { assert } from './assert.ts';

const FIRST_BYTES = 1024;
const ENCODER = new TextEncoder();
/** Below this, a loop over char codes beats the call into TextEncoder. */
const ASCII_LOOP_MAX = 48;

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;

  constructor(bytesFirst: number = FIRST_BYTES) {
    this.#bytes = new Uint8Array(bytesFirst);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  #room(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number, 0 <= value <= 2^53 - 1. */
  varint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A 64-bit integer; a negative one takes ten bytes, as protobuf's int64 does. */
  varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffff_ffffn) {
      this.varint(Number(value));
      return;
    }
    this.#room(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  /** 32 bits, little-endian. */
  fixed32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** 64 bits, little-endian, two's complement. */
  fixed64(value: bigint): void {
    this.#room(8);
    this.#view.setBigUint64(this.#length, BigInt.asUintN(64, value), true);
    this.#length += 8;
  }

  /** IEEE 754 double, little-endian. */
  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Length and bytes. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** Length and UTF-8. Lone surrogates become U+FFFD, as TextEncoder makes them. */
  string(value: string): void {
    const count = value.length;
    if (count <= ASCII_LOOP_MAX) {
      this.#room(1 + count);
      const at = this.#length + 1;
      let i = 0;
      for (; i < count; i += 1) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        this.#bytes[at + i] = code;
      }
      if (i === count) {
        this.#bytes[this.#length] = count;
        this.#length = at + count;
        return;
      }
    }
    const mark = this.open();
    this.#room(count * 3);
    this.#length += ENCODER.encodeInto(value, this.#bytes.subarray(this.#length)).written;
    this.close(mark);
  }

  /** Bytes given as an even number of hex digits, with their length. Nothing else may be passed. */
  hex(value: string): void {
    const count = value.length >> 1;
    this.varint(count);
    this.#room(count);
    for (let i = 0; i < count; i += 1) {
      const byte = Number.parseInt(value.slice(2 * i, 2 * i + 2), 16);
      assert(byte >= 0, 'ids are hex digits');
      this.#bytes[this.#length++] = byte;
    }
  }

  /** Begins a message with its length in front; `close` with what this returns. */
  open(): number {
    this.byte(0);
    return this.#length;
  }

  /** Ends the message begun at `mark`: makes room for its length, which was one byte so far, and writes it. */
  close(mark: number): void {
    const size = this.#length - mark;
    if (size <= 0x7f) {
      this.#bytes[mark - 1] = size;
      return;
    }
    let more = 0;
    for (let rest = size; rest > 0x7f; rest >>>= 7) more += 1;
    this.#room(more);
    this.#bytes.copyWithin(mark + more, mark, this.#length);
    const end = this.#length + more;
    this.#length = mark - 1;
    this.varint(size);
    this.#length = end;
  }
}
