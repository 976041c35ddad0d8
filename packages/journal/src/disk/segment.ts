/**
 * One file of a journal on disk: a head, frames one behind the other, zeros up to its end. What can be told of a frame
 * without its neighbours is in @aode/wire's frame.ts; here is what a file of them says: where it ends, and where it is
 * damaged. A bad frame with a good one behind it is damage; with nothing behind it, it is what a crash has torn.
 */
import { FRAME_ALIGN, FRAME_HEADER_BYTES, frameEnd, type FrameHeader } from '@aode/wire';
import { frameBytes, isFrameWhole, readFrameHeader, writeFrame } from '@aode/wire';

/** Of the layout described in docs/formats/journal.md. */
export const SEGMENT_VERSION = 1;

/** What the name of a segment says. All that is needed to read its frames, so that a damaged head costs nothing. */
export interface SegmentName {
  /** Which opening of the journal has written it: 1, 2, 3 … */
  readonly epoch: number;
  /** Counts through all epochs. */
  readonly number: number;
  /** Of all its frames. */
  readonly priority: number;
  /** What its header checksums begin with, so that no frame of another file is taken for one of its own. */
  readonly salt: number;
}

const NAME = /^([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{2})-([0-9a-f]{8})\.segment$/;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export function segmentFileName({ epoch, number, priority, salt }: SegmentName): string {
  return `${hex(epoch, 8)}-${hex(number, 8)}-${hex(priority, 2)}-${hex(salt, 8)}.segment`;
}

/** Undefined for a file that is no segment. */
export function parseSegmentName(fileName: string): SegmentName | undefined {
  const found = NAME.exec(fileName);
  if (found === null) return undefined;
  const [epoch = 0, number = 0, priority = 0, salt = 0] = found
    .slice(1)
    .map((digits) => Number.parseInt(digits, 16));
  return { epoch, number, priority, salt };
}

/** What a frame says of itself beside its payload: 8 bytes between header and payload. */
export interface FrameExtension {
  readonly recordCount: number;
  readonly priority: number;
}

export const EXTENSION_BYTES = 8;

export function encodeExtension({ recordCount, priority }: FrameExtension): Uint8Array {
  const bytes = new Uint8Array(EXTENSION_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, recordCount, true);
  view.setUint8(4, priority);
  return bytes;
}

/** Of a frame whose extension is at least `EXTENSION_BYTES` long. */
export function decodeExtension(from: Uint8Array, at: number): FrameExtension {
  const view = new DataView(from.buffer, from.byteOffset + at + FRAME_HEADER_BYTES, EXTENSION_BYTES);
  return { recordCount: view.getUint32(0, true), priority: view.getUint8(4) };
}

/** The first frame of a segment: `version` u16, 6 bytes of 0, then who has written it. */
export function encodeSegmentHead(origin: Uint8Array, salt: number): Uint8Array {
  const payload = new Uint8Array(8 + origin.byteLength);
  new DataView(payload.buffer).setUint16(0, SEGMENT_VERSION, true);
  payload.set(origin, 8);
  const bytes = new Uint8Array(frameBytes(0, payload.byteLength));
  writeFrame(bytes, 0, { kind: 'segment', sequence: 0, payload }, salt);
  return bytes;
}

export interface SegmentHead {
  readonly version: number;
  readonly origin: Uint8Array;
  /** Where the first frame begins. */
  readonly end: number;
}

/** Undefined when the head is not whole. */
export function decodeSegmentHead(bytes: Uint8Array, salt: number): SegmentHead | undefined {
  const header = readFrameHeader(bytes, 0, salt);
  if (header?.kind !== 'segment' || header.payloadBytes < 8 || !isFrameWhole(bytes, 0, header))
    return undefined;
  const at = header.payloadOffset;
  const version = new DataView(bytes.buffer, bytes.byteOffset + at, 2).getUint16(0, true);
  return { version, origin: bytes.slice(at + 8, at + header.payloadBytes), end: frameEnd(0, header) };
}

export interface ScannedFrame {
  /** Of its first byte in the file. */
  readonly offset: number;
  readonly header: FrameHeader;
}

/** Bytes of a segment that are no frames although they should be: from the first to behind the last. */
export interface DamagedRange {
  readonly start: number;
  readonly end: number;
}

export interface SegmentScan {
  readonly head: SegmentHead | undefined;
  readonly frames: readonly ScannedFrame[];
  readonly damages: readonly DamagedRange[];
  /** Bytes at the end that a crash has left: not all of them are 0, and no frame is behind them. */
  readonly tornBytes: number;
  /** Where the next frame would go. */
  readonly end: number;
}

/** Reads a whole segment. Never throws, whatever is in it. */
export function scanSegment(bytes: Uint8Array, salt: number): SegmentScan {
  const head = decodeSegmentHead(bytes, salt);
  const frames: ScannedFrame[] = [];
  const damages: DamagedRange[] = [];
  let at = head?.end ?? 0;
  for (;;) {
    const header = goodHeader(bytes, at, salt);
    if (header !== undefined) {
      if (header.kind !== 'segment') frames.push({ offset: at, header });
      at = frameEnd(at, header);
      continue;
    }
    const next = nextFrame(bytes, at, salt);
    if (next === undefined) break;
    damages.push({ start: at, end: next });
    at = next;
  }
  return { head, frames, damages, tornBytes: usedBytes(bytes, at), end: at };
}

function goodHeader(bytes: Uint8Array, at: number, salt: number): FrameHeader | undefined {
  const header = readFrameHeader(bytes, at, salt);
  return header !== undefined && isFrameWhole(bytes, at, header) ? header : undefined;
}

/**
 * The next place behind `at` where a whole frame begins. A header that is right says where its frame ends although the
 * body is not: what looks like a frame within that body is somebody's text.
 */
function nextFrame(bytes: Uint8Array, at: number, salt: number): number | undefined {
  const broken = readFrameHeader(bytes, at, salt);
  const from = broken === undefined ? at + FRAME_ALIGN : frameEnd(at, broken);
  for (let place = from; place + FRAME_HEADER_BYTES <= bytes.byteLength; place += FRAME_ALIGN) {
    if (goodHeader(bytes, place, salt) !== undefined) return place;
  }
  return undefined;
}

/** How far from `at` the last byte is that is not 0. */
function usedBytes(bytes: Uint8Array, at: number): number {
  let end = bytes.byteLength;
  while (end > at && bytes[end - 1] === 0) end -= 1;
  return Math.max(0, end - at);
}
