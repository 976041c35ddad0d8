/**
 * Records of a thread into its pool: by trace, in chunks; kept ones are handed to the agent, the others stay until they
 * are asked for or have to give way, whole traces in the order of their arrival. Bench: bench/span.bench.ts.
 */
import type { LogLine } from '../log/log-line.ts';
import type { EmittedLog } from '../log/logger-provider.ts';
import { COUNT, STATE } from './counts.ts';
import { writeAnyLine } from './log-record.ts';
import { CHUNK_BYTES, CHUNK_HEAD_BYTES, HEAD, LINE_UNIT, poolMemory } from './pool-memory.ts';
import { ArrivalList, PoolTrace, TraceBook, type TraceWords } from './pool-trace.ts';
import { PART_UNIT, RECORD, RECORD_HEAD_BYTES } from './record-head.ts';
import { FreeChunks } from './free-chunks.ts';
import { HandedChunks } from './handed-chunks.ts';
import { RecordWriter } from './record-writer.ts';
import { Scratch } from './scratch.ts';
import { type SpanFields, writeSpan } from './span-record.ts';
import { TextTable } from './text-table.ts';

/** What is left of a text that a record has no room for: enough to see what it was. */
const CUT_CHARS = 1024;

/** One trace may fill this part of the pool and no more, so that it cannot push out all others. */
const TRACE_SHARE = 4;

/** Why a trace of the baseline sample is kept; all other reasons are triggers. */
export const BASELINE = 'baseline';

/** Kept traces whose chunks are all handed over are remembered, so that what comes late is kept too. */
const KEPT_MAX = 16_384;

const CHUNK_WORDS = CHUNK_BYTES / 4;
const PART_BYTES_MAX = CHUNK_BYTES - CHUNK_HEAD_BYTES - RECORD_HEAD_BYTES;

export class PoolWriter {
  readonly #heads: Int32Array;
  readonly counts: Float64Array;
  readonly #texts: TextTable;
  readonly #writer: RecordWriter;
  readonly #chunksPerTraceMax: number;
  readonly #book = new TraceBook();
  /** Those nobody has asked for. */
  readonly #waiting = new ArrivalList();
  /** Those that are kept. */
  readonly #kept = new ArrivalList();
  /** Lines that belong to no trace, or are kept without theirs. */
  readonly #lines = new PoolTrace({ a: 0, b: 0, c: 0, d: 0 }, '');
  /** Kept traces with a chunk that is not full. */
  readonly #partial = new Set<PoolTrace>();
  readonly #free: FreeChunks;
  readonly #handed: HandedChunks;
  #scratch: Scratch | undefined;

  /** `onPressure`: much was handed over since the last time, and should be read before the pool is full of it. */
  constructor(buffer: ArrayBufferLike, onPressure: () => void) {
    const memory = poolMemory(buffer);
    this.#heads = memory.heads;
    this.counts = memory.counts;
    this.#texts = new TextTable(memory.texts);
    this.#writer = new RecordWriter(memory.chunks, this.#texts);
    this.#chunksPerTraceMax = Math.ceil(memory.chunkCount / TRACE_SHARE);
    this.#free = new FreeChunks(memory);
    this.#handed = new HandedChunks(memory, onPressure);
    this.#lines.keptFor = BASELINE;
  }

  find(words: TraceWords): PoolTrace | undefined {
    return this.#book.find(words);
  }

  /** A trace that is not in the book yet; `text` is its id in hex digits. */
  begin(words: TraceWords, text: string, keptFor: string | undefined): PoolTrace {
    const trace = new PoolTrace(words, text);
    trace.keptFor = keptFor;
    this.#book.add(trace);
    if (keptFor !== undefined) this.#remember(trace);
    return trace;
  }

  /** Everybody else who has a part of this trace is to keep it too: said by a record of its own, in its last chunk. */
  ask(trace: PoolTrace, reason: string): void {
    let start = this.#begin(trace);
    if (start < 0) start = this.#beginNew(trace);
    // Without room for a few bytes there is none for the trace either.
    if (start < 0) return;
    this.#writer.name(reason);
    if (!this.#end(trace, start, RECORD.ask)) {
      start = this.#beginNew(trace);
      if (start < 0) return;
      this.#writer.name(reason);
      this.#end(trace, start, RECORD.ask);
    }
    this.#seal(trace);
  }

