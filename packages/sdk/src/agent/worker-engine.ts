/**
 * The agent as a worker, which all threads of the process share: the first thread that starts the SDK starts it, others
 * find its memory in the environment data that Node.js hands to every new worker and take a pool of their own.
 */
import { getEnvironmentData, MessageChannel, setEnvironmentData, Worker } from 'node:worker_threads';
import { type Clock, durationMs } from '@aode/base';
import { environment } from '../env.ts';
import { type Ledger, readLedger } from '../loss/ledger.ts';
import { poolMemory } from '../pool/pool-memory.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import { AGENT_CODE } from './agent-code.ts';
import { AgentCounts } from './agent-counts.ts';
import { AgentLink, type LinkMemory, newLinkMemory, THREADS_MAX } from './agent-link.ts';
import type { AgentOrder } from './agent-worker.ts';
import { hearHub } from './asked-channel.ts';
import type { Engine, EngineParts } from './engine.ts';

/** Where a new thread finds the agent of its process. */
const PLACE = 'aode.agent';

/** What all threads share: the first pool is the main thread's. */
interface SharedAgent {
  readonly link: LinkMemory;
  readonly pools: readonly SharedArrayBuffer[];
}

/** Throws what Node.js throws where there can be no worker. */
export function startWorkerEngine(parts: EngineParts, onDeath: (why: string) => void): Engine {
  const { budget, resource, post, instance } = parts;
  const link = newLinkMemory();
  const threads = Array.from({ length: THREADS_MAX }, () => new SharedArrayBuffer(budget.threadPoolBytes));
  const pools = [new SharedArrayBuffer(budget.poolBytes), ...threads];
  const order: AgentOrder = { link, pools, post, resource, instance, journalBytesMax: budget.journalBytes };
  const worker = startWorker(order);
  worker.unref();
  const shared: SharedAgent = { link, pools };
  setEnvironmentData(PLACE, shared as never);
  const engine = new WorkerEngine(shared, 0, parts);
  let isClosed = false;
  const die = (why: string): void => {
    engine.link.leave();
    if (!isClosed) onDeath(why);
  };
  worker.once('error', (error: unknown) => die(error instanceof Error ? error.message : String(error)));
  worker.once('exit', (code) => die(`its thread ended with ${code}`));
  engine.onClose = () => {
    isClosed = true;
    setEnvironmentData(PLACE, undefined as never);
    void worker.terminate();
  };
  return engine;
}

/** The agent that another thread of this process has started; undefined when there is none, or no room left in it. */
export function joinWorkerEngine(parts: EngineParts): Engine | undefined {
  const shared = getEnvironmentData(PLACE) as unknown as SharedAgent | undefined;
  if (shared === undefined || new AgentLink(shared.link.words).isGone) return undefined;
  const index = new AgentLink(shared.link.words).claim();
  return index < 0 ? undefined : new WorkerEngine(shared, index + 1, parts);
}

function startWorker(order: AgentOrder): Worker {
  const env = { ...environment(), NODE_OPTIONS: '' };
  const options = { workerData: order, name: 'aode-agent', env };
  if (AGENT_CODE !== '') return new Worker(AGENT_CODE, { ...options, eval: true, execArgv: [] });
  const file = new URL(import.meta.url.replace(/worker-engine\.ts$/, 'agent-worker.ts'));
  return new Worker(file, { ...options, execArgv: ['--conditions=@aode/source'] });
}

class WorkerEngine implements Engine {
  readonly pool: PoolWriter;
  readonly link: AgentLink;
  onClose: () => void = () => undefined;
  readonly #shared: SharedAgent;
  readonly #clock: Clock;
  readonly #flushIntervalMs: number;
  readonly #asked: Disposable;
  #timer: Disposable | undefined;
  #isRinging = false;

  constructor(shared: SharedAgent, index: number, { clock, flushIntervalMs, wishes }: EngineParts) {
    const buffer = shared.pools[index];
    if (buffer === undefined) throw new RangeError(`no pool ${index}`);
    this.#shared = shared;
    this.link = new AgentLink(shared.link.words);
    this.pool = new PoolWriter(buffer, () => this.link.ring());
    this.#clock = clock;
    this.#flushIntervalMs = flushIntervalMs;
    this.#asked = hearHub(wishes);
  }

  wake(urgent: boolean): void {
    if (urgent && !this.#isRinging) {
      // Once a turn: what else is kept in this turn is heard with it.
      this.#isRinging = true;
      queueMicrotask(() => {
        this.#isRinging = false;
        this.link.ring();
      });
    }
    this.#timer ??= this.#clock.timer(durationMs(this.#flushIntervalMs), () => {
      this.#timer = undefined;
      this.pool.sealAll();
      this.link.ring();
    });
  }

  async flush(deadlineMs: number): Promise<boolean> {
    this.pool.sealAll();
    const number = this.link.askFlush(deadlineMs, false);
    // Waiting on memory keeps no process alive, and somebody waits for this answer.
    const { port1: hold } = new MessageChannel();
    hold.ref();
    try {
      return await this.link.awaitFlush(number, deadlineMs + GRACE_MS, this.#now);
    } finally {
      hold.close();
    }
  }

  flushAndWait(deadlineMs: number): boolean {
    this.pool.sealAll();
    return this.link.waitFlush(this.link.askFlush(deadlineMs, true), deadlineMs, this.#now);
  }

  readonly #now = (): number => this.#clock.ticks();

  ledger(): Ledger {
    const counts = this.#shared.pools.map((buffer) => poolMemory(buffer).counts);
    return readLedger(counts, new AgentCounts(this.#shared.link.counts));
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#asked[Symbol.dispose]();
    this.onClose();
  }
}

/** The agent answers at its deadline; its word is waited for a little longer. */
const GRACE_MS = 100;
