/**
 * What became of everything that was recorded. It adds up at every moment:
 *
 *   started = ended + open
 *   ended   = kept + evicted + undecided + dropped for want of room
 *   kept    = delivered + waiting + dropped on the way, by reason
 *
 * The same for log lines, which begin when they are written.
 */
import {
  type AGENT_COUNT,
  AGENT_LOSSES,
  type AgentCounts,
  type AgentLossReason,
} from '../agent/agent-counts.ts';
import { COUNT } from '../pool/counts.ts';

export type LedgerLossReason = 'pool_full' | 'too_large' | 'ring_full' | AgentLossReason;

export interface SignalLedger {
  readonly started: number;
  readonly open: number;
  readonly ended: number;
  /** Goes to the receiver, or has gone there. */
  readonly kept: number;
  /** Of traces that nobody asked for before newer ones needed their room. */
  readonly evicted: number;
  /** Of traces that may still be asked for. */
  readonly undecided: number;
  readonly delivered: number;
  readonly waiting: number;
  /** Reasons without any left out. */
  readonly dropped: Readonly<Partial<Record<LedgerLossReason, number>>>;
}

export interface Ledger {
  readonly spans: SignalLedger;
  readonly lines: SignalLedger;
}

/**
 * `pools` are the counts of each thread. What comes later in the way of a record is read first, because the threads go
 * on counting meanwhile: so no difference falls below zero.
 */
export function readLedger(pools: readonly Float64Array[], agent: AgentCounts): Ledger {
  const sum = (place: number): number => pools.reduce((total, counts) => total + (counts[place] ?? 0), 0);
  const spans = wayOf((what) => agent.of(what, 'traces'));
  const lines = wayOf((what) => agent.of(what, 'logs'));
  return {
    spans: signalLedger({
      ...spans,
      kept: sum(COUNT.spansKept),
      evicted: sum(COUNT.spansEvicted),
      poolFull: sum(COUNT.spansDroppedPoolFull),
      tooLarge: sum(COUNT.spansDroppedTooLarge),
      ringFull: 0,
      ended: sum(COUNT.spansEnded),
      started: sum(COUNT.spansStarted),
    }),
    lines: lineLedger(lines, sum),
  };
}

function lineLedger(way: Way, sum: (place: number) => number): SignalLedger {
  const settled = {
    kept: sum(COUNT.linesKept),
    evicted: sum(COUNT.linesEvicted),
    poolFull: sum(COUNT.linesDroppedPoolFull),
    tooLarge: sum(COUNT.linesDroppedTooLarge),
    ringFull: sum(COUNT.linesDroppedRingFull),
  };
  const started = sum(COUNT.linesStarted);
  return signalLedger({ ...way, ...settled, started, ended: started });
}

/** What the agent has done with what was kept. */
interface Way {
  readonly delivered: number;
  readonly dropped: Partial<Record<LedgerLossReason, number>>;
  readonly lost: number;
}

function wayOf(of: (what: keyof typeof AGENT_COUNT) => number): Way {
  const dropped: Partial<Record<LedgerLossReason, number>> = {};
  let lost = 0;
  for (const reason of AGENT_LOSSES) {
    const count = of(reason);
    if (count > 0) dropped[reason] = count;
    lost += count;
  }
  return { delivered: of('delivered'), dropped, lost };
}

/** Lost spans and lines by reason, as one list. */
export function lostOf({ spans, lines }: Ledger): Readonly<Partial<Record<LedgerLossReason, number>>> {
  const lost: Partial<Record<LedgerLossReason, number>> = { ...spans.dropped };
  for (const [reason, count] of Object.entries(lines.dropped)) {
    lost[reason as LedgerLossReason] = (lost[reason as LedgerLossReason] ?? 0) + count;
  }
  return lost;
}

interface Sums extends Way {
  readonly started: number;
  readonly ended: number;
  readonly kept: number;
  readonly evicted: number;
  readonly poolFull: number;
  readonly tooLarge: number;
  readonly ringFull: number;
}

function signalLedger(sums: Sums): SignalLedger {
  const { started, ended, kept, evicted, poolFull, tooLarge, ringFull, delivered, lost } = sums;
  const dropped: Partial<Record<LedgerLossReason, number>> = {
    ...(poolFull > 0 ? { pool_full: poolFull } : {}),
    ...(tooLarge > 0 ? { too_large: tooLarge } : {}),
    ...(ringFull > 0 ? { ring_full: ringFull } : {}),
    ...sums.dropped,
  };
  return {
    started,
    open: started - ended,
    ended,
    kept,
    evicted,
    undecided: ended - kept - evicted - poolFull - tooLarge - ringFull,
    delivered,
    waiting: kept - delivered - lost,
    dropped,
  };
}
