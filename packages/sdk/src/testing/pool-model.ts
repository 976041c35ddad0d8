/**
 * A pool and a plain model of it: lists of names by trace. Which trace gives way, and what is too large, is asked of
 * the pool by its counts and by what it answers; that it then tells the truth about every single record is checked.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AgentCounts } from '../agent/agent-counts.ts';
import { readLedger } from '../loss/ledger.ts';
import { COUNT } from '../pool/counts.ts';
import { CHUNK_BYTES, CONTROL, HEAD, poolMemory, type PoolMemory } from '../pool/pool-memory.ts';
import { PoolReader } from '../pool/pool-reader.ts';
import type { PoolTrace } from '../pool/pool-trace.ts';
import { BASELINE, PoolWriter } from '../pool/pool-writer.ts';
import { traceWords } from '../trace/span-identity.ts';
import { lineNamed, type SeenRecords, seenRecords, spanNamed } from './records.ts';

export type Call =
  | { readonly kind: 'start'; readonly trace: number; readonly isKept: boolean }
  | { readonly kind: 'end'; readonly trace: number; readonly chars: number }
  | { readonly kind: 'traceLine'; readonly trace: number; readonly chars: number }
  | { readonly kind: 'line'; readonly chars: number }
  | { readonly kind: 'keep'; readonly trace: number }
  | { readonly kind: 'sealAll' }
  | { readonly kind: 'read'; readonly chunks: number };

const TRACES = 12;
const trace = fc.nat(TRACES - 1);
/** Mostly small; some fill a chunk, some take many, some are more than a trace may have in a small pool. */
const chars = fc.oneof(
  { weight: 10, arbitrary: fc.nat(300) },
  { weight: 3, arbitrary: fc.integer({ min: 1800, max: 2100 }) },
  { weight: 2, arbitrary: fc.nat(9000) },
  { weight: 1, arbitrary: fc.nat(80_000) },
);

export const CALL: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      trace,
      isKept: fc.nat(5).map((n) => n === 0),
    }),
  },
  { weight: 14, arbitrary: fc.record({ kind: fc.constant('end' as const), trace, chars }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('traceLine' as const), trace, chars }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('line' as const), chars }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('keep' as const), trace }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'sealAll' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), chunks: fc.nat(20) }) },
);

interface Names {
  readonly spans: string[];
  readonly lines: string[];
}

const none = (): Names => ({ spans: [], lines: [] });

const hasChunks = ({ pool }: ModelTrace): boolean => (pool?.firstChunk ?? -1) >= 0;

/** Of one trace id. */
interface ModelTrace {
  readonly id: string;
  pool: PoolTrace | undefined;
  isKept: boolean;
  open: number;
  /** What waits to be asked for, oldest record first. */
  waiting: Names;
  /** In the order in which they were recorded. */
  readonly kept: Names;
}

/** What is left of a text that there is no room for. */
const CUT_CHARS = 1024;