  /** What is held of the trace goes to the agent, and so does all that comes. */
  keep(trace: PoolTrace, reason: string): void {
    if (trace.keptFor !== undefined) return;
    trace.keptFor = reason;
    if (trace.firstChunk >= 0) {
      this.#waiting.remove(trace);
      this.#noteOldest();
    }
    this.#count(COUNT.spansKept, trace.spanCount);
    this.#count(COUNT.linesKept, trace.recordCount - trace.spanCount);
    this.#remember(trace);
    for (let chunk = trace.firstChunk; chunk !== trace.lastChunk;) {
      const next = this.#heads[chunk * CHUNK_WORDS + HEAD.next] ?? -1;
      this.#handOver(chunk, trace);
      chunk = next;
    }
    trace.firstChunk = trace.lastChunk;
    trace.chunkCount = trace.lastChunk < 0 ? 0 : 1;
    if (trace.openCount === 0) this.#seal(trace);
    else if (trace.lastChunk >= 0) this.#partial.add(trace);
  }

  #remember(trace: PoolTrace): void {
    this.#kept.add(trace);
    if (this.#kept.count <= KEPT_MAX) return;
    // One with open spans is held by them; it is only not found by its id any more.
    const { oldest } = this.#kept;
    if (oldest !== undefined) {
      this.#kept.remove(oldest);
      // Should it begin anew, what comes then stands behind what it has.
      this.#seal(oldest);
      this.#book.remove(oldest);
    }
  }

  /** An ended span. False when there is no room for it, which is counted. */
  span(trace: PoolTrace, span: SpanFields): boolean {
    const start = this.#begin(trace);
    if (start >= 0) {
      writeSpan(this.#writer, span);
      if (this.#end(trace, start, RECORD.span)) return this.#wroteSpan(trace);
    }
    const again = this.#beginNew(trace);
    if (again < 0)
      return this.#lost(this.#isFull(trace) ? COUNT.spansDroppedTooLarge : COUNT.spansDroppedPoolFull);
    if (trace.sinceMs === 0) this.#date(trace, span.endSec * 1000 + span.endNano / 1e6);
    writeSpan(this.#writer, span);
    if (this.#end(trace, again, RECORD.span)) return this.#wroteSpan(trace);
    const lost = this.#large(trace, RECORD.span, (w) => writeSpan(w, span));
    if (lost !== 'none')
      return this.#lost(lost === 'pool_full' ? COUNT.spansDroppedPoolFull : COUNT.spansDroppedTooLarge);
    this.#wroteSpan(trace);
    // Its parts stand in a row, also when another piece of this trace, begun anew, is handed over.
    if (trace.keptFor !== undefined) this.#seal(trace);
    return true;
  }

  /** A line of the log that is kept whatever becomes of its trace. */
  line(line: LogLine | EmittedLog): boolean {
    return this.#line(this.#lines, line);
  }

  /** A line that is kept only if its trace is. */
  traceLine(trace: PoolTrace, line: LogLine): boolean {
    return this.#line(trace, line);
  }

  #line(trace: PoolTrace, line: LogLine | EmittedLog): boolean {
    const kind = 'record' in line ? RECORD.log : RECORD.line;
    this.#count(COUNT.linesStarted, 1);
    const start = this.#begin(trace);
    if (start >= 0) {
      writeAnyLine(this.#writer, line);
      if (this.#end(trace, start, kind)) return this.#wroteLine(trace);
    }
    const again = this.#beginNew(trace);
    if (again < 0)
      return this.#lost(this.#isFull(trace) ? COUNT.linesDroppedTooLarge : COUNT.linesDroppedPoolFull);
    if (trace.sinceMs === 0) this.#date(trace, msOf(line));
    writeAnyLine(this.#writer, line);
    if (this.#end(trace, again, kind)) return this.#wroteLine(trace);
    const lost = this.#large(trace, kind, (w) => writeAnyLine(w, line));
    if (lost !== 'none')
      return this.#lost(lost === 'pool_full' ? COUNT.linesDroppedPoolFull : COUNT.linesDroppedTooLarge);
    this.#wroteLine(trace);
    // Its parts stand in a row, also when another piece of this trace, begun anew, is handed over.
    if (trace.keptFor !== undefined) this.#seal(trace);
    return true;
  }

  /** The last of its open spans has ended: what is kept of it need not wait. */
  quiet(trace: PoolTrace): void {
    if (trace.keptFor !== undefined) this.#seal(trace);
    else if (trace.firstChunk < 0) this.#book.remove(trace);
  }

  /** Hands over everything that is kept. */
  sealAll(): void {
    this.#seal(this.#lines);
    for (const trace of this.#partial) this.#seal(trace);
    this.#partial.clear();
  }

  get hasPartial(): boolean {
    return this.#partial.size > 0;
  }

  /** Traces that may still be asked for. */
  get waitingCount(): number {
    return this.#waiting.count;
  }

  /** The first record of the trace that is in the pool is of this moment. */
  #date(trace: PoolTrace, ms: number): void {
    trace.sinceMs = ms;
    this.#noteOldest();
  }

  /** For the agent, which cannot see the list. */
  #noteOldest(): void {
    this.counts[STATE.oldestUndecidedMs] = this.#waiting.oldest?.sinceMs ?? 0;
  }

  #wroteSpan(trace: PoolTrace): true {
    const records = trace.lastChunk * CHUNK_WORDS + HEAD.records;
    this.#heads[records] = (this.#heads[records] ?? 0) + 1;
    trace.spanCount += 1;
    trace.recordCount += 1;
    if (trace.keptFor !== undefined) this.#count(COUNT.spansKept, 1);
    return true;
  }

  #wroteLine(trace: PoolTrace): true {
    const records = trace.lastChunk * CHUNK_WORDS + HEAD.records;
    this.#heads[records] = (this.#heads[records] ?? 0) + LINE_UNIT;
    trace.recordCount += 1;
    if (trace.keptFor !== undefined) this.#count(COUNT.linesKept, 1);
    return true;
  }

  #lost(count: number): false {
    this.#count(count, 1);
    return false;
  }

  #count(which: number, n: number): void {
    this.counts[which] = (this.counts[which] ?? 0) + n;
  }

  /** Aims the writer behind the last record of the trace; -1 when there is no chunk to go on in. */
  #begin(trace: PoolTrace): number {
    const { lastChunk, at } = trace;
    if (lastChunk < 0 || at + RECORD_HEAD_BYTES >= CHUNK_BYTES) return -1;
    const start = lastChunk * CHUNK_BYTES + at;
    this.#writer.aim(start + RECORD_HEAD_BYTES, (lastChunk + 1) * CHUNK_BYTES);
    return start;
  }

  /** The same in a new chunk; -1 when there is none. */
  #beginNew(trace: PoolTrace): number {
    return this.#append(trace) ? this.#begin(trace) : -1;
  }

