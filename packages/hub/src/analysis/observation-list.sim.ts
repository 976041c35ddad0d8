/**
 * Seeded observations for the tests of the statistics: 60 calm traces and 12 of a fault, three services, of which `b`
 * is at fault and one is known on one side only.
 */
import { type Random, seededRandom } from '@aode/base';
import type { NumberObservation, Observation, ShareObservation, SymbolObservation } from './observation.ts';
import { type Group, groupsOf } from './series.ts';

export const CALM_TRACES = 60;
const FAULT_TRACES = 12;

export interface Sides<O> {
  readonly calm: O[];
  readonly now: O[];
}

/** Observations whose traces are counted from 0 on either side, grouped. */
export function groupSides<O extends Observation>(
  calm: readonly O[],
  now: readonly O[],
  calmTraces: number,
): Group<O>[] {
  const later = now.map((one) => ({ ...one, trace: one.trace + calmTraces }));
  const byTrace = (a: Observation, b: Observation): number => a.trace - b.trace;
  return groupsOf([...calm.toSorted(byTrace), ...later.toSorted(byTrace)]);
}

const named = (
  service: string,
  trace: number,
): { service: string; from: string; operation: string; trace: number } => ({
  service,
  from: service,
  operation: 'op',
  trace,
});

/** log(1 + an exponential number). */
const draw = (random: Random, mean: number): number =>
  Math.log(1 - mean * Math.log((random.below(1000) + 1) / 1001));

export function numberSides(): Sides<NumberObservation> {
  const random = seededRandom(7);
  const sides: Sides<NumberObservation> = { calm: [], now: [] };
  for (let trace = 0; trace < CALM_TRACES; trace += 1) {
    for (const service of ['a', 'b', 'c'])
      sides.calm.push({ ...named(service, trace), value: draw(random, 5) });
    if (trace % 12 === 0)
      sides.calm.push({ service: 'c', from: 'a', operation: 'rare', trace, value: draw(random, 5) });
  }
  for (let trace = 0; trace < FAULT_TRACES; trace += 1) {
    for (const service of ['a', 'b', 'c'])
      sides.now.push({ ...named(service, trace), value: draw(random, service === 'b' ? 40 : 5) });
    sides.now.push({ service: 'd', from: 'a', operation: 'new', trace, value: draw(random, 5) });
  }
  return sides;
}

export function shareSides(): Sides<ShareObservation> {
  const random = seededRandom(8);
  const sides: Sides<ShareObservation> = { calm: [], now: [] };
  for (let trace = 0; trace < CALM_TRACES; trace += 1)
    for (const service of ['a', 'b', 'c'])
      sides.calm.push({ ...named(service, trace), hit: random.chance(1, 20) });
  for (let trace = 0; trace < FAULT_TRACES; trace += 1)
    for (const service of ['a', 'b', 'd'])
      sides.now.push({ ...named(service, trace), hit: random.chance(service === 'b' ? 10 : 1, 20) });
  return sides;
}

export function symbolSides(): Sides<SymbolObservation> {
  const random = seededRandom(9);
  const sides: Sides<SymbolObservation> = { calm: [], now: [] };
  const put = (side: SymbolObservation[], trace: number, service: string): void => {
    const odd = side === sides.now && service === 'b';
    for (let i = 0; i < 1 + random.below(2); i += 1) {
      const symbol = odd ? 'x' : random.chance(1, 2) ? 'x' : 'y';
      side.push({ ...named(service, trace), symbol, context: random.chance(1, 3) ? 'p' : 'q' });
    }
  };
  for (let trace = 0; trace < CALM_TRACES; trace += 1)
    for (const service of ['a', 'b', 'c']) put(sides.calm, trace, service);
  for (let trace = 0; trace < FAULT_TRACES; trace += 1)
    for (const service of ['a', 'b', 'd']) put(sides.now, trace, service);
  return sides;
}
