/**
 * Has the mix of outcomes changed: which children a span has, which line follows which? A two-sample G-test per
 * operation with the contexts added up (Sokal & Rohlf, Biometry, § 17):
 *
 *   G = 2 sum (c1 ln(p1 / p) + c0 ln(p0 / p)),   z = sqrt(2 G) - sqrt(2 df - 1)   (Fisher's approximation)
 *
 * Two-sided on purpose: a line that stops coming is evidence as much as a new one. A context that was never seen calm,
 * or is not seen now, says nothing.
 */
import { BLOCKS, blockOf, type RawTest, settle, type Test } from './calibration.ts';
import type { SymbolObservation } from './observation.ts';
import type { Series } from './series.ts';

/** Weights of one symbol in one context. */
interface Cell {
  now: number;
  readonly calm: number[];
}

type Contexts = ReadonlyMap<string, ReadonlyMap<string, Cell>>;

/** Least weight of a context on either side. */
const CONTEXT_WEIGHT_MIN = 0.5;
const CALM_WEIGHT_MIN = 3;

export function mixTests(all: readonly Series<SymbolObservation>[], calmTraces: number): Test[] {
  const tests: RawTest[] = [];
  const calmZs: number[] = [];
  for (const series of all) {
    if (series.now.length === 0 || series.calm.length === 0) continue;
    const contexts = count(series, calmTraces);
    const whole = compare(
      contexts,
      ({ now: n }) => n,
      ({ calm: c }) => sum(c),
    );
    if (whole.otherWeight < CALM_WEIGHT_MIN || whole.oneWeight === 0) continue;
    for (let block = 0; block < BLOCKS; block += 1) {
      const one = (cell: Cell): number => cell.calm[block] ?? 0;
      const blind = compare(contexts, one, (cell) => sum(cell.calm) - one(cell));
      if (blind.oneWeight >= 1 && blind.otherWeight >= CALM_WEIGHT_MIN) calmZs.push(blind.z);
    }
    tests.push({
      service: series.service,
      from: series.from,
      operation: series.operation,
      pooled: false,
      seenCount: Math.round(whole.oneWeight),
      calmCount: Math.round(whole.otherWeight),
      expected: undefined,
      seen: undefined,
      detail: loudest(contexts),
      z: whole.z,
    });
  }
  return settle(tests, calmZs);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** k observations that a trace makes in one context weigh 1/k each: traces are the units. */
function count(series: Series<SymbolObservation>, calmTraces: number): Contexts {
  const contexts = new Map<string, Map<string, Cell>>();
  const add = (
    list: readonly SymbolObservation[],
    into: (cell: Cell, trace: number, weight: number) => void,
  ): void => {
    // By context, then by trace: a context may be long, and is not to be copied for each observation.
    const perTrace = new Map<string, Map<number, number>>();
    for (const { trace, context } of list) {
      let counts = perTrace.get(context);
      if (counts === undefined) perTrace.set(context, (counts = new Map()));
      counts.set(trace, (counts.get(trace) ?? 0) + 1);
    }
    for (const one of list) {
      let cells = contexts.get(one.context);
      if (cells === undefined) contexts.set(one.context, (cells = new Map()));
      let cell = cells.get(one.symbol);
      if (cell === undefined) cells.set(one.symbol, (cell = { now: 0, calm: Array<number>(BLOCKS).fill(0) }));
      into(cell, one.trace, 1 / (perTrace.get(one.context)?.get(one.trace) ?? 1));
    }
  };
  add(series.calm, (cell, trace, weight) => {
    const block = blockOf(trace, calmTraces);
    cell.calm[block] = (cell.calm[block] ?? 0) + weight;
  });
  add(series.now, (cell, _, weight) => {
    cell.now += weight;
  });
  return contexts;
}

interface Comparison {
  readonly z: number;
  readonly oneWeight: number;
  readonly otherWeight: number;
}

function compare(contexts: Contexts, one: (cell: Cell) => number, other: (cell: Cell) => number): Comparison {
  let [g, freedom, oneWeight, otherWeight] = [0, 0, 0, 0];
  for (const cells of contexts.values()) {
    let [n1, n0] = [0, 0];
    for (const cell of cells.values()) {
      n1 += one(cell);
      n0 += other(cell);
    }
    if (n1 < CONTEXT_WEIGHT_MIN || n0 < CONTEXT_WEIGHT_MIN) continue;
    oneWeight += n1;
    otherWeight += n0;
    let [deviance, symbols] = [0, 0];
    for (const cell of cells.values()) {
      const c1 = one(cell);
      const c0 = other(cell);
      const p = (c1 + c0) / (n1 + n0);
      if (c1 + c0 > 0) symbols += 1;
      if (c1 > 0) deviance += c1 * Math.log(c1 / n1 / p);
      if (c0 > 0) deviance += c0 * Math.log(c0 / n0 / p);
    }
    if (symbols < 2) continue;
    g += 2 * deviance;
    freedom += symbols - 1;
  }
  const z = freedom === 0 ? 0 : Math.sqrt(2 * Math.max(0, g)) - Math.sqrt(2 * freedom - 1);
  return { z, oneWeight, otherWeight };
}

/** The symbol whose share changed most, as `+ symbol` where it appeared or grew, `- symbol` where it vanished. */
function loudest(contexts: Contexts): string | undefined {
  let best: { readonly text: string; readonly change: number } | undefined;
  for (const cells of contexts.values()) {
    const n1 = sum([...cells.values()].map(({ now }) => now));
    const n0 = sum([...cells.values()].map(({ calm }) => sum(calm)));
    if (n1 < CONTEXT_WEIGHT_MIN || n0 < CONTEXT_WEIGHT_MIN) continue;
    for (const [symbol, { now, calm }] of cells) {
      const change = now / n1 - sum(calm) / n0;
      const weighed = Math.abs(change) * Math.min(n1, n0);
      if (weighed > (best?.change ?? 0))
        best = { text: `${change > 0 ? '+' : '-'} ${symbol}`, change: weighed };
    }
  }
  return best?.text;
}
