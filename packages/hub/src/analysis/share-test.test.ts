import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALM_TRACES, shareSides, groupSides } from './observation-list.sim.ts';
import type { ShareObservation } from './observation.ts';
import { splitAt } from './series.ts';
import { shareTests as testsOf } from './share-test.ts';

const shareTests = (
  calm: readonly ShareObservation[],
  now: readonly ShareObservation[],
  calmTraces: number,
): ReturnType<typeof testsOf> => testsOf(splitAt(groupSides(calm, now, calmTraces), calmTraces), calmTraces);

test('golden values of a first implementation of the method', () => {
  const { calm, now } = shareSides();
  const tests = shareTests(calm, now, CALM_TRACES).map(({ service, seenCount, calmCount, z, p }) => [
    service,
    seenCount,
    calmCount,
    Number(z.toPrecision(6)),
    Number(p.toPrecision(6)),
  ]);
  assert.deepEqual(tests, [
    ['a', 12, 60, -0.482195, 0.672567],
    ['b', 12, 60, 8.7339, 0.00047343],
    ['d', 12, 0, 0.133912, 0.44997],
  ]);
});

test('the share of all observations is shown, the mean over traces is tested', () => {
  const one = (trace: number, hit: boolean): ShareObservation => ({
    service: 'a',
    from: 'b',
    operation: 'op',
    trace,
    hit,
  });
  const calm = [one(0, false), one(1, false), one(1, true)];
  const [result] = shareTests(calm, [one(0, true), one(0, true), one(1, false)], 2);
  assert.equal(result?.expected, 1 / 3);
  assert.equal(result?.seen, 2 / 3);
  assert.equal(result?.seenCount, 2);
});

test('what is not seen now is no test, and no observation at all is none', () => {
  const { calm } = shareSides();
  assert.deepEqual(shareTests(calm, [], CALM_TRACES), []);
  assert.deepEqual(shareTests([], [], 0), []);
});
