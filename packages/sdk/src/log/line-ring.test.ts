import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeEnvelope, newRingMemory, RingReader } from '@aode/journal';
import { decodeLogs, encodeLines, encodeResource, readLineFrame, runFrameBytes } from '@aode/wire';
import fc from 'fast-check';
import { COUNT, COUNTS, STATE } from '../pool/counts.ts';
import { quietRing } from '../testing/rings.ts';
import { lineNamed } from '../testing/records.ts';
import type { LogOverflow } from './log-options.ts';
import type { LogLine } from './log-line.ts';
import { LineRing } from './line-ring.ts';

interface Bench {
  readonly ring: LineRing;
  readonly pressed: boolean[];
  readonly count: (which: keyof typeof COUNT) => number;
  /** Reads what is in the ring. */
  readonly read: () => readonly Read[];
  readonly spilled: () => number;
}

interface Read {
  readonly text: string;
  readonly number: number;
  readonly severityNumber: number;
  readonly isCut: boolean;
  readonly traceId: string;
  readonly requestId: string;
}

function bench(overflow: LogOverflow, spillBytesMax = 20_000): Bench {
  const memory = newRingMemory(0);
  const counts = new Float64Array(COUNTS);
  const pressed: boolean[] = [];
  const ring = new LineRing({
    memory,
    index: 3,
    counts,
    overflow,
    spillBytesMax,
    onPressure: (now) => pressed.push(now),
    now: () => performance.now(),
  });
  const reader = new RingReader(memory);
  return {
    ring,
    pressed,
    count: (which) => counts[COUNT[which]] ?? 0,
    spilled: () => counts[STATE.linesSpilled] ?? 0,
    read() {
      const lines: Read[] = [];
      for (let run = reader.take(1e6); run !== undefined; run = reader.take(1e6)) {
        const { bytes, words } = run;
        for (let at = 0; at < bytes.byteLength; at += runFrameBytes(words, at)) {
          const line = readLineFrame(bytes, at);
          assert.ok(line !== undefined && line.ring === 3);
          lines.push(line);
        }
      }
      return lines;
    },
  };
}

const lineOf = (text: string, severityNumber = 9): LogLine => {
  const line = lineNamed(text);
  return { ...line, head: { ...line.head, severityNumber } };
};

/** Lines of a thousand characters until one has no room, and some more. */
function fill({ ring }: Bench, count = 100, severityNumber = 9): void {
  for (let i = 0; i < count; i += 1) ring.write(lineOf(String(i).padEnd(1000), severityNumber));
}

const sumsUp = ({ count }: Bench): void => {
  assert.equal(count('linesStarted'), count('linesKept') + count('linesDroppedRingFull'));
};

test('a line with its ids, in order, under numbers of its ring', () => {
  const one = bench('drop');
  const line = lineOf('{"msg":"a"}');
  one.ring.write({ ...line, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), requestId: 'r-1' });
  one.ring.write({ ...line, requestId: 'r-2' });
  one.ring.write(line);
  const read = one.read();
  assert.deepEqual(
    read.map(({ number, traceId, requestId }) => [number, traceId, requestId]),
    [
      [1, 'a'.repeat(32), 'r-1'],
      [2, '', 'r-2'],
      [3, '', ''],
    ],
  );
  sumsUp(one);
});

test('lines of two loggers in turn are sent in their order', () => {
  const memory = newRingMemory(0);
  const ring = quietRing(memory);
  for (let i = 0; i < 6; i += 1) {
    const line = lineOf(JSON.stringify({ msg: `${i}` }));
    const scope = { ...line.head.scope, name: i % 2 === 0 ? 'even' : 'odd' };
    ring.write({ ...line, head: { ...line.head, scope } });
  }
  const { bytes } = new RingReader(memory).take(1e6) ?? assert.fail();
  const { payload, recordCount } = encodeLines(bytes, undefined);
  const resource = encodeResource({ attributes: [], droppedAttributesCount: 0, entityRefs: [] });
  const sent = decodeLogs(encodeEnvelope({ origin: resource, payloads: [payload], schemaUrl: '' }));
  const scopes = sent.flatMap(({ scopeLogs }) => scopeLogs);
  assert.equal(recordCount, 6);
  assert.deepEqual(
    scopes.flatMap(({ scope, logRecords }) => logRecords.map(({ body }) => [scope.name, body])),
    ['0', '1', '2', '3', '4', '5'].map((body, i) => [i % 2 === 0 ? 'even' : 'odd', body]),
  );
});

