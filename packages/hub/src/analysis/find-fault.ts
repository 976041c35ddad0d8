/**
 * Is something wrong, since when, and whose doing is it? For a live system, where nobody says when it began: candidate
 * starts are tried and the strongest verdict stands. The alarm asks for more bits the more starts were tried. A fault
 * that is over makes room for one that is not.
 */
import type { Cause, CausesResponse } from '@aode/wire/hub-api';
import { causesOf } from './evidence-row.ts';
import { endOf, type Material, within } from './fault-end.ts';
import { type Observed, observeTraces } from './observed.ts';
import { rankAt, type Ranking } from './rank.ts';
import { plantTraces } from './trace-forest.ts';
import { weighTraces } from './trace-weight.ts';
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
  const last = traces.at(-1);
  if (last === undefined) return nothing('no traces in this range');
  const untilMs = last.startMs - UNFINISHED_MS;
  const material = within({ ...window, traces: weighTraces(traces) }, Number.NEGATIVE_INFINITY, untilMs + 1);
  if (options.faultMs !== undefined) {
    const verdict = new Verdicts(material).at(options.faultMs);
    return verdict === undefined ? nothing(TOO_FEW) : report(window, verdict, { searchBits: 0 });
  }
  const found = search(material, last.startMs);
  if (found === undefined) return nothing(TOO_FEW);
  const endMs = endOfFound(found, material, last.startMs);
  if (endMs === undefined) return report(window, found.best, found);
  // Something else may be wrong by now: looked for as if the fault that is over had not been.
  const { startMs } = found.best;
  const rest = {
    ...material,
    traces: material.traces.filter(({ trace }) => trace.startMs < startMs || trace.startMs >= endMs),
  };
  const next = search(rest, last.startMs, endMs);
  if (next !== undefined && isFault(next)) return report(window, next.best, next);
  const whole = new Verdicts(within(material, Number.NEGATIVE_INFINITY, endMs)).at(startMs);
  return report(window, whole ?? found.best, { ...found, endMs });
}

interface Found {
  readonly best: Verdict;
  /** What the search costs. */
  readonly searchBits: number;
}

const isFault = ({ best, searchBits }: Found): boolean => best.bits > THRESHOLD_BITS + searchBits;

/** The strongest verdict over all starts after `sinceMs`. Undefined when there are too few traces for any. */
function search(
  material: Material,
  lastMs: number,
  sinceMs: number = Number.NEGATIVE_INFINITY,
): Found | undefined {
  const verdicts = new Verdicts(material);
  const firstMs = Math.max(sinceMs, material.traces[0]?.trace.startMs ?? lastMs);
  let best: Verdict | undefined;
  let tried = 0;
  for (const age of AGES_MS.filter((each) => lastMs - each > firstMs)) {
    const verdict = verdicts.at(lastMs - age);
    if (verdict === undefined) continue;
    tried += 1;
    if (best === undefined || verdict.bits > best.bits) best = verdict;
  }
  if (best === undefined) return undefined;
  // A calm window need not be searched more closely.
  if (best.bits > THRESHOLD_BITS) {
    const refined = refine(verdicts, best, lastMs);
    tried += refined.tried;
    ({ best } = refined);
  }
  return { best, searchBits: Math.log2(Math.max(1, tried)) * SEARCH_SHARE };
}

function endOfFound(found: Found, material: Material, lastMs: number): number | undefined {
  const service = found.best.ranking.services[0]?.service;
  if (service === undefined || !isFault(found)) return undefined;
  const moments = AGES_MS.map((age) => lastMs - age).toReversed();
  return endOf({ service, startMs: found.best.startMs, thresholdBits: THRESHOLD_BITS }, moments, material);
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

  constructor({ traces, logs, points }: Material) {
    this.#observed = observeTraces(traces, logs);
    this.#points = points;
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
    faultEndUnixMs: null,
    calmTraceCount: 0,
    faultTraceCount: 0,
    failedTraceCount: 0,
    thresholdBits: THRESHOLD_BITS,
    causes: [],
  };
}

function report(
  window: Window,
  { startMs, ranking, bits }: Verdict,
  { searchBits, endMs }: { readonly searchBits: number; readonly endMs?: number },
): FaultReport {
  const thresholdBits = THRESHOLD_BITS + searchBits;
  const state = bits > thresholdBits ? 'fault' : 'calm';
  const logs = window.logs.filter(({ timeMs }) => timeMs >= startMs && timeMs < (endMs ?? Infinity));
  const causes: Cause[] = causesOf(ranking, logs, CAUSES_MAX);
  const failed = ranking.faultTraces.filter(({ nodes }) => nodes.some(({ span }) => span.error));
  return {
    state,
    reason: null,
    faultUnixMs: state === 'fault' ? startMs : null,
    faultEndUnixMs: state === 'fault' ? (endMs ?? null) : null,
    calmTraceCount: ranking.calmTraces.length,
    faultTraceCount: ranking.faultTraces.length,
    failedTraceCount: failed.length,
    thresholdBits,
    causes,
  };
}
