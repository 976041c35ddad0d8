/** A segment as a file: made with its room of zeros, appended to, synced, read, removed. What fails throws. */
import { join } from 'node:path';
import {
  frameBytes,
  FRAME_HEADER_BYTES,
  isFrameWhole,
  readFrameHeader,
  frameEnd,
  type FrameParts,
  saltFrames,
  wordBytesOf,
  writeFrame,
} from '@aode/wire';
import type { Files, OpenFile } from './files.ts';
import type { RecoveredSegment } from './recover.ts';
import { NO_RANGE, type SequenceRange } from './sequence-range.ts';
import { encodeSegmentHead, segmentFileName, type SegmentName } from './segment.ts';

export class SegmentFile {
  readonly path: string;
  readonly name: SegmentName;
  /** Where the next frame goes. */
  end: number;
  /** Bytes that it was made with. */
  readonly capacity: number;
  /** Frames within that somebody still needs. */
  liveCount = 0;
  /** What it says of older frames: that they have given way. */
  readonly named: SequenceRange[] = [];
  /** Older ones of which a newer one says again what it says. */
  saidOf: readonly SegmentFile[] = [];
  /** Whether that is on stable storage. */
  isSaid = false;
  /** From the first to the last frame that may be in it, needed or not. */
  span: SequenceRange = NO_RANGE;
  readonly #files: Files;
  /** Undefined once nothing is appended any more. */
  #file: OpenFile | undefined;
  #isSetAside = false;

  /** `file` of one that is appended to; one that is read only is opened when it is read. */
  constructor(files: Files, path: string, name: SegmentName, state: SegmentState) {
    this.#files = files;
    this.path = path;
    this.name = name;
    this.end = state.end;
    this.capacity = state.capacity;
    this.#file = state.file;
  }

  /** One that was found: it is read, and removed when nobody needs it. */
  static sealed(files: Files, { path, name, end, bytes, dropped, span }: RecoveredSegment): SegmentFile {
    const segment = new SegmentFile(files, path, name, { end, capacity: bytes, file: undefined });
    segment.named.push(...dropped);
    segment.span = span;
    return segment;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Bytes that still fit. */
  get roomBytes(): number {
    return this.isOpen ? this.capacity - this.end : 0;
  }

  /** Writes frames one behind the other and returns where each begins. All of them are written, or it throws. */
  append(frames: readonly StoredFrame[]): readonly number[] {
    const { salt } = this.name;
    const inPlace = asOneRun(frames);
    if (inPlace !== undefined) return this.#appendRun(inPlace, frames as readonly Uint8Array[]);
    const block = wordBytesOf(new Uint8Array(frames.reduce((sum, frame) => sum + storedBytes(frame), 0)));
    const offsets: number[] = [];
    let at = 0;
    for (const frame of frames) {
      offsets.push(this.end + at);
      if (frame instanceof Uint8Array) {
        block.bytes.set(frame, at);
        saltFrames(block, { start: at, end: at + frame.byteLength }, salt);
        at += frame.byteLength;
      } else at = writeFrame(block.bytes, at, frame, salt);
    }
    this.#file?.write(block.bytes, this.end);
    this.end += at;
    return offsets;
  }

  /** Runs that lie side by side in memory are salted and written where they are. */
  #appendRun(run: Uint8Array, parts: readonly Uint8Array[]): readonly number[] {
    saltFrames(wordBytesOf(run), { start: 0, end: run.byteLength }, this.name.salt);
    const offsets: number[] = [];
    let at = this.end;
    for (const part of parts) {
      offsets.push(at);
      at += part.byteLength;
    }
    this.#file?.write(run, this.end);
    this.end = at;
    return offsets;
  }

  sync(): void {
    this.#file?.sync();
  }

  /** Nothing is appended any more. */
  seal(): void {
    const file = this.#file;
    this.#file = undefined;
    try {
      file?.close();
    } catch {
      // What it held is synced, or is written again elsewhere.
    }
  }