describe('a full ring', () => {
  test('spill: what comes meanwhile is kept in its order, up to a bound, and counted beyond it', () => {
    const one = bench('spill');
    fill(one);
    assert.ok(one.ring.hasSpilled && one.pressed.length > 0);
    const waiting = one.spilled;
    assert.equal(
      one.count('linesStarted'),
      one.count('linesKept') + waiting() + one.count('linesDroppedRingFull'),
    );
    const first = one.read();
    assert.ok(one.ring.relieve() && !one.ring.hasSpilled);
    assert.equal(waiting(), 0);
    one.ring.write(lineOf('last'));
    const all = [...first, ...one.read()].map(({ text }) => text.trim());
    const lost = one.count('linesDroppedRingFull');
    assert.ok(lost > 0);
    assert.deepEqual(all, [...Array.from({ length: 100 - lost }, (_, i) => `${i}`), 'last']);
    sumsUp(one);
  });

  test('spill: a part of the bound is for what is important', () => {
    const one = bench('spill');
    fill(one);
    const lost = one.count('linesDroppedRingFull');
    one.ring.write(lineOf('error', 17));
    assert.equal(one.count('linesDroppedRingFull'), lost);
    one.read();
    one.ring.relieve();
    assert.equal(one.read().at(-1)?.text, 'error');
  });

  test('drop: below info first, then below warn, and what is important last', () => {
    const one = bench('drop');
    fill(one, 100, 5);
    const debug = one.read().length;
    fill(one, 100, 9);
    const info = one.read().length;
    fill(one, 100, 17);
    const error = one.read().length;
    assert.ok(debug < info && info < error && error < 65, `${debug} ${info} ${error}`);
    assert.equal(one.count('linesDroppedRingFull'), 300 - debug - info - error);
    sumsUp(one);
  });

  test('block: waits for room within a bound, once, and says that somebody waits', () => {
    const one = bench('block');
    // Each wait would take a tenth of a second.
    fill(one, 1000);
    assert.ok(one.pressed.includes(true));
    assert.ok(one.count('linesDroppedRingFull') > 0);
    sumsUp(one);
  });
});

for (const [overflow, spillBytesMax] of [
  ['block', 0],
  ['spill', 20_000],
] as const) {
  test(`a full ring, ${overflow}: with a reader that reads when somebody waits nothing is lost`, () => {
    const memory = newRingMemory(0);
    const counts = new Float64Array(COUNTS);
    const reader = new RingReader(memory);
    let seen = 0;
    const ring = new LineRing({
      memory,
      index: 0,
      counts,
      overflow,
      spillBytesMax,
      onPressure(isWaiting) {
        if (!isWaiting) return;
        for (let run = reader.take(1e6); run !== undefined; run = reader.take(1e6))
          seen += run.bytes.byteLength;
      },
      now: () => performance.now(),
    });
    for (let i = 0; i < 1000; i += 1) ring.write(lineOf('x'.repeat(1000)));
    assert.ok(ring.drain(1000));
    assert.equal(counts[COUNT.linesKept], 1000);
    assert.ok(seen > 900_000);
  });
}

describe('what a line may hold', () => {
  test('one that is too long is cut between two characters, marked and counted', () => {
    const one = bench('drop');
    for (const text of ['x'.repeat(10_000_000), '奥'.repeat(4000), '🙂'.repeat(3000), 'é'.repeat(5000)]) {
      one.ring.write(lineOf(text));
      const [line] = one.read();
      assert.ok(line !== undefined && line.isCut && text.startsWith(line.text));
      const bytes = Buffer.byteLength(line.text);
      assert.ok(bytes <= 8192 && bytes > 8188, `${bytes}`);
    }
    assert.equal(one.count('recordsCut'), 4);
  });

  test('values of a call site that are too long for it become a text that is cut', () => {
    const one = bench('drop');
    const line = lineNamed('');
    const head = { ...line.head, site: { message: 'm', keys: ['n', 'long'] } };
    one.ring.write({ ...line, head, values: [7, 'x'.repeat(100_000)] });
    const [read] = one.read();
    assert.ok(read !== undefined && read.isCut && read.text.startsWith('{"n":7,"long":"xxx'));
    sumsUp(one);
  });

  test('a call site that says too much of itself has lines of text', () => {
    const one = bench('drop');
    const line = lineNamed('');
    for (const site of [
      { message: 'm'.repeat(70_000), keys: ['n'] },
      { message: 'm', keys: ['n', 'k'.repeat(70_000)] },
    ]) {
      one.ring.write({ ...line, head: { ...line.head, site }, values: [7, 8] });
      const [read] = one.read();
      assert.ok(read?.text.startsWith('{"n":7'), read?.text.slice(0, 20));
    }
    sumsUp(one);
  });

  test('what spilled values take counts against the bound', () => {
    const one = bench('spill', 20_000);
    fill(one);
    const line = lineNamed('');
    const head = { ...line.head, severityNumber: 17, site: { message: 'm', keys: ['v'] } };
    const lost = one.count('linesDroppedRingFull');
    one.ring.write({ ...line, head, values: ['x'.repeat(50_000)] });
    assert.equal(one.count('linesDroppedRingFull'), lost + 1);
  });

  test('any text that fits comes back as it was', () => {
    const one = bench('drop');
    for (const length of [0, 1, 2, 31, 32, 33, 4000, 8191]) {
      one.ring.write(lineOf('y'.repeat(length)));
      assert.deepEqual(
        one.read().map(({ text, isCut }) => [text.length, isCut]),
        [[length, false]],
      );
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        one.ring.write(lineOf(text));
        assert.deepEqual(
          one.read().map((line) => line.text),
          [text],
        );
      }),
    );
    one.ring.write(lineOf('\ud800 alone'));
    assert.equal(one.read()[0]?.text, '\ufffd alone');
  });
});
