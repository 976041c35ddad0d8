/** The agent's part of the loss ledger, as places in shared memory that it alone writes. */
import type { DropReason, Settled, ShipLossReason } from '@aode/journal';

/** What can become of a kept record. Spans begin at 0, lines at LINES. */
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
  thread_lost: 9,
} as const;

export type AgentLossReason = DropReason | ShipLossReason | 'encode_failed' | 'thread_lost';

const LINES = 16;

/** Asks that the hub was not told; beside the ledger. */
const ASKS_DROPPED = 16;

export class AgentCounts {
  readonly #counts: Float64Array;

  constructor(memory: ArrayBufferLike) {
    this.#counts = new Float64Array(memory);
  }

  add(what: keyof typeof AGENT_COUNT, signal: Settled['signal'], n: number): void {
    const at = AGENT_COUNT[what] + (signal === 'logs' ? LINES : 0);
    this.#counts[at] = (this.#counts[at] ?? 0) + n;
  }

  asksDropped(n: number): void {
    this.#counts[ASKS_DROPPED] = (this.#counts[ASKS_DROPPED] ?? 0) + n;
  }

  get asksDroppedCount(): number {
    return this.#counts[ASKS_DROPPED] ?? 0;
  }

  of(what: keyof typeof AGENT_COUNT, signal: 'traces' | 'logs'): number {
    return this.#counts[AGENT_COUNT[what] + (signal === 'logs' ? LINES : 0)] ?? 0;
  }
}
