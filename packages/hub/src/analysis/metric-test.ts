/**
 * Has a container's utilisation moved, against its own past and against how much the whole fleet moves? Only gauges on
 * a fixed scale (per cent of a limit) have a smallest move that means something; bytes and calls of an idle service
 * change a hundredfold for nothing.
 */
import { type RawTest, student4, type Test } from './calibration.ts';
import { SEPARATOR } from './observation.ts';
import type { WindowPoint } from './window.ts';

/** Smallest move that matters, in per cent. */
const PERCENT_MIN = 5;
/** Median absolute deviation to standard deviation of a normal distribution. */
const MAD_TO_DEVIATION = 1.48;
/** Variance of a series' own level, in units of its spread: it wanders between its points. */
const LEVEL_VARIANCE = 0.25;

/** A gauge that reads a hundred times its limit does not speak in per cent, and NaN or infinity says nothing. */
const PERCENT_MAX = 10_000;

function isUtilisation(name: string): boolean {
  return /cpu|mem/i.test(name) && /rate|percent|util/i.test(name) && !/node/i.test(name);
}

interface Gauge {
  readonly service: string;
  readonly name: string;
  readonly calm: number[];
  readonly now: number[];
}

export function metricTests(calm: readonly WindowPoint[], now: readonly WindowPoint[]): Test[] {
  const gauges = new Map<string, Gauge>();
  const collect = (points: readonly WindowPoint[], side: 'calm' | 'now'): void => {
    for (const { service, instance, name, value } of points) {
      if (!isUtilisation(name) || !(Math.abs(value) <= PERCENT_MAX)) continue;
      const key = service + SEPARATOR + instance + SEPARATOR + name;
      let gauge = gauges.get(key);
      if (gauge === undefined) gauges.set(key, (gauge = { service, name, calm: [], now: [] }));
      gauge[side].push(value);
    }
  };
  collect(calm, 'calm');
  collect(now, 'now');
  const byName = Map.groupBy(
    [...gauges.values()].filter((gauge) => gauge.calm.length >= 2 && gauge.now.length > 0),
    ({ name }) => name,
  );
  return [...byName.values()].flatMap(testFleet);
}

function testFleet(gauges: readonly Gauge[]): Test[] {
  const moves = gauges.map((gauge) => ({ gauge, before: median(gauge.calm), after: mean(gauge.now) }));
  const fleet = MAD_TO_DEVIATION * median(moves.map(({ before, after }) => Math.abs(after - before)));
  return moves.map(({ gauge, before, after }) => {
    const spread = MAD_TO_DEVIATION * median(gauge.calm.map((value) => Math.abs(value - before)));
    const noise = spread ** 2 * (1 / gauge.now.length + 1 / gauge.calm.length + LEVEL_VARIANCE);
    const z = (after - before) / Math.sqrt(noise + fleet ** 2 + PERCENT_MIN ** 2);
    const test: RawTest = {
      service: gauge.service,
      from: gauge.service,
      operation: gauge.name,
      pooled: false,
      seenCount: gauge.now.length,
      calmCount: gauge.calm.length,
      expected: before,
      seen: after,
      detail: undefined,
      z,
    };
    return { ...test, p: student4(z) };
  });
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
