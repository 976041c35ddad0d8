/**
 * The agent as a worker, which all threads of the process share: the first thread that starts the SDK starts it, others
 * find its memory in the environment data that Node.js hands to every new worker and take a pool of their own.
 */
import {
  getEnvironmentData,
  MessageChannel,
  setEnvironmentData,
  threadId,
  Worker,
} from 'node:worker_threads';
import { AodeError, type Clock, durationMs } from '@aode/base';
import type { Resource } from '@aode/wire';
import { beginTime } from '../clock/bound-files.ts';
import { SharedTime } from '../clock/shared-time.ts';
import { environment } from '../env.ts';
import { type Ledger, readLedger } from '../loss/ledger.ts';
import { newRingMemory } from '@aode/journal';
import { LineRing } from '../log/line-ring.ts';
import { poolMemory } from '../pool/pool-memory.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import type { Delivery } from './agent.ts';
import { AGENT_CODE } from './agent-code.ts';
import { AgentCounts } from './agent-counts.ts';
import { AgentLink, type LinkMemory, newLinkMemory, THREADS_MAX } from './agent-link.ts';
import { runAgent } from './agent-loop.ts';
import type { AgentOrder } from './agent-worker.ts';
import { hearHub } from './asked-channel.ts';
import { settleDeadAgent } from './dead-agent.ts';
import type { Engine, EngineParts } from './engine.ts';
import { startInlineEngine } from './inline-engine.ts';
import { ThreadAgent } from './thread-agent.ts';

/** Where a new thread finds the agent of its process. */
const PLACE = 'aode.agent';

/** What all threads share: the first pool is the main thread's. */
interface SharedAgent {
  readonly link: LinkMemory;
  readonly pools: readonly SharedArrayBuffer[];
  /** For the lines of the same threads. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly resource: Resource;
  readonly clock: SharedArrayBuffer;
}

/** How often a worker that has died is started again; one that dies so often will do so again. */
const RESTARTS_MAX = 3;

/** Throws what Node.js throws where there can be no worker. */
export function startWorkerEngine(parts: EngineParts): Engine {
  const { budget, resource, post, instance, metricIntervalMs } = parts;
  const link = newLinkMemory();
  const threads = Array.from({ length: THREADS_MAX }, () => new SharedArrayBuffer(budget.threadPoolBytes));
  const pools = [new SharedArrayBuffer(budget.poolBytes), ...threads];
  const rings = [
    newRingMemory(budget.ringBytes),
    ...threads.map(() => newRingMemory(budget.threadRingBytes)),
  ];
  const clock = beginTime(parts.clock, parts.time, parts.journal?.directory);
  const order: AgentOrder = {
    link,
    clock,
    time: parts.time,
    pools,
    rings,
    post,
    resource,
    instance,
    journalBytesMax: budget.journalBytes,
    journal: parts.journal,
    metricIntervalMs,
    kind: 'worker',
  };
  const shared: SharedAgent = { link, pools, rings, resource, clock };
  const keeper = new WorkerKeeper(order, parts);
  setEnvironmentData(PLACE, shared as never);
  return new WorkerEngine(shared, { index: 0, parts, keeper });
}

/**
 * Keeps an agent at work on the pools of the process, for the thread that has started it: a worker, when it dies
 * another, and after the last an agent on this thread.
 */
class WorkerKeeper {
  readonly #order: AgentOrder;
  readonly #parts: EngineParts;
  #worker: Worker;
  #restarts = 0;
  #isClosed = false;
  /** In place of the workers. */
  thread: ThreadAgent | undefined;

  constructor(order: AgentOrder, parts: EngineParts) {
    this.#order = order;
    this.#parts = parts;
    this.#worker = this.#start();
  }

