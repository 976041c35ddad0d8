import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import fc from 'fast-check';
import { SAMPLES_MIN, TailEstimate } from './tail-estimate.ts';

test('the limit lies above the 99th percentile, by one bucket at most', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, spread) => {
      const random = seededRandom(seed);
      const tail = new TailEstimate();
      const all: number[] = [];
      // The limit is counted out anew every 32 durations: at this number it is fresh.
      while (all.length < SAMPLES_MIN + 32 * 20) {
        const durationMs = 10 ** ((random.below(1000) / 1000) * spread);
        tail.add(durationMs);
        all.push(durationMs);
        if (all.length === SAMPLES_MIN - 1) assert.equal(tail.limitMs, Number.POSITIVE_INFINITY);
      }
      all.sort((a, b) => a - b);
      const p99 = all[Math.ceil(0.99 * all.length) - 1] ?? 0;
      assert.ok(tail.limitMs >= p99 * 0.999 && tail.limitMs <= p99 * 1.2, `${tail.limitMs} for ${p99}`);
    }),
    { numRuns: 50 },
  );
});

test('what was long ago is forgotten', () => {
  const tail = new TailEstimate();
  for (let i = 0; i < 20_000; i += 1) tail.add(1000);
  assert.ok(tail.limitMs >= 1000);
  for (let i = 0; i < 200_000; i += 1) tail.add(1);
  assert.ok(tail.limitMs < 2, `${tail.limitMs}`);
});

test('durations of nothing and of days have their place', () => {
  const tail = new TailEstimate();
  for (let i = 0; i < SAMPLES_MIN; i += 1) tail.add(i % 2 === 0 ? 0 : 1e9);
  assert.ok(Number.isFinite(tail.limitMs));
});
