/**
 * An agent on the application's own thread, for processes that may have no worker or whose worker has died for the last
 * time. At the end of the process, when the event loop does not turn any more, a program of its own delivers what is
 * left.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MessageChannel, threadId } from 'node:worker_threads';
import { type Clock, withCoarseTimers } from '@aode/base';
import {
  createPoster,
  type EndpointPoster,
  type ExportRequest,
  type PostOptions,
  type Shipper,
} from '@aode/journal';
import { keepClock } from '../clock/clock-keeper.ts';
import type { SharedTime } from '../clock/shared-time.ts';
import { systemClockEffects } from '../clock/system-effects.ts';
import { environment } from '../env.ts';
import type { Agent, Delivery } from './agent.ts';
import { SENDER_CODE } from './agent-code.ts';
import type { AgentCounts } from './agent-counts.ts';
import type { AgentJournal } from './agent-journal.ts';
import type { AskClient, AskTransport } from './ask-client.ts';
import { createAskTransport } from './ask-transport.ts';
import { createAgent, endpointsOf } from './create-agent.ts';
import type { EngineParts } from './engine.ts';
import type { ExitOrder } from './exit-sender.ts';
import type { JournalHeir } from './journal-heir.ts';
import type { SelfReport } from './self-report.ts';

/** Arguments of Node.js. The file is asked for only where there is one: a bundle has no address of its own. */
const senderArgs = (): readonly string[] =>
  SENDER_CODE === ''
    ? [
        '--conditions=@aode/source',
        fileURLToPath(import.meta.url.replace(/thread-agent\.ts$/, 'exit-sender.ts')),
      ]
    : ['--input-type=commonjs', '--eval', SENDER_CODE];

/** Of the time there is at the end: so long are requests packed, before they are sent. */
const PACK_SHARE = 1 / 4;

/** What is more has no chance in that time, and would lie in memory all at once. */
const PACK_BYTES_MAX = 32 * 1024 * 1024;

/** The clock of the process; `isOurs` when nobody else keeps it. */
export interface ClockKeeping {
  readonly shared: SharedTime;
  readonly isOurs: boolean;
}

/** What the threads record into: spans, and lines. */
export interface ThreadMemories {
  readonly pools: readonly ArrayBufferLike[];
  readonly rings: readonly ArrayBufferLike[];
}

export class ThreadAgent {
  readonly agent: Agent;
  /** For what may be a little late. */
  readonly coarse: Clock;
  readonly #shipper: Shipper;
  readonly #asks: AskClient;
  readonly #report: SelfReport;
  readonly #journal: AgentJournal;
  readonly #heir: JournalHeir | undefined;
  readonly #transport: AskTransport & Disposable;
  readonly #poster: EndpointPoster;
  readonly #post: PostOptions;
  readonly #ticks: () => number;
  readonly #timeKeeper: Disposable | undefined;

  constructor(
    parts: EngineParts,
    { pools, rings }: ThreadMemories,
    counts: AgentCounts,
    { shared, isOurs }: ClockKeeping,
  ) {
    this.#post = parts.post;
    this.#ticks = () => parts.clock.ticks();
    const { clock, random, diag } = parts;
    this.coarse = withCoarseTimers(clock);
    const poster = createPoster(parts.post, { clock, random, onTrouble: (error) => diag.warn(error) });
    this.#poster = poster;
    this.#transport = createAskTransport(parts.post, parts, poster);
    const { resource, instance, metricIntervalMs } = parts;
    const { agent, shipper, asks, report, journal, heir } = createAgent(
      {
        resource,
        instance,
        journalBytesMax: parts.budget.journalBytes,
        journal: parts.journal,
        metricIntervalMs,
        kind: 'inline',
        threadId,
      },
      {
        ...parts,
        coarse: this.coarse,
        ...endpointsOf(parts.post, poster),
        pools,
        rings,
        counts,
        asks: this.#transport,
        time: shared,
      },
    );
    this.agent = agent;
    this.#shipper = shipper;
    this.#asks = asks;
    this.#report = report;
    this.#journal = journal;
    this.#heir = heir;
    const recordedCount = (): number => agent.recordedCount;
    const effects = { ...systemClockEffects(this.coarse, random), recordedCount };
    this.#timeKeeper = isOurs ? keepClock(shared, parts.time, effects) : undefined;
  }

  /** Delivers all that was handed over; somebody waits for it, so the process stays alive meanwhile. */
  async flush(deadlineMs: number): Promise<boolean> {
    const { port1: hold } = new MessageChannel();
    hold.ref();
    try {
      return await this.agent.flush(deadlineMs);
    } finally {
      hold.close();
    }
  }

  flushAndWait(deadlineMs: number): Delivery {
    const isStored = this.agent.store();
    this.#report.append();
    const start = this.#ticks();
    const taken = this.#shipper.takeOver({ timeoutMs: deadlineMs * PACK_SHARE, bytesMax: PACK_BYTES_MAX });
    const { requests } = taken;
    // Node.js takes whole ones only.
    const leftMs = Math.floor(deadlineMs - (this.#ticks() - start));
    const delivered = leftMs < 1 || requests.length === 0 ? new Set<number>() : this.#send(requests, leftMs);
    // What is on disk, all of it or a part, is for the next process.
    taken.settle(delivered, this.#journal.isOnDisk ? undefined : 'the process has ended');
    const isDelivered = delivered.size === requests.length && this.#shipper.isIdle;
    this.#journal.settled();
    if (isDelivered) this.#journal[Symbol.dispose]();
    return isDelivered ? 'delivered' : isStored ? 'stored' : 'lost';
  }

  /** Indices of the requests that were delivered, as far as is known. */
  #send(requests: readonly ExportRequest[], timeoutMs: number): Set<number> {
    const bodies = requests.map(({ signal, body }) => this.#poster.bytesFor(signal, body));
    const batches = requests.map(({ signal }, i) => ({ signal, bytes: bodies[i]?.byteLength ?? 0 }));
    const { active } = this.#poster;
    const endpoints = this.#post.endpoints;
    const post = {
      ...this.#post,
      timeoutMs,
      endpoints: [...endpoints.slice(active), ...endpoints.slice(0, active)],
    };
    const order: ExitOrder = { post, batches };
    try {
      const { stdout } = spawnSync(process.execPath, senderArgs(), {
        input: Buffer.concat([Buffer.from(`${JSON.stringify(order)}\n`), ...bodies]),
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        // The application's NODE_OPTIONS would load the SDK into the sender; its certificates are needed.
        env: { ...environment(), NODE_OPTIONS: '' },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      return new Set(stdout.toString().split('\n').filter(Boolean).map(Number));
    } catch {
      return new Set(); // No process may be started here, or there is no memory for one.
    }
  }

  close(): void {
    this.#timeKeeper?.[Symbol.dispose]();
    this.#asks[Symbol.dispose]();
    this.#report[Symbol.dispose]();
    this.#heir?.[Symbol.dispose]();
    this.#shipper[Symbol.dispose]();
    this.#journal[Symbol.dispose]();
    this.#transport[Symbol.dispose]();
    this.#poster.close();
  }
}
