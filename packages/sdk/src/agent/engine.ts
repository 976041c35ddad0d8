/**
 * What a thread records into, and how that reaches the receiver: by the agent's worker, or by an agent on the thread
 * itself where there can be no worker. Both are the same to whoever records.
 */
import { AodeError, type Clock, type Diag, type Random } from '@aode/base';
import type { PostOptions } from '@aode/journal';
import type { Resource } from '@aode/wire';
import type { ClockSettings } from '../clock/clock-keeper.ts';
import type { Ledger } from '../loss/ledger.ts';
import type { SharedTime } from '../clock/shared-time.ts';
import type { LineOptions } from '../log/log-options.ts';
import type { LineRing } from '../log/line-ring.ts';
import type { PoolWriter } from '../pool/pool-writer.ts';
import type { Delivery } from './agent.ts';
import type { JournalPlace } from './agent-journal.ts';
import type { HubWishes } from './asked-channel.ts';
import { startInlineEngine } from './inline-engine.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { joinWorkerEngine, startWorkerEngine } from './worker-engine.ts';

export interface EngineParts {
  readonly resource: Resource;
  readonly post: PostOptions;
  readonly budget: MemoryBudget;
  /** Where what waits is kept besides; undefined for nowhere. */
  readonly journal: JournalPlace | undefined;
  readonly flushIntervalMs: number;
  readonly lines: LineOptions;
  /** Between two reports of the SDK on itself; 0 for none. */
  readonly metricIntervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly diag: Diag;
  /** Names this process to the hub. */
  readonly instance: string;
  readonly wishes: HubWishes;
  /** Whom to ask for the time. */
  readonly time: ClockSettings;
}

export interface Engine {
  readonly pool: PoolWriter;
  /** Of the lines that are kept whatever becomes of their trace. */
  readonly lines: LineRing;
  /** The clock of the process, see clock/shared-time.ts. */
  readonly time: SharedTime;
  /** Called where another thread ends the process: ends what is open. */
  beforeEnd: () => void;
  /** Something that is kept waits to be read; `urgent` when at once. */
  wake(urgent: boolean): void;
  /** A line was written. */
  wakeLines(): void;
  /** Blocks until everything recorded so far is on stable storage, at most `timeoutMs`; false when it is not then. */
  storeAndWait(timeoutMs: number): boolean;
  /** Has everything recorded so far on stable storage, or delivered; false when that is not so after `deadlineMs`. */
  store(deadlineMs: number): Promise<boolean>;
  /** Delivers everything recorded so far; false when not all of it was within `deadlineMs`. */
  flush(deadlineMs: number): Promise<boolean>;
  /** The same for a thread that ends: blocks it. */
  flushAndWait(deadlineMs: number): Delivery;
  ledger(): Ledger;
  /** Spans and lines that wait on disk, for the next process of the service where this one ends. */
  storedCount(): number;
  close(): void;
}

/** `inline` never starts a worker. */
export function startEngine(parts: EngineParts, mode: 'worker' | 'inline'): Engine {
  if (mode === 'inline') return startInlineEngine(parts);
  const { diag } = parts;
  const joined = joinWorkerEngine(parts);
  if (joined !== undefined) return joined;
  try {
    return startWorkerEngine(parts);
  } catch (error) {
    // The permission model, or no memory for a thread.
    const why = error instanceof Error ? error.message : String(error);
    diag.warn(new AodeError('AODE_AGENT_FAILED', { why, instead: 'the thread of the application' }));
    return startInlineEngine(parts);
  }
}
