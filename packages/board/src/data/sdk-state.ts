/** What the reports of SDK instances mean: does telemetry arrive, and where not, why. Pure. */
import type { SdkCount, SdkHealthResponse, SdkInstance, SdkLedger } from '@aode/wire/hub-api';
import { msOfNano } from './time.ts';

/** Four reports of every 15 s that have not come: the process is gone, or cannot reach the hub. */
export const SILENT_MS = 60_000;

/** Worst first: numbers that contradict each other, loss, silence, delivery. */
export type SdkMood = 'odd' | 'loses' | 'silent' | 'delivers';

export type Counts = Readonly<Record<string, SdkCount>>;

export interface SdkState {
  readonly row: SdkInstance;
  readonly mood: SdkMood;
  readonly lastSeenMs: number;
  /** Spans and lines together, in the range. */
  readonly started: number;
  readonly kept: number;
  readonly delivered: number;
  readonly evicted: number;
  readonly lost: number;
  /** Both now. */
  readonly waiting: number;
  readonly undecided: number;
  /** In the range, most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly problems: readonly (readonly [reason: string, count: number])[];
}

const RANK: Readonly<Record<SdkMood, number>> = { odd: 0, loses: 1, silent: 2, delivers: 3 };

/** `endMs`: the end of the range, from which silence is counted. */
export function sdkStates(
  { instances }: SdkHealthResponse,
  endMs: number,
  service: string | null,
): readonly SdkState[] {
  return instances
    .filter((row) => service === null || row.service === service)
    .map((row) => stateOf(row, endMs))
    .sort((a, b) => RANK[a.mood] - RANK[b.mood] || b.lost - a.lost || byName(a.row, b.row));
}

function byName(a: SdkInstance, b: SdkInstance): number {
  return a.service.localeCompare(b.service, 'en') || a.instanceId.localeCompare(b.instanceId, 'en');
}

function stateOf(row: SdkInstance, endMs: number): SdkState {
  const both = (pick: (ledger: SdkLedger) => number): number => pick(row.spans) + pick(row.lines);
  const reasons = inRange(lossesOf(row.spans), lossesOf(row.lines));
  const lost = reasons.reduce((sum, [, count]) => sum + count, 0);
  const lastSeenMs = msOfNano(row.lastSeenUnixNano);
  const silent = endMs - lastSeenMs > SILENT_MS;
  return {
    row,
    mood: !row.addsUp ? 'odd' : lost > 0 ? 'loses' : silent ? 'silent' : 'delivers',
    lastSeenMs,
    started: both(({ started }) => started.inRange),
    kept: both(({ kept }) => kept.inRange),
    delivered: both(({ delivered }) => delivered.inRange),
    evicted: both(({ evicted }) => evicted.inRange),
    lost,
    waiting: both(({ waiting }) => waiting),
    undecided: both(({ undecided }) => undecided),
    reasons,
    problems: inRange(row.problems),
  };
}

/** Everything that was lost of a signal, wherever on its way. */
function lossesOf({ droppedBefore, dropped }: SdkLedger): Counts {
  return { ...droppedBefore, ...dropped };
}

/** Sums by reason over the range, without zeros. */
function inRange(...all: readonly Counts[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const counts of all) {
    for (const [reason, { inRange: count }] of Object.entries(counts)) {
      if (count > 0) sums.set(reason, (sums.get(reason) ?? 0) + count);
    }
  }
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

export interface SdkSummary {
  readonly count: number;
  readonly delivering: number;
  readonly silent: number;
  readonly odd: number;
  readonly lost: number;
  /** The instance that lost most, and why. */
  readonly worst: { readonly state: SdkState; readonly reason: string } | null;
  /** Seconds that the oldest trace which may still be asked for has been kept, over all; null without one. */
  readonly horizonSeconds: number | null;
}

export function sdkSummary(states: readonly SdkState[]): SdkSummary {
  const of = (mood: SdkMood): number => states.filter((state) => state.mood === mood).length;
  const worst = states.reduce<SdkState | null>(
    (most, state) => (state.lost > (most?.lost ?? 0) ? state : most),
    null,
  );
  const horizons = states.flatMap(({ row, mood }) => (mood === 'silent' ? [] : (row.horizonSeconds ?? [])));
  return {
    count: states.length,
    delivering: of('delivers'),
    silent: of('silent'),
    odd: of('odd'),
    lost: states.reduce((sum, { lost }) => sum + lost, 0),
    worst: worst === null ? null : { state: worst, reason: worst.reasons[0]?.[0] ?? '' },
    horizonSeconds: horizons.length === 0 ? null : Math.max(...horizons),
  };
}
