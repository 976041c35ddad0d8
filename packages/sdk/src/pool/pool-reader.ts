/** The agent's side of a pool: chunks that were handed over, read record by record, and given back. */
import type { LogLine } from '../log/log-line.ts';
import { COUNT, STATE } from './counts.ts';
import type { EmittedLog } from '../log/logger-provider.ts';
import { readLine } from './line-record.ts';
import { readLogRecord } from './log-record.ts';
import {
  CHUNK_BYTES,
  CHUNK_HEAD_BYTES,
  chunksIn,
  CONTROL,
  HEAD,
  LINE_UNIT,
  noteTaken,
  poolMemory,
  type PoolMemory,
  putChunk,
  takeChunk,
} from './pool-memory.ts';
import { PART_UNIT, RECORD, RECORD_HEAD_BYTES } from './record-head.ts';
import { RecordReader } from './record-reader.ts';
import { type ReadSpan, readSpan } from './span-record.ts';
import { TextTableReader } from './text-table.ts';

export interface RecordVisitor {
  /** `priority` 1 for what somebody asked for, 0 for the baseline and plain lines. */
  span(span: ReadSpan, priority: number): void;
  line(line: LogLine | EmittedLog, priority: number): void;
  /** A trace that others are to keep as well. */
  ask(traceId: string, reason: string): void;
  /** So many records were in a chunk that is being given back. */
  taken(spanCount: number, lineCount: number): void;
  /** So many of them could not be read. */
  damaged(spanCount: number, lineCount: number, why: string): void;
}

/** Numbers of records. */
export interface Taken {
  readonly spans: number;
  readonly lines: number;
}

export class PoolReader {
  readonly #memory: PoolMemory;
  readonly #chunks: Buffer;
  #reader: RecordReader;
  /** Begun records that are larger than a chunk, by their trace. */
  readonly #parts = new Map<string, Buffer[]>();

  constructor(buffer: ArrayBufferLike) {
    this.#memory = poolMemory(buffer);
    const { chunks, texts } = this.#memory;
    this.#chunks = Buffer.from(chunks.buffer, chunks.byteOffset, chunks.byteLength);
    this.#reader = new RecordReader(new TextTableReader(texts));
  }

  /**
   * The thread that has written here is gone and everything was read: as new for the next one, but for the counts. What
   * was open is ended and lost, and so are lines that had no room; what was undecided is evicted. Returns how many kept
   * records were never handed over.
   */
  reset(): Taken {
    const { control, counts, texts } = this.#memory;
    const of = (place: number): number => counts[place] ?? 0;
    const open = of(COUNT.spansStarted) - of(COUNT.spansEnded);
    counts[COUNT.spansEnded] = of(COUNT.spansStarted);
    counts[COUNT.spansKept] = of(COUNT.spansKept) + open;
    counts[COUNT.linesKept] = of(COUNT.linesKept) + of(STATE.linesSpilled);
    counts[STATE.linesSpilled] = 0;
    const room = (...places: readonly number[]): number => places.reduce((sum, place) => sum + of(place), 0);
    counts[COUNT.spansEvicted] =
      of(COUNT.spansEnded) - room(COUNT.spansKept, COUNT.spansDroppedPoolFull, COUNT.spansDroppedTooLarge);
    counts[COUNT.linesEvicted] =
      of(COUNT.linesStarted) -
      room(
        COUNT.linesKept,
        COUNT.linesDroppedPoolFull,
        COUNT.linesDroppedTooLarge,
        COUNT.linesDroppedRingFull,
      );
    const lost = {
      spans: of(COUNT.spansKept) - of(COUNT.spansTaken),
      lines: of(COUNT.linesKept) - of(COUNT.linesTaken),
    };
    counts[COUNT.spansTaken] = of(COUNT.spansKept);
    counts[COUNT.linesTaken] = of(COUNT.linesKept);
    this.#parts.clear();
    this.#reader = new RecordReader(new TextTableReader(texts));
    control.fill(0);
    counts[STATE.chunksFree] = this.#memory.chunkCount;
    counts[STATE.oldestUndecidedMs] = 0;
    return lost;
  }

  get counts(): Float64Array {
    return this.#memory.counts;
  }

