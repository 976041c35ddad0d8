import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { elapsedMs, monoNs, unixMs, unixNs, unixNsOfMs } from './units.ts';

test('milliseconds to nanoseconds and back, fractions to the microsecond', () => {
  assert.equal(unixNsOfMs(0), 0n);
  assert.equal(unixNsOfMs(1_700_000_000_000), 1_700_000_000_000_000_000n);
  assert.equal(unixNsOfMs(1_700_000_000_000.123), 1_700_000_000_000_123_000n);
  assert.equal(unixNsOfMs(0.0004), 0n);
  assert.equal(unixMs(unixNs(1_999_999n)), 1, 'cut, not rounded');
  const date = fc.integer({ min: 0, max: 8.64e15 / 1000 });
  fc.assert(fc.property(date, (ms) => assert.equal(unixMs(unixNsOfMs(ms)), ms)));
});

test('a duration is the difference of two readings of the monotonic clock', () => {
  assert.equal(elapsedMs(monoNs(1_000_000n), monoNs(2_500_000n)), 1.5);
  assert.equal(
    elapsedMs(monoNs(10n ** 18n), monoNs(10n ** 18n + 1n)),
    1e-6,
    'exact, however long the clock runs',
  );
});
