import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoff } from './backoff.ts';
import { type Random, seededRandom } from './random.ts';

const OPTIONS = { firstMs: 100, lastMs: 10_000 };
const always = (word: number): Random => ({ ...seededRandom(1), next: () => word });

test('from nothing up to a ceiling that doubles until the last', () => {
  const ceilings = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000];
  ceilings.forEach((ceiling, attempt) => {
    assert.equal(backoff(attempt, OPTIONS, always(0)), 0);
    assert.equal(backoff(attempt, OPTIONS, always(0xffff_ffff)), ceiling - 1);
    assert.equal(backoff(attempt, OPTIONS, always(0x8000_0000)), ceiling / 2);
  });
});

test('a whole number of milliseconds within bounds, however often it was tried', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer(), (attempt, seed) => {
      const ms = backoff(attempt, OPTIONS, seededRandom(seed));
      assert.ok(Number.isInteger(ms) && ms >= 0 && ms < OPTIONS.lastMs);
    }),
  );
});
