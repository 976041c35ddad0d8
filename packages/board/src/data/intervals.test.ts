import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gapsOf, type Interval, lengthOf, visibleIntervals } from './intervals.ts';

const intervals: fc.Arbitrary<readonly Interval[]> = fc
  .array(fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 30 })))
  .map((made) => made.map(([from, length]) => ({ from, to: from + length })).sort((a, b) => a.from - b.from));

const holds = (list: readonly Interval[], at: number): boolean =>
  list.some(({ from, to }) => at >= from && at < to);

test('gaps are exactly what nobody covers', () => {
  fc.assert(
    fc.property(intervals, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (busy, from, length) => {
      const gaps = gapsOf(from, from + length, busy);
      for (let at = 0; at < 140; at++) {
        const inside = at >= from && at < from + length;
        assert.equal(holds(gaps, at), inside && !holds(busy, at), `at ${at}`);
      }
    }),
  );
});

test('what is seen covers all that is inside the view, and joins what the eye cannot part', () => {
  const view = { from: 20, to: 80 };
  fc.assert(
    fc.property(intervals, fc.nat({ max: 10 }), (list, grain) => {
      const seen = visibleIntervals(list, view, grain);
      for (let at = view.from; at < view.to; at++) {
        if (holds(list, at)) assert.ok(holds(seen, at), `at ${at}`);
      }
      seen.forEach((part, i) => {
        assert.ok(part.from >= view.from && part.to <= view.to);
        const before = seen[i - 1];
        if (before !== undefined) assert.ok(part.from - before.to >= grain);
      });
    }),
  );
});

test('the length of none is nothing', () => {
  assert.equal(lengthOf([]), 0);
  assert.equal(
    lengthOf([
      { from: 1, to: 4 },
      { from: 10, to: 11 },
    ]),
    4,
  );
});
