import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundedQueue } from './bounded-queue.ts';

test('the last item and the last byte that fit, the first that do not', () => {
  const queue = boundedQueue<string>({ countMax: 2, bytesMax: 10 });
  assert.equal(queue.push('too large', 11), false);
  assert.equal(queue.push('a', 4), true);
  assert.equal(queue.push('too many bytes', 7), false);
  assert.equal(queue.push('b', 6), true);
  assert.equal(queue.push('too many items', 0), false);
  assert.equal(queue.count, 2);
  assert.equal(queue.bytes, 10);
  assert.equal(queue.shift(), 'a');
  assert.equal(queue.push('c', 4), true);
  assert.equal(queue.shift(), 'b');
  assert.equal(queue.shift(), 'c');
  assert.equal(queue.shift(), undefined);
  assert.equal(queue.count, 0);
  assert.equal(queue.bytes, 0);
});

test('it does what a plain list with two sums does, in every order of calls', () => {
  const limits = { countMax: 5, bytesMax: 20 };
  const call = fc.oneof(fc.constant('shift' as const), fc.nat(12));
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const queue = boundedQueue<number>(limits);
      const model: { item: number; bytes: number }[] = [];
      const sum = (): number => model.reduce((all, { bytes }) => all + bytes, 0);
      calls.forEach((one, item) => {
        if (one === 'shift') assert.equal(queue.shift(), model.shift()?.item);
        else {
          const fits = model.length < limits.countMax && sum() + one <= limits.bytesMax;
          assert.equal(queue.push(item, one), fits);
          if (fits) model.push({ item, bytes: one });
        }
        assert.equal(queue.count, model.length);
        assert.equal(queue.bytes, sum());
      });
    }),
  );
});

test('an item that is undefined is one', () => {
  const queue = boundedQueue<undefined>({ countMax: 1, bytesMax: 1 });
  queue.push(undefined, 1);
  queue.shift();
  assert.equal(queue.count, 0);
});
