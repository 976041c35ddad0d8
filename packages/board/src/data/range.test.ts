import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fixedRange,
  liveAgain,
  newestRange,
  type Range,
  shifted,
  spanOf,
  stepSeconds,
  stripSpan,
} from './range.ts';

const NOW = 1_795_000_000_000;
const HOUR = 3_600_000;

test('a live range ends now, a fixed one stays', () => {
  assert.deepEqual(spanOf({ kind: 'last', minutes: 15 }, NOW), { startMs: NOW - 900_000, endMs: NOW });
  assert.deepEqual(spanOf(fixedRange(5_000, 1_000), NOW), { startMs: 1_000, endMs: 5_000 });
});

test('a range is at least a second long', () => {
  assert.deepEqual(fixedRange(7, 7), { kind: 'fixed', startMs: 7, endMs: 1_007 });
  assert.deepEqual(fixedRange(0, 999), { kind: 'fixed', startMs: 0, endMs: 1_000 });
  assert.deepEqual(fixedRange(0, 1_001), { kind: 'fixed', startMs: 0, endMs: 1_001 });
});

test('moving there and back changes nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 1e9 }), (half) => {
      const range = fixedRange(NOW, NOW + half * 2);
      assert.deepEqual(shifted(shifted(range, 0.5, NOW), -0.5, NOW), range);
    }),
  );
  assert.deepEqual(
    shifted({ kind: 'last', minutes: 10 }, -1, NOW),
    fixedRange(NOW - 1_200_000, NOW - 600_000),
  );
});

test('live again is the length nearest to what was looked at', () => {
  const minutesOf = (range: Range): number => (range.kind === 'last' ? range.minutes : 0);
  assert.equal(minutesOf(liveAgain(fixedRange(0, 14 * 60_000))), 15);
  assert.equal(minutesOf(liveAgain(fixedRange(0, 1_000))), 5);
  assert.equal(minutesOf(liveAgain(fixedRange(0, 400 * 24 * HOUR))), 10_080);
  assert.equal(minutesOf(liveAgain({ kind: 'last', minutes: 7 })), 7);
});

test('intervals are round and not more than asked for', () => {
  assert.equal(stepSeconds({ startMs: 0, endMs: 900_000 }, 60), 15);
  assert.equal(stepSeconds({ startMs: 0, endMs: 12 * HOUR }, 240), 300);
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 1e14 }), fc.integer({ min: 10, max: 240 }), (length, count) => {
      const step = stepSeconds({ startMs: 0, endMs: length }, count);
      assert.ok(Number.isInteger(step) && step >= 1 && length / 1000 / step <= count);
    }),
  );
});

test('the strip holds twelve hours and always the chosen range', () => {
  const chosen = { startMs: NOW - HOUR, endMs: NOW };
  assert.deepEqual(stripSpan(NOW, null, chosen), { startMs: NOW - 12 * HOUR, endMs: NOW });
  const old = { startMs: NOW - 100 * HOUR, endMs: NOW - 90 * HOUR };
  assert.equal(stripSpan(NOW, old, { startMs: old.endMs - 1, endMs: old.endMs }).endMs, old.endMs);
  fc.assert(
    fc.property(
      fc.integer({ min: -1e10, max: 1e10 }),
      fc.integer({ min: 1_000, max: 1e10 }),
      (from, length) => {
        const each = { startMs: NOW + from, endMs: NOW + from + length };
        const strip = stripSpan(NOW, old, each);
        assert.ok(strip.startMs <= each.startMs && strip.endMs >= each.endMs);
      },
    ),
  );
});

test('the newest data fill an hour, or less when there is less', () => {
  assert.deepEqual(newestRange({ startMs: 0, endMs: 5 * HOUR }), fixedRange(4 * HOUR + 1, 5 * HOUR + 1));
  assert.deepEqual(newestRange({ startMs: 100, endMs: 5_000 }), fixedRange(100, 5_001));
});
