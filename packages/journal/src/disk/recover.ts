/**
 * What a directory of segments holds when somebody opens it: every frame that is whole and not settled, in its order
 * and once; and what is wrong with the rest. Reading it changes nothing, so a crash in between costs nothing either.
 */
import { join } from 'node:path';
import { FRAME_HEADER_BYTES, type FrameKind } from '@aode/wire';
import type { SignalName } from '@aode/wire';
import type { Cursor } from './cursor-file.ts';
import type { Files } from './files.ts';
import {
  type DamagedRange,
  decodeExtension,
  EXTENSION_BYTES,
  parseSegmentName,
  type ScannedFrame,
  scanSegment,
  type SegmentName,
  SEGMENT_VERSION,
} from './segment.ts';

/** A frame on disk that somebody still waits for. */
export interface RecoveredFrame {
  readonly sequence: number;
  readonly signal: SignalName;
  readonly priority: number;
  readonly recordCount: number;
  readonly payloadBytes: number;
  readonly offset: number;
  readonly segment: RecoveredSegment;
}

export interface RecoveredSegment {
  readonly path: string;
  readonly name: SegmentName;
  /** Where its last frame ends. */
  readonly end: number;
  readonly bytes: number;
  /** Whether it says of older frames that they have given way. */
  readonly namesDropped: boolean;
}

/** What is wrong with one segment. Nothing of it is thrown away silently. */
export interface SegmentTrouble {
  readonly path: string;
  /** Ranges that are no frames although frames follow, or whole files that cannot be read. */
  readonly damages: readonly DamagedRange[];
  /** Bytes at the end that a crash has left half written. */
  readonly tornBytes: number;
  /** Why it could not be read at all; such a file stays where it is. */
  readonly unreadable: string | undefined;
}

export interface Recovery {
  readonly segments: readonly RecoveredSegment[];
  /** By ascending sequence. */
  readonly frames: readonly RecoveredFrame[];
  readonly troubles: readonly SegmentTrouble[];
  /** Who has written the frames; undefined where nothing says so. */
  readonly origin: Uint8Array | undefined;
  readonly sequenceMax: number;
  readonly epochMax: number;
  readonly numberMax: number;
  /** A layout of a newer version that was met; nothing may be changed then. */
  readonly foreignVersion: number | undefined;
}

/** Reads every segment of a directory. Throws only when the directory itself cannot be listed. */
export function recover(files: Files, directory: string, cursor: Cursor): Recovery {
  const found = new Finding();
  const names = files
    .list(directory)
    .map((fileName) => ({ path: join(directory, fileName), name: parseSegmentName(fileName) }))
    .filter((one): one is { path: string; name: SegmentName } => one.name !== undefined)
    .sort((a, b) => a.name.number - b.name.number);
  for (const { path, name } of names) found.look(files, path, name);
  return found.result(cursor);
}

const SIGNALS: ReadonlySet<FrameKind | undefined> = new Set(['traces', 'logs', 'metrics']);

class Finding {
  readonly #frames = new Map<number, RecoveredFrame>();
  /** Of each priority, sequences from and to that have given way. */
  readonly #dropped: { readonly priority: number; readonly sequences: ReadonlySet<number> }[] = [];
  readonly #segments: RecoveredSegment[] = [];
  readonly #troubles: SegmentTrouble[] = [];
  #origin: Uint8Array | undefined;
  #sequenceMax = 0;
  #epochMax = 0;
  #numberMax = 0;
  #foreignVersion: number | undefined;

  look(files: Files, path: string, name: SegmentName): void {
    this.#epochMax = Math.max(this.#epochMax, name.epoch);
    this.#numberMax = Math.max(this.#numberMax, name.number);
    let bytes: Uint8Array;
    try {
      bytes = readWhole(files, path);
    } catch (error) {
      const unreadable = error instanceof Error ? error.message : String(error);
      this.#troubles.push({ path, damages: [], tornBytes: 0, unreadable });
      return;
    }
    const { head, frames, damages, tornBytes, end } = scanSegment(bytes, name.salt);
    if (head !== undefined && head.version !== SEGMENT_VERSION) {
      this.#foreignVersion = head.version;
      return;
    }
    this.#origin ??= head?.origin;
    if (damages.length > 0 || tornBytes > 0) {
      this.#troubles.push({ path, damages, tornBytes, unreadable: undefined });
    }
    const namesDropped = frames.some(({ header }) => header.kind === 'dropped');
    const segment: RecoveredSegment = { path, name, end, bytes: bytes.byteLength, namesDropped };
    this.#segments.push(segment);
    for (const frame of frames) this.#take(bytes, segment, frame);
  }

  #take(bytes: Uint8Array, segment: RecoveredSegment, { offset, header }: ScannedFrame): void {
    const { kind, sequence, payloadOffset, payloadBytes } = header;
    this.#sequenceMax = Math.max(this.#sequenceMax, sequence);
    if (kind === 'dropped') {
      const at = offset + payloadOffset;
      this.#dropped.push({
        priority: segment.name.priority,
        sequences: decodeSequences(bytes.subarray(at, at + payloadBytes)),
      });
      return;
    }
    if (!SIGNALS.has(kind) || payloadOffset < FRAME_HEADER_BYTES + EXTENSION_BYTES) return;
    const { recordCount, priority } = decodeExtension(bytes, offset);
    // Written twice after a failure of the disk: the later copy is the one that is known to be there.
    this.#frames.set(sequence, {
      sequence,
      signal: kind as SignalName,
      priority,
      recordCount,
      payloadBytes,
      offset,
      segment,
    });
  }

  result(cursor: Cursor): Recovery {
    for (const { priority, sequences } of this.#dropped) {
      for (const sequence of sequences) {
        if (this.#frames.get(sequence)?.priority === priority) this.#frames.delete(sequence);
      }
    }
    const frames = [...this.#frames.values()]
      .filter(({ sequence }) => sequence > cursor.acknowledged)
      .sort((a, b) => a.sequence - b.sequence);
    return {
      segments: this.#segments,
      frames,
      troubles: this.#troubles,
      origin: this.#origin,
      sequenceMax: Math.max(this.#sequenceMax, cursor.appended, cursor.acknowledged),
      epochMax: Math.max(this.#epochMax, cursor.epoch),
      numberMax: this.#numberMax,
      foreignVersion: this.#foreignVersion,
    };
  }
}

function readWhole(files: Files, path: string): Uint8Array {
  const file = files.openToRead(path);
  try {
    const bytes = new Uint8Array(file.size());
    return bytes.subarray(0, file.read(bytes, 0));
  } finally {
    file.close();
  }
}

/** The payload of a `dropped` frame: the sequences that have given way, 8 bytes each. */
export function encodeSequences(sequences: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(sequences.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, sequence] of sequences.entries()) view.setBigUint64(i * 8, BigInt(sequence), true);
  return bytes;
}

function decodeSequences(bytes: Uint8Array): ReadonlySet<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sequences = new Set<number>();
  for (let at = 0; at + 8 <= bytes.byteLength; at += 8) sequences.add(Number(view.getBigUint64(at, true)));
  return sequences;
}
