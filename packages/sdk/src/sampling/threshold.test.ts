import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isAodeError } from '@aode/base';
import fc from 'fast-check';
import { isProbability } from '@aode/wire';
import { thresholdOf, thresholdOfTh } from './threshold.ts';

const MIN = 2 ** -56;
/** Small ones as often as large ones: by exponent, then by mantissa. */
const probability = fc
  .tuple(fc.integer({ min: 0, max: 55 }), fc.double({ min: 0.5, max: 1, noNaN: true }))
  .map(([exponent, mantissa]) => mantissa * 2 ** -exponent);

test('probabilities as OpenTelemetry writes them', () => {
  const cases: readonly (readonly [p: number, th: string])[] = [
    [1, '0'],
    [0.5, '8'],
    [0.25, 'c'],
    [0.1, 'e666'],
    [0.01, 'fd70a'],
    [0.001, 'ffbe77'],
    [0.0001, 'fff9724'],
    [1 / 3, 'aaab'],
    [2 / 3, '5555'],
    [0.75, '4'],
    [0.999, '004189'],
    [MIN, 'ffffffffffffff'],
    [2 * MIN, 'fffffffffffffe'],
    [2 ** -52, 'fffffffffffff'],
    [1 - 2 ** -53, '00000000000008'],
  ];
  for (const [p, th] of cases) {
    const threshold = thresholdOf(p);
    assert.equal(threshold.th, th, String(p));
    assert.equal(threshold.padded, th.padEnd(14, '0'));
    assert.deepEqual(threshold.decision, { sampled: true, th });
  }
});

describe('the limits', () => {
  test('0 is never: no th, and above every randomness', () => {
    const never = thresholdOf(0);
    assert.equal(never.th, undefined);
    assert.equal('ffffffffffffff' >= never.padded, false);
    assert.deepEqual(never.decision, { sampled: false, th: undefined });
    assert.equal(never.adjustedCount, 0);
  });

  test('what is no probability', () => {
    for (const p of [0, MIN, 1]) assert.ok(isProbability(p));
    for (const p of [MIN / 2, -MIN, 1 + 2 ** -52, Number.NaN, Infinity, -0.5]) {
      assert.ok(!isProbability(p), String(p));
      assert.throws(
        () => thresholdOf(p),
        (error) => !isAodeError(error),
      );
    }
  });
});

test('adjusted counts', () => {
  const cases: readonly (readonly [th: string, count: number])[] = [
    ['0', 1],
    ['8', 2],
    ['c', 4],
    ['fd70a', 2 ** 20 / (2 ** 20 - 0xfd_70a)],
    ['ffffffffffffff', 2 ** 56],
    ['00000000000001', 1],
  ];
  for (const [th, count] of cases) assert.equal(thresholdOfTh(th).adjustedCount, count);
  assert.ok(Math.abs(thresholdOf(0.01).adjustedCount - 100) < 100 / 8192);
});

test('four digits are within 1/8192 of any probability', () => {
  fc.assert(
    fc.property(probability, (p) => {
      const { th = '', padded, adjustedCount } = thresholdOf(p);
      assert.match(th, /^(?:0|[0-9a-f]{0,13}[1-9a-f])$/);
      assert.equal(padded.length, 14);
      // There are 14 digits and no more: half of the last is the other bound.
      const off = Math.abs(1 / adjustedCount - p);
      assert.ok(off <= Math.max(p / 8191, MIN / 2), `${p}: ${th}`);
    }),
  );
});

test('a larger probability never has a larger threshold', () => {
  fc.assert(
    fc.property(probability, probability, (a, b) => {
      const [p, q] = a < b ? [a, b] : [b, a];
      assert.ok(thresholdOf(p).padded >= thresholdOf(q).padded);
    }),
  );
});

test('th says its threshold again', () => {
  fc.assert(
    fc.property(probability, (p) => {
      const threshold = thresholdOf(p);
      assert.deepEqual(thresholdOfTh(threshold.th ?? ''), threshold);
    }),
  );
});
