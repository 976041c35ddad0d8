/**
 * Has the mean of a per-trace quantity risen? For surprises (bits) and for shares (0 or 1). The error bar holds the
 * sampling noise of both sides, the drift that calm blocks show beyond their own noise, and the smallest rise that
 * matters:
 *
 *   z = (mean now - mu) * n/(n+1) / sqrt(v/n + v/(n0 + w) + tau^2 + floor^2)
 *
 * n and n0 count traces now and calm; n/(n+1) is one calm pseudo-trace, so that a single odd trace proves little. mu
 * and v are shrunk towards the whole kind for sparse series; tau^2 is the series' own drift, with the kind's average
 * as two more blocks.
 *
 * Traces may stand for different numbers of requests: then means are weighed, and n is the number of equal traces that
 * would tell as much, (sum w)^2 / sum w^2 (Kish, Survey Sampling, 1965).
 */
import { BLOCKS, blockOf, type RawTest, settle, type Test } from './calibration.ts';
import type { Total } from './series.ts';
import type { Weights } from './trace-weight.ts';

export interface MeanSeries {
  readonly service: string;
  readonly from: string;
  readonly operation: string;
  readonly pooled: boolean;
  /** Expected share of the whole kind, for shares. */
  readonly prior: number;
  readonly calm: ReadonlyMap<number, Total>;
  readonly now: ReadonlyMap<number, Total>;
  /** In the unit of people: milliseconds, share. Read only when a row is shown. */
  readonly expected: number | undefined;
  readonly seen: number | undefined;
}

type Quantity = 'bits' | 'share';

/** Smallest rise that matters. */
const FLOOR: Readonly<Record<Quantity, number>> = { bits: 0.1, share: 0.03 };
/** Weight, in traces, of what the kind as a whole lends to one series. */
const PRIOR_TRACES: Readonly<Record<Quantity, number>> = { bits: 5, share: 1 };
const PRIOR_SHARE_MIN = 0.05;
/** Blocks that the kind's average drift counts for. */
const DRIFT_PRIOR_BLOCKS = 2;
/** A surprise in bits is exponential with mean and deviation 1/ln 2, when nothing else is known. */
const BITS_MEAN = 1.44;
const BITS_VARIANCE = 2;
const VARIANCE_MAX = 4;
const KIND_TRACES_MIN = 5;
/** A block is judged by the others when these hold at least this many traces. */
const OTHERS_MIN = 4;

interface Row {
  readonly series: MeanSeries;
  readonly blocks: readonly { sum: number; count: number }[];
  readonly calmCount: number;
  readonly calmSum: number;
  readonly calmSquares: number;
  readonly nowCount: number;
  readonly nowSum: number;
  mean: number;
  variance: number;
  /** Sum over blocks of what a block mean strays beyond its noise, squared. */
  drift: number;
  /** Blocks less one. */
  driftWeight: number;
}

/** How traces are counted. */
export interface TraceScale {
  /** So many of the first traces are calm. */
  readonly calmTraces: number;
  readonly weights: Weights;
}

export function meanTests(series: readonly MeanSeries[], scale: TraceScale, quantity: Quantity): Test[] {
  const rows = series.map((one) => rowOf(one, scale)).filter(({ nowCount }) => nowCount > 0);
  const kind = kindOf(rows);
  let driftSum = 0;
  let driftRows = 0;
  for (const row of rows) {
    shrink(row, kind, quantity);
    const drift = driftOf(row.blocks, row.mean, row.variance);
    row.driftWeight = Math.max(0, drift.blocks - 1);
    row.drift = drift.blocks > 1 ? drift.sum : 0;
    if (drift.blocks > 1) {
      driftSum += drift.sum / (drift.blocks - 1);
      driftRows += 1;
    }
  }
  const kindDrift = Math.max(0, driftRows > 0 ? driftSum / driftRows : 0);
  const tests = rows.map((row): RawTest => ({
    service: row.series.service,
    from: row.series.from,
    operation: row.series.operation,
    pooled: row.series.pooled,
    seenCount: row.series.now.size,
    calmCount: row.series.calm.size,
    expected: row.series.expected,
    seen: row.series.seen,
    detail: undefined,
    z: zOf(
      { ...row, sum: row.nowSum, count: row.nowCount, against: row.mean, againstCount: row.calmCount },
      kindDrift,
      quantity,
    ),
  }));
  return settle(
    tests,
    rows.flatMap((row) => calmZsOf(row, kindDrift, quantity)),
  );
}