  #start(): Worker {
    const worker = startWorker(this.#order);
    worker.unref();
    let why = '';
    worker.once('error', (error: unknown) => {
      why = error instanceof Error ? error.message : String(error);
    });
    worker.once('exit', (code) => this.#died(why === '' ? `its thread ended with ${code}` : why));
    return worker;
  }

  #died(why: string): void {
    if (this.#isClosed) return;
    const { link, pools } = this.#order;
    const { lost, left } = settleDeadAgent(pools, new AgentCounts(link.counts));
    // Whoever waits for all to be delivered is told that it was not; where nothing is missing, the next agent does it.
    if (lost + left > 0) new AgentLink(link.words).refuseFlush();
    const instead = this.#replace();
    this.#parts.diag.warn(new AodeError('AODE_AGENT_FAILED', { why, lost, instead }));
  }

  /** Says what works from now on. */
  #replace(): string {
    if (this.#restarts < RESTARTS_MAX) {
      this.#restarts += 1;
      try {
        this.#worker = this.#start();
        return 'another worker';
      } catch {
        // There is no memory for a thread, or a limit was reached.
      }
    }
    const { link, pools, rings, clock } = this.#order;
    const keeping = { shared: new SharedTime(clock), isOurs: true };
    this.thread = new ThreadAgent(this.#parts, { pools, rings }, new AgentCounts(link.counts), keeping);
    const { agent, coarse } = this.thread;
    void runAgent(agent, new AgentLink(link.words), coarse, () => this.#isClosed);
    return 'the thread of the application';
  }

  close(): void {
    this.#isClosed = true;
    setEnvironmentData(PLACE, undefined as never);
    const link = new AgentLink(this.#order.link.words);
    link.leave();
    link.ring();
    this.thread?.close();
    void this.#worker.terminate();
  }
}

/**
 * Of the agent that another thread of this process has started; undefined when there is none. A thread too many for it
 * works for itself, without another worker beside the one there is.
 */
export function joinWorkerEngine(parts: EngineParts): Engine | undefined {
  const shared = getEnvironmentData(PLACE) as unknown as SharedAgent | undefined;
  if (shared === undefined) return undefined;
  const link = new AgentLink(shared.link.words);
  if (link.isGone) return undefined;
  const index = link.claim(threadId);
  if (index < 0) {
    return startInlineEngine({ ...parts, resource: shared.resource }, new SharedTime(shared.clock));
  }
  const engine = new WorkerEngine(shared, { index: index + 1, parts, keeper: undefined });
  void link.onGather(() => engine.handOver());
  return engine;
}

function startWorker(order: AgentOrder): Worker {
  const env = { ...environment(), NODE_OPTIONS: '' };
  const options = { workerData: order, name: 'aode-agent', env };
  if (AGENT_CODE !== '') return new Worker(AGENT_CODE, { ...options, eval: true, execArgv: [] });
  const file = new URL(import.meta.url.replace(/worker-engine\.ts$/, 'agent-worker.ts'));
  return new Worker(file, { ...options, execArgv: ['--conditions=@aode/source'] });
}

/** The place of a thread: its pool, and the keeper on the thread that has started the agent. */
interface Seat {
  readonly index: number;
  readonly parts: EngineParts;
  readonly keeper: WorkerKeeper | undefined;
}

class WorkerEngine implements Engine {
  readonly pool: PoolWriter;
  readonly lines: LineRing;
  readonly time: SharedTime;
  readonly link: AgentLink;
  beforeEnd: () => void = () => undefined;
  readonly #shared: SharedAgent;
  readonly #keeper: WorkerKeeper | undefined;
  readonly #clock: Clock;
  readonly #flushIntervalMs: number;
  readonly #asked: Disposable;
  readonly #lineFlushMs: number;
  #timer: Disposable | undefined;
  #lineTimer: Disposable | undefined;
  #isRinging = false;

  constructor(shared: SharedAgent, { index, parts, keeper }: Seat) {
    const { clock, flushIntervalMs, wishes, lines } = parts;
    const buffer = shared.pools[index];
    const ring = shared.rings[index];
    if (buffer === undefined || ring === undefined) throw new RangeError(`no pool ${index}`);
    this.#shared = shared;
    this.#keeper = keeper;
    this.link = new AgentLink(shared.link.words);
    this.pool = new PoolWriter(buffer, () => this.link.ring());
    this.lines = new LineRing({
      memory: ring,
      index,
      counts: this.pool.counts,
      overflow: lines.logOverflow,
      spillBytesMax: parts.budget.spillBytes,
      onPressure: (now) => this.#readLines(now),
      now: this.#now,
    });
    this.time = new SharedTime(shared.clock);
    this.#clock = clock;
    this.#lineFlushMs = lines.logFlushMs;
    this.#flushIntervalMs = flushIntervalMs;
    this.#asked = hearHub(wishes);
    process.on('worker', this.#onWorker);
  }

  /** Who starts a thread is the one to hear of its end, however it ends. */
  readonly #onWorker = (worker: Worker): void => {
    const id = worker.threadId;
    worker.once('exit', () => this.link.abandon(id));
  };

  /** Somebody waits for it, `now`: then an agent on this very thread does it here. */
  #readLines(now: boolean): void {
    const thread = this.#keeper?.thread;
    if (now && thread !== undefined) thread.agent.step();
    else this.link.ring();
  }

  /** The process ends by the hand of another thread. */
  handOver(): void {
    this.beforeEnd();
    this.#handAll(GATHER_MS / 2);
  }

  /** All that this thread has goes to the agent; lines for which there is no room in this time are given up. */
  #handAll(timeoutMs: number): void {
    this.pool.sealAll();
    if (!this.lines.drain(timeoutMs)) this.lines.giveUp();
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

  wakeLines(): void {
    this.#lineTimer ??= this.#clock.timer(durationMs(this.#lineFlushMs), () => {
      this.#lineTimer = undefined;
      // What does not fit even now has its turn once the agent has read.
      if (!this.lines.relieve()) this.wakeLines();
      this.link.ring();
    });
  }

