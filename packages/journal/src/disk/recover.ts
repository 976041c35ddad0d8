/**
 * What a directory of segments holds when somebody opens it: every frame that is whole and not settled, in its order
 * and once; and what is wrong with the rest. Reading it changes nothing, so a crash in between costs nothing either.
 */
import { join } from 'node:path';
import {
  FRAME_HEADER_BYTES,
  frameEnd,
  type FrameKind,
  readFrameHeader,
  RUN_GOES_ON,
  type SignalName,
} from '@aode/wire';
import type { Cursor } from './cursor-file.ts';
import type { FrameForm } from '../journal.ts';
import type { Files } from './files.ts';
import { decodeRanges, hullOf, NO_RANGE, RangeSet, type SequenceRange } from './sequence-range.ts';
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

/** A frame on disk that somebody still waits for, or a run of lines. */
export interface RecoveredFrame {
  /** Of the last in a run. */
  readonly sequence: number;
  readonly firstSequence: number;
  readonly signal: SignalName;
  readonly form: FrameForm;
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
  /** What it says of older frames of its priority: that they have given way. */
  readonly dropped: readonly SequenceRange[];
  /** From its first to its last frame. */
  readonly span: SequenceRange;
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
  /** Why it is passed over: it has the name of a segment and is none. */
  readonly foreign: string | undefined;
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
  return found.result(files, cursor);
}

const SIGNALS: ReadonlySet<FrameKind | undefined> = new Set(['traces', 'logs', 'metrics']);

/** Frames of records are read with an extension of so many bytes: one with another is of somebody else's making. */
const isReadable = ({ header: { kind, payloadOffset } }: ScannedFrame): boolean =>
  (kind !== 'line' && !SIGNALS.has(kind)) || payloadOffset === FRAME_HEADER_BYTES + EXTENSION_BYTES;

const NO_TROUBLE = { damages: [], tornBytes: 0, unreadable: undefined, foreign: undefined };

/** What a writer makes is some megabytes long; whatever is longer is not read at once. */
const SEGMENT_BYTES_LIMIT = 512 * 1024 * 1024;

/** Why a file of so many bytes is no segment, whatever its name; to open a pipe would be to wait for its writer. */
function foreignOf(bytes: number | undefined): string | undefined {
  if (bytes === undefined) return 'is no file';
  return bytes > SEGMENT_BYTES_LIMIT ? `has ${bytes} bytes` : undefined;
}

const rangeOf = ({ offset, header }: ScannedFrame): DamagedRange => ({
  start: offset,
  end: frameEnd(offset, header),
});

