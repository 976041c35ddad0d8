/**
 * The frame of a journal: 32 bytes of header, then a body. Little-endian; the checksums are CRC-32 as zlib computes it
 * (ISO 3309, reflected polynomial 0xEDB88320). docs/formats/journal.md describes it with vectors.
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 8 | hash of trace id, request id and time of a line; 0 where a frame is not of one line |
 * | 8 | 8 | sequence: 1, 2, 3 … of one writer in one epoch |
 * | 16 | 2 | where the payload begins, counted from the frame's first byte; what is between is the extension |
 * | 18 | 1 | kind |
 * | 19 | 1 | flags: 1 for a line that goes on where the one before it ends |
 * | 20 | 4 | bytes of the payload |
 * | 24 | 4 | checksum of everything behind the header: extension and payload |
 * | 28 | 4 | checksum of the 28 bytes before it, begun with the salt of the place where the frame lies |
 */
import { crc32 } from 'node:zlib';
import { assert } from '@aode/base';

export const FRAME_HEADER_BYTES = 32;
/** Frames begin at multiples of this, so that what is left at the end of a ring always has room for a header. */
export const FRAME_ALIGN = 32;

export const FRAME_KINDS = {
  segment: 1,
  traces: 2,
  logs: 3,
  metrics: 4,
  line: 5,
  dropped: 16,
  cursor: 17,
} as const;
export type FrameKind = keyof typeof FRAME_KINDS;

const KIND_NAMES: ReadonlyMap<number, FrameKind> = new Map(
  Object.entries(FRAME_KINDS).map(([name, value]) => [value, name as FrameKind]),
);

export interface FrameHeader {
  readonly hash: bigint;
  readonly sequence: number;
  /** From the frame's first byte. */
  readonly payloadOffset: number;
  /** Undefined for a kind that this version does not know; its frames are whole all the same. */
  readonly kind: FrameKind | undefined;
  readonly flags: number;
  readonly payloadBytes: number;
  readonly bodyCrc: number;
}

export interface FrameParts {
  readonly kind: FrameKind;
  readonly sequence: number;
  readonly hash?: bigint;
  readonly extension?: Uint8Array;
  readonly payload: Uint8Array;
}

/** What a frame takes with its padding. */
export function frameBytes(extensionBytes: number, payloadBytes: number): number {
  const bytes = FRAME_HEADER_BYTES + extensionBytes + payloadBytes;
  return Math.ceil(bytes / FRAME_ALIGN) * FRAME_ALIGN;
}

/** Beyond this an extension would leave no way to say where the payload begins. */
export const FRAME_EXTENSION_BYTES_MAX: number = 0xffff - FRAME_HEADER_BYTES;

const NOTHING = new Uint8Array(0);

/** Writes a frame at `at`, padding of zeros included, and returns the position behind it. */
export function writeFrame(into: Uint8Array, at: number, parts: FrameParts, salt: number): number {
  const { kind, sequence, hash = 0n, extension = NOTHING, payload } = parts;
  assert(extension.byteLength <= FRAME_EXTENSION_BYTES_MAX, 'an extension is found by 16 bits');
  const payloadOffset = FRAME_HEADER_BYTES + extension.byteLength;
  const end = at + frameBytes(extension.byteLength, payload.byteLength);
  into.set(extension, at + FRAME_HEADER_BYTES);
  into.set(payload, at + payloadOffset);
  into.fill(0, at + payloadOffset + payload.byteLength, end);
  const view = new DataView(into.buffer, into.byteOffset + at, FRAME_HEADER_BYTES);
  view.setBigUint64(0, hash, true);
  view.setBigUint64(8, BigInt(sequence), true);
  view.setUint16(16, payloadOffset, true);
  view.setUint8(18, FRAME_KINDS[kind]);
  view.setUint8(19, 0);
  view.setUint32(20, payload.byteLength, true);
  const bodyEnd = at + payloadOffset + payload.byteLength;
  view.setUint32(24, crc32(into.subarray(at + FRAME_HEADER_BYTES, bodyEnd)), true);
  view.setUint32(28, crc32(into.subarray(at, at + 28), salt), true);
  return end;
}

/** The header at `at`, or undefined when there is none that was written with this salt. Never throws. */
export function readFrameHeader(from: Uint8Array, at: number, salt: number): FrameHeader | undefined {
  if (at + FRAME_HEADER_BYTES > from.byteLength) return undefined;
  const view = new DataView(from.buffer, from.byteOffset + at, FRAME_HEADER_BYTES);
  // Most places that are no header are told by this alone.
  const payloadOffset = view.getUint16(16, true);
  if (payloadOffset < FRAME_HEADER_BYTES) return undefined;
  if (view.getUint32(28, true) !== crc32(from.subarray(at, at + 28), salt)) return undefined;
  const sequence = view.getBigUint64(8, true);
  if (sequence > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return {
    hash: view.getBigUint64(0, true),
    sequence: Number(sequence),
    payloadOffset,
    kind: KIND_NAMES.get(view.getUint8(18)),
    flags: view.getUint8(19),
    payloadBytes: view.getUint32(20, true),
    bodyCrc: view.getUint32(24, true),
  };
}

/** Whether extension and payload behind a header are as they were written; false as well when they are cut. */
export function isFrameWhole(from: Uint8Array, at: number, header: FrameHeader): boolean {
  const end = at + header.payloadOffset + header.payloadBytes;
  if (end > from.byteLength) return false;
  return crc32(from.subarray(at + FRAME_HEADER_BYTES, end)) === header.bodyCrc;
}

/** Where the next frame begins. */
export function frameEnd(at: number, { payloadOffset, payloadBytes }: FrameHeader): number {
  return at + frameBytes(payloadOffset - FRAME_HEADER_BYTES, payloadBytes);
}
