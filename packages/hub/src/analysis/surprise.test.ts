import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitSurprise } from './surprise.ts';

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const finite = fc.double({ min: -50, max: 50, noNaN: true });

test('below the top tenth, survival is the share of calm values that are as great', () => {
  const model = fitSurprise(upTo(100), undefined);
  close(model.survival(0), 1);
  close(model.survival(50), (51 + 1) / 101);
  close(model.survival(50.5), (50 + 1) / 101);
});

test('above it, an exponential with the mean excess of the top tenth goes on (Hill)', () => {
  // k = 100 / 10 + 2 = 12 values from 89 to 100; their mean excess over 89 is 5.5.
  const model = fitSurprise(upTo(100), undefined);
  close(model.survival(100), (13 / 101) * Math.exp(-(100 - 89) / 5.5));
  close(model.bits(120), -Math.log2((13 / 101) * Math.exp(-(120 - 89) / 5.5)));
});

test('fourteen bits are the most that a number can say, with a zero for the most ordinary one', () => {
  const model = fitSurprise(upTo(100), undefined);
  assert.equal(model.bits(1e9), 14);
  assert.equal(model.bits(1) + 0, 0);
});

test('equal values do not make their neighbour impossible', () => {
  const model = fitSurprise(Array<number>(100).fill(3), undefined);
  // Mean excess is 0, the least believed is 0.05.
  close(model.survival(3.1), (13 / 101) * Math.exp(-0.1 / 0.05));
});

test('a sparse series borrows five values from its kind, one of fifty stands alone', () => {
  const parent = fitSurprise(upTo(1000), undefined);
  const few = fitSurprise(upTo(49), parent);
  const alone = fitSurprise(upTo(49), undefined);
  close(few.survival(60), (49 * alone.survival(60) + 5 * parent.survival(60)) / 54);
  const enough = fitSurprise(upTo(50), parent);
  close(enough.survival(60), fitSurprise(upTo(50), undefined).survival(60));
});

test('what was never seen is as surprising as in its kind', () => {
  const parent = fitSurprise(upTo(1000), undefined);
  close(fitSurprise([], parent).survival(990), parent.survival(990));
  assert.equal(fitSurprise([], undefined).survival(990), 1);
});

test('surprise is finite, within its bounds, grows with the value and forgets the order', () => {
  fc.assert(
    fc.property(fc.array(finite), fc.array(finite), finite, finite, (values, kind, a, b) => {
      const parent = fitSurprise(kind, undefined);
      const model = fitSurprise(values, parent);
      const [low, high] = [model.bits(Math.min(a, b)), model.bits(Math.max(a, b))];
      assert.ok(low >= 0 && low <= high && high <= 14, `${low} ${high}`);
      assert.equal(fitSurprise(values.toReversed(), parent).bits(a), model.bits(a));
    }),
  );
});