class Finding {
  /** As they are found: one may be there twice, and a part of a run as well as all of it. */
  readonly #frames: RecoveredFrame[] = [];
  /** Priority -> what has given way. */
  readonly #dropped = new Map<number, SequenceRange[]>();
  /** The run that the last line belongs to, as far as it goes. */
  #run: RecoveredFrame | undefined;
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
      const foreign = foreignOf(files.fileBytes(path));
      if (foreign !== undefined) {
        this.#troubles.push({ ...NO_TROUBLE, path, foreign });
        return;
      }
      bytes = readWhole(files, path);
    } catch (error) {
      const unreadable = error instanceof Error ? error.message : String(error);
      this.#troubles.push({ ...NO_TROUBLE, path, unreadable });
      return;
    }
    const { head, tornBytes, end, ...scan } = scanSegment(bytes, name.salt);
    const frames = scan.frames.filter(isReadable);
    const damages = [...scan.damages, ...scan.frames.filter((one) => !isReadable(one)).map(rangeOf)];
    if (head !== undefined && head.version !== SEGMENT_VERSION) {
      this.#foreignVersion = head.version;
      return;
    }
    this.#origin ??= head?.origin;
    if (damages.length > 0 || tornBytes > 0) {
      this.#troubles.push({ ...NO_TROUBLE, path, damages, tornBytes });
    }
    const dropped = frames.flatMap((frame) => rangesOf(bytes, frame));
    const { priority } = name;
    this.#dropped.set(priority, [...(this.#dropped.get(priority) ?? []), ...dropped]);
    const span = frames.reduce(
      (all, { header: { kind, sequence } }) =>
        kind === 'dropped' ? all : hullOf(all, { from: sequence, to: sequence }),
      NO_RANGE,
    );
    const segment: RecoveredSegment = { path, name, end, bytes: bytes.byteLength, dropped, span };
    this.#segments.push(segment);
    for (const frame of frames) this.#take(bytes, segment, frame);
    this.#endRun();
  }

  #take(bytes: Uint8Array, segment: RecoveredSegment, { offset, header }: ScannedFrame): void {
    const { kind, sequence, payloadBytes } = header;
    this.#sequenceMax = Math.max(this.#sequenceMax, sequence);
    if (kind !== 'line' && !SIGNALS.has(kind)) return;
    const { recordCount, priority } = decodeExtension(bytes, offset);
    const about = { sequence, firstSequence: sequence, priority, recordCount, offset, segment };
    if (kind === 'line') this.#addLine(about, { offset, header });
    else this.#frames.push({ ...about, signal: kind as SignalName, form: 'otlp', payloadBytes });
  }

  #addLine(
    line: Omit<RecoveredFrame, 'signal' | 'form' | 'payloadBytes'>,
    { offset, header }: ScannedFrame,
  ): void {
    const run = this.#run;
    const bytes = frameEnd(offset, header) - offset;
    if (run !== undefined && (header.flags & RUN_GOES_ON) !== 0 && isBehind(run, line)) {
      const { payloadBytes, recordCount } = run;
      this.#run = {
        ...run,
        sequence: line.sequence,
        recordCount: recordCount + 1,
        payloadBytes: payloadBytes + bytes,
      };
      return;
    }
    this.#endRun();
    this.#run = { ...line, recordCount: 1, signal: 'logs', form: 'lines', payloadBytes: bytes };
  }

  #endRun(): void {
    if (this.#run !== undefined) this.#frames.push(this.#run);
    this.#run = undefined;
  }

  result(files: Files, cursor: Cursor): Recovery {
    const dropped = new Map(
      Array.from(this.#dropped, ([priority, ranges]) => [priority, new RangeSet(ranges)]),
    );
    const frames = this.#frames.filter(
      ({ sequence, priority }) =>
        sequence > cursor.acknowledged && dropped.get(priority)?.has(sequence) !== true,
    );
    return {
      segments: this.#segments,
      frames: onlyOnce(files, frames),
      troubles: this.#troubles,
      origin: this.#origin,
      sequenceMax: Math.max(this.#sequenceMax, cursor.appended, cursor.acknowledged),
      epochMax: Math.max(this.#epochMax, cursor.epoch),
      numberMax: this.#numberMax,
      foreignVersion: this.#foreignVersion,
    };
  }
}

/** What a frame says has given way. */
function rangesOf(bytes: Uint8Array, { offset, header }: ScannedFrame): readonly SequenceRange[] {
  const { kind, payloadOffset, payloadBytes } = header;
  const at = offset + payloadOffset;
  return kind === 'dropped' ? decodeRanges(bytes.subarray(at, at + payloadBytes)) : [];
}

/** What is left of a run behind a sequence within it. Undefined when it cannot be read any more. */
function behind(files: Files, run: RecoveredFrame, reached: number): RecoveredFrame | undefined {
  const bytes = readWhole(files, run.segment.path);
  for (let at = run.offset; at < run.offset + run.payloadBytes;) {
    const header = readFrameHeader(bytes, at, run.segment.name.salt);
    if (header === undefined) return undefined;
    if (header.sequence > reached) {
      return {
        ...run,
        firstSequence: header.sequence,
        recordCount: run.sequence - header.sequence + 1,
        offset: at,
        payloadBytes: run.offset + run.payloadBytes - at,
      };
    }
    at = frameEnd(at, header);
  }
  return undefined;
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

/** Whether a line is the next one of a run, and lies right behind it. */
const isBehind = (
  run: RecoveredFrame,
  line: Pick<RecoveredFrame, 'sequence' | 'priority' | 'offset'>,
): boolean =>
  line.sequence === run.sequence + 1 &&
  line.priority === run.priority &&
  line.offset === run.offset + run.payloadBytes;

/**
 * By ascending sequence, none twice. What was written again after a failure of the disk may be there in two segments:
 * of a run, the longer copy counts, among equals the later one, which is known to be there.
 */
function onlyOnce(files: Files, frames: readonly RecoveredFrame[]): readonly RecoveredFrame[] {
  const sorted = frames.toSorted(
    (a, b) =>
      a.firstSequence - b.firstSequence ||
      b.sequence - a.sequence ||
      b.segment.name.number - a.segment.name.number ||
      b.offset - a.offset,
  );
  const once: RecoveredFrame[] = [];
  let reached = 0;
  for (const frame of sorted) {
    if (frame.sequence <= reached) continue;
    const rest = frame.firstSequence > reached ? frame : behind(files, frame, reached);
    if (rest !== undefined) once.push(rest);
    reached = frame.sequence;
  }
  return once;
}