  storeAndWait(timeoutMs: number): boolean {
    const until = this.#now() + timeoutMs;
    this.pool.sealAll();
    const isHanded = this.lines.drain(timeoutMs);
    const leftMs = Math.max(0, until - this.#now());
    const thread = this.#keeper?.thread;
    const isStored =
      thread === undefined
        ? this.link.waitSafe(this.link.askFlush(leftMs, false), leftMs, this.#now)
        : thread.agent.store();
    return isStored && isHanded;
  }

  flush(deadlineMs: number): Promise<boolean> {
    return this.#ask(deadlineMs, (number, leftMs) =>
      this.link.awaitFlush(number, leftMs + GRACE_MS, this.#now),
    );
  }

  store(deadlineMs: number): Promise<boolean> {
    return this.#ask(deadlineMs, (number, leftMs) =>
      this.link.awaitSafe(number, leftMs + GRACE_MS, this.#now),
    );
  }

  /** Once more for lines that had no room before the agent has read. */
  async #ask(
    deadlineMs: number,
    answer: (number: number, leftMs: number) => Promise<boolean>,
  ): Promise<boolean> {
    const until = this.#now() + deadlineMs;
    // Waiting on memory keeps no process alive, and somebody waits for this answer.
    const { port1: hold } = new MessageChannel();
    hold.ref();
    try {
      for (let leftMs = deadlineMs; ; leftMs = until - this.#now()) {
        this.pool.sealAll();
        const isHanded = this.lines.relieve();
        const isGood = await answer(this.link.askFlush(leftMs, false), leftMs);
        if (isHanded || !isGood) return isHanded && isGood;
      }
    } finally {
      hold.close();
    }
  }

  flushAndWait(deadlineMs: number): Delivery {
    const until = this.#now() + deadlineMs;
    this.#handAll(deadlineMs);
    const keeper = this.#keeper;
    if (keeper === undefined) {
      // What is handed over outlives its thread, and the thread that ends the process waits for it.
      this.link.ring();
      return 'delivered';
    }
    // All other threads end with this one, and get to know nothing of it.
    this.link.gather(Math.min(deadlineMs, GATHER_MS), this.#now);
    const leftMs = Math.max(0, until - this.#now());
    // It may be this thread that would have to answer.
    if (keeper.thread !== undefined) return keeper.thread.flushAndWait(leftMs);
    return this.link.waitFlush(this.link.askFlush(leftMs, true), leftMs, this.#now);
  }

  readonly #now = (): number => this.#clock.ticks();

  ledger(): Ledger {
    const counts = this.#shared.pools.map((buffer) => poolMemory(buffer).counts);
    return readLedger(counts, new AgentCounts(this.#shared.link.counts));
  }

  storedCount(): number {
    return new AgentCounts(this.#shared.link.counts).storedCount;
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#lineTimer?.[Symbol.dispose]();
    this.lines.giveUp();
    this.#asked[Symbol.dispose]();
    process.off('worker', this.#onWorker);
    this.#keeper?.close();
  }
}

/** The agent answers at its deadline; its word is waited for a little longer. */
const GRACE_MS = 100;

/** A thread that turns answers within some milliseconds. */
const GATHER_MS = 100;
