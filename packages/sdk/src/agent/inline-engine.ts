/** The agent on the application's own thread: it reads and sends between turns of the event loop. */
import { type Clock, durationMs } from '@aode/base';
import { type Ledger, readLedger } from '../loss/ledger.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import type { Delivery } from './agent.ts';
import { AgentCounts } from './agent-counts.ts';
import type { Engine, EngineParts } from './engine.ts';
import { ThreadAgent } from './thread-agent.ts';

export function startInlineEngine(parts: EngineParts): Engine {
  return new InlineEngine(parts);
}

class InlineEngine implements Engine {
  readonly pool: PoolWriter;
  beforeEnd: () => void = () => undefined;
  readonly #agent: ThreadAgent;
  readonly #counts: AgentCounts;
  readonly #clock: Clock;
  readonly #flushIntervalMs: number;
  #timer: Disposable | undefined;

  constructor(parts: EngineParts) {
    const buffer = new ArrayBuffer(parts.budget.poolBytes);
    this.#clock = parts.clock;
    this.#flushIntervalMs = parts.flushIntervalMs;
    this.#counts = new AgentCounts(new ArrayBuffer(512));
    this.pool = new PoolWriter(buffer, () => this.wake(true));
    this.#agent = new ThreadAgent(parts, [buffer], this.#counts);
  }

  wake(urgent: boolean): void {
    if (urgent) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = this.#clock.timer(durationMs(0), () => this.#read());
    } else if (this.#timer === undefined) {
      this.#timer = this.#clock.timer(durationMs(this.#flushIntervalMs), () => this.#read());
    }
  }

  #read(): void {
    this.#timer = undefined;
    this.pool.sealAll();
    this.#agent.agent.step();
    if (this.#agent.agent.hasMore) this.wake(true);
  }

  async store(deadlineMs: number): Promise<boolean> {
    this.pool.sealAll();
    return this.#agent.agent.store() || (await this.#agent.flush(deadlineMs));
  }

  flush(deadlineMs: number): Promise<boolean> {
    this.pool.sealAll();
    return this.#agent.flush(deadlineMs);
  }

  flushAndWait(deadlineMs: number): Delivery {
    this.pool.sealAll();
    return this.#agent.flushAndWait(deadlineMs);
  }

  ledger(): Ledger {
    return readLedger([this.pool.counts], this.#counts);
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#agent.close();
  }
}
