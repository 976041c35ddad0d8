import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Test } from './calibration.ts';
import { EQUAL_WEIGHTS } from './trace-weight.ts';
import { meanTests as testsOf, type MeanSeries } from './mean-test.ts';

/** Every trace stands for itself. */
const meanTests = (series: readonly MeanSeries[], calmTraces: number, quantity: 'bits' | 'share'): Test[] =>
  testsOf(series, { calmTraces, weights: EQUAL_WEIGHTS }, quantity);

type Side = readonly (readonly [trace: number, sum: number, count?: number])[];

const series = (calm: Side, now: Side, prior = 0): MeanSeries => {
  const totals = (side: Side): MeanSeries['calm'] =>
    new Map(side.map(([trace, sum, count = 1]) => [trace, { sum, count }]));
  const name = { service: 'a', from: 'a', operation: 'op', pooled: false };
  return { ...name, prior, calm: totals(calm), now: totals(now), expected: undefined, seen: undefined };
};
const calmOf = (values: readonly number[]): Side => values.map((value, i) => [i, value]);
const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} is not ${expected}`);

test('a share: binomial variance, one pseudo-trace of the prior, the drift of its blocks, a floor of .03', () => {
  // Ten calm traces in five blocks of two, hits in the first two: block means 1, 0, 0, 0, 0.
  const [result] = meanTests(
    [
      series(
        calmOf([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        [
          [0, 1],
          [1, 1],
          [2, 0],
        ],
        0.1,
      ),
    ],
    10,
    'share',
  );
  const mu = (2 + 0.1) / 11;
  const v = mu * (1 - mu);
  const stray = (1 - mu) ** 2 - v / 2 + 4 * (mu ** 2 - v / 2);
  // The only series of its kind: its drift per block is also the kind's, and counts for two blocks more.
  const tau2 = Math.max(0, (stray + 2 * Math.max(0, stray / 4)) / (4 + 2));
  const bar = Math.sqrt(v / 3 + v / 11 + tau2 + 0.03 ** 2);
  near(result?.z, ((2 / 3 - mu) * (3 / 4)) / bar);
});

test('a prior share below .05 counts as .05', () => {
  const at = (prior: number): number | undefined =>
    meanTests([series(calmOf([0, 0, 0]), [[0, 1]], prior)], 3, 'share')[0]?.z;
  assert.equal(at(0), at(0.05));
  assert.ok((at(0.2) ?? 0) < (at(0.05) ?? 0));
});

test('bits: mean and variance are shrunk by five pseudo-traces towards the kind', () => {
  const values = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3];
  const [result] = meanTests(
    [
      series(calmOf(values), [
        [0, 9],
        [1, 7],
      ]),
    ],
    10,
    'bits',
  );
  // The only series is its own kind: mean 2, variance 1. Block means are all 2: no drift beyond noise.
  const v = (10 + 5 * 1) / 15;
  const bar = Math.sqrt(v / 2 + v / 15 + 0.1 ** 2);
  near(result?.z, ((8 - 2) * (2 / 3)) / bar);
});

test('a series without calm traces is judged as an exponential surprise, when the kind knows nothing either', () => {
  const [result] = meanTests([series([], [[0, 10]])], 0, 'bits');
  near(result?.z, ((10 - 1.44) * 0.5) / Math.sqrt(2 / 1 + 2 / 5 + 0.01));
});

test('traces are the units: k observations of one trace are averaged', () => {
  const calm = calmOf([0, 1, 0, 1, 0, 1]);
  const once = meanTests([series(calm, [[0, 1]])], 6, 'share');
  const often = meanTests([series(calm, [[0, 40, 40]])], 6, 'share');
  assert.deepEqual(often, once);
});

test('more calm drift means less evidence', () => {
  const steady = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2];
  const drifting = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
  const z = (values: readonly number[]): number =>
    meanTests(
      [
        series(calmOf(values), [
          [0, 6],
          [1, 6],
        ]),
      ],
      10,
      'bits',
    )[0]?.z ?? Number.NaN;
  assert.ok(z(drifting) < z(steady) / 2);
});

test('every result is finite, a greater value now never gives less, the order of the traces does not matter', () => {
  const value = fc.double({ min: 0, max: 14, noNaN: true });
  const side = fc.array(value, { maxLength: 30 }).map(calmOf);
  const some = fc.array(value, { minLength: 1, maxLength: 10 }).map(calmOf);
  fc.assert(
    fc.property(side, some, side, fc.double({ min: 0, max: 9, noNaN: true }), (calm, now, other, more) => {
      const z = (seen: Side, before: Side): number => {
        const [first, ...rest] = meanTests([series(before, seen), series(other, other)], 30, 'bits');
        for (const one of rest) assert.ok(Number.isFinite(one.z) && one.p > 0 && one.p <= 1);
        return first?.z ?? Number.NaN;
      };
      const plain = z(now, calm);
      assert.ok(Number.isFinite(plain));
      assert.ok(
        z(
          now.map(([trace, sum]) => [trace, sum + more] as const),
          calm,
        ) >=
          plain - 1e-9,
      );
      assert.ok(Math.abs(z(now.toReversed(), calm.toReversed()) - plain) < 1e-6);
    }),
  );
});
