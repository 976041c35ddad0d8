import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  encodeLineHead,
  encodeLineIds,
  type LineFrame,
  readLineFrame,
  runFrameBytes,
  writeLineFrame,
} from '@aode/wire';
import { lineFrameBytesMax, type LineSpace } from '@aode/wire';
import fc from 'fast-check';
import { newRingMemory, RING_BYTES_MIN, RingReader, RingWriter } from './frame-ring.ts';

const HEAD = { scopeName: 's', scopeVersion: '', severityText: 'i', messageKey: 'm', errorKey: 'e' };

const ABOUT = {
  ids: encodeLineIds('a'.repeat(32), 'b'.repeat(16), 'r'),
  head: encodeLineHead(HEAD),
  severityNumber: 9,
  traceFlags: 1,
  sec: 1,
  nano: 2,
  priority: 0,
  ring: 0,
  isCut: false,
  values: undefined,
};

function write(ring: RingWriter, text: string): boolean {
  const line: LineFrame = { ...ABOUT, text, number: ring.number };
  const at = ring.reserve(lineFrameBytesMax(line));
  if (at < 0) return false;
  ring.publish(writeLineFrame(ring.space, at, line) - at);
  return true;
}

function* linesOf({
  bytes,
  words,
}: LineSpace): Generator<{ readonly number: number; readonly text: string }> {
  for (let at = 0; at < bytes.byteLength; at += runFrameBytes(words, at)) {
    const line = readLineFrame(bytes, at);
    assert.ok(line !== undefined, 'a line is whole');
    yield { number: line.number, text: line.text };
  }
}

describe('a ring', () => {
  it('gives back what was put in, in order, once, through any turns', () => {
    const step = fc.oneof(
      fc.record({ chars: fc.oneof(fc.nat(300), fc.nat(5500)) }),
      fc.record({ take: fc.oneof(fc.constant(1), fc.nat(100_000)) }),
    );
    const property = fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const memory = newRingMemory(0);
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      const expected: { number: number; text: string }[] = [];
      const taken: { number: number; text: string }[] = [];
      let size = 0;
      for (const one of steps) {
        if ('chars' in one) {
          const text = String(expected.length)
            .repeat(Math.ceil(one.chars / 3))
            .slice(0, one.chars);
          const number = writer.number;
          if (write(writer, text)) expected.push({ number, text });
          else assert.ok(writer.usedBytes > 0, 'an empty ring has room');
        } else {
          const run = reader.take(one.take);
          if (run === undefined) continue;
          const lines = [...linesOf(run)];
          assert.ok(lines.length === 1 || run.bytes.byteLength <= one.take);
          taken.push(...lines);
        }
        size = Math.max(size, writer.usedBytes);
      }
      for (let run = reader.take(1e6); run !== undefined; run = reader.take(1e6)) taken.push(...linesOf(run));
      assert.deepEqual(taken, expected);
      assert.ok(reader.isEmpty && writer.usedBytes === 0 && size <= writer.capacity);
      assert.equal(reader.damagedBytes, 0);
    });
    fc.assert(property);
  });
});

describe('room in a ring', () => {
  it('has a bound for one frame, and room for it in an empty ring wherever it stands', () => {
    const memory = newRingMemory(0);
    const writer = new RingWriter(memory);
    const reader = new RingReader(memory);
    assert.equal(writer.capacity, RING_BYTES_MIN);
    assert.equal(writer.reserve(writer.frameBytesMax + 1), -1);
    for (let i = 0; i < 5000; i += 1) {
      assert.ok(writer.reserve(writer.frameBytesMax) >= 0);
      assert.ok(write(writer, 'x'.repeat(i % 700)));
      assert.ok(reader.take(1) !== undefined);
    }
  });

  it('goes on where the thread before has ended, and forgets what that had not published', () => {
    const memory = newRingMemory(0);
    const first = new RingWriter(memory);
    write(first, 'one');
    first.reserve(1000);
    const second = new RingWriter(memory);
    write(second, 'two');
    const run = new RingReader(memory).take(1e6);
    assert.ok(run !== undefined);
    assert.deepEqual(
      [...linesOf(run)],
      [
        { number: 1, text: 'one' },
        { number: 2, text: 'two' },
      ],
    );
  });

  it('passes over what is no frame, and says so', () => {
    const memory = newRingMemory(0);
    const writer = new RingWriter(memory);
    write(writer, 'one');
    writer.space.words[5] = -1;
    const reader = new RingReader(memory);
    assert.equal(reader.take(1e6), undefined);
    assert.ok(reader.isEmpty && reader.damagedBytes > 0);
    write(writer, 'two');
    assert.ok(reader.take(1e6) !== undefined);
  });
});

describe('a ring between two threads', () => {
  it('is never torn by two threads', async () => {
    const memory = newRingMemory(0);
    const count = 20_000;
    const worker = startWriter(memory, count);
    let failed: unknown;
    worker.once('error', (error) => (failed = error));
    const reader = new RingReader(memory);
    for (let seen = 0; seen < count;) {
      assert.equal(failed, undefined);
      const run = reader.take(64 * 1024);
      // The other thread has its turn.
      if (run === undefined) await new Promise((turn) => setImmediate(turn));
      else {
        for (const line of linesOf(run)) {
          const text = seen
            .toString(16)
            .padStart(16, '0')
            .repeat(seen % 40);
          assert.deepEqual(line, { number: seen + 1, text });
          seen += 1;
        }
      }
    }
    await worker.terminate();
  });
});

/** Another thread that writes so many lines, each of another trace, and waits where there is no room. */
function startWriter(memory: SharedArrayBuffer, count: number): Worker {
  const url = JSON.stringify(import.meta.resolve('./frame-ring.ts'));
  const wire = JSON.stringify(import.meta.resolve('@aode/wire'));
  const code = `
    import { workerData } from 'node:worker_threads';
    import { RingWriter } from ${url};
    import { encodeLineHead, encodeLineIds, lineFrameBytesMax, writeLineFrame } from ${wire};
    const { memory, texts, about } = workerData;
    const ring = new RingWriter(memory);
    const head = encodeLineHead(texts);
    for (let i = 0; i < ${count}; i += 1) {
      const id = i.toString(16).padStart(16, '0');
      const text = id.repeat(i % 40);
      const line = { ...about, ids: encodeLineIds(id + id, id, id), head, sec: i, text, number: ring.number };
      let at = ring.reserve(lineFrameBytesMax(line));
      while (at < 0) {
        ring.awaitRoom(1000);
        at = ring.reserve(lineFrameBytesMax(line));
      }
      ring.publish(writeLineFrame(ring.space, at, line) - at);
    }`;
  return new Worker(code, {
    eval: true,
    workerData: { memory, texts: HEAD, about: ABOUT },
    execArgv: ['--conditions=@aode/source', '--input-type=module'],
  });
}
