import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitsOf } from './e-value.ts';

const p = fc.double({ min: 1e-12, max: 1, noNaN: true });

test('one test of p = 2^-2k earns k - 1 bits, and an ordinary one nothing', () => {
  assert.equal(bitsOf([2 ** -10]), 4);
  assert.equal(bitsOf([2 ** -20]), 9);
  assert.equal(bitsOf([1]), 0);
  assert.equal(bitsOf([]), 0);
});

test('the mean of e-values: e = 1 / (2 sqrt p)', () => {
  // Golden value: a first implementation of the method gave 2.52367 for these.
  assert.ok(Math.abs(bitsOf([0.001, 0.3, 0.9]) - 2.52367) < 1e-5);
  const mean = (0.5 / Math.sqrt(0.001) + 0.5 / Math.sqrt(0.3) + 0.5 / Math.sqrt(0.9)) / 3;
  assert.ok(Math.abs(bitsOf([0.001, 0.3, 0.9]) - Math.log2(mean)) < 1e-12);
});

test('e is a fair bet: its mean over uniform p is one', () => {
  const n = 2_000_000;
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += 0.5 / Math.sqrt((i + 0.5) / n);
  assert.ok(Math.abs(sum / n - 1) < 1e-3);
});

test('searching among n tests costs at most log2 n bits, and more evidence never less', () => {
  fc.assert(
    fc.property(p, fc.array(p, { maxLength: 40 }), (first, others) => {
      const all = [first, ...others];
      assert.ok(bitsOf(all) >= bitsOf([first]) - Math.log2(all.length) - 1e-9);
      assert.ok(bitsOf(all) <= Math.max(...all.map((one) => bitsOf([one]))) + 1e-9);
      assert.ok(bitsOf([first / 2, ...others]) >= bitsOf(all));
    }),
  );
});
