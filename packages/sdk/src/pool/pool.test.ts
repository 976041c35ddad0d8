/**
 * Pool writer and reader against a plain model of them: calls of all kinds in any order, in pools so small that traces
 * give way.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AgentCounts } from '../agent/agent-counts.ts';
import { readLedger } from '../loss/ledger.ts';
import { type Call, CALL, PoolModel } from '../testing/pool-model.ts';
import { lineNamed, seenRecords, spanNamed } from '../testing/records.ts';
import { traceWords } from '../trace/span-identity.ts';
import { COUNT, STATE } from './counts.ts';
import {
  CHUNK_BYTES,
  giveBackUnread,
  poolMemory,
  POOL_BYTES_MIN,
  takeChunk,
  CONTROL,
} from './pool-memory.ts';
import { PoolReader } from './pool-reader.ts';
import { PoolWriter } from './pool-writer.ts';

const RUNS = Math.min(10_000, Number(process.env['AODE_FUZZ_RUNS'] ?? 200));
const MIB = 1024 * 1024;
const idOf = (n: number): string => n.toString(16).padStart(32, '0');

function pool(bytes: number) {
  const buffer = new ArrayBuffer(bytes);
  const writer = new PoolWriter(buffer, () => undefined);
  const begin = (n: number, keptFor?: string) => writer.begin(traceWords(idOf(n)), idOf(n), keptFor);
  return { buffer, writer, begin, reader: new PoolReader(buffer), seen: seenRecords() };
}

test('does what the model does, and everything adds up after every call', () => {
  const bytes = fc.constantFrom(40_000, 100_000, POOL_BYTES_MIN);
  const property = fc.property(
    bytes,
    fc.array(CALL, { minLength: 1, maxLength: 200, size: 'max' }),
    (size, calls: Call[]) => {
      const model = new PoolModel(size);
      for (const call of calls) {
        model.apply(call);
        model.check();
      }
      model.finish();
    },
  );
  fc.assert(property, { numRuns: RUNS });
});

test('giving way: a trace larger than its share is cut, counted as too large, and pushes out no other', () => {
  const { writer, begin, reader, seen, buffer } = pool(POOL_BYTES_MIN);
  const other = begin(1);
  writer.span(other, spanNamed('other'));
  const large = begin(2);
  let taken = 0;
  for (let i = 0; i < 1000; i += 1)
    taken += Number(writer.span(large, spanNamed(`${i}`, { t: 'x'.repeat(1500) })));
  assert.equal(taken, Math.ceil(poolMemory(buffer).chunkCount / 4));
  assert.equal(writer.counts[COUNT.spansDroppedTooLarge], 1000 - taken);
  assert.equal(writer.counts[COUNT.spansEvicted], 0);
  writer.keep(large, 'error');
  writer.quiet(large);
  writer.keep(other, 'error');
  writer.quiet(other);
  reader.read(Infinity, seen);
  assert.equal(seen.spans.length, taken + 1);
});

test('a record that is larger than a trace may be has its texts cut, and nothing gives way to it', () => {
  const { writer, begin, buffer } = pool(POOL_BYTES_MIN);
  for (let i = 1; i <= 20; i += 1) writer.span(begin(i), spanNamed('small'));
  const share = Math.ceil(poolMemory(buffer).chunkCount / 4) * CHUNK_BYTES;
  for (const trace of [begin(30), begin(31, 'error')]) {
    assert.equal(writer.span(trace, spanNamed('large', { t: 'x'.repeat(share) })), true);
  }
  assert.equal(writer.line(lineNamed('x'.repeat(share))), true);
  assert.equal(writer.counts[COUNT.recordsCut], 3);
  const many = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, 'x'.repeat(share)]));
  assert.equal(writer.span(begin(32), spanNamed('large', many)), false);
  assert.equal(writer.counts[COUNT.spansDroppedTooLarge], 1);
  assert.equal(writer.counts[COUNT.spansDroppedPoolFull], 0);
  assert.equal(writer.counts[COUNT.spansEvicted], 0);
});

test('where everything is kept and nobody reads, what comes is dropped and counted, and then goes on', () => {
  const { writer, begin, reader, seen, buffer } = pool(POOL_BYTES_MIN);
  const { chunkCount } = poolMemory(buffer);
  for (let i = 1; i <= chunkCount + 10; i += 1) {
    const trace = begin(i, 'error');
    writer.span(trace, spanNamed(`${i}`));
    writer.quiet(trace);
  }
  assert.equal(writer.counts[COUNT.spansDroppedPoolFull], 10);
  assert.equal(reader.read(Infinity, seen), chunkCount);
  assert.equal(seen.spans.length, chunkCount);
  assert.ok(writer.span(begin(999, 'error'), spanNamed('again')));
});

test('a kept trace that is not found by its id any more begins anew, and both pieces are read whole', () => {
  const { writer, begin, reader, seen } = pool(8 * MIB);
  const large = { t: 'x'.repeat(5000) };
  const first = begin(1);
  first.openCount = 1;
  writer.span(first, spanNamed('first', large));
  writer.keep(first, 'error');
  // 16 384 kept traces are remembered.
  for (let i = 2; i <= 16_385; i += 1) begin(i, 'error');
  assert.equal(writer.find(traceWords(idOf(1))), undefined);
  const second = begin(1, 'error');
  for (let i = 0; i < 3; i += 1) {
    writer.span(second, spanNamed('second', large));
    writer.span(first, spanNamed('first', large));
  }
  writer.sealAll();
  reader.read(Infinity, seen);
  assert.deepEqual(seen.spans.map(({ span }) => span.name).sort(), [
    ...Array.from({ length: 4 }, () => 'first'),
    ...Array.from({ length: 3 }, () => 'second'),
  ]);
  for (const { span } of seen.spans) assert.equal(span.attributes[0]?.value, large.t);
});

test('giving way: much that is kept is said at once: after each sixteenth of the pool', () => {
  let said = 0;
  const buffer = new ArrayBuffer(POOL_BYTES_MIN);
  const writer = new PoolWriter(buffer, () => (said += 1));
  const sixteenth = Math.ceil(poolMemory(buffer).chunkCount / 16);
  for (let i = 1; i <= 2 * sixteenth; i += 1) {
    const trace = writer.begin(traceWords(idOf(i)), idOf(i), 'error');
    writer.span(trace, spanNamed('s'));
    writer.quiet(trace);
    assert.equal(said, Math.floor(i / sixteenth));
  }
});

test('a reader that dies: while it reads: its chunk comes back, and it is known what was in it', () => {
  const { writer, begin, buffer, reader, seen } = pool(POOL_BYTES_MIN);
  const memory = poolMemory(buffer);
  assert.equal(giveBackUnread(memory), 0);
  const trace = begin(1);
  writer.span(trace, spanNamed('a'));
  writer.traceLine(trace, lineNamed('b'));
  writer.traceLine(trace, lineNamed('c'));
  writer.keep(trace, 'error');
  assert.notEqual(takeChunk(memory, memory.handed, CONTROL.handedTo), -1);
  assert.equal(giveBackUnread(memory), 2 * 0x10000 + 1);
  assert.equal(giveBackUnread(memory), 0);
  // All chunks are there again.
  for (let i = 2; i < 2 + memory.chunkCount; i += 1) {
    const next = begin(i, 'error');
    assert.ok(writer.span(next, spanNamed(`${i}`)));
    writer.quiet(next);
  }
  assert.equal(reader.read(Infinity, seen), memory.chunkCount);
});

test('a reader that dies in the middle of a record: the next one leaves the rest of it out and says so', () => {
  const { writer, begin, buffer, reader, seen } = pool(POOL_BYTES_MIN);
  const trace = begin(1, 'error');
  writer.span(trace, spanNamed('large', { t: 'x'.repeat(5000) }));
  writer.span(trace, spanNamed('small'));
  writer.sealAll();
  reader.read(2, seen);
  const damaged: number[] = [];
  const next = {
    ...seenRecords(),
    damaged: (spans: number, lines: number) => void damaged.push(spans, lines),
  };
  new PoolReader(buffer).read(Infinity, next);
  assert.deepEqual(damaged, [1, 0]);
  assert.deepEqual(
    next.spans.map(({ span }) => span.name),
    ['small'],
  );
});

test('a chunk with nonsense in it costs its own records and no other', () => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat(1800), (noise, at) => {
    const { writer, begin, buffer, reader } = pool(POOL_BYTES_MIN);
    for (const n of [1, 2, 3]) {
      const trace = begin(n);
      for (let i = 0; i < 12; i += 1) writer.span(trace, spanNamed(`${n}`, { k: 'v'.repeat(100) }));
      writer.keep(trace, 'error');
      writer.quiet(trace);
    }
    const memory = poolMemory(buffer);
    const chunk = memory.handed[(memory.control[CONTROL.handedFrom] ?? 0) + 2] ?? 0;
    memory.chunks.set(noise.subarray(0, CHUNK_BYTES - 32 - at), chunk * CHUNK_BYTES + 32 + at);
    let lost = 0;
    let taken = 0;
    const seen = {
      ...seenRecords(),
      taken: (spans: number) => void (taken += spans),
      damaged: (spans: number) => void (lost += spans),
    };
    reader.read(Infinity, seen);
    assert.equal(taken, 36);
    const names = seen.spans.map(({ span }) => span.name);
    assert.ok(names.filter((name) => name === '3').length >= 12);
    assert.ok(names.filter((name) => name === '1').length >= 12);
    assert.equal(seen.spans.length + lost, 36);
  });
  fc.assert(property, { numRuns: RUNS });
});

test('a thread that is gone: lines that had no room are lost, those that nobody has asked for were evicted', () => {
  const { reader } = pool(MIB);
  const { counts } = reader;
  counts[COUNT.linesStarted] = 10;
  counts[COUNT.linesKept] = 4;
  counts[COUNT.linesTaken] = 3;
  counts[STATE.linesSpilled] = 5;
  assert.deepEqual(reader.reset(), { spans: 0, lines: 6 });
  assert.deepEqual([counts[COUNT.linesEvicted], counts[STATE.linesSpilled]], [1, 0]);
});

test('the ledger of nothing is zero', () => {
  const { spans, lines } = readLedger(
    [pool(POOL_BYTES_MIN).writer.counts],
    new AgentCounts(new ArrayBuffer(0)),
  );
  for (const { dropped, ...sums } of [spans, lines]) {
    assert.deepEqual(dropped, {});
    assert.ok(Object.values(sums).every((sum) => sum === 0));
  }
});
