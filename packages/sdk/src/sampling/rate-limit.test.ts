import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRateLimits } from './rate-limit.ts';

test('a second at once, then as it comes in; what is refused is counted by reason', () => {
  const limits = createRateLimits(new Map([['rule:a', 2]]));
  const take = (at: number): boolean => limits.take('rule:a', at);
  assert.deepEqual([take(0), take(0), take(0)], [true, true, false]);
  assert.equal(take(499), false);
  assert.equal(take(500), true);
  assert.equal(take(500), false);
  // What is not used is not saved up beyond a second.
  assert.deepEqual([take(60_000), take(60_000), take(60_000)], [true, true, false]);
  assert.deepEqual(limits.refused(), { 'rule:a': 4 });
});

test('without a limit nothing is refused', () => {
  const limits = createRateLimits(new Map([['rule:a', 1]]));
  for (let i = 0; i < 1000; i += 1) assert.ok(limits.take('error', 0));
  assert.deepEqual(limits.refused(), {});
});

test('below one a second', () => {
  const limits = createRateLimits(new Map([['r', 0.5]]));
  assert.deepEqual(
    [0, 1000, 1999, 2000, 3000, 4000].map((at) => limits.take('r', at)),
    [true, false, false, true, false, true],
  );
});

test('a clock that goes back gives nothing', () => {
  const limits = createRateLimits(new Map([['r', 1]]));
  assert.ok(limits.take('r', 5000));
  assert.ok(!limits.take('r', 0));
  assert.ok(!limits.take('r', 5500));
  assert.ok(limits.take('r', 6000));
});

test('counts of the limits before go on', () => {
  const before = createRateLimits(new Map([['a', 1]]));
  before.take('a', 0);
  before.take('a', 0);
  const limits = createRateLimits(new Map([['a', 1]]), before.refused());
  assert.ok(limits.take('a', 0));
  assert.ok(!limits.take('a', 0));
  assert.deepEqual(limits.refused(), { a: 2 });
});

test('over any time no more pass than the limit and one second of it', () => {
  const gaps = fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), (all, perSecond) => {
      const limits = createRateLimits(new Map([['r', perSecond]]));
      let at = 0;
      let passed = 0;
      for (const gap of all) if (limits.take('r', (at += gap))) passed += 1;
      assert.ok(passed <= perSecond + (at * perSecond) / 1000 + 1e-6);
      assert.equal(limits.refused()['r'] ?? 0, all.length - passed);
    }),
  );
});
