import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom, systemRandom } from './random.ts';

const draw = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

test('a seed repeats itself, another one does not', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      assert.deepEqual(draw(seed, 20), draw(seed, 20));
      assert.notDeepEqual(draw(seed, 20), draw(seed + 1, 20));
    }),
  );
});

test('numbers have 32 bits, below() stays below, chance() keeps its odds', () => {
  for (const random of [seededRandom(3), systemRandom]) {
    let hits = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const word = random.next();
      assert.ok(Number.isInteger(word) && word >= 0 && word < 2 ** 32);
      const below = random.below(7);
      assert.ok(Number.isInteger(below) && below >= 0 && below < 7);
      if (random.chance(1, 4)) hits += 1;
    }
    // 2 500, give or take six standard deviations of 43.
    assert.ok(hits > 2240 && hits < 2760, `${hits}`);
    assert.equal(random.below(1), 0);
    assert.equal(random.chance(0, 5), false);
    assert.equal(random.chance(5, 5), true);
  }
});

test('below() reaches every value', () => {
  const random = seededRandom(5);
  assert.equal(new Set(Array.from({ length: 1000 }, () => random.below(10))).size, 10);
});
