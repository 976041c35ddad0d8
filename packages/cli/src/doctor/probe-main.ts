/**
 * The process of a probe, started in the folder of an application with the SDK before it: sends requests to itself and
 * takes each over another boundary. Prints rows as JSON.
 */
import { durationMs, systemClock } from '@aode/base';
import { carry, startAode } from '@aode/sdk';
import { trace } from '@opentelemetry/api';
import { EventEmitter, once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ProbeRow } from './diagnosis.ts';

/** Of the application: its own pino and its own pools. */
const requireHere = createRequire(`${process.cwd()}/`);

interface Logger {
  info(message: string): void;
}

const lines: string[] = [];

function logger(): Logger | undefined {
  const pino = load('pino') as ((options: object, stream: object) => Logger) | undefined;
  return pino?.({}, { write: (line: string) => void lines.push(line) });
}

function load(name: string): unknown {
  try {
    return requireHere(name);
  } catch {
    return undefined; // The application does without it.
  }
}

/** Where it is now, as its span and its log say. */
interface Stand {
  readonly traceId: string | undefined;
  readonly logId: ProbeRow['logId'];
}

type Cross = (log: () => Stand) => Promise<Stand>;

interface GenericPool {
  acquire(): Promise<object>;
  release(resource: object): Promise<void>;
  drain(): Promise<void>;
}

const NODE = 'Node.js (AsyncLocalStorage)';

const BOUNDARIES: readonly (readonly [name: string, by: string, cross: Cross])[] = [
  [
    'timers',
    NODE,
    async (look) => await new Promise((resolve) => systemClock.timer(durationMs(1), () => resolve(look()))),
  ],
  ['promises', NODE, async (look) => await sleep(1).then(look)],
  ['emitters', NODE, crossEmitter],
  ['streams', NODE, crossStream],
  ['queue of callbacks', 'carry', crossQueue],
  ['worker threads', 'carry.toMessage', crossThread],
];

async function crossEmitter(look: () => Stand): Promise<Stand> {
  const emitter = new EventEmitter();
  const heard = once(emitter, 'event');
  setImmediate(() => emitter.emit('event'));
  await heard;
  return look();
}

async function crossStream(look: () => Stand): Promise<Stand> {
  const stream = new PassThrough();
  const seen = new Promise<Stand>((resolve) => stream.once('data', () => resolve(look())));
  setImmediate(() => stream.end('x'));
  return await seen;
}

/** Emptied by a timer that was there before any request. */
const queue: (() => void)[] = [];

function serveQueue(): void {
  queue.splice(0).forEach((call) => call());
  systemClock.timer(durationMs(1), serveQueue);
}

async function crossQueue(look: () => Stand): Promise<Stand> {
  return await new Promise((resolve) => queue.push(carry(() => resolve(look()))));
}

async function crossThread(look: () => Stand): Promise<Stand> {
  const worker = new Worker(new URL(import.meta.resolve('#probe-thread')), { workerData: carry.toMessage() });
  const [traceId] = (await once(worker, 'message')) as [string | undefined];
  await worker.terminate();
  return { ...look(), traceId };
}

function crossPool(pool: GenericPool): Cross {
  return async (look) => {
    const resource = await pool.acquire();
    setImmediate(() => void pool.release(resource));
    const second = await pool.acquire();
    const stand = look();
    await pool.release(second);
    return stand;
  };
}

async function main(): Promise<void> {
  const aode = startAode();
  const log = logger();
  const look = (): Stand => {
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    if (log === undefined) return { traceId, logId: 'unknown' };
    log.info('probe');
    const has = traceId !== undefined && (lines.at(-1) ?? '').includes(traceId);
    return { traceId, logId: has ? 'present' : 'absent' };
  };
  const boundaries = [...BOUNDARIES];
  const generic = load('generic-pool') as
    | { createPool(factory: object, options: object): GenericPool }
    | undefined;
  const factory = { create: async () => ({}), destroy: async () => undefined };
  const pool = generic?.createPool(factory, { max: 1 });
  if (pool !== undefined) boundaries.push(['generic-pool', NODE, crossPool(pool)]);

  const rows: ProbeRow[] = [];
  let cross: Cross = async () => look();
  let own: Stand = look();
  let crossed: Stand = own;
  const server = createServer((_, response) => {
    own = look();
    void cross(look).then((stand) => {
      crossed = stand;
      response.end();
    });
  });
  const url = await listen(server);
  const row = (boundary: string, by: string, [before, after]: readonly [Stand, Stand]): void => {
    const kept = before.traceId !== undefined && before.traceId === after.traceId;
    const span = aode.ledger().spans.open === 0 ? 'ended' : 'open';
    rows.push({ boundary, traceId: kept ? 'kept' : 'lost', logId: after.logId, span, by });
  };
  for (const [name, by, send] of [
    ['http server, http client', 'Aode (node:http)', viaHttp],
    ['http server, fetch', 'Aode (undici channels)', viaFetch],
  ] as const) {
    const [before, traceId] = await inSpan(async () => [look(), await send(url)] as const);
    await settled(aode);
    row(name, by, [{ ...before, traceId }, own]);
  }
  for (const [name, by, next] of boundaries) {
    cross = next;
    await viaHttp(url);
    await settled(aode);
    row(name, by, [own, crossed]);
  }
  await pool?.drain();
  server.close();
  server.closeAllConnections();
  process.stdout.write(JSON.stringify(rows));
}

/** Below a span of its own, whose trace the request must be in. */
async function inSpan<T>(work: () => Promise<T>): Promise<T> {
  return await trace.getTracer('aode doctor').startActiveSpan('probe', async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

/** Each gives the trace id that it has sent the request with. */
async function viaHttp(url: string): Promise<string | undefined> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, resolve).once('error', reject);
  });
  answer.resume();
  await once(answer, 'close');
  return trace.getActiveSpan()?.spanContext().traceId;
}

async function viaFetch(url: string): Promise<string | undefined> {
  await (await fetch(url)).text();
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** Spans end when sockets are done with a request, a few turns after its answer. */
async function settled(aode: ReturnType<typeof startAode>): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX && aode.ledger().spans.open > 0; turn += 1) await sleep(5);
}

/** One second: nothing here takes a hundredth of it. */
const TURNS_MAX = 200;

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

serveQueue();
void main();