export class PoolModel {
  readonly #writer: PoolWriter;
  readonly #reader: PoolReader;
  readonly #memory: PoolMemory;
  readonly #seen: SeenRecords = seenRecords();
  readonly #traces: readonly ModelTrace[];
  readonly #keptLines: string[] = [];
  readonly #sums = {
    started: 0,
    ended: 0,
    evicted: 0,
    dropped: 0,
    lines: 0,
    linesEvicted: 0,
    linesDropped: 0,
  };
  /** Traces with something that waits, by the arrival of its first record. */
  #arrival: ModelTrace[] = [];
  #next = 0;

  constructor(bytes: number) {
    const buffer = new ArrayBuffer(bytes);
    this.#memory = poolMemory(buffer);
    this.#writer = new PoolWriter(buffer, () => undefined);
    this.#reader = new PoolReader(buffer);
    this.#traces = Array.from({ length: TRACES }, (_, i) => ({
      id: (i + 1).toString(16).padStart(32, '0'),
      pool: undefined,
      isKept: false,
      open: 0,
      waiting: none(),
      kept: none(),
    }));
  }

  apply(call: Call): void {
    switch (call.kind) {
      case 'start':
        return this.#start(this.#of(call.trace), call.isKept);
      case 'end':
        return this.#end(this.#of(call.trace), call.chars);
      case 'traceLine':
        return this.#traceLine(this.#of(call.trace), call.chars);
      case 'line':
        return this.#line(call.chars);
      case 'keep':
        return this.#keep(this.#of(call.trace));
      case 'sealAll':
        return this.#writer.sealAll();
      default:
        this.#reader.read(call.chunks, this.#seen);
    }
  }

  #of(index: number): ModelTrace {
    const found = this.#traces[index];
    assert.ok(found !== undefined);
    return found;
  }

  /** As the recorder does it. */
  #start(one: ModelTrace, isKept: boolean): void {
    const words = traceWords(one.id);
    const known = this.#writer.find(words);
    if (known === undefined) {
      assert.equal(one.open, 0, 'a trace with open spans is found');
      assert.deepEqual(one.waiting, none(), 'a trace with records that wait is found');
      assert.equal(one.isKept, false, 'a kept trace is found');
      one.pool = this.#writer.begin(words, one.id, isKept ? BASELINE : undefined);
      one.isKept = isKept;
    } else {
      one.pool = known;
      if (isKept && !one.isKept) {
        this.#writer.keep(known, BASELINE);
        this.#promote(one);
      }
    }
    one.open += 1;
    one.pool.openCount += 1;
    this.#sums.started += 1;
    this.#count(COUNT.spansStarted);
  }

  #end(one: ModelTrace, size: number): void {
    if (one.open === 0 || one.pool === undefined) return;
    one.open -= 1;
    one.pool.openCount -= 1;
    this.#sums.ended += 1;
    this.#count(COUNT.spansEnded);
    const name = `s${this.#next++}`;
    const isTaken = this.#writer.span(one.pool, spanNamed(name, { t: 'x'.repeat(size) }));
    this.#evictedBy(one);
    this.#arrived(one);
    if (isTaken) this.#put(one, 'spans', name);
    else this.#sums.dropped += 1;
    if (one.open === 0) this.#writer.quiet(one.pool);
  }

  #traceLine(one: ModelTrace, size: number): void {
    if (one.open === 0 || one.pool === undefined) return;
    this.#sums.lines += 1;
    const text = `l${this.#next++} ${'x'.repeat(size)}`;
    const isWhole = this.#cuts();
    const isTaken = this.#writer.traceLine(one.pool, { ...lineNamed(text), traceId: one.id });
    this.#evictedBy(one);
    this.#arrived(one);
    if (isTaken) this.#put(one, 'lines', isWhole() ? text : text.slice(0, CUT_CHARS));
    else this.#sums.linesDropped += 1;
  }

  #line(size: number): void {
    this.#sums.lines += 1;
    const text = `l${this.#next++} ${'x'.repeat(size)}`;
    const isWhole = this.#cuts();
    const isTaken = this.#writer.line(lineNamed(text));
    this.#evictedBy(undefined);
    if (isTaken) this.#keptLines.push(isWhole() ? text : text.slice(0, CUT_CHARS));
    else this.#sums.linesDropped += 1;
  }

  /** Whether no text was cut since the call. */
  #cuts(): () => boolean {
    const before = this.#writer.counts[COUNT.recordsCut];
    return () => this.#writer.counts[COUNT.recordsCut] === before;
  }

  #put(one: ModelTrace, what: keyof Names, name: string): void {
    (one.isKept ? one.kept : one.waiting)[what].push(name);
  }

  /** With its first chunk, also when what was to be written there did not fit after all. */
  #arrived(one: ModelTrace): void {
    if (!one.isKept && hasChunks(one) && !this.#arrival.includes(one)) this.#arrival.push(one);
  }

  #keep(one: ModelTrace): void {
    const { pool } = one;
    if (pool === undefined || one.isKept || (one.open === 0 && one.waiting.spans.length === 0)) return;
    this.#writer.keep(pool, 'error');
    this.#writer.ask(pool, 'error');
    this.#evictedBy(one);
    this.#promote(one);
  }

  #promote(one: ModelTrace): void {
    one.isKept = true;
    for (const what of ['spans', 'lines'] as const) one.kept[what].push(...one.waiting[what]);
    one.waiting = none();
    this.#arrival = this.#arrival.filter((other) => other !== one);
  }

  /** The counts say that something has given way: it must be whole traces, oldest first, never `asking`. */
  #evictedBy(asking: ModelTrace | undefined): void {
    const spans = this.#writer.counts[COUNT.spansEvicted] ?? 0;
    const lines = this.#writer.counts[COUNT.linesEvicted] ?? 0;
    while (this.#sums.evicted < spans || this.#sums.linesEvicted < lines) {
      const victim = this.#arrival.find((one) => one !== asking);
      assert.ok(victim !== undefined, 'only what waits gives way');
      this.#sums.evicted += victim.waiting.spans.length;
      this.#sums.linesEvicted += victim.waiting.lines.length;
      victim.waiting = none();
      this.#arrival = this.#arrival.filter((one) => one !== victim);
    }
    // One without a record gives way without a count.
    this.#arrival = this.#arrival.filter(
      (one) => one.waiting.spans.length + one.waiting.lines.length > 0 || hasChunks(one),
    );
    assert.equal(this.#sums.evicted, spans, 'whole traces give way');
    assert.equal(this.#sums.linesEvicted, lines, 'whole traces give way');
  }

  #count(which: number): void {
    const { counts } = this.#writer;
    counts[which] = (counts[which] ?? 0) + 1;
  }

  /** What must hold after every call. */
  check(): void {
    this.#checkLedger();
    this.#checkChunks();
    this.#checkSeen();
  }

  #checkLedger(): void {
    const { spans, lines } = readLedger([this.#writer.counts], new AgentCounts(new ArrayBuffer(0)));
    const sums = this.#sums;
    const total = (of: (one: ModelTrace) => number): number =>
      this.#traces.reduce((sum, one) => sum + of(one), 0);
    const droppedOf = (dropped: Readonly<Record<string, number>>): number =>
      Object.values(dropped).reduce((sum, n) => sum + n, 0);
    assert.deepEqual(
      { ...spans, dropped: droppedOf(spans.dropped) },
      {
        started: sums.started,
        open: total((one) => one.open),
        ended: sums.ended,
        kept: total((one) => one.kept.spans.length),
        evicted: sums.evicted,
        undecided: total((one) => one.waiting.spans.length),
        delivered: 0,
        waiting: total((one) => one.kept.spans.length),
        dropped: sums.dropped,
      },
    );
    assert.deepEqual(
      [lines.started, lines.kept, lines.evicted, lines.undecided, droppedOf(lines.dropped)],
      [
        sums.lines,
        total((one) => one.kept.lines.length) + this.#keptLines.length,
        sums.linesEvicted,
        total((one) => one.waiting.lines.length),
        sums.linesDropped,
      ],
    );
  }

  /** No chunk is in two places; which are free, only the writer knows, and `finish` finds out. */
  #checkChunks(): void {
    const { heads } = this.#memory;
    const all: number[] = [...this.#inRing('handed'), ...this.#inRing('returned')];
    for (const { pool } of this.#traces) {
      for (let chunk = pool?.firstChunk ?? -1; chunk >= 0;) {
        all.push(chunk);
        if (chunk === pool?.lastChunk) break;
        chunk = heads[chunk * (CHUNK_BYTES / 4) + HEAD.next] ?? -1;
      }
    }
    assert.equal(new Set(all).size, all.length, 'a chunk is in one place');
    assert.ok(all.every((chunk) => chunk >= 0 && chunk < this.#memory.chunkCount));
  }

  #inRing(which: 'handed' | 'returned'): number[] {
    const { chunkCount, control } = this.#memory;
    const places = this.#memory[which];
    const to = which === 'handed' ? CONTROL.handedTo : CONTROL.returnedTo;
    const round = chunkCount * 0x1000;
    const from = control[to + 1] ?? 0;
    const count = ((control[to] ?? 0) - from + round) % round;
    return Array.from({ length: count }, (_, i) => places[(from + i) % chunkCount] ?? -1);
  }

  /** Of each trace what was read is what is kept of it, in order, from its beginning. */
  #checkSeen(): void {
    const seen = this.#seen;
    const byTrace = new Map(this.#traces.map(({ id }) => [id, none()]));
    for (const { span } of seen.spans) byTrace.get(span.traceId)?.spans.push(span.name);
    const plain: string[] = [];
    for (const { traceId, text } of seen.lines) (byTrace.get(traceId)?.lines ?? plain).push(text);
    for (const { id, kept } of this.#traces) {
      const read = byTrace.get(id) ?? none();
      assert.deepEqual(read.spans, kept.spans.slice(0, read.spans.length));
      assert.deepEqual(read.lines, kept.lines.slice(0, read.lines.length));
    }
    assert.deepEqual(plain, this.#keptLines.slice(0, plain.length));
  }

  /** Everything that is kept comes out. */
  finish(): void {
    this.#writer.sealAll();
    this.#reader.read(Infinity, this.#seen);
    this.check();
    const kept = this.#traces.reduce((sum, one) => sum + one.kept.spans.length, 0);
    const lines = this.#traces.reduce((sum, one) => sum + one.kept.lines.length, this.#keptLines.length);
    assert.equal(this.#seen.spans.length, kept);
    assert.equal(this.#seen.lines.length, lines);
    this.#useAll();
  }

  /** All chunks can be had at once, each once: none was lost. */
  #useAll(): void {
    for (let i = 0; i < this.#memory.chunkCount; i += 1) {
      const id = (TRACES + 1 + i).toString(16).padStart(32, '0');
      const trace = this.#writer.begin(traceWords(id), id, BASELINE);
      assert.ok(this.#writer.span(trace, spanNamed('last')), 'no chunk is lost');
      this.#writer.quiet(trace);
    }
    const all = this.#inRing('handed').sort((a, b) => a - b);
    assert.deepEqual(
      all,
      all.map((_, i) => i),
    );
    assert.equal(all.length, this.#memory.chunkCount);
  }
}
