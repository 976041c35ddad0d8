/** The agent on the application's own thread: it reads and sends between turns of the event loop. */
import { threadId } from 'node:worker_threads';
import { type Clock, durationMs } from '@aode/base';
import { beginTime } from '../clock/bound-files.ts';
import { SharedTime } from '../clock/shared-time.ts';
import { type Ledger, readLedger } from '../loss/ledger.ts';
import { newRingMemory } from '@aode/journal';
import { LineRing } from '../log/line-ring.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import type { Delivery } from './agent.ts';
import { AgentCounts } from './agent-counts.ts';
import type { Engine, EngineParts } from './engine.ts';
import { ThreadAgent } from './thread-agent.ts';

/** `time` where another thread of the process keeps the clock already. */
export function startInlineEngine(parts: EngineParts, time?: SharedTime): Engine {
  return new InlineEngine(parts, time);
}

class InlineEngine implements Engine {
  readonly pool: PoolWriter;
  readonly lines: LineRing;
  readonly time: SharedTime;
  beforeEnd: () => void = () => undefined;
  readonly #agent: ThreadAgent;
  readonly #counts: AgentCounts;
  readonly #clock: Clock;
  readonly #flushIntervalMs: number;
  readonly #lineFlushMs: number;
  #timer: Disposable | undefined;

  constructor(parts: EngineParts, time: SharedTime | undefined) {
    const buffer = new ArrayBuffer(parts.budget.poolBytes);
    this.#clock = parts.clock;
    this.#flushIntervalMs = parts.flushIntervalMs;
    this.#counts = new AgentCounts(new ArrayBuffer(512));
    this.pool = new PoolWriter(buffer, () => this.wake(true));
    const ring = newRingMemory(parts.budget.ringBytes);
    const { lines } = parts;
    this.#lineFlushMs = lines.logFlushMs;
    this.lines = new LineRing({
      memory: ring,
      index: threadId,
      counts: this.pool.counts,
      overflow: lines.logOverflow,
      spillBytesMax: parts.budget.spillBytes,
      onPressure: (now) => {
        if (now) this.#agent.agent.step();
        else this.wake(true);
      },
      now: () => parts.clock.ticks(),
    });
    this.time = time ?? new SharedTime(beginTime(parts.clock, parts.time, parts.journal?.directory));
    const clockKeeping = { shared: this.time, isOurs: time === undefined };
    this.#agent = new ThreadAgent(parts, { pools: [buffer], rings: [ring] }, this.#counts, clockKeeping);
  }

  wake(urgent: boolean): void {
    if (urgent) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = this.#clock.timer(durationMs(0), () => this.#read());
    } else this.#wakeWithin(this.#flushIntervalMs);
  }

  wakeLines(): void {
    this.#wakeWithin(this.#lineFlushMs);
  }

  #wakeWithin(delayMs: number): void {
    this.#timer ??= this.#clock.timer(durationMs(delayMs), () => this.#read());
  }

  #read(): void {
    this.#timer = undefined;
    this.pool.sealAll();
    this.#agent.agent.step();
    if (!this.lines.relieve() || this.#agent.agent.hasMore) this.wake(true);
  }

  /** Everything is with the agent, also lines that had no room before it has read. */
  #handAll(): void {
    this.pool.sealAll();
    while (!this.lines.relieve()) this.#agent.agent.step();
  }

  storeAndWait(): boolean {
    this.#handAll();
    return this.#agent.agent.store();
  }

  async store(deadlineMs: number): Promise<boolean> {
    this.#handAll();
    return this.#agent.agent.store() || (await this.#agent.flush(deadlineMs));
  }

  flush(deadlineMs: number): Promise<boolean> {
    this.#handAll();
    return this.#agent.flush(deadlineMs);
  }

  flushAndWait(deadlineMs: number): Delivery {
    this.#handAll();
    return this.#agent.flushAndWait(deadlineMs);
  }

  ledger(): Ledger {
    return readLedger([this.pool.counts], this.#counts);
  }

  storedCount(): number {
    return this.#counts.storedCount;
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#agent.close();
  }
}
