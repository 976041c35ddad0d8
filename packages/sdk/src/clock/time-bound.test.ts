import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginAfter, boundAfter } from './time-bound.ts';

const SECOND = 1_000_000_000n;

test('a process begins at the wall clock, or at the bound when that is at most a second ahead', () => {
  assert.deepEqual(beginAfter(5n, undefined), { reading: 5n, isNewEpoch: false });
  assert.deepEqual(beginAfter(5n, 5n), { reading: 5n, isNewEpoch: false });
  assert.deepEqual(beginAfter(5n, 5n + SECOND), { reading: 5n + SECOND, isNewEpoch: false });
  assert.deepEqual(beginAfter(5n, 6n + SECOND), { reading: 5n, isNewEpoch: true });
});

test('whenever it crashes, the one that follows does not begin before it, or says that it may', () => {
  const gaps = fc.array(fc.bigInt(0n, SECOND / 2n), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(gaps, fc.bigInt(-2n * SECOND, 2n * SECOND), (steps, wallSet) => {
      let reading = 1_700_000_000n * SECOND;
      let persisted: bigint | undefined;
      for (const step of steps) {
        persisted = boundAfter(reading, persisted) ?? persisted;
        // The next look comes at most half a second later.
        reading += step;
        assert.ok(reading <= (persisted ?? 0n));
      }
      const next = beginAfter(reading + wallSet, persisted);
      assert.ok(next.isNewEpoch || next.reading >= reading);
      assert.ok(next.reading - (reading + wallSet) <= SECOND);
    }),
  );
});