  /** So many lines of its thread were read from the ring. */
  noteLinesTaken(count: number): void {
    noteTaken(this.#memory, 0, count);
  }

  /** Whether its thread has ever recorded anything. */
  get isUsed(): boolean {
    const { counts } = this.#memory;
    return (counts[COUNT.spansStarted] ?? 0) > 0 || (counts[COUNT.linesStarted] ?? 0) > 0;
  }

  get chunkCount(): number {
    return this.#memory.chunkCount;
  }

  /** Chunks that hold nothing, as its thread last said. */
  get chunksFree(): number {
    const { counts, returned } = this.#memory;
    return (counts[STATE.chunksFree] ?? 0) + chunksIn(this.#memory, returned, CONTROL.returnedTo);
  }

  /** Whether chunks wait to be read. */
  get isEmpty(): boolean {
    const { control } = this.#memory;
    return Atomics.load(control, CONTROL.handedTo) === control[CONTROL.handedFrom];
  }

  /** Reads at most `chunksMax` chunks, oldest first. Returns how many it were. */
  read(chunksMax: number, visitor: RecordVisitor): number {
    const memory = this.#memory;
    for (let count = 0; count < chunksMax; count += 1) {
      const chunk = takeChunk(memory, memory.handed, CONTROL.handedTo);
      if (chunk < 0) return count;
      this.#readChunk(chunk, visitor);
      putChunk(memory, memory.returned, CONTROL.returnedTo, chunk);
    }
    return chunksMax;
  }

  #readChunk(index: number, visitor: RecordVisitor): void {
    const base = index * CHUNK_BYTES;
    const bytes = this.#chunks;
    const idAt = base + HEAD.traceId * 4;
    const traceId = bytes.toString('hex', idAt, idAt + 16);
    const priority = bytes.readInt32LE(base + HEAD.priority * 4);
    const records = bytes.readInt32LE(base + HEAD.records * 4);
    const spanCount = records % LINE_UNIT;
    const lineCount = Math.floor(records / LINE_UNIT);
    const chunk: Chunk = { traceId, priority, visitor, spansLeft: spanCount, linesLeft: lineCount };
    let why = 'the beginning of a record is not there';
    try {
      this.#readRecords(base, chunk);
    } catch (error) {
      // Whatever it is, the records behind it are more important, and so is the application.
      why = error instanceof Error ? error.message : String(error);
      this.#parts.delete(traceId);
    }
    noteTaken(this.#memory, spanCount, lineCount);
    visitor.taken(spanCount, lineCount);
    if (chunk.spansLeft > 0 || chunk.linesLeft > 0) visitor.damaged(chunk.spansLeft, chunk.linesLeft, why);
  }

  #readRecords(base: number, chunk: Chunk): void {
    const bytes = this.#chunks;
    const used = bytes.readInt32LE(base + HEAD.used * 4);
    const end = base + used;
    for (let at = base + CHUNK_HEAD_BYTES; at < end;) {
      const length = bytes.readUInt32LE(at);
      // Otherwise a damaged word would make this go on for ever, or beyond the chunk.
      if (length < RECORD_HEAD_BYTES || at + length > base + CHUNK_BYTES)
        throw new RangeError(`a record of ${length} bytes`);
      const kind = bytes.readUInt32LE(at + 4);
      if (kind % PART_UNIT === RECORD.part || kind % PART_UNIT === RECORD.lastPart) {
        this.#readPart(bytes.subarray(at + RECORD_HEAD_BYTES, at + length), kind, chunk);
      } else {
        this.#readRecord(bytes, at, chunk);
      }
      at += length;
    }
  }

  #readRecord(bytes: Buffer, at: number, chunk: Chunk): void {
    const { traceId, priority, visitor } = chunk;
    const kind = bytes.readUInt8(at + 4);
    this.#reader.aim(bytes, at + RECORD_HEAD_BYTES);
    if (kind === RECORD.span && chunk.spansLeft > 0) {
      visitor.span(readSpan(this.#reader, traceId), priority);
      chunk.spansLeft -= 1;
    } else if (kind === RECORD.line && chunk.linesLeft > 0) {
      visitor.line(readLine(this.#reader), priority);
      chunk.linesLeft -= 1;
    } else if (kind === RECORD.log && chunk.linesLeft > 0) {
      visitor.line(readLogRecord(this.#reader), priority);
      chunk.linesLeft -= 1;
    } else if (kind === RECORD.ask) visitor.ask(traceId, this.#reader.text());
  }

  /** A row that lacks its beginning, because another reader has died with it, is left out. */
  #readPart(part: Buffer, kind: number, chunk: Chunk): void {
    const { traceId } = chunk;
    const place = Math.floor(kind / PART_UNIT);
    const parts = place === 0 ? [] : (this.#parts.get(traceId) ?? []);
    this.#parts.delete(traceId);
    if (parts.length !== place) return;
    // A copy: the chunk is given back before the last part is there.
    parts.push(Buffer.from(part));
    if (kind % PART_UNIT === RECORD.part) this.#parts.set(traceId, parts);
    else this.#readRecord(Buffer.concat(parts), 0, chunk);
  }
}

interface Chunk {
  readonly traceId: string;
  readonly priority: number;
  readonly visitor: RecordVisitor;
  /** Not read yet. */
  spansLeft: number;
  linesLeft: number;
}
