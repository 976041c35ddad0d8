/** How each service is doing in a range, from the counts and from what the causes say. */
import type { CausesResponse, RedSeries, ServiceRow } from '@aode/wire/hub-api';

/** fails: to blame, or no one knows who else is; hit: fails behind somebody; slow: to blame without errors. */
export type Mood = 'fails' | 'hit' | 'slow' | 'fine';

export interface ServiceState {
  readonly row: ServiceRow;
  readonly mood: Mood;
  /** Since the fault where there is one, else over the whole range. */
  readonly errorShare: number;
  readonly p95Nano: number | null;
  /** P95 since the fault over P95 before it; null without a fault or without both. */
  readonly timesBefore: number | null;
  readonly p95BeforeNano: number | null;
}

/** Below this share errors are everyday noise; the causes decide about anything finer. */
export const ERROR_SHARE_LEAST = 0.05;
/** Twice as slow as before is the step from which latency is marked. */
export const SLOW_TIMES = 2;

const RANK: Readonly<Record<Mood, number>> = { fails: 0, slow: 1, hit: 2, fine: 3 };

export function serviceStates(
  rows: readonly ServiceRow[],
  series: readonly RedSeries[],
  causes: CausesResponse | undefined,
  intervals: { readonly startUnixMs: number; readonly stepSeconds: number },
): readonly ServiceState[] {
  const sinceMs = comparedSince(causes);
  const cut =
    sinceMs === null
      ? null
      : Math.max(0, Math.round((sinceMs - intervals.startUnixMs) / 1000 / intervals.stepSeconds));
  const byName = new Map(series.map((each) => [each.service, each]));
  const blamed = blamedServices(causes);
  return rows
    .map((row) => stateOf(row, byName.get(row.name), cut, blamed))
    .sort(
      (a, b) => RANK[a.mood] - RANK[b.mood] || blameRank(blamed, a) - blameRank(blamed, b) || worse(a, b),
    );
}

/** Whether something is wrong now. */
export function isOngoing(causes: CausesResponse | undefined): boolean {
  return causes?.state === 'fault' && causes.faultEndUnixMs === null;
}

/** From where services are judged: since the fault, or since it was over. Null when there was none. */
export function comparedSince(causes: CausesResponse | undefined): number | null {
  return causes?.state === 'fault' ? (causes.faultEndUnixMs ?? causes.faultUnixMs) : null;
}

/** Median of what is there. */
export function medianOf(values: readonly (number | null)[]): number | null {
  const seen = values.filter((value) => value !== null).sort((a, b) => a - b);
  return seen[Math.floor(seen.length / 2)] ?? null;
}

/** Errors over requests in each interval; null where nothing was asked. */
export function errorShares(series: RedSeries): readonly (number | null)[] {
  return series.requests.map((count, i) => (count > 0 ? (series.errors[i] ?? 0) / count : null));
}

function blamedServices(causes: CausesResponse | undefined): readonly string[] {
  if (causes === undefined || !isOngoing(causes)) return [];
  return causes.causes
    .filter((cause, i) => i === 0 || cause.confidence === 'very-likely')
    .map((cause) => cause.service);
}

function stateOf(
  row: ServiceRow,
  series: RedSeries | undefined,
  cut: number | null,
  blamed: readonly string[],
): ServiceState {
  const since = cut ?? 0;
  const errorShare = shareSince(row, series, since);
  const p95Nano =
    (series === undefined ? null : medianOf(series.p95Nano.slice(since))) ?? row.durationP95Nano;
  const p95BeforeNano = cut === null || series === undefined ? null : medianOf(series.p95Nano.slice(0, cut));
  const timesBefore = p95BeforeNano === null || p95BeforeNano === 0 ? null : p95Nano / p95BeforeNano;
  const mood = moodOf({
    failing: errorShare >= ERROR_SHARE_LEAST,
    slow: timesBefore !== null && timesBefore >= SLOW_TIMES,
    blamed: blamed.includes(row.name),
    nobodyBlamed: blamed.length === 0,
  });
  return { row, mood, errorShare, p95Nano, timesBefore, p95BeforeNano };
}

interface Signs {
  readonly failing: boolean;
  readonly slow: boolean;
  readonly blamed: boolean;
  readonly nobodyBlamed: boolean;
}

/** Who is not to blame, but fails or is slow, is hit by somebody else's fault. */
function moodOf({ failing, slow, blamed, nobodyBlamed }: Signs): Mood {
  if (failing) return blamed || nobodyBlamed ? 'fails' : 'hit';
  if (blamed) return slow ? 'slow' : 'fails';
  return slow ? 'hit' : 'fine';
}

function shareSince(row: ServiceRow, series: RedSeries | undefined, since: number): number {
  const sum = (values: readonly number[]): number => values.slice(since).reduce((a, b) => a + b, 0);
  const requests = series === undefined ? 0 : sum(series.requests);
  if (series !== undefined && requests > 0) return sum(series.errors) / requests;
  return row.requestCount > 0 ? row.requestErrorCount / row.requestCount : 0;
}

function blameRank(blamed: readonly string[], state: ServiceState): number {
  const at = blamed.indexOf(state.row.name);
  return at < 0 ? blamed.length : at;
}

function worse(a: ServiceState, b: ServiceState): number {
  if (a.mood === 'fine') return a.row.name.localeCompare(b.row.name, 'en');
  return b.errorShare - a.errorShare || (b.p95Nano ?? 0) - (a.p95Nano ?? 0);
}
