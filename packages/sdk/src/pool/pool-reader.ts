/** The agent's side of a pool: chunks that were handed over, read record by record, and given back. */
import type { LogLine } from '../log/log-line.ts';
import type { EmittedLog } from '../log/logger-provider.ts';
import { readLine } from './line-record.ts';
import { readLogRecord } from './log-record.ts';
import {
  CHUNK_BYTES,
  CHUNK_HEAD_BYTES,
  CONTROL,
  HEAD,
  poolMemory,
  type PoolMemory,
  putChunk,
  takeChunk,
} from './pool-memory.ts';
import { RECORD, RECORD_HEAD_BYTES } from './record-kind.ts';
import { RecordReader } from './record-reader.ts';
import { type ReadSpan, readSpan } from './span-record.ts';
import { TextTableReader } from './text-table.ts';

export interface RecordVisitor {
  /** `priority` 1 for what somebody asked for, 0 for the baseline and plain lines. */
  span(span: ReadSpan, priority: number): void;
  line(line: LogLine | EmittedLog, priority: number): void;
  /** A trace that others are to keep as well. */
  ask(traceId: string, reason: string): void;
}

export class PoolReader {
  readonly #memory: PoolMemory;
  readonly #chunks: Buffer;
  readonly #reader: RecordReader;
  /** Begun records that are larger than a chunk, by their trace. */
  readonly #parts = new Map<string, Buffer[]>();

  constructor(buffer: ArrayBufferLike) {
    this.#memory = poolMemory(buffer);
    const { chunks, texts } = this.#memory;
    this.#chunks = Buffer.from(chunks.buffer, chunks.byteOffset, chunks.byteLength);
    this.#reader = new RecordReader(new TextTableReader(texts));
  }

  get counts(): Float64Array {
    return this.#memory.counts;
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
    const end = base + bytes.readInt32LE(base + HEAD.used * 4);
    const idAt = base + HEAD.traceId * 4;
    const traceId = bytes.toString('hex', idAt, idAt + 16);
    const chunk = { traceId, priority: bytes.readInt32LE(base + HEAD.priority * 4), visitor };
    for (let at = base + CHUNK_HEAD_BYTES; at < end;) {
      const length = bytes.readUInt32LE(at);
      const kind = bytes.readUInt8(at + 4);
      if (kind === RECORD.part || kind === RECORD.lastPart) {
        this.#readPart(bytes.subarray(at + RECORD_HEAD_BYTES, at + length), kind, chunk);
      } else {
        this.#readRecord(bytes, at, chunk);
      }
      at += length;
    }
  }

  #readRecord(bytes: Buffer, at: number, { traceId, priority, visitor }: Chunk): void {
    const kind = bytes.readUInt8(at + 4);
    this.#reader.aim(bytes, at + RECORD_HEAD_BYTES);
    if (kind === RECORD.span) visitor.span(readSpan(this.#reader, traceId), priority);
    else if (kind === RECORD.line) visitor.line(readLine(this.#reader), priority);
    else if (kind === RECORD.log) visitor.line(readLogRecord(this.#reader), priority);
    else visitor.ask(traceId, this.#reader.text());
  }

  #readPart(part: Buffer, kind: number, chunk: Chunk): void {
    const { traceId } = chunk;
    const parts = this.#parts.get(traceId) ?? [];
    // A copy: the chunk is given back before the last part is there.
    parts.push(Buffer.from(part));
    if (kind === RECORD.part) {
      this.#parts.set(traceId, parts);
      return;
    }
    this.#parts.delete(traceId);
    this.#readRecord(Buffer.concat(parts), 0, chunk);
  }
}

interface Chunk {
  readonly traceId: string;
  readonly priority: number;
  readonly visitor: RecordVisitor;
}
