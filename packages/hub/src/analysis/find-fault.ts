/**
 * Is something wrong, since when, and whose doing is it? For a live system, where nobody says when it began: candidate
 * starts are tried and the strongest verdict stands. Its bits pay for the search: n candidates cost log2 n.
 */
import type { Cause, CausesResponse } from '@aode/wire/hub-api';
import { causesOf } from './evidence-row.ts';
import { rankCauses, type Ranking } from './rank.ts';
import type { Window, WindowSpan } from './window.ts';

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
  const starts = traceStarts(window.spans);
  const bounds = boundsOf(starts);
  if (bounds === undefined) return nothing('no traces in this range');
  const verdicts = new Verdicts(window, starts, bounds.lastMs - UNFINISHED_MS);
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

/** A trace starts with its earliest span, which need not be a root: who called may not be recorded. */
function traceStarts(spans: readonly WindowSpan[]): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  for (const { traceId, startMs } of spans) {
    const known = starts.get(traceId);
    if (known === undefined || startMs < known) starts.set(traceId, startMs);
  }
  return starts;
}

function boundsOf(
  starts: ReadonlyMap<string, number>,
): { readonly firstMs: number; readonly lastMs: number } | undefined {
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const startMs of starts.values()) {
    firstMs = Math.min(firstMs, startMs);
    lastMs = Math.max(lastMs, startMs);
  }
  return lastMs >= firstMs ? { firstMs, lastMs } : undefined;
}

/** Splits one window at different moments. Whole traces go to the side on which they start. */
class Verdicts {
  readonly #window: Window;
  readonly #traceStarts: ReadonlyMap<string, number>;
  readonly #untilMs: number;

  constructor(window: Window, starts: ReadonlyMap<string, number>, untilMs: number) {
    this.#window = window;
    this.#traceStarts = starts;
    this.#untilMs = untilMs;
  }

  /** Undefined when either side has too few traces. */
  at(startMs: number): Verdict | undefined {
    let [calm, fault] = [0, 0];
    for (const traceStart of this.#traceStarts.values()) {
      if (traceStart < startMs) calm += 1;
      else if (traceStart <= this.#untilMs) fault += 1;
    }
    if (calm < CALM_TRACES_MIN || fault < FAULT_TRACES_MIN) return undefined;
    const ranking = rankCauses(
      this.#part(startMs, this.#untilMs),
      this.#part(Number.NEGATIVE_INFINITY, startMs),
    );
    return { startMs, ranking, bits: ranking.services[0]?.scoreBits ?? 0 };
  }

  #part(fromMs: number, toMs: number): Window {
    const startOf = (traceId: string, ownMs: number): number => this.#traceStarts.get(traceId) ?? ownMs;
    const within = (at: number): boolean =>
      at >= fromMs && (at < toMs || toMs === this.#untilMs) && at <= this.#untilMs;
    return {
      spans: this.#window.spans.filter((span) => within(startOf(span.traceId, span.startMs))),
      logs: this.#window.logs.filter((log) => within(startOf(log.traceId, log.timeMs))),
      points: this.#window.points.filter((point) => within(point.timeMs)),
    };
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
