/**
 * Is something wrong, since when, and whose doing is it? For a live system, where nobody says when it began: candidate
 * starts are tried and the strongest verdict stands. Its bits pay for the search: n candidates cost log2 n.
 */
import type { Cause, CausesResponse } from '@aode/wire/hub-api';
import { causesOf } from './evidence-row.ts';
import { type Observed, observeTraces } from './observed.ts';
import { rankAt, type Ranking } from './rank.ts';
import { plantTraces, type Trace } from './trace-forest.ts';
import type { Window, WindowPoint } from './window.ts';

/**
 * Score in bits above which a fault is called. Of 8 fault-free windows and 75 calm fifths of the public data sets none
 * reached it (highest 3.8, next 3.3); see docs/guide/causes.md.
 */
export const THRESHOLD_BITS = 4;

/** Fewer whole traces than this on either side say nothing. */
const CALM_TRACES_MIN = 20;
const FAULT_TRACES_MIN = 5;
/** How long before the end of the window the fault may have begun: each 1.6 times the one before, to 20 minutes. */
const AGES_MS: readonly number[] = [8, 12, 20, 32, 50, 80, 130, 200, 330, 520, 840, 1200].map(
  (s) => s * 1000,
);
/** Once the best age is known, its surroundings are searched in this many halvings. */
const REFINEMENTS = 2;
/** A trace this young may still be on its way. */
const UNFINISHED_MS = 2000;
const CAUSES_MAX = 5;

export interface FindOptions {
  /** When the fault began, where somebody knows it, in milliseconds since 1970. */
  readonly faultMs?: number;
}

/** What a CausesResponse says of the analysis itself. */
export type FaultReport = Omit<CausesResponse, 'startUnixMs' | 'endUnixMs' | 'hues' | 'computedMs'>;

export function findFault(window: Window, options: FindOptions = {}): FaultReport {
  const traces = plantTraces(window.spans);
  const bounds = { firstMs: traces[0]?.startMs ?? 0, lastMs: traces.at(-1)?.startMs ?? 0 };
  if (traces.length === 0) return nothing('no traces in this range');
  const verdicts = new Verdicts(window, traces, bounds.lastMs - UNFINISHED_MS);
  if (options.faultMs !== undefined) {
    const verdict = verdicts.at(options.faultMs);
    if (verdict === undefined) return nothing(TOO_FEW);
    return report(window, verdict, 0);
  }
  const ages = AGES_MS.filter((age) => bounds.lastMs - age > bounds.firstMs);
  let best: Verdict | undefined;
  let tried = 0;
  for (const age of ages) {
    const verdict = verdicts.at(bounds.lastMs - age);
    if (verdict === undefined) continue;
    tried += 1;
    if (best === undefined || verdict.bits > best.bits) best = verdict;
  }
  if (best === undefined) return nothing(TOO_FEW);
  // A calm window need not be searched more closely.
  if (best.bits > THRESHOLD_BITS) {
    const refined = refine(verdicts, best, bounds.lastMs);
    tried += refined.tried;
    ({ best } = refined);
  }
  return report(window, best, Math.log2(Math.max(1, tried)) * SEARCH_SHARE);
}

/** Verdicts of neighbouring starts are nearly the same bet, so a search costs far less than independent tries would. */
const SEARCH_SHARE = 0.25;

const TOO_FEW = `too few traces: ${CALM_TRACES_MIN} before and ${FAULT_TRACES_MIN} after a possible start are needed`;

interface Verdict {
  readonly startMs: number;
  readonly ranking: Ranking;
  readonly bits: number;
}

/**
 * Splits one window at different moments. Whole traces go to the side on which they start, which is with their earliest
 * span: that need not be a root, because who called may not be recorded.
 */
class Verdicts {
  readonly #observed: Observed;
  readonly #points: readonly WindowPoint[];

  constructor(window: Window, traces: readonly Trace[], untilMs: number) {
    this.#observed = observeTraces(
      traces.filter(({ startMs }) => startMs <= untilMs),
      window.logs,
    );
    this.#points = window.points.filter(({ timeMs }) => timeMs <= untilMs);
  }

  /** Undefined when either side has too few traces. */
  at(startMs: number): Verdict | undefined {
    const { traces } = this.#observed;
    const calmTraces = traces.filter((trace) => trace.startMs < startMs).length;
    if (calmTraces < CALM_TRACES_MIN || traces.length - calmTraces < FAULT_TRACES_MIN) return undefined;
    const ranking = rankAt(this.#observed, {
      calmTraces,
      calmPoints: this.#points.filter(({ timeMs }) => timeMs < startMs),
      points: this.#points.filter(({ timeMs }) => timeMs >= startMs),
    });
    return { startMs, ranking, bits: ranking.services[0]?.scoreBits ?? 0 };
  }
}

/** Looks between the best start and its neighbours on either side. */
function refine(
  verdicts: Verdicts,
  first: Verdict,
  lastMs: number,
): { readonly best: Verdict; readonly tried: number } {
  let best = first;
  let tried = 0;
  let ratio = 1.27;
  for (let i = 0; i < REFINEMENTS; i += 1) {
    const age = lastMs - best.startMs;
    for (const other of [age / ratio, age * ratio]) {
      const verdict = verdicts.at(lastMs - other);
      if (verdict === undefined) continue;
      tried += 1;
      if (verdict.bits > best.bits) best = verdict;
    }
    ratio = Math.sqrt(ratio);
  }
  return { best, tried };
}

function nothing(reason: string): FaultReport {
  return {
    state: 'not-enough-data',
    reason,
    faultUnixMs: null,
    calmTraceCount: 0,
    faultTraceCount: 0,
    failedTraceCount: 0,
    thresholdBits: THRESHOLD_BITS,
    causes: [],
  };
}

function report(window: Window, { startMs, ranking, bits }: Verdict, searchBits: number): FaultReport {
  const thresholdBits = THRESHOLD_BITS + searchBits;
  const state = bits > thresholdBits ? 'fault' : 'calm';
  const logs = window.logs.filter(({ timeMs }) => timeMs >= startMs);
  const causes: Cause[] = causesOf(ranking, logs, CAUSES_MAX);
  const failed = ranking.faultTraces.filter(({ nodes }) => nodes.some(({ span }) => span.error));
  return {
    state,
    reason: null,
    faultUnixMs: state === 'fault' ? startMs : null,
    calmTraceCount: ranking.calmTraces.length,
    faultTraceCount: ranking.faultTraces.length,
    failedTraceCount: failed.length,
    thresholdBits,
    causes,
  };
}
