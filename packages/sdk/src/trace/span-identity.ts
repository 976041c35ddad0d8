/**
 * Ids as signed words, the little-endian images of their bytes, and as the hex text that headers and lines carry.
 * Signed, because V8 keeps an unsigned one above 2^31 in a piece of memory of its own.
 */
import type { Random } from '@aode/base';
import type { TraceWords } from '../pool/pool-trace.ts';

const BYTES = Buffer.alloc(16);
const VIEW = new DataView(BYTES.buffer, BYTES.byteOffset, BYTES.byteLength);

export function traceIdText({ a, b, c, d }: TraceWords): string {
  VIEW.setInt32(0, a, true);
  VIEW.setInt32(4, b, true);
  VIEW.setInt32(8, c, true);
  VIEW.setInt32(12, d, true);
  return BYTES.toString('hex', 0, 16);
}

export function spanIdText(hi: number, lo: number): string {
  VIEW.setInt32(0, hi, true);
  VIEW.setInt32(4, lo, true);
  return BYTES.toString('hex', 0, 8);
}

/** Of 32 hex digits. */
export function traceWords(text: string): TraceWords {
  BYTES.write(text, 0, 16, 'hex');
  return {
    a: VIEW.getInt32(0, true),
    b: VIEW.getInt32(4, true),
    c: VIEW.getInt32(8, true),
    d: VIEW.getInt32(12, true),
  };
}

/** Of 16 hex digits. */
export function spanWords(text: string): { readonly hi: number; readonly lo: number } {
  BYTES.write(text, 0, 8, 'hex');
  return { hi: VIEW.getInt32(0, true), lo: VIEW.getInt32(4, true) };
}

/** A new id of 128 random bits, never all zero. */
export function newTraceWords(random: Random): TraceWords {
  const words = {
    a: random.next() | 0,
    b: random.next() | 0,
    c: random.next() | 0,
    d: random.next() | 0,
  };
  return (words.a | words.b | words.c | words.d) === 0 ? newTraceWords(random) : words;
}
