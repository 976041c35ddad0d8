import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitAt } from './series.ts';
import { numberTests as testsOf } from './number-test.ts';
import { CALM_TRACES, numberSides, groupSides } from './observation-list.sim.ts';
import type { NumberObservation } from './observation.ts';
import { fitSurprise } from './surprise.ts';

const numberTests = (
  calm: readonly NumberObservation[],
  now: readonly NumberObservation[],
  calmTraces: number,
): ReturnType<typeof testsOf> => testsOf(splitAt(groupSides(calm, now, calmTraces), calmTraces), calmTraces);

test('golden values of a first implementation of the method', () => {
  const { calm, now } = numberSides();
  const golden: [string, string, number, number, number, number][] = [
    ['a', 'op', 12, 60, 0.300723, 0.389304],
    ['b', 'op', 12, 60, 8.70964, 0.000478504],
    ['c', 'op', 12, 60, -0.860707, 0.781034],
    ['d', 'new', 12, 0, 0.0885089, 0.466863],
    ['a', '*', 12, 60, 0.300723, 0.389304],
    ['b', '*', 12, 60, 8.70964, 0.000478504],
    ['c', '*', 12, 60, -0.860707, 0.781034],
    ['d', '*', 12, 0, 0.0885089, 0.466863],
  ];
  const tests = numberTests(calm, now, CALM_TRACES).map(
    ({ service, operation, seenCount, calmCount, z, p }) => [
      service,
      operation,
      seenCount,
      calmCount,
      Number(z.toPrecision(6)),
      Number(p.toPrecision(6)),
    ],
  );
  assert.deepEqual(tests, golden);
});

test('a calm number is judged by the blocks that it is not of', () => {
  // One series, one trace of the fault. The last block alone holds great numbers: a model that had seen them would find
  // them ordinary, one that has not gives them all the bits there are, and the mean of the calm with them.
  const observation = (trace: number, value: number): NumberObservation => ({
    service: 'a',
    from: 'a',
    operation: 'op',
    trace,
    value,
  });
  const calm = Array.from({ length: 100 }, (_, i) => observation(i, i < 80 ? 1 + (i % 10) / 100 : 9));
  const [own] = numberTests(calm, [observation(0, 9)], 100);
  const seen = fitSurprise(
    calm.map(({ value }) => value),
    undefined,
  ).bits(9);
  assert.ok(seen < 3);
  // The calm mean holds 20 numbers of 14 bits each: nine of the fault are less than that mean's own bits.
  const calmMean = (20 * 14) / 100;
  assert.ok(calmMean > seen && (own?.z ?? 0) < 0, `z ${own?.z}`);
});

test('medians are told in milliseconds', () => {
  const { calm, now } = numberSides();
  const own = numberTests(calm, now, CALM_TRACES).find(({ service, pooled }) => service === 'b' && !pooled);
  const values = now.filter(({ service }) => service === 'b').map(({ value }) => value);
  const middle = values.sort((x, y) => x - y)[6] ?? Number.NaN;
  assert.ok(Math.abs((own?.seen ?? 0) - (Math.exp(middle) - 1)) < 1e-9);
});

test('a span that is named like the pool is none', () => {
  const tests = numberTests(
    [{ service: 'a', from: 'a', operation: '*', trace: 0, value: 1 }],
    [{ service: 'a', from: 'a', operation: '*', trace: 0, value: 1 }],
    1,
  );
  assert.deepEqual(
    tests.map(({ pooled }) => pooled),
    [false, true],
  );
});
