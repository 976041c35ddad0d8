/**
 * Scores of ranked causes. AC@k: share of the true services among the first k, averaged over cases. Avg@5: mean of
 * AC@1 … AC@5. Services with the same score are ordered by a hash of the case and the name, so that no alphabet helps.
 */
import { createHash } from 'node:crypto';
import { seededRandom } from '@aode/base';

const K_MAX = 5;
const BOOTSTRAP_ROUNDS = 2000;
const BOOTSTRAP_SEED = 1;

export interface ScoredCase {
  readonly name: string;
  readonly faultType: string;
  readonly truth: readonly string[];
  /** Services, the most suspected first. */
  readonly order: readonly string[];
  /** Rank of each true service, from 1; 0 when it is not in the list. */
  readonly ranks: readonly number[];
  readonly scoreBits: number;
  readonly seconds: number;
  /** AC@1 … AC@5. */
  readonly accuracy: readonly number[];
}

export function scoreCase(
  one: Pick<ScoredCase, 'name' | 'faultType' | 'truth' | 'seconds'>,
  services: readonly { readonly service: string; readonly scoreBits: number }[],
): ScoredCase {
  const order = orderOf(one.name, services);
  const { truth } = one;
  const accuracy = Array.from({ length: K_MAX }, (_, i) => {
    const found = truth.filter((name) => order.slice(0, i + 1).includes(name)).length;
    return found / Math.min(i + 1, Math.max(1, truth.length));
  });
  const ranks = truth.map((name) => order.indexOf(name) + 1);
  const scoreBits = Math.max(0, ...services.map((service) => service.scoreBits));
  return { ...one, order, ranks, scoreBits, accuracy };
}

function orderOf(
  caseName: string,
  services: readonly { readonly service: string; readonly scoreBits: number }[],
): string[] {
  const luck = (name: string): string =>
    createHash('md5')
      .update(caseName + name)
      .digest('hex');
  return services
    .toSorted((a, b) => b.scoreBits - a.scoreBits || (luck(a.service) < luck(b.service) ? -1 : 1))
    .map(({ service }) => service);
}

/** What is said of a set, or of the cases of one fault type. */
export interface Figures {
  readonly cases: number;
  readonly ac1: number;
  readonly ac3: number;
  readonly avg5: number;
}

export function figuresOf(rows: readonly ScoredCase[]): Figures {
  const at = (k: number): number => mean(rows.map(({ accuracy }) => accuracy[k - 1] ?? 0));
  return {
    cases: rows.length,
    ac1: at(1),
    ac3: at(3),
    avg5: mean(rows.map(({ accuracy }) => mean(accuracy))),
  };
}

/** By fault type, in the order of their names. */
export function figuresByFault(rows: readonly ScoredCase[]): Readonly<Record<string, Figures>> {
  const types = [...Map.groupBy(rows, ({ faultType }) => faultType)];
  return Object.fromEntries(
    types.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([type, list]) => [type, figuresOf(list)]),
  );
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}

/** Percentile bootstrap of the mean over cases, 95 %. The same values give the same interval. */
export function interval95(values: readonly number[]): readonly [low: number, high: number] {
  const random = seededRandom(BOOTSTRAP_SEED);
  const means = Array.from({ length: BOOTSTRAP_ROUNDS }, () =>
    mean(values.map(() => values[random.below(values.length)] ?? 0)),
  ).sort((a, b) => a - b);
  const share = (p: number): number => means[Math.floor(p * (BOOTSTRAP_ROUNDS - 1))] ?? 0;
  return [share(0.025), share(0.975)];
}
