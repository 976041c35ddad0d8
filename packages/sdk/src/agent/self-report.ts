/**
 * The SDK's report on itself: its metrics as a frame in the journal, every now and then and once more when the process
 * ends. Says nothing before something was recorded. Its points are counted apart from spans and lines.
 */
import { type Clock, durationMs } from '@aode/base';
import type { Journal } from '@aode/journal';
import { encodeScopeMetrics } from '@aode/wire';
import { frameOf, type SharedTime } from '../clock/shared-time.ts';
import { readLedger } from '../loss/ledger.ts';
import { selfMetrics, type SelfState } from '../loss/self-metrics.ts';
import { lossesOf } from '../losses.ts';
import { COUNT, STATE } from '../pool/counts.ts';
import type { PoolReader } from '../pool/pool-reader.ts';
import { AGENT_LOSSES, type AgentCounts } from './agent-counts.ts';

/** While nothing is counted reports are so far apart: after a minute without one the hub calls an instance silent. */
const QUIET_MS = 40_000;

export interface SelfReportParts {
  readonly pools: readonly PoolReader[];
  readonly journal: Journal;
  readonly counts: AgentCounts;
  readonly clock: Clock;
  /** 0: never. */
  readonly intervalMs: number;
  readonly agent: 'worker' | 'inline';
  /** Of an agent that works for its own thread alone. */
  readonly threadId: number | undefined;
  /** The clock of the process. */
  readonly time: SharedTime | undefined;
  /** Something was appended. */
  readonly wake: () => void;
}

export class SelfReport implements Disposable {
  readonly #parts: SelfReportParts;
  readonly #startUnixNano: bigint;
  #timer: Disposable | undefined;
  /** Of the newest report in the journal. */
  #sequence = 0;
  #isOver: boolean;
  /** What the newest report has counted, and when it was made. */
  #said = '';
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(parts: SelfReportParts) {
    this.#parts = parts;
    this.#startUnixNano = parts.clock.now();
    this.#isOver = parts.intervalMs === 0;
  }

  /** Begins to report. */
  start(): void {
    if (this.#isOver) return;
    const { clock, intervalMs, journal, wake } = this.#parts;
    this.#timer = clock.timer(durationMs(intervalMs), () => {
      // All sums are from the start: one report that waits is enough, and the next says what it says.
      if (journal.acknowledged >= this.#sequence && this.#isDue() && this.append()) wake();
      this.start();
    });
  }

  /** A process that does nothing says so seldom. */
  #isDue(): boolean {
    return this.#parts.clock.ticks() - this.#saidAt >= QUIET_MS || this.#counted() !== this.#said;
  }

  /** All that is no gauge, and how the clock stands: what else changes does so with every moment that passes. */
  #counted(): string {
    const { pools, counts, clock, time } = this.#parts;
    const threads = pools.filter((pool) => pool.isUsed).map((pool) => pool.counts);
    const stands = time?.report(frameOf(time, clock).now());
    const { status, epoch, steps, sleeps, refused } = stands ?? {};
    return JSON.stringify([
      readLedger(threads, counts),
      lossesOf(threads),
      counts.inheritedDelivered,
      counts.inheritedDropped,
      [status, epoch, steps, sleeps, refused],
    ]);
  }

  /** Reports now; false when there is nothing to say, or nobody to say it to. */
  append(): boolean {
    const { pools, journal, counts, clock } = this.#parts;
    if (this.#isOver || !pools.some((pool) => pool.isUsed)) return false;
    const timeUnixNano = clock.now();
    this.#said = this.#counted();
    this.#saidAt = clock.ticks();
    const state = this.#state(Number(timeUnixNano / 1_000_000n));
    const scope = selfMetrics(state, { startUnixNano: this.#startUnixNano, timeUnixNano });
    const recordCount = scope.metrics.reduce(
      (sum, { data }) => sum + (data.kind === 'none' ? 0 : data.dataPoints.length),
      0,
    );
    const payload = encodeScopeMetrics([scope]);
    counts.add('taken', 'metrics', recordCount);
    const sequence = journal.append({ signal: 'metrics', priority: 0, recordCount, payload });
    if (sequence === undefined) counts.add('journal_full', 'metrics', recordCount);
    else this.#sequence = sequence;
    return sequence !== undefined;
  }

  #state(nowMs: number): SelfState {
    const { counts, agent, threadId, time, clock } = this.#parts;
    const pools = this.#parts.pools.filter((pool) => pool.isUsed);
    const threads = pools.map((pool) => pool.counts);
    const sum = (place: number): number => threads.reduce((all, one) => all + (one[place] ?? 0), 0);
    const oldestMs = least(threads, STATE.oldestUndecidedMs);
    const dropped = AGENT_LOSSES.map((reason) => [reason, counts.of(reason, 'metrics')] as const);
    const problems = { record_cut: sum(COUNT.recordsCut), asks_dropped: counts.asksDroppedCount };
    return {
      ...readLedger(threads, counts),
      points: {
        delivered: counts.of('delivered', 'metrics'),
        dropped: Object.fromEntries(dropped.filter(([, count]) => count > 0)),
      },
      problems: {
        ...lossesOf(threads),
        ...Object.fromEntries(Object.entries(problems).filter(([, count]) => count > 0)),
      },
      journalBytes: this.#parts.journal.usage().bytes,
      inherited: { delivered: counts.inheritedDelivered, dropped: counts.inheritedDropped },
      chunkCount: pools.reduce((all, { chunkCount }) => all + chunkCount, 0),
      chunksFree: pools.reduce((all, { chunksFree }) => all + chunksFree, 0),
      horizonSeconds: oldestMs === undefined ? undefined : Math.max(0, nowMs - oldestMs) / 1000,
      samplingProbability: least(threads, STATE.samplingProbability),
      agent,
      stepSeconds: counts.stepMs / 1000,
      threadId,
      clock: time?.report(frameOf(time, clock).now()),
    };
  }

  /** The receiver takes no metrics. */
  stop(): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** The least of what threads have said of themselves; undefined when none has. */
function least(threads: readonly Float64Array[], place: number): number | undefined {
  const said = threads.map((counts) => counts[place] ?? 0).filter((value) => value > 0);
  return said.length === 0 ? undefined : Math.min(...said);
}
