import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OtelState } from '@aode/wire';
import fc from 'fast-check';
import { decideChild, decideRoot } from './decide.ts';
import { type Decision, thresholdOf } from './threshold.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'.split('')),
    minLength: length,
    maxLength: length,
  });
const HEAD = 'ffffffffffffffffff';
const idOf = (randomness: string): string => HEAD + randomness;
const stateOf = (th?: string, rv?: string): OtelState => ({ th, rv, others: [] });
const NO: Decision = { sampled: false, th: undefined };
const OPEN: Decision = { sampled: true, th: undefined };

test('a root is sampled from its threshold up, by the last 14 digits alone', () => {
  const half = thresholdOf(0.5);
  assert.deepEqual(decideRoot(idOf('80000000000000'), undefined, half), { sampled: true, th: '8' });
  assert.deepEqual(decideRoot(idOf('7fffffffffffff'), undefined, half), NO);
  const last = thresholdOf(2 ** -56);
  assert.equal(decideRoot(idOf('ffffffffffffff'), undefined, last).sampled, true);
  assert.equal(decideRoot(idOf('fffffffffffffe'), undefined, last).sampled, false);
  assert.deepEqual(decideRoot(idOf('00000000000000'), undefined, thresholdOf(1)), { sampled: true, th: '0' });
  assert.deepEqual(decideRoot(idOf('ffffffffffffff'), undefined, thresholdOf(0)), NO);
});

test('rv stands in for the digits of the id', () => {
  const half = thresholdOf(0.5);
  assert.equal(decideRoot(idOf('00000000000000'), '80000000000000', half).sampled, true);
  assert.equal(decideRoot(idOf('ffffffffffffff'), '7fffffffffffff', half).sampled, false);
});

test('a decision is one object for all of a threshold', () => {
  const half = thresholdOf(0.5);
  assert.equal(decideRoot(idOf('f'.repeat(14)), undefined, half), half.decision);
  const child = (): Decision => decideChild(idOf('f'.repeat(14)), true, stateOf('fd70a'), half);
  assert.equal(child(), child());
});

test('a child follows the flag, and keeps th where that agrees', () => {
  const never = thresholdOf(0);
  const high = idOf('c0000000000000');
  const low = idOf('bfffffffffffff');
  const cases: readonly (readonly [string, boolean, OtelState | undefined, Decision])[] = [
    [high, true, stateOf('c'), { sampled: true, th: 'c' }],
    // A trace is not broken for a threshold that contradicts.
    [low, true, stateOf('c'), OPEN],
    [high, true, stateOf(), OPEN],
    [high, true, undefined, OPEN],
    [high, false, stateOf('c'), NO],
    [low, false, stateOf('c'), NO],
    [low, false, undefined, NO],
    [low, true, stateOf('c', 'c0000000000000'), { sampled: true, th: 'c' }],
    [high, true, stateOf('c', 'bfffffffffffff'), OPEN],
    [low, true, stateOf('0'), { sampled: true, th: '0' }],
    [high, true, stateOf('c00'), { sampled: true, th: 'c00' }],
    [high, true, stateOf('c0000000000001'), OPEN],
  ];
  for (const [id, sampled, state, wanted] of cases) {
    assert.deepEqual(decideChild(id, sampled, state, never), wanted, `${id} ${sampled} ${state?.th}`);
  }
});

test('a decision that was left open is made as for a root of that id', () => {
  const quarter = thresholdOf(0.25);
  fc.assert(
    fc.property(hex(14), fc.option(hex(14), { nil: undefined }), (digits, rv) => {
      const id = idOf(digits);
      assert.equal(
        decideChild(id, undefined, rv === undefined ? undefined : stateOf('0', rv), quarter),
        decideRoot(id, rv, quarter),
      );
    }),
  );
});

test('digits are compared as the numbers that they write', () => {
  const probability = fc.double({ min: 2 ** -20, max: 1, noNaN: true });
  fc.assert(
    fc.property(hex(14), probability, (digits, p) => {
      const threshold = thresholdOf(p);
      const wanted = BigInt(`0x${digits}`) >= BigInt(`0x${threshold.padded}`);
      assert.equal(decideRoot(idOf(digits), undefined, threshold).sampled, wanted);
      assert.equal(digits >= threshold.padded, wanted);
      const child = decideChild(idOf(digits), true, stateOf(threshold.th), threshold);
      assert.deepEqual(child, wanted ? threshold.decision : OPEN);
    }),
  );
});

test('what is kept at a probability is kept at every larger one', () => {
  const probability = fc.double({ min: 2 ** -20, max: 1, noNaN: true });
  fc.assert(
    fc.property(hex(14), probability, probability, (digits, a, b) => {
      const [p, q] = a < b ? [a, b] : [b, a];
      const isIn = (x: number): boolean => decideRoot(idOf(digits), undefined, thresholdOf(x)).sampled;
      assert.ok(!isIn(p) || isIn(q));
    }),
  );
});

test('ever new thresholds of a caller are decided rightly beyond what is remembered', () => {
  for (let i = 0; i < 1000; i += 1) {
    const th = `8${i.toString(16).padStart(4, '0')}1`;
    const decided = decideChild(idOf('f'.repeat(14)), true, stateOf(th), thresholdOf(1));
    assert.deepEqual(decided, { sampled: true, th });
  }
});
