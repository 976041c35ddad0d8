/**
 * A growable buffer that protobuf messages are written into: varints, fixed-width numbers, UTF-8, and messages whose
 * length is only known at their end. Little-endian. Bench: bench/codec.bench.ts.
 */
import { assert } from './assert.ts';

export interface ByteWriter {
  /** Bytes written so far. */
  readonly length: number;
  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer>;
  /** Forgets what was written and keeps the memory. */
  clear(): void;
  byte(value: number): void;
  /** A whole number, 0 <= value <= 2^53 - 1. */
  varint(value: number): void;
  /** A 64-bit integer; a negative one takes ten bytes, as protobuf's int64 does. */
  varint64(value: bigint): void;
  fixed32(value: number): void;
  /** 64 bits, two's complement. */
  fixed64(value: bigint): void;
  double(value: number): void;
  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): void;
  /** Length and bytes. */
  bytes(value: Uint8Array): void;
  /** Length and UTF-8. Lone surrogates become U+FFFD. */
  string(value: string): void;
  /** Length and the bytes that an even number of hex digits stands for. Nothing else may be passed. */
  hex(value: string): void;
  /** Begins a message with its length in front; `close` with what this returns. */
  open(): number;
  /** Ends the message begun at `mark`. Messages close in the reverse order in which they were opened. */
  close(mark: number): void;
}

const FIRST_BYTES = 1024;

/** A new empty writer with room for `bytesFirst`; it doubles its room when that is not enough. */
export function byteWriter(bytesFirst: number = FIRST_BYTES): ByteWriter {
  return new GrowingBuffer(bytesFirst);
}

/** Below this, a loop over char codes beats the call into the encoder. */
const ASCII_LOOP_MAX = 48;
const SCRATCH = new DataView(new ArrayBuffer(8));
const NOT_HEX = 0xff;
const NIBBLES: Uint8Array = new Uint8Array(128).fill(NOT_HEX);
for (let i = 0; i < 16; i += 1) {
  NIBBLES[i.toString(16).charCodeAt(0)] = i;
  NIBBLES[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

class GrowingBuffer implements ByteWriter {
  length = 0;
  #bytes: Buffer<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;

  constructor(bytesFirst: number) {
    this.#bytes = Buffer.from(new ArrayBuffer(bytesFirst));
    this.#view = new DataView(this.#bytes.buffer);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer.slice(0, this.length));
  }

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  varint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.length++] = rest;
  }

  varint64(value: bigint): void {
    SCRATCH.setBigInt64(0, value, true);
    let low = SCRATCH.getUint32(0, true);
    let high = SCRATCH.getUint32(4, true);
    this.#room(10);
    while (high !== 0 || low > 0x7f) {
      this.#bytes[this.length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.length++] = low;
  }

  fixed32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  fixed64(value: bigint): void {
    this.#room(8);
    this.#view.setBigUint64(this.length, value, true);
    this.length += 8;
  }

  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.length);
    this.length += value.length;
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  string(value: string): void {
    const count = value.length;
    // At most three bytes a UTF-16 unit, and at most ten for the length.
    this.#room(10 + count * 3);
    if (count <= ASCII_LOOP_MAX && this.#ascii(value)) return;
    const mark = this.open();
    this.length += this.#bytes.write(value, this.length, 'utf8');
    this.close(mark);
  }

  hex(value: string): void {
    const count = value.length >> 1;
    this.varint(count);
    this.#room(count);
    for (let i = 0; i < count; i += 1) {
      const high = NIBBLES[value.charCodeAt(2 * i)] ?? NOT_HEX;
      const low = NIBBLES[value.charCodeAt(2 * i + 1)] ?? NOT_HEX;
      assert(high !== NOT_HEX && low !== NOT_HEX, 'ids are hex digits');
      this.#bytes[this.length++] = (high << 4) | low;
    }
  }

  open(): number {
    this.byte(0);
    return this.length;
  }

  /** One byte was kept for the length; a longer one moves the message up. */
  close(mark: number): void {
    const size = this.length - mark;
    if (size <= 0x7f) {
      this.#bytes[mark - 1] = size;
      return;
    }
    let more = 0;
    for (let rest = size; rest > 0x7f; rest = Math.floor(rest / 0x80)) more += 1;
    this.#room(more);
    this.#bytes.copyWithin(mark + more, mark, this.length);
    const end = this.length + more;
    this.length = mark - 1;
    this.varint(size);
    this.length = end;
  }

  /** Writes length and text if it is all ASCII; says whether it was. */
  #ascii(value: string): boolean {
    const count = value.length;
    const bytes = this.#bytes;
    const at = this.length + 1;
    for (let i = 0; i < count; i += 1) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at + i] = code;
    }
    bytes[at - 1] = count;
    this.length = at + count;
    return true;
  }

  #room(count: number): void {
    if (this.length + count > this.#bytes.length) this.#grow(this.length + count);
  }

  #grow(wanted: number): void {
    const larger = Buffer.from(new ArrayBuffer(Math.max(wanted, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
