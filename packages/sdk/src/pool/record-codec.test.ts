/** Whatever a thread writes into its pool, the agent reads the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  anyLine,
  anySpan,
  lineNamed,
  readBack,
  readBackLine,
  seenRecords,
  spanNamed,
  stored,
} from '../testing/records.ts';
import { traceWords } from '../trace/span-identity.ts';
import { COUNT } from './counts.ts';
import { PoolReader } from './pool-reader.ts';
import { BASELINE, PoolWriter } from './pool-writer.ts';
import { TextTable, TextTableReader } from './text-table.ts';

const RUNS = Math.min(10_000, Number(process.env['AODE_FUZZ_RUNS'] ?? 100));
const MIB = 1024 * 1024;
const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** By size: what shared memory costs is not seen by V8, and ten thousand pools are not collected in time. */
const MEMORIES = new Map<number, SharedArrayBuffer>();

/** In memory that is as if new; of a size one at a time. */
function pool(bytes = 8 * MIB) {
  const buffer = MEMORIES.get(bytes) ?? new SharedArrayBuffer(bytes);
  MEMORIES.set(bytes, buffer);
  new Uint8Array(buffer).fill(0);
  const writer = new PoolWriter(buffer, () => undefined);
  return { writer, reader: new PoolReader(buffer), seen: seenRecords() };
}

test('a record: spans of every kind come out as they went in, kept at once or later', () => {
  const property = fc.property(
    fc.array(anySpan, { minLength: 1, maxLength: 5 }),
    fc.boolean(),
    (spans, isLate) => {
      const { writer, reader, seen } = pool();
      const trace = writer.begin(traceWords(TRACE), TRACE, isLate ? undefined : BASELINE);
      // Longer than a pool takes as one record: its texts are cut, or it is dropped; both are counted.
      const isCut: boolean[] = [];
      const written = spans.filter((span) => {
        const before = writer.counts[COUNT.recordsCut];
        const isTaken = writer.span(trace, span);
        if (isTaken) isCut.push(writer.counts[COUNT.recordsCut] !== before);
        return isTaken;
      });
      assert.equal(spans.length - written.length, writer.counts[COUNT.spansDroppedTooLarge]);
      if (isLate) writer.keep(trace, 'error');
      writer.sealAll();
      writer.quiet(trace);
      reader.read(Infinity, seen);
      assert.equal(seen.spans.length, written.length);
      for (const [i, span] of written.entries()) {
        const wanted = readBack(span, TRACE);
        if (isCut[i] === true) assert.equal(seen.spans[i]?.span.spanId, wanted.span.spanId);
        else assert.deepEqual(seen.spans[i], wanted);
      }
      assert.equal(writer.counts[COUNT.spansKept], written.length);
    },
  );
  fc.assert(property, { numRuns: RUNS, endOnFailure: true });
});

test('a record: lines likewise, of a trace and of none', () => {
  const property = fc.property(
    fc.array(fc.tuple(anyLine, fc.boolean()), { minLength: 1, maxLength: 8 }),
    (lines) => {
      const { writer, reader, seen } = pool();
      const trace = writer.begin(traceWords(TRACE), TRACE, undefined);
      for (const [line, isOfTrace] of lines)
        assert.ok(isOfTrace ? writer.traceLine(trace, line) : writer.line(line));
      writer.keep(trace, 'error');
      writer.sealAll();
      reader.read(Infinity, seen);
      const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      const plain = (list: readonly object[]): object[] =>
        list
          .map((one) => ({ ...one, timeUnixNano: String((one as { timeUnixNano: bigint }).timeUnixNano) }))
          .sort(byText);
      assert.deepEqual(plain(seen.lines), plain(lines.map(([line]) => readBackLine(line))));
    },
  );
  fc.assert(property, { numRuns: RUNS, endOnFailure: true });
});

test('a record: what is larger than a chunk goes in parts, between others, over the turn of the rings', () => {
  const { writer, reader, seen } = pool(MIB);
  const wanted: string[] = [];
  for (let i = 0; i < 300; i += 1) {
    const id = (i + 1).toString(16).padStart(32, '0');
    const trace = writer.begin(traceWords(id), id, i % 2 === 0 ? BASELINE : undefined);
    for (const [at, length] of [3, 64 * 1024 - i, 2030, 2040, 2050].entries()) {
      const name = `${i} ${at}`;
      assert.ok(writer.span(trace, spanNamed(name, { text: 'ä'.repeat(length / 2) })));
      wanted.push(name);
    }
    writer.keep(trace, 'error');
    writer.quiet(trace);
    reader.read(Infinity, seen);
  }
  assert.deepEqual(
    seen.spans.map(({ span }) => span.name),
    wanted,
  );
  for (const { span } of seen.spans) {
    const [text] = span.attributes;
    assert.ok(typeof text?.value === 'string' && /^ä+$/.test(text.value));
  }
});

