import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linearTicks, linePath, logTicks, spreadLabels, timeTicks } from './scale.ts';

test('linear ticks begin at nothing, are even, and reach the most', () => {
  assert.deepEqual(linearTicks(0.93, 4), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(linearTicks(1840, 7), [0, 500, 1000, 1500, 2000]);
  for (const none of [0, -1, Number.NaN, Infinity]) assert.deepEqual(linearTicks(none, 4), [0, 1]);
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1e15, noNaN: true }),
      fc.integer({ min: 2, max: 10 }),
      (most, count) => {
        const ticks = linearTicks(most, count);
        assert.equal(ticks[0], 0);
        assert.ok((ticks.at(-1) ?? 0) >= most * 0.998, `${ticks.at(-1)} >= ${most}`);
        assert.ok(ticks.length <= count + 2 && ticks.length >= 2);
        const step = ticks[1] ?? 0;
        ticks.forEach((tick, i) => assert.ok(Math.abs(tick - i * step) <= step * 1e-6));
      },
    ),
  );
});

test('logarithmic ticks are 1, 3, 10, 30 inside the range', () => {
  assert.deepEqual(logTicks(2, 250), [3, 10, 30, 100]);
  assert.deepEqual(logTicks(4, 9), []);
  for (const [least, most] of [
    [Infinity, Infinity],
    [0, 5],
    [1, Infinity],
    [Number.NaN, 1],
  ] as const) {
    assert.deepEqual(logTicks(least, most), []);
  }
});

test('time ticks stand at round moments of the local clock, no more than asked for', () => {
  const noon = Date.UTC(2026, 10, 24, 12, 0, 0);
  assert.deepEqual(timeTicks(noon + 1, noon + 900_000, 3), [noon + 300_000, noon + 600_000, noon + 900_000]);
  const half = 19_800_000;
  for (const tick of timeTicks(noon, noon + 43_200_000, 6, half)) assert.equal((tick + half) % 7_200_000, 0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1_000, max: 1e11 }), (start, length) => {
      const ticks = timeTicks(start, start + length, 8);
      assert.ok(ticks.length <= 9);
      for (const tick of ticks) assert.ok(tick >= start && tick <= start + length);
    }),
  );
});

test('a line breaks where a value is missing, and a lone value is a dot', () => {
  assert.equal(
    linePath(
      [1, 2, null, 3],
      (i) => i,
      (v) => v,
    ),
    'M0.0,1.0h.01L1.0,2.0M3.0,3.0h.01',
  );
});

test('labels keep their order and their distance while there is room', () => {
  assert.deepEqual(spreadLabels([10, 12, 100], 16, 120), [10, 26, 100]);
  assert.deepEqual(spreadLabels([118, 119], 16, 120), [104, 120]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 160 }), { maxLength: 8 }), (wanted) => {
      const placed = spreadLabels(wanted, 16, 160).toSorted((a, b) => a - b);
      placed.forEach((y, i) => {
        assert.ok(y <= 160);
        assert.ok(i === 0 || y - (placed[i - 1] ?? 0) >= 16 - 1e-9);
      });
    }),
  );
});
