/**
 * From statistics to p-values, by calm data alone. Calm observations are cut into contiguous blocks; each block plays
 * the fault, judged by the others, and the scores that come of it say how heavy the tail is when nothing is wrong.
 */

import type { Weights } from './trace-weight.ts';

/** Few, because a block must be long enough to hold slow drift; t4 below depends on it. */
export const BLOCKS = 5;

/**
 * Block of a calm trace, by its place among the requests for which the calm traces stand: of traces that were kept for
 * having failed there are many in a short time, which would else be taken for most of it.
 */
export function blockOf(trace: number, traceCount: number, { before }: Weights): number {
  const place = before[trace] ?? trace;
  const all = before[traceCount] ?? traceCount;
  return Math.min(BLOCKS - 1, Math.floor((place * BLOCKS) / Math.max(1, all)));
}

/** One test of one series: who is charged, how odd it is. */
export interface Test {
  readonly service: string;
  readonly from: string;
  readonly operation: string;
  /** Whether it stands for all operations of the service; `from` and `operation` are then only for show. */
  readonly pooled: boolean;
  /** Units (traces, or points of a metric) since the fault, and before. */
  readonly seenCount: number;
  readonly calmCount: number;
  /** What was expected and what was seen, in the unit of the kind; undefined for changes of a mix. */
  readonly expected: number | undefined;
  readonly seen: number | undefined;
  /** What appeared or vanished, for changes of a mix. */
  readonly detail: string | undefined;
  readonly z: number;
  readonly p: number;
}

/** A test whose z is not yet corrected and whose p is not yet known. */
export type RawTest = Omit<Test, 'p'>;

/** |z| of the median innocent when there is nothing to learn it from: that of a normal distribution is .67. */
const MIDDLE_DEFAULT = 0.7;
const MIDDLE_MIN = 0.5;
/** Fewer tests than this say nothing about the median innocent. */
const CONTROL_TESTS_MIN = 10;

const middle = (zs: readonly number[]): number =>
  zs.length === 0
    ? MIDDLE_DEFAULT
    : (zs.map(Math.abs).sort((a, b) => a - b)[zs.length >> 1] ?? MIDDLE_DEFAULT);

/**
 * Genomic control (Devlin & Roeder, Biometrics 55, 1999): most operations are innocent, so the median |z| now against
 * the median |z| of calm blocks says how far this window's error bars are off as a whole, through load, time of day,
 * another mix of requests. All z are divided by it, never multiplied. Then p.
 */
export function settle(tests: readonly RawTest[], calmZs: readonly number[]): Test[] {
  const inflation =
    tests.length < CONTROL_TESTS_MIN
      ? 1
      : Math.max(1, middle(tests.map(({ z }) => z)) / Math.max(MIDDLE_MIN, middle(calmZs)));
  const p = tailOf(calmZs);
  return tests.map((test) => ({ ...test, z: test.z / inflation, p: p(test.z / inflation) }));
}

/** Keeps e-values finite: a hundred bits of surprise are no better known than fifty. */
const P_MIN = 1e-30;

/**
 * Upper tail of Student's t with 4 degrees of freedom, which five blocks leave: 1/2 - 3/4 (x - x^3/3) with
 * x = z / sqrt(z^2 + 4). Written in d = 1 - x, where it is d^2 (3 - d) / 4 and loses no digits far out.
 */
export function student4(z: number): number {
  const root = Math.hypot(z, 2);
  const d = z > 0 ? 4 / (root * (root + z)) : 1 - z / root;
  return Math.max(P_MIN, (d * d * (3 - d)) / 4);
}

/** Fewer calm scores than this do not make a tail. */
const TAIL_SCORES_MIN = 40;
/** Least tail index: Hill estimates from a handful of scores run low by luck. */
const TAIL_INDEX_MIN = 0.25;

/**
 * How often calm blocks score this high: the top twentieth has a Pareto tail (Hill, Annals of Statistics 3, 1975), what
 * is below it comes at least as often as that twentieth, and nothing is rarer than under t4.
 */
export function tailOf(calmZs: readonly number[]): (z: number) => number {
  const sorted = Float64Array.from(calmZs).sort();
  const n = sorted.length;
  if (n < TAIL_SCORES_MIN) return student4;
  const k = Math.ceil(n / 20);
  const threshold = Math.max(0.5, sorted[n - k] ?? 0.5);
  let sum = 0;
  for (const z of sorted.subarray(n - k)) sum += Math.log(Math.max(1, z / threshold));
  const index = Math.max(TAIL_INDEX_MIN, sum / k);
  return (z) => Math.max(student4(z), (k / n) * Math.max(1, z / threshold) ** (-1 / index));
}
