import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { agree, type Interval, liarsMax } from './agreement.ts';

const around = (point: number, error: number): Interval => ({
  low: point - error,
  high: point + error,
  point,
});

test('a minority of liars is left out', () => {
  const agreed = agree([around(0, 5), around(1, 5), around(800, 5)], 1);
  assert.deepEqual(agreed, { low: -4, high: 5, point: 1, isMajority: true });
  const two = agree([around(0, 5), around(-800, 5), around(1, 5), around(800, 5), around(2, 5)], 2);
  assert.deepEqual(two, { low: -3, high: 5, point: 1, isMajority: true });
});

test('a liar who says nearly the truth does not narrow the bound to where the time is not', () => {
  const agreed = agree([around(0, 5), around(1, 5), around(6, 3)], 1);
  assert.ok(agreed !== undefined && agreed.low <= 0);
});

test('no more than may lie have spoken, or they contradict each other', () => {
  assert.equal(agree([around(0, 1)], 1), undefined);
  assert.equal(agree([], 0), undefined);
  assert.deepEqual(agree([around(0, 1), around(10, 1)], 0), {
    low: -1,
    high: 11,
    point: 5,
    isMajority: false,
  });
  assert.deepEqual(agree([around(0, 1)], 0), { low: -1, high: 1, point: 0, isMajority: true });
});

test('how many may lie: less than half', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(liarsMax), [0, 0, 0, 1, 1, 2, 2]);
});

test('the time is inside while most are honest, and the guess no worse than the worst honest one', () => {
  const error = fc.double({ min: 0, max: 100, noNaN: true });
  const source = fc.record({ error, off: fc.double({ min: -1, max: 1, noNaN: true }) });
  const lie = fc.record({ error, off: fc.double({ min: -1000, max: 1000, noNaN: true }) });
  fc.assert(
    fc.property(
      fc.array(source, { minLength: 1, maxLength: 6 }),
      fc.array(lie, { maxLength: 5 }),
      fc.nat(4),
      (honest, lies, silent) => {
        const asked = honest.length + lies.length + silent;
        const liars = liarsMax(asked);
        fc.pre(lies.length <= liars);
        const told = honest.map((one) => around(one.off * one.error, one.error));
        const agreed = agree([...lies.map((one) => around(one.off, one.error)), ...told], liars);
        if (agreed === undefined) {
          assert.ok(honest.length + lies.length <= liars);
          return;
        }
        assert.ok(agreed.low <= 0 && agreed.high >= 0);
        if (lies.length * 2 < honest.length + lies.length) {
          const worst = Math.max(...told.map(({ point }) => Math.abs(point)));
          assert.ok(Math.abs(agreed.point) <= worst + 1e-9);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
