import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { figuresByFault, figuresOf, interval95, scoreCase, type ScoredCase } from './score.ts';

/** Services in the order of their scores. */
const scored = (truth: readonly string[], order: string, faultType = 'delay'): ScoredCase =>
  scoreCase(
    { name: 'case', faultType, truth, seconds: 0 },
    order.split('').map((service, i) => ({ service, scoreBits: 100 - i })),
  );

test('AC@k with one true service: whether it is among the first k', () => {
  const { accuracy, ranks } = scored(['c'], 'abcdef');
  assert.deepEqual(accuracy, [0, 0, 1, 1, 1]);
  assert.deepEqual(ranks, [3]);
  assert.deepEqual(scored(['f'], 'abcdef').accuracy, [0, 0, 0, 0, 0]);
});

test('AC@k with several: the share found, of as many as could be among k', () => {
  assert.deepEqual(scored(['a', 'c'], 'abcdef').accuracy, [1, 1 / 2, 1, 1, 1]);
  assert.deepEqual(scored(['a', 'c', 'e'], 'abcdef').accuracy, [1, 1 / 2, 2 / 3, 2 / 3, 1]);
});

test('a true service that nobody ranked has rank 0 and is not found', () => {
  const { accuracy, ranks } = scored(['z'], 'ab');
  assert.deepEqual(ranks, [0]);
  assert.deepEqual(accuracy, [0, 0, 0, 0, 0]);
  assert.equal(scoreCase({ name: 'x', faultType: '', truth: ['z'], seconds: 0 }, []).scoreBits, 0);
});

test('equal scores are ordered by a hash of case and name, whatever order they come in', () => {
  const services = ['a', 'b', 'c', 'd'].map((service) => ({ service, scoreBits: 1 }));
  const hash = (text: string): string => createHash('md5').update(text).digest('hex');
  const orders = ['one', 'two', 'three'].map((name) => {
    const { order } = scoreCase({ name, faultType: '', truth: ['a'], seconds: 0 }, services);
    const again = scoreCase({ name, faultType: '', truth: ['a'], seconds: 0 }, services.toReversed());
    assert.deepEqual(again.order, order);
    assert.deepEqual(
      order,
      ['a', 'b', 'c', 'd'].toSorted((x, y) => (hash(name + x) < hash(name + y) ? -1 : 1)),
    );
    return order.join('');
  });
  assert.ok(new Set(orders).size > 1, 'no name is first in all cases');
});

test('Avg@5 is the mean of AC@1 to AC@5, and all figures are means over cases', () => {
  const rows = [scored(['a'], 'abcdef'), scored(['c'], 'abcdef', 'cpu')];
  assert.deepEqual(figuresOf(rows), { cases: 2, ac1: 0.5, ac3: 1, avg5: (1 + 3 / 5) / 2 });
  assert.deepEqual(figuresByFault(rows), {
    cpu: { cases: 1, ac1: 0, ac3: 1, avg5: 3 / 5 },
    delay: { cases: 1, ac1: 1, ac3: 1, avg5: 1 },
  });
  assert.deepEqual(Object.keys(figuresByFault(rows)), ['cpu', 'delay']);
  assert.deepEqual(figuresOf([]), { cases: 0, ac1: 0, ac3: 0, avg5: 0 });
});

test('the bootstrap interval is seeded, holds the mean and is as wide as theory says', () => {
  const values = Array.from({ length: 100 }, (_, i) => (i < 80 ? 1 : 0));
  const [low, high] = interval95(values);
  assert.deepEqual(interval95(values), [low, high]);
  // A share of .8 of 100: deviation .04, so 1.96 of it to either side.
  assert.ok(
    Math.abs(low - (0.8 - 0.0784)) <= 0.02 && Math.abs(high - (0.8 + 0.0784)) <= 0.02,
    `${low} ${high}`,
  );
  assert.deepEqual(interval95([1, 1, 1]), [1, 1]);
});
