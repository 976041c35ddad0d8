import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EQUAL_WEIGHTS } from './trace-weight.ts';
import { blockOf, type RawTest, settle, student4, tailOf } from './calibration.ts';

const raw = (z: number): RawTest => ({
  service: 'a',
  from: 'a',
  operation: 'op',
  pooled: false,
  seenCount: 1,
  calmCount: 1,
  expected: undefined,
  seen: undefined,
  detail: undefined,
  z,
});
const zs = (count: number, of: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => of(i));
const anyZ = fc.double({ noNaN: true, noDefaultInfinity: true });
const near = (actual: number, expected: number, share = 1e-5): void =>
  assert.ok(Math.abs(actual - expected) <= share * Math.abs(expected), `${actual} is not ${expected}`);

test('five blocks of equal length, in the order of time', () => {
  assert.deepEqual(
    zs(10, (i) => blockOf(i, 10, EQUAL_WEIGHTS)),
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4],
  );
  assert.equal(blockOf(12, 10, EQUAL_WEIGHTS), 4);
  assert.equal(blockOf(0, 0, EQUAL_WEIGHTS), 0);
});

test("Student's t with 4 degrees of freedom, upper tail: the published quantiles", () => {
  near(student4(0), 0.5);
  near(student4(2.131847), 0.05);
  near(student4(2.776445), 0.025);
  near(student4(4.604095), 0.005);
  near(student4(7.173182), 0.001);
  near(student4(-2.131847), 0.95);
});

test("Student's t: golden values of a first implementation of the method", () => {
  const golden: [number, number][] = [
    [-3, 0.980029],
    [1, 0.18695],
    [2.5, 0.0333833],
    [10, 0.000281002],
    [60, 2.31053e-7],
  ];
  for (const [z, p] of golden) near(student4(z), p);
});

test("Student's t agrees with its density, integrated", () => {
  // f(t) = 3/8 (1 + t^2 / 4)^(-5/2); Simpson from z to far out.
  const density = (t: number): number => 0.375 * (1 + (t * t) / 4) ** -2.5;
  for (const z of [0.3, 1.7, 5]) {
    const step = 0.005;
    let sum = 0;
    for (let t = z; t < z + 400; t += 2 * step)
      sum += (step / 3) * (density(t) + 4 * density(t + step) + density(t + 2 * step));
    near(student4(z), sum, 1e-3);
  }
});

test("Student's t falls everywhere, stays within (0, 1] and loses no digits far out", () => {
  fc.assert(
    fc.property(anyZ, anyZ, (a, b) => {
      const [high, low] = [student4(Math.min(a, b)), student4(Math.max(a, b))];
      assert.ok(low > 0 && low <= high && high <= 1, `${low} ${high}`);
    }),
  );
  near(student4(1000), 3e-12, 1e-4);
});

test('few calm scores make no tail of their own', () => {
  const tail = tailOf(zs(39, () => 50));
  assert.equal(tail(3), student4(3));
});

test('beyond the top twentieth a Pareto tail (Hill)', () => {
  // 100 scores: 95 of zero, then 2, 4, 4, 8, 8: threshold 2, index = mean of ln(z / 2) = 6 ln 2 / 5.
  const tail = tailOf([...zs(95, () => 0), 2, 4, 4, 8, 8]);
  const index = (6 * Math.log(2)) / 5;
  near(tail(20), 0.05 * (20 / 2) ** (-1 / index), 1e-12);
  assert.equal(tail(1), student4(1));
});

test('scores below a high threshold come at least as often as those above it', () => {
  const tail = tailOf([...zs(95, () => 0), 6, 6, 6, 6, 6]);
  assert.equal(tail(5.9), 0.05);
});

test('the tail falls, and is nowhere lighter than t4', () => {
  const z = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(z, { minLength: 40, maxLength: 200 }), z, z, (calm, a, b) => {
      const tail = tailOf(calm);
      const [high, low] = [tail(Math.min(a, b)), tail(Math.max(a, b))];
      assert.ok(low <= high && low > 0 && high <= 1, `${low} ${high}`);
      assert.ok(low >= student4(Math.max(a, b)));
    }),
  );
});

test('genomic control: when the median innocent is off by three, every z is divided by three', () => {
  const calm = zs(30, (i) => (i % 2 === 0 ? 1 : -1));
  const now = [...zs(10, (i) => (i % 2 === 0 ? 3 : -3)), 30];
  const settled = settle(now.map(raw), calm);
  assert.equal(settled[10]?.z, 10);
  assert.equal(settled[10]?.p, student4(10));
});

test('genomic control never multiplies, and says nothing of fewer than ten tests', () => {
  const calm = zs(30, () => 2);
  assert.deepEqual(
    settle(zs(12, () => 0.1).map(raw), calm).map(({ z }) => z),
    zs(12, () => 0.1),
  );
  assert.deepEqual(
    settle(zs(9, () => 50).map(raw), calm).map(({ z }) => z),
    zs(9, () => 50),
  );
});

test('without calm scores the median innocent is taken for a normal one', () => {
  // 0.7 is the default; ten tests of z = 7 are divided by ten.
  const settled = settle(zs(10, () => 7).map(raw), []);
  near(settled[0]?.z ?? Number.NaN, 0.7, 1e-12);
});
