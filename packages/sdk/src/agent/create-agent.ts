/** An agent with its journal, its shipper and its line to the hub, wherever it runs. */
import { AodeError, type Clock, type Diag, type Random } from '@aode/base';
import {
  createShipper,
  type EndpointPoster,
  type Poster,
  type PostOptions,
  RingReader,
  type Shipper,
} from '@aode/journal';
import { encodeResource, type Resource } from '@aode/wire';
import { redactUrl } from '../boundary/redact.ts';
import { BoundFile, type BoundKeeper } from '../clock/bound-files.ts';
import type { SharedTime } from '../clock/shared-time.ts';
import { PoolReader } from '../pool/pool-reader.ts';
import { Agent } from './agent.ts';
import type { AgentCounts } from './agent-counts.ts';
import { AgentJournal, type JournalPlace, troubleOf } from './agent-journal.ts';
import { JournalHeir } from './journal-heir.ts';
import { AskClient, type AskTransport } from './ask-client.ts';
import type { HubWishes } from './asked-channel.ts';
import { SelfReport } from './self-report.ts';

const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.37.0';

export interface AgentOptions {
  readonly resource: Resource;
  readonly journalBytesMax: number;
  /** Undefined: what waits is in memory alone. */
  readonly journal: JournalPlace | undefined;
  /** Names this process to the hub. */
  readonly instance: string;
  /** Between two reports of the SDK on itself; 0 for none. */
  readonly metricIntervalMs: number;
  readonly kind: 'worker' | 'inline';
  /** Of an agent that works for its own thread alone. */
  readonly threadId?: number;
}

/** Where requests go to, and word of it when that is somewhere else from now on. */
export interface AgentEndpoints {
  readonly poster: Poster;
  /** There are several. */
  readonly hasOthers?: boolean;
  /** Addresses for people. */
  readonly onMoved?: (moved: (from: string, to: string) => void) => void;
}

export interface AgentEffects extends AgentEndpoints {
  readonly pools: readonly ArrayBufferLike[];
  /** For the lines of the same threads. */
  readonly rings: readonly ArrayBufferLike[];
  readonly clock: Clock;
  /** The same for what may come a little late, but no deadline of anybody's; without it that is on time too. */
  readonly coarse?: Clock;
  readonly random: Random;
  readonly counts: AgentCounts;
  readonly diag: Diag;
  readonly asks: AskTransport;
  readonly wishes: HubWishes;
  /** The clock of the process. */
  readonly time?: SharedTime;
}

export interface RunningAgent {
  readonly agent: Agent;
  readonly shipper: Shipper;
  readonly asks: AskClient;
  readonly report: SelfReport;
  readonly journal: AgentJournal;
  readonly heir: JournalHeir | undefined;
}