  /** Completes the record that began at `start`; false when it did not fit. */
  #end(trace: PoolTrace, start: number, kind: number): boolean {
    const writer = this.#writer;
    if (writer.isFull) return false;
    writer.wordAt(start, writer.at - start);
    writer.wordAt(start + 4, kind);
    trace.at = writer.at - trace.lastChunk * CHUNK_BYTES;
    const head = trace.lastChunk * CHUNK_WORDS;
    this.#heads[head + HEAD.used] = trace.at;
    return true;
  }

  /** A record that is larger than a chunk; with its texts cut where there is no room for them. */
  #large(
    trace: PoolTrace,
    kind: number,
    write: (w: RecordWriter) => void,
  ): 'none' | 'pool_full' | 'too_large' {
    const scratch = (this.#scratch ??= this.#newScratch());
    for (const charsMax of [Number.POSITIVE_INFINITY, CUT_CHARS]) {
      const bytes = scratch.take(kind, charsMax, write);
      if (bytes === undefined || this.#isBeyondShare(trace, bytes)) continue;
      if (!this.#parts(trace, bytes)) return 'pool_full';
      if (charsMax === CUT_CHARS) this.#count(COUNT.recordsCut, 1);
      return 'none';
    }
    return 'too_large';
  }

  /** A record that is larger than a chunk, in parts. Its chunks are all there before the first is written. */
  #parts(trace: PoolTrace, bytes: Uint8Array): boolean {
    const count = Math.ceil(bytes.byteLength / PART_BYTES_MAX);
    if (!this.#reserve(trace, count)) return false;
    for (let i = 0; i < count; i += 1) {
      const start = this.#beginNew(trace);
      if (start < 0) return false;
      this.#writer.raw(bytes.subarray(i * PART_BYTES_MAX, (i + 1) * PART_BYTES_MAX));
      this.#end(trace, start, (i === count - 1 ? RECORD.lastPart : RECORD.part) + i * PART_UNIT);
    }
    return true;
  }

  #newScratch(): Scratch {
    return new Scratch(this.#texts, this.#chunksPerTraceMax * PART_BYTES_MAX);
  }

  /** Whether a record alone is more than a trace may fill, or with what waits of its trace. */
  #isBeyondShare({ keptFor, chunkCount }: PoolTrace, bytes: Uint8Array): boolean {
    const count = Math.ceil(bytes.byteLength / PART_BYTES_MAX);
    return count + (keptFor === undefined ? chunkCount : 0) > this.#chunksPerTraceMax;
  }

  /** Whether a trace that nobody has asked for has its share of the pool. */
  #isFull(trace: PoolTrace): boolean {
    return trace.keptFor === undefined && trace.chunkCount >= this.#chunksPerTraceMax;
  }

  #reserve(trace: PoolTrace, count: number): boolean {
    this.#free.reclaim();
    while (this.#free.count < count) if (!this.#evict(trace)) return false;
    return true;
  }

  /** A new chunk at the end of the trace; of a kept one the chunk before goes to the agent. */
  #append(trace: PoolTrace): boolean {
    if (this.#isFull(trace)) return false;
    if (this.#free.count === 0) {
      this.#free.reclaim();
      if (this.#free.count === 0 && !this.#evict(trace)) return false;
    }
    const chunk = this.#free.take();
    const head = chunk * CHUNK_WORDS;
    const heads = this.#heads;
    heads[head + HEAD.used] = CHUNK_HEAD_BYTES;
    heads[head + HEAD.next] = -1;
    heads[head + HEAD.records] = 0;
    heads[head + HEAD.traceId] = trace.a;
    heads[head + HEAD.traceId + 1] = trace.b;
    heads[head + HEAD.traceId + 2] = trace.c;
    heads[head + HEAD.traceId + 3] = trace.d;
    if (trace.keptFor === undefined) {
      if (trace.lastChunk >= 0) heads[trace.lastChunk * CHUNK_WORDS + HEAD.next] = chunk;
      else {
        trace.firstChunk = chunk;
        this.#waiting.add(trace);
      }
      trace.chunkCount += 1;
    } else {
      if (trace.lastChunk >= 0) this.#handOver(trace.lastChunk, trace);
      trace.firstChunk = chunk;
      trace.chunkCount = 1;
      if (trace !== this.#lines) this.#partial.add(trace);
    }
    trace.lastChunk = chunk;
    trace.at = CHUNK_HEAD_BYTES;
    return true;
  }

  /** The last chunk of a kept trace, however little is in it. */
  #seal(trace: PoolTrace): void {
    this.#partial.delete(trace);
    if (trace.lastChunk < 0) return;
    this.#handOver(trace.lastChunk, trace);
    trace.firstChunk = -1;
    trace.lastChunk = -1;
    trace.chunkCount = 0;
  }

  #handOver(chunk: number, { keptFor }: PoolTrace): void {
    this.#handed.put(chunk, keptFor === BASELINE ? 0 : 1);
  }

  /** Forgets the oldest trace that nobody has asked for, other than `asking`; false when there is none. */
  #evict(asking: PoolTrace): boolean {
    const { oldest } = this.#waiting;
    const victim = oldest === asking ? oldest.newer : oldest;
    if (victim === undefined) return false;
    for (let chunk = victim.firstChunk; chunk >= 0;) {
      this.#free.give(chunk);
      chunk = this.#heads[chunk * CHUNK_WORDS + HEAD.next] ?? -1;
    }
    this.#count(COUNT.spansEvicted, victim.spanCount);
    this.#count(COUNT.linesEvicted, victim.recordCount - victim.spanCount);
    this.#count(COUNT.tracesEvicted, 1);
    this.#waiting.remove(victim);
    victim.isCut = true;
    victim.firstChunk = -1;
    victim.lastChunk = -1;
    victim.chunkCount = 0;
    victim.recordCount = 0;
    victim.spanCount = 0;
    victim.sinceMs = 0;
    this.#noteOldest();
    // One with open spans is still found: what they bring stands in the list anew.
    if (victim.openCount === 0) this.#book.remove(victim);
    return true;
  }
}

const msOf = (line: LogLine | EmittedLog): number =>
  'record' in line ? Number(line.record.timeUnixNano / 1_000_000n) : line.sec * 1000 + line.nano / 1e6;
