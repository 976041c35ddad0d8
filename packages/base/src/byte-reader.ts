/**
 * The bounded twin of ByteWriter: reads protobuf's scalars from bytes that nobody has vouched for. Every read checks
 * its bounds and fails with AODE_OTLP_PROTOBUF_INVALID and the offset. Bench: bench/codec.bench.ts.
 */
import { AodeError } from './errors.ts';

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
/** Below this, a loop over bytes beats the call into TextDecoder. */
const ASCII_LOOP_MAX = 32;
const VARINT_BYTES_MAX = 10;

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Next byte to read. */
  at: number;
  /** First byte that may not be read. */
  end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.length;
  }

  fail(why: string): never {
    throw new AodeError('AODE_OTLP_PROTOBUF_INVALID', { why, offset: this.at });
  }

  #take(count: number): number {
    const from = this.at;
    if (count > this.end - from) this.fail('truncated');
    this.at = from + count;
    return from;
  }

  /** A varint cut to its lower 32 bits, unsigned: tags, lengths, enums, booleans, uint32. */
  varint32(): number {
    const { bytes, end } = this;
    let at = this.at;
    let result = 0;
    for (let shift = 0; shift < 7 * VARINT_BYTES_MAX; shift += 7) {
      if (at >= end) this.fail('truncated');
      const byte = bytes[at++] ?? 0;
      if (shift < 32) result |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return result >>> 0;
      }
    }
    return this.fail('varint of more than ten bytes');
  }

  /** A varint as an unsigned 64-bit integer. */
  varint64(): bigint {
    const { bytes, end } = this;
    let at = this.at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 7 * VARINT_BYTES_MAX; shift += 7) {
      if (at >= end) this.fail('truncated');
      const byte = bytes[at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.at = at;
        return high === 0 ? BigInt(low >>> 0) : (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      }
    }
    return this.fail('varint of more than ten bytes');
  }

  /** A varint as a signed 64-bit integer (protobuf's int64). */
  int64(): bigint {
    return BigInt.asIntN(64, this.varint64());
  }

  /** A varint as a signed 32-bit integer in zigzag form (protobuf's sint32). */
  sint32(): number {
    const value = this.varint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A length that stays inside: the offset behind it. */
  lengthEnd(): number {
    const size = this.varint32();
    if (size > this.end - this.at) this.fail('a length leaves its message');
    return this.at + size;
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  sfixed64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Length and bytes, as a view onto the input, not a copy. */
  slice(): Uint8Array {
    const to = this.lengthEnd();
    const from = this.at;
    this.at = to;
    return this.bytes.subarray(from, to);
  }

  /** Length and UTF-8. Invalid sequences become U+FFFD: a careless sender should not lose a whole request for it. */
  string(): string {
    const to = this.lengthEnd();
    const from = this.at;
    this.at = to;
    return utf8(this.bytes, from, to);
  }

  /** Length and bytes as lower-case hex. */
  hex(): string {
    const to = this.lengthEnd();
    let text = '';
    for (let i = this.at; i < to; i += 1) text += HEX[this.bytes[i] ?? 0] ?? '';
    this.at = to;
    return text;
  }

  /** Passes over a field of this wire type. Groups (3, 4) are gone from proto3 and refused. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint64();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.at = this.lengthEnd();
    else if (wireType === 5) this.#take(4);
    else this.fail(`wire type ${wireType}`);
  }
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** UTF-8 of `bytes[from, to)`; short ASCII, which most of telemetry is, without leaving JavaScript. */
export function utf8(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > ASCII_LOOP_MAX) return DECODER.decode(bytes.subarray(from, to));
  let text = '';
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte > 0x7f) return DECODER.decode(bytes.subarray(from, to));
    text += String.fromCharCode(byte);
  }
  return text;
}
