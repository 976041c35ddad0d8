/** The hub's own API, /aode/v1: see @aode/wire/hub-api for each route's parameters and answer. */
import { AodeError, type Clock, isTraceId, unixMs } from '@aode/base';
import { HUB_API_VERSION, type StatusResponse } from '@aode/wire/hub-api';
import type { FastifyInstance } from 'fastify';
import { SAMPLING_BYTES_MAX, type SamplingDesk } from '../sampling/sampling-desk.ts';
import type { Counters } from '../self/counters.ts';
import type { Store } from '../store/store.ts';
import type { HubAsks } from '../triggers/hub-asks.ts';
import type { CauseFinder } from './cause-finder.ts';
import {
  flag,
  logQuery,
  type Query,
  range,
  stepSeconds,
  text,
  traceQuery,
  whole,
} from './query-parameters.ts';

export interface ApiParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly causes: CauseFinder;
  readonly asks: HubAsks;
  readonly sampling: SamplingDesk;
  readonly version: string;
  readonly startedUnixNano: bigint;
}

interface Asked {
  readonly query: Query;
  readonly params: Readonly<Record<string, string>>;
  readonly nowMs: number;
}

type Answer = (parts: ApiParts, asked: Asked) => Promise<unknown>;

const ROUTES: Readonly<Record<string, Answer>> = {
  '/status': (parts) => status(parts),
  '/services': ({ store }, { query, nowMs }) => store.services(range(query, nowMs)),
  '/operations': ({ store }, { query, nowMs }) =>
    store.operations(text(query, 'service'), range(query, nowMs)),
  '/red': ({ store }, asked) => red(store, asked),
  '/traces': ({ store }, { query, nowMs }) => store.traces(traceQuery(query, nowMs)),
  '/scatter': ({ store }, { query, nowMs }) => store.scatter(traceQuery(query, nowMs)),
  '/traces/:traceId': async ({ store, asks }, { params }) => {
    const traceId = traceIdOf(params);
    const trace = await store.trace(traceId);
    if (trace === undefined) return notFound('trace', traceId);
    asks.look(trace);
    return asks.explain(trace);
  },
  '/logs': ({ store }, { query, nowMs }) => store.logs(logQuery(query, nowMs)),
  '/logs/tail': ({ store }, { query, nowMs }) => store.logTail(logQuery(query, nowMs)),
  '/logs/histogram': ({ store }, { query, nowMs }) =>
    store.logHistogram({ ...logQuery(query, nowMs), stepSeconds: stepSeconds(query) }),
  '/logs/:id': async ({ store }, { params }) =>
    (await store.log(params['id'] ?? '')) ?? notFound('log', params['id']),
  '/sampling': async ({ sampling }) => sampling.document,
  '/metrics': ({ store }, { query, nowMs }) => store.metrics(range(query, nowMs)),
  '/sdk-health': ({ store }, { query, nowMs }) => store.sdkHealth(range(query, nowMs)),
  '/causes': ({ causes }, { query, nowMs }) => {
    const atMs = whole(query, 'at', { min: 0, max: Number.MAX_SAFE_INTEGER });
    return causes.find(range(query, nowMs), atMs);
  },
};

const traceIdOf = (params: Asked['params']): string =>
  params['traceId']?.toLowerCase().padStart(32, '0') ?? '';

function notFound(what: string, id: string | undefined): never {
  throw new AodeError('AODE_NOT_FOUND', { what, id });
}

function red(store: Store, { query, nowMs }: Asked): ReturnType<Store['red']> {
  const by = text(query, 'by');
  if (by !== undefined && by !== 'total' && by !== 'service') {
    throw new AodeError('AODE_QUERY_INVALID', { parameter: 'by', why: 'neither total nor service' });
  }
  const service = text(query, 'service');
  return store.red({
    ...range(query, nowMs),
    stepSeconds: stepSeconds(query),
    total: by === 'total' || flag(query, 'total') === true,
    ...(service === undefined ? {} : { service }),
  });
}

async function status(parts: ApiParts): Promise<StatusResponse> {
  const { store, clock, counters, version, startedUnixNano } = parts;
  const { expired, ...stored } = await store.status();
  const now = clock.now();
  const second = Math.floor(unixMs(now) / 1000);
  for (const signal of ['spans', 'logs', 'points'] as const) {
    counters.set('aode_hub_expired_total', { signal }, expired[signal]);
  }
  return {
    ...stored,
    version,
    apiVersion: HUB_API_VERSION,
    nowUnixNano: String(now),
    startedUnixNano: String(startedUnixNano),
    rate: {
      spans: counters.rate('traces', second),
      logs: counters.rate('logs', second),
      points: counters.rate('metrics', second),
    },
    lost: counters.losses(),
  };
}

/** Adds all routes. Answers are never kept by a browser: the next second they are others. */
export function addApiRoutes(app: FastifyInstance, parts: ApiParts): void {
  for (const [path, answer] of Object.entries(ROUTES)) {
    app.get(`/aode/v1${path}`, async (request, reply) => {
      const asked: Asked = {
        query: request.query as Query,
        params: request.params as Record<string, string>,
        nowMs: unixMs(parts.clock.now()),
      };
      void reply.header('cache-control', 'no-store');
      return answer(parts, asked);
    });
  }
  app.put('/aode/v1/sampling', { bodyLimit: SAMPLING_BYTES_MAX }, (request, reply) =>
    reply.header('cache-control', 'no-store').send(parts.sampling.put(request.body)),
  );
  app.post('/aode/v1/traces/:traceId/ask', (request, reply) => {
    const traceId = traceIdOf(request.params as Asked['params']);
    // It need not be stored: a line of a trace that nobody kept names it too.
    if (!isTraceId(traceId)) throw new AodeError('AODE_TRACE_ID_INVALID');
    return reply.code(202).header('cache-control', 'no-store').send(parts.asks.person(traceId));
  });
}