test('a record: one of 1 MiB is the last that is taken whole', () => {
  const { writer, reader, seen } = pool(16 * MIB);
  const trace = writer.begin(traceWords(TRACE), TRACE, undefined);
  const bare = lineNamed('');
  assert.ok(writer.traceLine(trace, bare));
  // Length, kind, fixed words, and four shared texts besides the scope's empty version, as text table places.
  const overhead = 8 + 4 * (1 + 2 + 4 + 2) + 4 * 6;
  assert.ok(writer.traceLine(trace, { ...bare, text: 'x'.repeat(MIB - overhead) }));
  assert.ok(writer.traceLine(trace, { ...bare, text: 'x'.repeat(MIB - overhead + 1) }));
  assert.equal(writer.counts[COUNT.recordsCut], 1);
  writer.keep(trace, 'error');
  writer.quiet(trace);
  reader.read(Infinity, seen);
  assert.deepEqual(
    seen.lines.map(({ text }) => text.length),
    [0, MIB - overhead, 1024],
  );
});

const table = (bytes: number) => {
  const memory = new Uint8Array(bytes);
  return { texts: new TextTable(memory), reader: new TextTableReader(memory) };
};

test('the table of texts: whatever is shared is read as it was written, however full the table', () => {
  const text = fc.string({ unit: 'binary', maxLength: 110, size: 'max' });
  const property = fc.property(
    fc.array(text, { maxLength: 200, size: 'max' }),
    fc.integer({ min: 8, max: 2000 }),
    (list, bytes) => {
      const { texts, reader } = table(bytes);
      const key = texts.key('k');
      for (const one of list) {
        for (const id of [texts.name(one), texts.key(one).id, texts.value(key, one)]) {
          if (id !== 0) assert.equal(reader.text(id), stored(one));
        }
      }
    },
  );
  fc.assert(property, { numRuns: RUNS, endOnFailure: true });
});

test('the table of texts: 2048 names and 2048 keys are shared, no more; those known stay so', () => {
  const { texts, reader } = table(MIB);
  for (const what of ['name', 'key'] as const) {
    const id = (text: string): number => (what === 'name' ? texts.name(text) : texts.key(text).id);
    const ids = Array.from({ length: 2048 }, (_, i) => id(`${what}${i}`));
    assert.ok(!ids.includes(0));
    assert.equal(new Set(ids).size, 2048);
    assert.equal(id('one more'), 0);
    assert.equal(id(`${what}7`), ids[7]);
    assert.equal(reader.text(ids[2047] ?? 0), `${what}2047`);
  }
});

test('the table of texts: 64 values of a key are shared; with one more the key is known to take many', () => {
  const { texts } = table(MIB);
  const key = texts.key('http.route');
  const ids = Array.from({ length: 64 }, (_, i) => texts.value(key, `/${i}`));
  assert.ok(!ids.includes(0));
  assert.equal(texts.value(key, '/0'), ids[0]);
  assert.equal(texts.value(key, '/64'), 0);
  assert.equal(texts.value(key, '/0'), 0);
  assert.notEqual(texts.value(texts.key('another'), '/0'), 0);
});

test('the table of texts: texts of 96 characters are shared, longer ones are not', () => {
  const { texts } = table(MIB);
  const key = texts.key('k');
  for (const share of [
    (t: string) => texts.name(t),
    (t: string) => texts.key(t).id,
    (t: string) => texts.value(key, t),
  ]) {
    assert.notEqual(share('x'.repeat(96)), 0);
    assert.equal(share('x'.repeat(97)), 0);
  }
});

test('the table of texts: records stay right when the table is full of names, keys and values', () => {
  const { writer, reader, seen } = pool(MIB);
  const wanted: string[][] = [];
  for (let i = 0; i < 5000; i += 1) {
    const id = (i + 1).toString(16).padStart(32, '0');
    const trace = writer.begin(traceWords(id), id, BASELINE);
    writer.span(trace, spanNamed(`name ${i}`, { [`key ${i}`]: `value ${i}`, many: `many ${i}` }));
    writer.quiet(trace);
    reader.read(Infinity, seen);
    wanted.push([`name ${i}`, `key ${i}`, `value ${i}`, 'many', `many ${i}`]);
  }
  assert.deepEqual(
    seen.spans.map(({ span: { name, attributes } }) => [
      name,
      ...attributes.flatMap(({ key, value }) => [key, value]),
    ]),
    wanted,
  );
});
