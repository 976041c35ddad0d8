import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { settle } from './calibration.ts';
import { mixGroupOf, mixTests as testsOf } from './mix-test.ts';
import { CALM_TRACES, symbolSides, groupSides } from './observation-list.sim.ts';
import type { SymbolObservation } from './observation.ts';

const mixTests = (
  calm: readonly SymbolObservation[],
  now: readonly SymbolObservation[],
  calmTraces: number,
): ReturnType<typeof testsOf> =>
  testsOf(
    groupSides(calm, now, calmTraces).map((group) => mixGroupOf(group, new Float64Array())),
    calmTraces,
  );

const seen = (trace: number, symbol: string, context = ''): SymbolObservation => ({
  service: 'a',
  from: 'a',
  operation: 'op',
  trace,
  symbol,
  context,
});
/** One observation a trace. */
const all = (symbols: string, context = ''): SymbolObservation[] =>
  symbols.split('').map((symbol, trace) => seen(trace, symbol, context));
const zOf = (calm: readonly SymbolObservation[], now: readonly SymbolObservation[]): number =>
  mixTests(calm, now, 20)[0]?.z ?? Number.NaN;
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const fisher = (g: number, df: number): number => Math.sqrt(2 * g) - Math.sqrt(2 * df - 1);

test('golden values of a first implementation of the method', () => {
  const { calm, now } = symbolSides();
  const tests = mixTests(calm, now, CALM_TRACES).map(({ service, seenCount, calmCount, z, p }) => [
    service,
    seenCount,
    calmCount,
    Number(z.toPrecision(6)),
    Number(p.toPrecision(6)),
  ]);
  assert.deepEqual(tests, [
    ['a', 12, 72, -0.274363, 0.601304],
    ['b', 14, 75, 3.9069, 0.00871974],
  ]);
});

test('G of a two by two table, as 2 sum observed ln(observed / expected)', () => {
  const g =
    2 *
    (8 * Math.log(8 / ((10 * 13) / 20)) +
      2 * Math.log(2 / ((10 * 7) / 20)) +
      5 * Math.log(5 / ((10 * 13) / 20)) +
      5 * Math.log(5 / ((10 * 7) / 20)));
  near(zOf(all('xxxxxxxxyy'), all('xxxxxyyyyy')), fisher(g, 1));
});

test('a symbol that stops coming is as much evidence as one that is new', () => {
  const [both, one] = ['xyxyxyxyxy', 'xxxxxxxxxx'];
  assert.ok(zOf(all(both), all(one)) > 2);
  near(zOf(all(both), all(one)), zOf(all(one), all(both)));
});

test('contexts add up: their G and their degrees of freedom', () => {
  const calm = [...all('xxxxxyyyyy', 'p'), ...all('xyzxyzxyzx', 'q')];
  const now = [...all('xxxxx', 'p'), ...all('zzzzz', 'q')];
  const gOf = (context: string): number => {
    const inside = (list: readonly SymbolObservation[]): SymbolObservation[] =>
      list.filter((one) => one.context === context);
    const df = context === 'p' ? 1 : 2;
    return (zOf(inside(calm), inside(now)) + Math.sqrt(2 * df - 1)) ** 2 / 2;
  };
  near(zOf(calm, now), fisher(gOf('p') + gOf('q'), 3));
});

test('a context that was never seen calm says nothing', () => {
  const calm = all('xxxxxyyyyy', 'p');
  const now = all('xxxyy', 'p');
  near(zOf(calm, [...now, ...all('zzzzz', 'new')]), zOf(calm, now));
  assert.deepEqual(mixTests(calm, all('zzzz', 'new'), 10), []);
});

test('k observations of one trace in one context weigh 1/k each', () => {
  const often = [...all('xy'), ...Array.from({ length: 50 }, () => seen(2, 'x'))];
  near(zOf(all('xxxyyy'), often), zOf(all('xxxyyy'), all('xyx')));
});

test('fewer than three calm traces are no test', () => {
  assert.equal(mixTests(all('xx'), all('yyyy'), 2).length, 0);
  assert.equal(mixTests(all('xxx'), all('yyyy'), 3).length, 1);
});

test('a calm block is judged by the other blocks, and their scores make the tail', () => {
  // Twelve equal services: blocks xx, yy, xx, yy, xx of ten traces; then only x.
  const services = Array.from({ length: 12 }, (_, i) => `s${i}`);
  const of = (symbols: string): SymbolObservation[] =>
    services.flatMap((service) => all(symbols).map((one) => ({ ...one, service, from: service })));
  const g = (x1: number, y1: number, x0: number, y0: number): number => {
    const total = x1 + y1 + x0 + y0;
    const part = (count: number, row: number, column: number): number =>
      count === 0 ? 0 : count * Math.log((count * total) / (row * column));
    const [now, calm, x, y] = [x1 + y1, x0 + y0, x1 + x0, y1 + y0];
    return 2 * (part(x1, now, x) + part(y1, now, y) + part(x0, calm, x) + part(y0, calm, y));
  };
  const blocks = services.flatMap(() => [
    fisher(g(2, 0, 4, 4), 1),
    fisher(g(0, 2, 6, 2), 1),
    fisher(g(2, 0, 4, 4), 1),
    fisher(g(0, 2, 6, 2), 1),
    fisher(g(2, 0, 4, 4), 1),
  ]);
  const [first] = mixTests(of('xxyyxxyyxx'), of('xxxxxxxxxx'), 10);
  assert.ok(first !== undefined);
  const z = fisher(g(10, 0, 6, 4), 1);
  const expected = settle(
    Array.from({ length: 12 }, () => ({ ...first, z })),
    blocks,
  )[0];
  near(first.z, expected?.z ?? Number.NaN);
  near(first.p, expected?.p ?? Number.NaN);
});

test('what changed most is told', () => {
  const detail = (calm: string, now: string): string | undefined =>
    mixTests(all(calm), all(now), 20)[0]?.detail;
  assert.equal(detail('xxxxxxxxxx', 'xxxxxzzzzz')?.slice(2), 'x');
  assert.equal(detail('xyxyxyxyxy', 'xxxxxzzzzz'), '- y');
  assert.equal(detail('xyxyxyxyxy', 'zzzzzzzzzz'), '+ z');
  assert.equal(detail('xxxxx', 'xxxxx'), undefined);
});

test('finite on any symbols, and the order of observations does not matter', () => {
  const observation = fc
    .record({
      trace: fc.nat(19),
      symbol: fc.string({ maxLength: 2 }),
      context: fc.constantFrom('', '__proto__', 'q'),
    })
    .map(({ trace, symbol, context }) => seen(trace, symbol, context));
  const list = fc.array(observation, { maxLength: 60 });
  fc.assert(
    fc.property(list, list, (calm, now) => {
      const [one] = mixTests(calm, now, 20);
      const [other] = mixTests(calm.toReversed(), now.toReversed(), 20);
      if (one === undefined) return assert.equal(other, undefined);
      assert.ok(Number.isFinite(one.z) && one.p > 0 && one.p <= 1);
      near(other?.z ?? Number.NaN, one.z);
    }),
  );
});