export function createAgent(options: AgentOptions, effects: AgentEffects): RunningAgent {
  const { resource, journalBytesMax, instance, metricIntervalMs, kind, threadId } = options;
  const { poster, clock, random, counts, diag } = effects;
  const kept = new AgentJournal({
    place: options.journal,
    memoryBytesMax: journalBytesMax,
    origin: encodeResource(resource),
    hasOthers: effects.hasOthers ?? false,
    clock,
    random,
    diag,
    onDropped({ signal, recordCount }, reason) {
      counts.add(reason, signal, recordCount);
      // Of a report nothing is lost: the next one says all of it again.
      if (signal !== 'metrics') diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason, lost: recordCount }));
    },
  });
  const { journal } = kept;
  const shipper = createShipper({
    journal,
    poster,
    clock,
    random,
    schemaUrl: SCHEMA_URL,
    uidPrefix: kept.uidPrefix,
    onSettled({ signal, delivered, dropped }) {
      counts.add('delivered', signal, delivered);
      if (delivered > 0) asks.reached();
      kept.settled();
      if (dropped === undefined) return;
      const { reason, count, why } = dropped;
      counts.add(reason, signal, count);
      // The whole of it is said where the process ends (exit-delivery.ts).
      if (reason === 'exit_timeout') return;
      // Many receivers take traces alone. They are not asked again, and nobody need hear of it.
      if (signal !== 'metrics') diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason, why, lost: count }));
      else if (reason === 'refused') report.stop();
    },
    onDelayed({ why, attempt, recordsWaiting }) {
      if (agent.failed() && attempt === 1)
        diag.warn(new AodeError('AODE_EXPORT_FAILED', { why, waiting: recordsWaiting }));
    },
  });
  const pools = effects.pools.map((buffer) => new PoolReader(buffer));
  const rings = effects.rings.map((memory) => new RingReader(memory));
  const asks = askClientOf(instance, effects);
  const wake = (): void => {
    kept.appended();
    shipper.wake();
  };
  const seen = { pools, counts, clock };
  const report = new SelfReport({
    ...seen,
    journal,
    clock: effects.coarse ?? clock,
    intervalMs: metricIntervalMs,
    agent: kind,
    threadId,
    wake,
    time: effects.time,
  });
  const heir = heirOf(options.journal, kept.name, effects);
  const bound = boundOf(options.journal, effects);
  const agent = new Agent({ ...seen, rings, journal: kept, heir, shipper, diag, asks, report, bound });
  asks.start();
  report.start();
  heir?.start(kind === 'worker' ? 0 : INHERIT_INLINE_MS);
  return { agent, shipper, asks, report, journal: kept, heir };
}

/** Beside the journals; where there are none, a process begins at the wall clock. */
function boundOf(
  place: JournalPlace | undefined,
  { time, clock, diag }: AgentEffects,
): BoundKeeper | undefined {
  if (place === undefined || time === undefined) return undefined;
  const { directory } = place;
  const onTrouble = (error: unknown): void => diag.warn(troubleOf(error, directory));
  return new BoundFile({ directory, shared: time, clock, onTrouble });
}

/** It talks to the hub that the records go to. */
function askClientOf(instance: string, effects: AgentEffects): AskClient {
  const { random, wishes, counts, diag } = effects;
  const asks = new AskClient({
    instance,
    transport: effects.asks,
    clock: effects.coarse ?? effects.clock,
    random,
    wishes,
    onDropped: (count) => counts.asksDropped(count),
  });
  effects.onMoved?.((from, to) => {
    diag.warn(new AodeError('AODE_ENDPOINT_CHANGED', { from, to }));
    asks.moved();
  });
  return asks;
}

export function endpointsOf({ endpoints }: PostOptions, poster: EndpointPoster): AgentEndpoints {
  const shown = (index: number): string => redactUrl(new URL(endpoints[index] ?? ''));
  return {
    poster,
    hasOthers: endpoints.length > 1,
    onMoved(moved) {
      let before = poster.active;
      poster.onMoved(() => {
        moved(shown(before), shown(poster.active));
        before = poster.active;
      });
    },
  };
}

/**
 * On the application's own thread nobody waits, at the end of the process, for the answer to what is under way: it
 * would be sent again. So what is over that soon leaves it to others.
 */
const INHERIT_INLINE_MS = 5000;

function heirOf(
  place: JournalPlace | undefined,
  ownName: string,
  effects: AgentEffects,
): JournalHeir | undefined {
  if (place === undefined) return undefined;
  const { poster, random, diag, counts } = effects;
  return new JournalHeir({
    place,
    ownName,
    poster,
    clock: effects.coarse ?? effects.clock,
    random,
    diag,
    schemaUrl: SCHEMA_URL,
    onSettled({ signal, delivered, dropped, isOwn }) {
      const count = dropped?.count ?? 0;
      if (!isOwn) counts.inherited(delivered, count);
      else {
        // It may have died between the receiver's answer and the news of it: what is settled is settled once.
        const due = (n: number): number => Math.max(0, Math.min(n, counts.unsettled(signal)));
        counts.add('delivered', signal, due(delivered));
        if (dropped !== undefined) counts.add(dropped.reason, signal, due(count));
      }
    },
  });
}