function rowOf(series: MeanSeries, { calmTraces, weights }: TraceScale): Row {
  const { weight } = weights;
  const blocks = Array.from({ length: BLOCKS }, () => ({ sum: 0, count: 0 }));
  const perWeight = equalTracesPerWeight(series.calm, weight);
  let [calmSum, calmSquares, calmCount, nowSum, nowCount] = [0, 0, 0, 0, 0];
  for (const [trace, { sum, count }] of series.calm) {
    const value = sum / count;
    const share = perWeight * (weight[trace] ?? 1);
    calmSum += share * value;
    calmSquares += share * value * value;
    calmCount += share;
    const block = blocks[blockOf(trace, calmTraces, weights)];
    if (block === undefined) continue;
    block.sum += share * value;
    block.count += share;
  }
  const perWeightNow = equalTracesPerWeight(series.now, weight);
  for (const [trace, { sum, count }] of series.now) {
    const share = perWeightNow * (weight[trace] ?? 1);
    nowSum += (share * sum) / count;
    nowCount += share;
  }
  return {
    series,
    blocks,
    calmCount,
    calmSum,
    calmSquares,
    nowCount,
    nowSum,
    mean: 0,
    variance: 0,
    drift: 0,
    driftWeight: 0,
  };
}

/** What a weight of 1 counts for, so that the weights of all come to the number of equal traces; 1 if all weigh 1. */
function equalTracesPerWeight(totals: ReadonlyMap<number, Total>, weight: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (const trace of totals.keys()) {
    const one = weight[trace] ?? 1;
    sum += one;
    squares += one * one;
  }
  return squares === 0 ? 1 : sum / squares;
}

/** The kind's own mean and variance stand in for what a sparse series has not shown yet. */
function kindOf(rows: readonly Row[]): { readonly mean: number; readonly variance: number } {
  let [means, variances, count] = [0, 0, 0];
  for (const { calmCount, calmSum, calmSquares } of rows) {
    if (calmCount < KIND_TRACES_MIN) continue;
    const mean = calmSum / calmCount;
    means += mean;
    variances += Math.min(VARIANCE_MAX, Math.max(0, calmSquares / calmCount - mean * mean));
    count += 1;
  }
  return count > 0
    ? { mean: means / count, variance: variances / count }
    : { mean: BITS_MEAN, variance: BITS_VARIANCE };
}

function shrink(
  row: Row,
  kind: { readonly mean: number; readonly variance: number },
  quantity: Quantity,
): void {
  const { calmCount: n, calmSum, calmSquares, series } = row;
  if (quantity === 'share') {
    row.mean = (calmSum + Math.max(series.prior, PRIOR_SHARE_MIN)) / (n + 1);
    row.variance = row.mean * (1 - row.mean);
    return;
  }
  const weight = PRIOR_TRACES.bits;
  const scatter = Math.max(0, calmSquares - (calmSum * calmSum) / Math.max(1, n));
  row.mean = (calmSum + weight * kind.mean) / (n + weight);
  row.variance = (scatter + weight * kind.variance) / (n + weight);
}

function driftOf(
  blocks: readonly { readonly sum: number; readonly count: number }[],
  mean: number,
  variance: number,
): { readonly sum: number; readonly blocks: number } {
  let [sum, filled] = [0, 0];
  for (const block of blocks) {
    if (block.count === 0) continue;
    sum += (block.sum / block.count - mean) ** 2 - variance / block.count;
    filled += 1;
  }
  return { sum, blocks: filled };
}

interface Comparison {
  readonly sum: number;
  readonly count: number;
  readonly against: number;
  readonly againstCount: number;
  readonly variance: number;
  readonly drift: number;
  readonly driftWeight: number;
}

function zOf(c: Comparison, kindDrift: number, quantity: Quantity): number {
  const drift = (c.drift + kindDrift * DRIFT_PRIOR_BLOCKS) / (c.driftWeight + DRIFT_PRIOR_BLOCKS);
  const noise = c.variance / c.count + c.variance / (c.againstCount + PRIOR_TRACES[quantity]);
  const bar = Math.sqrt(noise + Math.max(0, drift) + FLOOR[quantity] ** 2);
  return ((c.sum / c.count - c.against) * (c.count / (c.count + 1))) / bar;
}

/** Each calm block in the part of the fault, judged by the other blocks alone. */
function calmZsOf(row: Row, kindDrift: number, quantity: Quantity): number[] {
  const zs: number[] = [];
  for (const block of row.blocks) {
    const others = row.calmCount - block.count;
    if (block.count === 0 || others < OTHERS_MIN) continue;
    const against = (row.calmSum - block.sum) / others;
    const drift = driftOf(
      row.blocks.filter((other) => other !== block),
      against,
      row.variance,
    );
    const judged = {
      ...block,
      against,
      againstCount: others,
      variance: row.variance,
      drift: drift.blocks > 1 ? drift.sum : 0,
      driftWeight: Math.max(0, drift.blocks - 1),
    };
    zs.push(zOf(judged, kindDrift, quantity));
  }
  return zs;
}
