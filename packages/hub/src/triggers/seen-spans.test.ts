import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueQueue } from './due-queue.ts';
import { SeenSpans } from './seen-spans.ts';

const id = fc.stringMatching(/^[0-9a-f]{16}$/);

test('a span that came is known with its service, one that did not is not', () => {
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 4 }), ([absent = '', ...ids]) => {
      const seen = new SeenSpans();
      ids.forEach((one, i) => seen.add(one, i + 1));
      ids.forEach((one, i) => assert.equal(seen.serviceOf(one), i + 1));
      assert.equal(seen.serviceOf(absent), 0);
    }),
    { numRuns: 50 },
  );
});

test('the oldest of a bucket goes first', () => {
  const seen = new SeenSpans();
  const ids = Array.from({ length: 5 }, (_, i) => `0000000${i}0000abcd`);
  for (const one of ids) seen.add(one, 7);
  assert.deepEqual(
    ids.map((one) => seen.serviceOf(one)),
    [0, 7, 7, 7, 7],
  );
});

test('what waits comes in its order at its time, and the oldest is forgotten when there are too many', () => {
  const queue = new DueQueue<number>(100, 3);
  for (let i = 1; i <= 4; i += 1) queue.push(i, i);
  assert.equal(queue.size, 3);
  assert.equal(queue.shift(101), undefined);
  assert.equal(queue.shift(102), 2);
  assert.deepEqual([queue.shift(200), queue.shift(200), queue.shift(200)], [3, 4, undefined]);
});
