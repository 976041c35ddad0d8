import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import fc from 'fast-check';
import { student4 } from './calibration.ts';
import { metricTests } from './metric-test.ts';
import type { WindowPoint } from './window.ts';

const NAME = 'cpu.utilization';
const points = (service: string, values: readonly number[], name = NAME): WindowPoint[] =>
  values.map((value, timeMs) => ({ timeMs, service, instance: '1', name, unit: '%', value }));

test('golden values of a first implementation of the method', () => {
  const random = seededRandom(10);
  const all: WindowPoint[] = [];
  for (let timeMs = 0; timeMs < 20; timeMs += 1) {
    for (const service of ['a', 'b', 'c']) {
      const value = 20 + random.below(1000) / 200 + (service === 'b' && timeMs >= 12 ? 50 : 0);
      all.push({ timeMs, service, instance: '1', name: NAME, unit: '%', value });
    }
  }
  const calm = all.filter(({ timeMs }) => timeMs < 12);
  const now = all.filter(({ timeMs }) => timeMs >= 12);
  const tests = metricTests(calm, now).map(({ service, z, p }) => [
    service,
    Number(z.toPrecision(6)),
    Number(p.toPrecision(6)),
  ]);
  assert.deepEqual(tests, [
    ['a', 0.0680293, 0.474514],
    ['b', 9.43535, 0.000351761],
    ['c', -0.119113, 0.544536],
  ]);
});

test('the move from the median, in units of own spread, of how the fleet moves, and of five per cent', () => {
  const calm = [...points('a', [10, 12, 14]), ...points('b', [50, 50, 50]), ...points('c', [30, 30, 30])];
  const now = [...points('a', [40, 50]), ...points('b', [53]), ...points('c', [31])];
  const [a] = metricTests(calm, now);
  // Of a: median 12, median absolute deviation 2. Moves 33, 3, 1: the fleet's median is 3.
  const spread2 = (1.48 * 2) ** 2 * (1 / 2 + 1 / 3 + 1 / 4);
  const z = 33 / Math.sqrt(spread2 + (1.48 * 3) ** 2 + 5 ** 2);
  assert.ok(Math.abs((a?.z ?? 0) - z) < 1e-9);
  assert.equal(a?.p, student4(a?.z ?? 0));
  assert.deepEqual([a?.expected, a?.seen], [12, 45]);
});

test('only utilisations of containers are looked at', () => {
  const names = [
    'cpu.utilization',
    'CpuUsageRate',
    'memory_percent',
    'memory.bytes',
    'node_cpu_util',
    'disk.util',
  ];
  const calm = names.flatMap((name) => points('a', [1, 1], name));
  const now = names.flatMap((name) => points('a', [1], name));
  assert.deepEqual(
    metricTests(calm, now).map(({ operation }) => operation),
    ['cpu.utilization', 'CpuUsageRate', 'memory_percent'],
  );
});

test('one calm point is no past', () => {
  assert.deepEqual(metricTests(points('a', [1]), points('a', [1])), []);
  assert.equal(metricTests(points('a', [1, 1]), points('a', [1])).length, 1);
  assert.deepEqual(metricTests(points('a', [1, 1]), []), []);
});

test('a gauge that reads no number, or a hundred times its limit, spoils nothing', () => {
  const value = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e308, -1e308, 10_000, 10_001),
  );
  const side = fc.array(value, { maxLength: 8 });
  fc.assert(
    fc.property(side, side, side, side, (calmA, calmB, nowA, nowB) => {
      const tests = metricTests(
        [...points('a', calmA), ...points('b', calmB)],
        [...points('a', nowA), ...points('b', nowB)],
      );
      for (const { z, p, seen } of tests)
        assert.ok(Number.isFinite(z) && p > 0 && p <= 1 && Number.isFinite(seen));
    }),
  );
  assert.equal(metricTests(points('a', [10_000, 10_000]), points('a', [10_000])).length, 1);
  assert.equal(metricTests(points('a', [10_001, 10_001]), points('a', [10_001])).length, 0);
});
