import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRingMemory, RingReader } from '@aode/journal';
import { linePriority, readLineFrame, runFrameBytes } from '@aode/wire';
import fc from 'fast-check';
import { lineNamed } from '../testing/records.ts';
import { quietRing } from '../testing/rings.ts';
import { LineNumbers, lineRunsOf } from './line-runs.ts';

test('runs are all lines in their order, none too long, each as important as its most important line', () => {
  const line = fc.record({ chars: fc.nat(3000), isError: fc.boolean() });
  const property = fc.property(fc.array(line, { minLength: 1, maxLength: 200 }), (lines) => {
    const memory = newRingMemory(1024 * 1024);
    const ring = quietRing(memory);
    for (const [i, { chars, isError }] of lines.entries()) {
      const one = lineNamed(`${i} ${'x'.repeat(chars)}`);
      ring.write({ ...one, head: { ...one.head, severityNumber: isError ? 17 : 9 } });
    }
    const taken = new RingReader(memory).take(Number.MAX_SAFE_INTEGER);
    assert.ok(taken !== undefined);
    let next = 0;
    for (const { run, lineCount } of lineRunsOf(taken)) {
      assert.ok(lineCount === 1 || run.bytes.byteLength <= 64 * 1024);
      const within = lines.slice(next, next + lineCount);
      const priority = within.some(({ isError }) => isError) ? 1 : 0;
      let count = 0;
      for (let at = 0; at < run.bytes.byteLength; at += runFrameBytes(run.words, at)) {
        assert.equal(linePriority(run.words, at), priority);
        assert.ok(readLineFrame(run.bytes, at)?.text.startsWith(`${next} `));
        next += 1;
        count += 1;
      }
      assert.equal(count, lineCount);
    }
    assert.equal(next, lines.length);
  });
  fc.assert(property);
});

test('lines that were written over between the threads are missed by the next one', () => {
  const memory = newRingMemory(64 * 1024);
  const ring = quietRing(memory);
  const reader = new RingReader(memory);
  const numbers = new LineNumbers();
  const missing = (): number => {
    const taken = reader.take(Number.MAX_SAFE_INTEGER);
    if (taken === undefined) return 0;
    const runs = lineRunsOf(taken);
    return numbers.missingBefore(
      taken,
      runs.reduce((sum, { lineCount }) => sum + lineCount, 0),
    );
  };
  const write = (count: number): void => {
    for (let i = 0; i < count; i += 1) ring.write(lineNamed(`${i}`));
  };
  write(3);
  assert.equal(missing(), 0);
  /** Where the next frame begins, in words: behind the control, in units of 32 bytes. */
  const words = new Int32Array(memory);
  const next = (): number => 16 + (words[0] ?? 0) * 8;
  /** Writes so many lines and spoils the length of the first. */
  const writeDamaged = (count: number): void => {
    const at = next();
    write(count);
    words[at + 5] = -1;
    assert.equal(missing(), 0, 'nothing can be read');
  };
  writeDamaged(5);
  assert.ok(reader.damagedBytes > 0 && reader.isEmpty);
  write(2);
  assert.equal(missing(), 5);
  writeDamaged(4);
  numbers.forget();
  write(1);
  assert.equal(missing(), 0, 'counted already when the thread ended');
  const at = next();
  write(1);
  // The upper half of its number.
  words[at + 14] = 1;
  assert.equal(missing(), 0);
  write(1);
  assert.equal(missing(), 0);
  writeDamaged(1);
  write(1);
  assert.equal(missing(), 1);
});
