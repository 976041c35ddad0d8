import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { msOfNano, nanoSince } from './time.ts';

test('milliseconds are whole and exact where a double of nanoseconds is not', () => {
  assert.equal(msOfNano('1795561545966679123'), 1_795_561_545_966);
  assert.equal(msOfNano('0'), 0);
});

test('distances inside a trace are exact to the nanosecond', () => {
  const base = 1_795_561_545_966_679_123n;
  fc.assert(
    fc.property(fc.integer({ min: -9e15, max: 9e15 }), (nano) => {
      assert.equal(nanoSince(base, String(base + BigInt(nano))), nano);
    }),
  );
});
