import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginAfter, boundAfter, boundName, outdated, parseBoundName } from './time-bound.ts';

const SECOND = 1_000_000_000n;
const MS = 1_000_000n;

test('a process begins at the wall clock, or at the greatest bound that is at most a second ahead', () => {
  const begin = { reading: 5n, least: undefined, isNewEpoch: false };
  assert.deepEqual(beginAfter(5n, []), begin);
  assert.deepEqual(beginAfter(5n, [5n, 4n]), { ...begin, least: 5n });
  const last = 5n + SECOND;
  assert.deepEqual(beginAfter(5n, [4n, last]), { reading: last, least: last, isNewEpoch: false });
  assert.deepEqual(beginAfter(5n, [last + 1n]), { ...begin, isNewEpoch: true });
  assert.deepEqual(beginAfter(5n, [last + 1n, 7n]), { reading: 7n, least: 7n, isNewEpoch: true });
});

test('a bound is put higher when less than a millisecond of it is left, by two', () => {
  assert.equal(boundAfter(5n, undefined), 5n + 2n * MS);
  assert.equal(boundAfter(5n, 5n + MS), undefined);
  assert.equal(boundAfter(6n, 5n + MS), 6n + 2n * MS);
});

test('whenever it crashes, the one that follows does not begin before what has left, or says that it may', () => {
  const gaps = fc.array(fc.bigInt(0n, SECOND), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(gaps, fc.bigInt(-2n * SECOND, 2n * SECOND), (steps, wallSet) => {
      let reading = 1_700_000_000n * SECOND;
      let kept: bigint | undefined;
      for (const step of steps) {
        reading += step;
        kept = boundAfter(reading, kept) ?? kept;
        assert.ok(kept !== undefined && kept >= reading && kept - reading <= 2n * MS);
      }
      const wall = reading + wallSet;
      const next = beginAfter(wall, kept === undefined ? [] : [kept]);
      assert.ok(next.isNewEpoch || next.reading >= reading);
      assert.ok(next.reading - wall <= SECOND);
    }),
  );
});

test('what is removed changes nothing for whoever begins later, but that an epoch is told once', () => {
  const bound = fc.bigInt(0n, 5n * SECOND);
  fc.assert(
    fc.property(fc.array(bound), bound, (bounds, wall) => {
      const gone = new Set(outdated(wall, bounds));
      const left = bounds.filter((one) => !gone.has(one));
      const [before, after] = [beginAfter(wall, bounds), beginAfter(wall, left)];
      assert.deepEqual(after, { ...before, isNewEpoch: false });
      assert.ok(new Set(left).size <= 1);
    }),
  );
});

test('processes that are started one after the other do not drive each other ahead of the wall clock', () => {
  const lives = fc.array(fc.bigInt(3n * MS, SECOND), { maxLength: 50 });
  fc.assert(
    fc.property(lives, (gaps) => {
      let wall = 1_700_000_000n * SECOND;
      let kept: bigint | undefined;
      for (const gap of gaps) {
        const { reading } = beginAfter(wall, kept === undefined ? [] : [kept]);
        assert.equal(reading, wall);
        kept = boundAfter(reading, kept);
        wall += gap;
      }
    }),
  );
});

test('a bound is a name that sorts as bounds do, and no other name is one', () => {
  const bound = fc.bigInt(0n, (1n << 64n) - 1n);
  fc.assert(
    fc.property(bound, bound, (a, b) => {
      assert.equal(parseBoundName(boundName(a)), a);
      assert.equal(boundName(a) < boundName(b), a < b);
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `clock-${text}`),
      ),
      (name) => {
        const parsed = parseBoundName(name);
        assert.ok(parsed === undefined || boundName(parsed) === name);
      },
    ),
  );
});
