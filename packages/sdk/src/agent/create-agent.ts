/** An agent with its journal and its shipper, wherever it runs. */
import { AodeError, type Clock, type Diag, type Random } from '@aode/base';
import { createMemoryJournal, createShipper, type Poster, type Shipper } from '@aode/journal';
import { encodeResource, type Resource } from '@aode/wire';
import { PoolReader } from '../pool/pool-reader.ts';
import { Agent, type AgentParts } from './agent.ts';
import type { AgentCounts } from './agent-counts.ts';

const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.37.0';

export interface AgentOptions {
  readonly resource: Resource;
  readonly journalBytesMax: number;
}

export interface AgentEffects {
  readonly pools: readonly ArrayBufferLike[];
  readonly poster: Poster;
  readonly clock: Clock;
  readonly random: Random;
  readonly counts: AgentCounts;
  readonly diag: Diag;
  readonly onAsk: AgentParts['onAsk'];
}

export interface RunningAgent {
  readonly agent: Agent;
  readonly shipper: Shipper;
}

export function createAgent(
  { resource, journalBytesMax }: AgentOptions,
  effects: AgentEffects,
): RunningAgent {
  const { poster, clock, random, counts, diag } = effects;
  const journal = createMemoryJournal({
    bytesMax: journalBytesMax,
    origin: encodeResource(resource),
    onDropped({ signal, recordCount }, reason) {
      counts.add(reason, signal, recordCount);
      diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason, lost: recordCount }));
    },
  });
  const shipper = createShipper({
    journal,
    poster,
    clock,
    random,
    schemaUrl: SCHEMA_URL,
    onSettled({ signal, delivered, dropped }) {
      counts.add('delivered', signal, delivered);
      if (dropped === undefined) return;
      const { reason, count, why } = dropped;
      counts.add(reason, signal, count);
      diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason, why, lost: count }));
    },
    onDelayed({ why, attempt, recordsWaiting }) {
      if (agent.failed() && attempt === 1)
        diag.warn(new AodeError('AODE_EXPORT_FAILED', { why, waiting: recordsWaiting }));
    },
  });
  const pools = effects.pools.map((buffer) => new PoolReader(buffer));
  const agent = new Agent({ pools, journal, shipper, counts, diag, onAsk: effects.onAsk });
  return { agent, shipper };
}
