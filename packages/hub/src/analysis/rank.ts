/**
 * Services ranked by the evidence against them. Bits of the kinds add up; what a service sees of its own callees (slow
 * or failed calls) explains its own anomalies away:
 *
 *   explained(A) = max over callees B of bits(wait A->B), bits(fail A->B)
 *   score(A)     = edge + metric + max(0, self + blind + error + shape + log - explained(A))
 *
 * A gap around an answered call and the container's own load cannot be a callee's doing; the rest can. It is local: no
 * closure over the call graph, so cycles do no harm. docs/guide/causes.md explains the method and its figures.
 */
import type { Test } from './calibration.ts';
import { bitsOf } from './e-value.ts';
import { metricTests } from './metric-test.ts';
import { mixTests } from './mix-test.ts';
import { numberTests } from './number-test.ts';
import { SEPARATOR } from './observation.ts';
import { type Observed, observeTraces } from './observed.ts';
import { splitAt } from './series.ts';
import { shareTests } from './share-test.ts';
import { type Trace, plantTraces } from './trace-forest.ts';
import { weighTraces } from './trace-weight.ts';
import type { Window, WindowPoint } from './window.ts';

/** Kinds of evidence against a service. */
export const KINDS = ['self', 'edge', 'blind', 'error', 'shape', 'log', 'metric'] as const;
export type Kind = (typeof KINDS)[number];

/** What cannot be the doing of a callee. */
const OWN: ReadonlySet<Kind> = new Set(['edge', 'metric']);

type Evidence = Readonly<Record<Kind | 'wait' | 'fail', readonly Test[]>>;

/** The calls to one callee that look oddest to their caller: slow (wait) or failed (fail). */
export interface Excuse {
  readonly kind: 'wait' | 'fail';
  readonly bits: number;
  /** The clearest of them. */
  readonly test: Test;
}

export interface RankedService {
  readonly service: string;
  readonly scoreBits: number;
  /** Bits of its own anomalies that its callees explain. */
  readonly explainedBits: number;
  readonly kindBits: Readonly<Partial<Record<Kind, number>>>;
  /** Its tests with p below .05, by kind, smallest p first. */
  readonly tests: readonly { readonly kind: Kind; readonly test: Test }[];
  /** What it sees of its callees that explains most, for the row that speaks against it. */
  readonly excuse: Excuse | undefined;
}

export interface Ranking {
  readonly services: readonly RankedService[];
  readonly calmTraces: readonly Trace[];
  readonly faultTraces: readonly Trace[];
}

export interface RankOptions {
  /** Kinds to leave out, for ablations. */
  readonly without?: ReadonlySet<Kind>;
}

const SHOWN_P_MAX = 0.05;

/**
 * Ranks all services of both windows: `window` holds what happened since the fault began, `baseline` what was before.
 * Ties stand in the order of their names.
 */
export function rankCauses(window: Window, baseline: Window, options: RankOptions = {}): Ranking {
  const calm = plantTraces(baseline.spans);
  const known = new Set(calm);
  const weighed = weighTraces([...calm, ...plantTraces(window.spans)]);
  const calmTraces = weighed.filter(({ trace }) => known.has(trace)).length;
  const observed = observeTraces(weighed, [...baseline.logs, ...window.logs]);
  const split = { calmTraces, calmPoints: baseline.points, points: window.points };
  return rankAt(observed, split, options.without ?? new Set());
}

/** Where calm ends. */
export interface Split {
  /** So many of the first traces are calm. */
  readonly calmTraces: number;
  readonly calmPoints: readonly WindowPoint[];
  /** Those since the fault. */
  readonly points: readonly WindowPoint[];
}

/** The same for what is observed already. */
export function rankAt(observed: Observed, split: Split, without: ReadonlySet<Kind> = new Set()): Ranking {
  return {
    services: score(observed.services, gather(observed, split, without)),
    calmTraces: observed.traces.slice(0, split.calmTraces),
    faultTraces: observed.traces.slice(split.calmTraces),
  };
}

function gather(observed: Observed, split: Split, without: ReadonlySet<Kind>): Evidence {
  const n = split.calmTraces;
  const { weights, logWeights } = observed;
  const logged = observed.loggedBefore[n] ?? 0;
  const unless = (kind: Kind, tests: () => Test[]): Test[] => (without.has(kind) ? [] : tests());
  const numbers = (kind: 'self' | 'edge' | 'blind' | 'wait'): Test[] =>
    numberTests(splitAt(observed[kind], n), n, weights);
  return {
    self: unless('self', () => numbers('self')),
    edge: unless('edge', () => numbers('edge')),
    blind: unless('blind', () => numbers('blind')),
    error: unless('error', () => shareTests(splitAt(observed.error, n), n, weights)),
    shape: unless('shape', () => mixTests(observed.shape, n, weights)),
    log: unless('log', () => [
      ...mixTests(observed.logPath, logged, logWeights),
      ...shareTests(splitAt(observed.logError, logged), logged, logWeights),
    ]),
    metric: unless('metric', () => metricTests(split.calmPoints, split.points)),
    wait: numbers('wait'),
    fail: shareTests(splitAt(observed.fail, n), n, weights),
  };
}

function score(services: ReadonlySet<string>, evidence: Evidence): RankedService[] {
  const excuses = excusesOf(evidence);
  const perKind = new Map(KINDS.map((kind) => [kind, Map.groupBy(evidence[kind], ({ service }) => service)]));
  const ranked = [...services].map((service): RankedService => {
    const kindBits: Partial<Record<Kind, number>> = {};
    const tests: { kind: Kind; test: Test }[] = [];
    let [own, explainable] = [0, 0];
    for (const kind of KINDS) {
      const list = perKind.get(kind)?.get(service) ?? [];
      const bits = bitsOf(list.map(({ p }) => p));
      if (bits > 0) kindBits[kind] = bits;
      if (OWN.has(kind)) own += bits;
      else explainable += bits;
      for (const test of list) if (test.p < SHOWN_P_MAX) tests.push({ kind, test });
    }
    const excuse = excuses.get(service);
    const explainedBits = excuse?.bits ?? 0;
    return {
      service,
      scoreBits: own + Math.max(0, explainable - explainedBits),
      explainedBits,
      kindBits,
      tests: tests.sort((a, b) => a.test.p - b.test.p),
      excuse,
    };
  });
  return ranked.sort((a, b) => b.scoreBits - a.scoreBits || (a.service < b.service ? -1 : 1));
}

/** Per caller, the callee whose calls look oddest to it. */
function excusesOf(evidence: Evidence): ReadonlyMap<string, Excuse> {
  const best = new Map<string, Excuse>();
  for (const kind of ['wait', 'fail'] as const) {
    const calls = Map.groupBy(
      evidence[kind].filter(({ pooled }) => !pooled),
      ({ from, service }) => from + SEPARATOR + service,
    );
    for (const list of calls.values()) {
      const bits = bitsOf(list.map(({ p }) => p));
      const [test] = list.toSorted((a, b) => a.p - b.p);
      if (test !== undefined && bits > (best.get(test.from)?.bits ?? 0))
        best.set(test.from, { kind, bits, test });
    }
  }
  return best;
}
