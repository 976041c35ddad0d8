/** The agent's part of the loss ledger, as places in shared memory that it alone writes. */
import type { DropReason, Settled, ShipLossReason, UnwrittenCounts } from '@aode/journal';

/** What can become of a kept record. Each signal has its places, see FROM; those of metrics are the SDK's own. */
export const AGENT_COUNT = {
  /** Read from the pools. */
  taken: 0,
  delivered: 1,
  refused: 2,
  rejected: 3,
  exit_timeout: 4,
  journal_full: 5,
  journal_closed: 6,
  encode_failed: 7,
  /** Lost with an agent that has died, or not readable. */
  agent_failed: 8,
  thread_lost: 9,
  journal_damaged: 10,
} as const;

export type AgentLossReason = DropReason | ShipLossReason | 'encode_failed' | 'agent_failed' | 'thread_lost';

export const AGENT_LOSSES: readonly AgentLossReason[] = (
  Object.keys(AGENT_COUNT) as (keyof typeof AGENT_COUNT)[]
).filter((what): what is AgentLossReason => what !== 'taken' && what !== 'delivered');

/** Where the places of each signal begin. */
const FROM = { traces: 0, logs: 11, metrics: 22 } as const;

/** Asks that the hub was not told; beside the ledger. */
const ASKS_DROPPED = 33;

/** Milliseconds that the agent has worked. */
const STEP_MS = 34;

/** Records of journals that others have left, of all signals: beside the ledger, which is this process's own. */
const INHERITED_DELIVERED = 35;
const INHERITED_DROPPED = 36;

/** How much of `taken` has been on disk, or settled, when the agent last looked. */
const WRITTEN = { traces: 37, logs: 38 } as const;

export class AgentCounts {
  readonly #counts: Float64Array;

  constructor(memory: ArrayBufferLike) {
    this.#counts = new Float64Array(memory);
  }

  add(what: keyof typeof AGENT_COUNT, signal: Settled['signal'], n: number): void {
    const at = AGENT_COUNT[what] + FROM[signal];
    this.#counts[at] = (this.#counts[at] ?? 0) + n;
  }

  asksDropped(n: number): void {
    this.#counts[ASKS_DROPPED] = (this.#counts[ASKS_DROPPED] ?? 0) + n;
  }

  get asksDroppedCount(): number {
    return this.#counts[ASKS_DROPPED] ?? 0;
  }

  stepped(ms: number): void {
    this.#counts[STEP_MS] = (this.#counts[STEP_MS] ?? 0) + ms;
  }

  get stepMs(): number {
    return this.#counts[STEP_MS] ?? 0;
  }

  /** Whatever was taken and waits is on disk now, but for so many. */
  wrote(unwritten: UnwrittenCounts): void {
    for (const signal of ['traces', 'logs'] as const) {
      this.#counts[WRITTEN[signal]] = Math.max(0, this.of('taken', signal) - unwritten[signal]);
    }
  }

  /** Taken since the agent last wrote: where nobody has settled it, it is in the agent's memory alone. */
  unwritten(signal: keyof typeof WRITTEN): number {
    return this.of('taken', signal) - (this.#counts[WRITTEN[signal]] ?? 0);
  }

  /** Spans and lines that wait on disk: the next process of the service finds them. */
  get storedCount(): number {
    const of = (signal: keyof typeof WRITTEN): number =>
      Math.max(0, this.unsettled(signal) - this.unwritten(signal));
    return of('traces') + of('logs');
  }

  /** Taken and neither delivered nor lost. */
  unsettled(signal: Settled['signal']): number {
    const gone = AGENT_LOSSES.reduce((sum, reason) => sum + this.of(reason, signal), 0);
    return this.of('taken', signal) - this.of('delivered', signal) - gone;
  }

  inherited(delivered: number, dropped: number): void {
    this.#counts[INHERITED_DELIVERED] = this.inheritedDelivered + delivered;
    this.#counts[INHERITED_DROPPED] = this.inheritedDropped + dropped;
  }

  get inheritedDelivered(): number {
    return this.#counts[INHERITED_DELIVERED] ?? 0;
  }

  get inheritedDropped(): number {
    return this.#counts[INHERITED_DROPPED] ?? 0;
  }

  of(what: keyof typeof AGENT_COUNT, signal: Settled['signal']): number {
    return this.#counts[AGENT_COUNT[what] + FROM[signal]] ?? 0;
  }
}
