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
import type { Group } from './series.ts';
import { EQUAL_WEIGHTS, type Weights } from './trace-weight.ts';

/** Observations of one series as numbers, so that many splits of them cost little. */
export interface MixGroup {
  readonly service: string;
  readonly from: string;
  readonly operation: string;
  /** Of each observation, in the order of the traces: its trace, its cell, its weight. */
  readonly traces: Int32Array;
  readonly cells: Int32Array;
  readonly weights: Float64Array;
  /** The same times the weight of the trace once more: how much of the whole rests on how few. */
  readonly squares: Float64Array;
  /** Cells of each context. */
  readonly contexts: readonly (readonly number[])[];
  /** Symbol of each cell. */
  readonly symbols: readonly string[];
}

/**
 * A cell is one symbol in one context. k observations that a trace makes in one context weigh 1/k each, times the
 * requests for which the trace stands.
 */
export function mixGroupOf(
  { service, from, operation, all }: Group<SymbolObservation>,
  traceWeight: Float64Array,
): MixGroup {
  const cells = new Int32Array(all.length);
  const weights = new Float64Array(all.length);
  const contexts = new Map<
    string,
    { readonly cells: Map<string, number>; trace: number; members: number[] }
  >();
  const symbols: string[] = [];
  all.forEach((one, i) => {
    let context = contexts.get(one.context);
    if (context === undefined)
      contexts.set(one.context, (context = { cells: new Map(), trace: one.trace, members: [] }));
    let cell = context.cells.get(one.symbol);
    if (cell === undefined) {
      context.cells.set(one.symbol, (cell = symbols.length));
      symbols.push(one.symbol);
    }
    cells[i] = cell;
    if (context.trace !== one.trace) {
      share(context.members, weights);
      context.trace = one.trace;
      context.members = [];
    }
    context.members.push(i);
  });
  for (const { members } of contexts.values()) share(members, weights);
  const squares = new Float64Array(all.length);
  all.forEach(({ trace }, i) => {
    const weight = traceWeight[trace] ?? 1;
    weights[i] = (weights[i] ?? 0) * weight;
    squares[i] = (weights[i] ?? 0) * weight;
  });
  return {
    service,
    from,
    operation,
    traces: Int32Array.from(all, ({ trace }) => trace),
    cells,
    weights,
    squares,
    contexts: Array.from(contexts.values(), (context) => [...context.cells.values()]),
    symbols,
  };
}

function share(members: readonly number[], weights: Float64Array): void {
  for (const i of members) weights[i] = 1 / members.length;
}

/** Least weight of a context on either side. */
const CONTEXT_WEIGHT_MIN = 0.5;
const CALM_WEIGHT_MIN = 3;

/** Calm are the first `calmTraces` traces. */
export function mixTests(
  groups: readonly MixGroup[],
  calmTraces: number,
  traceWeights: Weights = EQUAL_WEIGHTS,
): Test[] {
  const tests: RawTest[] = [];
  const calmZs: number[] = [];
  for (const group of groups) {
    const { calm, blocks, now } = count(group, calmTraces, traceWeights);
    const whole = compare(group, now, calm);
    if (whole.otherWeight < CALM_WEIGHT_MIN || whole.oneWeight === 0) continue;
    for (const block of blocks) {
      const judged = compare(group, block, less(calm, block));
      if (judged.oneWeight >= 1 && judged.otherWeight >= CALM_WEIGHT_MIN) calmZs.push(judged.z);
    }
    tests.push({
      service: group.service,
      from: group.from,
      operation: group.operation,
      pooled: false,
      seenCount: Math.round(whole.oneWeight),
      calmCount: Math.round(whole.otherWeight),
      expected: undefined,
      seen: undefined,
      detail: loudest(group, now, calm),
      z: whole.z,
    });
  }
  return settle(tests, calmZs);
}

/** Of each cell. */
interface Cells {
  readonly weights: Float64Array;
  readonly squares: Float64Array;
}

interface Counts {
  readonly calm: Cells;
  readonly blocks: readonly Cells[];
  readonly now: Cells;
}