  /** The payload of the frame at `offset`; undefined where none is whole. Throws when the file cannot be read. */
  readPayload(offset: number, payloadBytes: number, extensionBytes: number): Uint8Array | undefined {
    const bytes = this.#read(offset, FRAME_HEADER_BYTES + extensionBytes + payloadBytes);
    const header = bytes === undefined ? undefined : readFrameHeader(bytes, 0, this.name.salt);
    if (bytes === undefined || header?.payloadBytes !== payloadBytes || !isFrameWhole(bytes, 0, header))
      return undefined;
    return bytes.subarray(header.payloadOffset);
  }

  /** So many bytes of frames from `offset` on; undefined where one of them is not whole. Throws likewise. */
  readRun(offset: number, runBytes: number): Uint8Array | undefined {
    const bytes = this.#read(offset, runBytes);
    if (bytes === undefined) return undefined;
    for (let at = 0; at < runBytes;) {
      const header = readFrameHeader(bytes, at, this.name.salt);
      if (header === undefined || !isFrameWhole(bytes, at, header)) return undefined;
      at = frameEnd(at, header);
    }
    return bytes;
  }

  /** Undefined where the file ends before. */
  #read(offset: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    const own = this.#file;
    const file = own ?? this.#files.openToRead(this.path);
    try {
      return file.read(bytes, offset) < length ? undefined : bytes;
    } finally {
      if (own === undefined) file.close();
    }
  }

  remove(): void {
    this.seal();
    if (!this.#isSetAside) this.#files.remove(this.path);
  }

  /** Leaves the file to whoever wants to look at it, under a name that is no segment's. Returns that. */
  setAside(): string {
    const path = `${this.path}.damaged`;
    this.#files.rename(this.path, path);
    this.#isSetAside = true;
    return path;
  }
}

/** A frame that is yet to be made, or a run of them that only lacks the salt of its file. */
export type StoredFrame = FrameParts | Uint8Array;

const storedBytes = (frame: StoredFrame): number =>
  frame instanceof Uint8Array
    ? frame.byteLength
    : frameBytes(frame.extension?.byteLength ?? 0, frame.payload.byteLength);

/** Runs of which each begins where the one before ends, as one; undefined for anything else. */
function asOneRun(frames: readonly StoredFrame[]): Uint8Array | undefined {
  const [first] = frames;
  if (!(first instanceof Uint8Array) || first.byteOffset % 4 !== 0) return undefined;
  let end = first.byteOffset;
  for (const frame of frames) {
    if (!(frame instanceof Uint8Array) || frame.buffer !== first.buffer || frame.byteOffset !== end)
      return undefined;
    end += frame.byteLength;
  }
  return new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset);
}

interface SegmentState {
  readonly end: number;
  readonly capacity: number;
  readonly file: OpenFile | undefined;
}

/** The largest segment that is filled with zeros first. */
const ZEROED_BYTES_MAX = 512 * 1024;

/** One write of zeros. */
const ZEROS = new Uint8Array(256 * 1024);

/**
 * A new segment: a head, and `capacity` bytes of zeros behind it, so that a disk that is full says so here, and
 * syncing an append changes no length. A larger one than `ZEROED_BYTES_MAX` grows as it is written: where so much
 * comes, writing all of it twice would cost more than that saves. The file and its name are on stable storage when
 * this returns. When it throws, there is no file.
 */
export function createSegment(
  files: Files,
  directory: string,
  {
    name,
    capacity,
    origin,
  }: { readonly name: SegmentName; readonly capacity: number; readonly origin: Uint8Array },
): SegmentFile {
  const path = join(directory, segmentFileName(name));
  const head = encodeSegmentHead(origin, name.salt);
  const size = head.byteLength + capacity;
  const file = files.create(path);
  try {
    const zeroed = capacity > ZEROED_BYTES_MAX ? head.byteLength : size;
    for (let at = head.byteLength; at < zeroed; at += ZEROS.byteLength) {
      file.write(ZEROS.subarray(0, Math.min(ZEROS.byteLength, zeroed - at)), at);
    }
    file.write(head, 0);
    file.sync();
    files.syncDirectory(directory);
  } catch (error) {
    discard(files, file, path);
    throw error;
  }
  return new SegmentFile(files, path, name, { end: head.byteLength, capacity: size, file });
}

function discard(files: Files, file: OpenFile, path: string): void {
  try {
    file.close();
    files.remove(path);
  } catch {
    // It stays behind without a frame, and the next who opens the journal removes it.
  }
}