function count(
  { traces, cells, weights, squares, symbols }: MixGroup,
  calmTraces: number,
  traceWeights: Weights,
): Counts {
  const empty = (): Cells => ({
    weights: new Float64Array(symbols.length),
    squares: new Float64Array(symbols.length),
  });
  const blocks = Array.from({ length: BLOCKS }, empty);
  const now = empty();
  for (let i = 0; i < traces.length; i += 1) {
    const trace = traces[i] ?? 0;
    const cell = cells[i] ?? 0;
    const counts = trace < calmTraces ? (blocks[blockOf(trace, calmTraces, traceWeights)] ?? now) : now;
    counts.weights[cell] = (counts.weights[cell] ?? 0) + (weights[i] ?? 0);
    counts.squares[cell] = (counts.squares[cell] ?? 0) + (squares[i] ?? 0);
  }
  const calm = empty();
  for (const block of blocks) {
    add(calm.weights, block.weights);
    add(calm.squares, block.squares);
  }
  return { calm, blocks, now };
}

function add(sum: Float64Array, more: Float64Array): void {
  more.forEach((value, cell) => (sum[cell] = (sum[cell] ?? 0) + value));
}

const less = (calm: Cells, block: Cells): Cells => ({
  weights: difference(calm.weights, block.weights),
  squares: difference(calm.squares, block.squares),
});

/** Not below zero, and a zero where it should be one: sums of thirds do not come out even. */
function difference(all: Float64Array, part: Float64Array): Float64Array {
  return all.map((value, cell) => {
    const rest = value - (part[cell] ?? 0);
    return rest > ROUNDING ? rest : 0;
  });
}
const ROUNDING = 1e-9;

interface Comparison {
  readonly z: number;
  readonly oneWeight: number;
  readonly otherWeight: number;
}

function compare({ contexts }: MixGroup, one: Cells, other: Cells): Comparison {
  let [g, freedom, oneWeight, otherWeight] = [0, 0, 0, 0];
  for (const cells of contexts) {
    const perOne = equalTracesPerWeight(one, cells);
    const perOther = equalTracesPerWeight(other, cells);
    const n1 = sum(one.weights, cells) * perOne;
    const n0 = sum(other.weights, cells) * perOther;
    if (n1 < CONTEXT_WEIGHT_MIN || n0 < CONTEXT_WEIGHT_MIN) continue;
    oneWeight += n1;
    otherWeight += n0;
    let [deviance, symbols] = [0, 0];
    for (const cell of cells) {
      const c1 = (one.weights[cell] ?? 0) * perOne;
      const c0 = (other.weights[cell] ?? 0) * perOther;
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

/**
 * What a weight of 1 counts for in one context, so that the weights come to the number of equal traces that would tell
 * as much; else one trace that stands for a hundred would be taken for a hundred (Rao and Scott, Annals of Statistics
 * 12, 1984). 1 where every trace stands for itself.
 */
function equalTracesPerWeight({ weights, squares }: Cells, cells: readonly number[]): number {
  const all = sum(squares, cells);
  return all === 0 ? 1 : sum(weights, cells) / all;
}

function sum(weights: Float64Array, cells: readonly number[]): number {
  let total = 0;
  for (const cell of cells) total += weights[cell] ?? 0;
  return total;
}

/** The symbol whose share changed most, as `+ symbol` where it appeared or grew, `- symbol` where it vanished. */
function loudest({ contexts, symbols }: MixGroup, now: Cells, calm: Cells): string | undefined {
  let best: { readonly text: string; readonly change: number } | undefined;
  for (const cells of contexts) {
    const perNow = equalTracesPerWeight(now, cells);
    const perCalm = equalTracesPerWeight(calm, cells);
    const n1 = sum(now.weights, cells) * perNow;
    const n0 = sum(calm.weights, cells) * perCalm;
    if (n1 < CONTEXT_WEIGHT_MIN || n0 < CONTEXT_WEIGHT_MIN) continue;
    for (const cell of cells) {
      const change = ((now.weights[cell] ?? 0) * perNow) / n1 - ((calm.weights[cell] ?? 0) * perCalm) / n0;
      const weighed = Math.abs(change) * Math.min(n1, n0);
      if (weighed > (best?.change ?? 0))
        best = { text: `${change > 0 ? '+' : '-'} ${symbols[cell] ?? ''}`, change: weighed };
    }
  }
  return best?.text;
}
