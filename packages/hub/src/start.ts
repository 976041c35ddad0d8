/** The hub's composition root: opens the store, starts the listeners, and takes all of it down again in order. */
import { readFileSync } from 'node:fs';
import { type Clock, durationMs, type Random, systemClock, systemRandom } from '@aode/base';
import { ASK_STREAMS_MAX, AskDesk } from './asks/ask-desk.ts';
import { tokenGuard } from './guard/token.ts';
import { CONNECTIONS_MAX, endConnections, endServer, listen } from './listener.ts';
import { HUB_DEFAULTS, type HubOptions } from './options.ts';
import { Admission } from './receive/admission.ts';
import { createJsonConverter } from './receive/json-converter.ts';
import { createOtlpGrpcServer } from './receive/otlp-grpc.ts';
import { createOtlpHttpServer } from './receive/otlp-http.ts';
import { Counters } from './self/counters.ts';
import { openSamplingDesk } from './sampling/sampling-desk.ts';
import { createBoardServer } from './serve/board-server.ts';
import { createCauseFinder } from './serve/cause-finder.ts';
import { openDuckDbStore } from './store/duckdb-store.ts';
import type { Store } from './store/store.ts';
import { HubAsks } from './triggers/hub-asks.ts';
import type { Fired } from './triggers/triggers.ts';

/** Retention looks around this often. */
const EXPIRE_INTERVAL_MS = 60_000;

export interface HubAddresses {
  /** Base addresses without a trailing slash. */
  readonly board: string;
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
}

export interface Hub extends AsyncDisposable {
  readonly addresses: HubAddresses;
  /** Stops taking requests, answers those under way, closes the store. */
  close(): Promise<void>;
}

/** What is closed at the end, in reverse order of opening. */
type Closer = () => Promise<unknown>;

/**
 * Starts a hub. Rejects with AODE_PORT_IN_USE, AODE_PORT_REFUSED, AODE_DATA_IN_USE, AODE_DATA_VERSION,
 * AODE_DATA_UNWRITABLE, AODE_DATA_DAMAGED or AODE_TOKEN_INVALID, and then has left nothing behind.
 */
export async function startHub(options: Partial<HubOptions> = {}, clock: Clock = systemClock): Promise<Hub> {
  const resolved: HubOptions = { ...HUB_DEFAULTS, ...options };
  const closers: Closer[] = [];
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const addresses = await open(resolved, clock, closers);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= closeAll());
    return { addresses, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function open(options: HubOptions, clock: Clock, closers: Closer[]): Promise<HubAddresses> {
  const guard = tokenGuard(options.token);
  const counters = new Counters();
  let onFired: (fired: readonly Fired[]) => void = () => undefined;
  const store = await openStore(options, clock, (fired) => onFired(fired));
  closers.push(() => store.close());
  // Behind the store, which owns the directory.
  const sampling = openSamplingDesk(options.dataDirectory);
  const asks = new AskDesk({ clock, counters, epoch: epochOf(systemRandom), sampling });
  const hubAsks = new HubAsks(asks);
  onFired = (fired) => hubAsks.fire(fired);
  closers.push(keepExpiring(store, clock));

  const json = createJsonConverter();
  closers.push(() => json.close());
  const admission = new Admission({ store, counters, clock, json });
  const causes = createCauseFinder(store, clock);
  closers.push(() => causes.close());

  // All together, so that none takes requests while another is still answering its last ones.
  const listeners: Closer[] = [];
  closers.push(() => Promise.all(listeners.map((end) => end())));
  const startedUnixNano = clock.now();
  const bytesMax = options.requestBytesMax;
  const http = createOtlpHttpServer({ admission, bytesMax, guard, asks });
  // Streams of asks hold their connections for good, and must not take those of exports.
  const otlpHttp = await listen(http, options.otlpHttpPort, 'OTLP/HTTP', CONNECTIONS_MAX + ASK_STREAMS_MAX);
  listeners.push(() => {
    asks.close();
    return endServer(http, clock);
  });

  const grpc = createOtlpGrpcServer({ admission, bytesMax, guard, asks, clock });
  const grpcConnectionsMax = CONNECTIONS_MAX + ASK_STREAMS_MAX;
  const otlpGrpc = await listen(grpc.server, options.otlpGrpcPort, 'OTLP/gRPC', grpcConnectionsMax);
  listeners.push(() => grpc.close());

  let ready = false;
  const board = await createBoardServer({
    store,
    clock,
    counters,
    causes,
    asks: hubAsks,
    sampling,
    version: ownVersion(),
    startedUnixNano,
    isReady: () => ready,
    refresh: () => {
      counters.set('aode_hub_asks_kept', {}, asks.log.size);
      counters.set('aode_hub_ask_streams', {}, asks.streamCount);
      return refreshGauges(store, counters, admission, Number(clock.now() - startedUnixNano) / 1e9);
    },
  });
  await board.ready();
  const boardAddress = await listen(board.server, options.boardPort, 'board and API');
  listeners.push(async () => {
    using _ending = endConnections(board.server, clock);
    await board.close();
  });
  ready = true;
  return { board: boardAddress, otlpHttp, otlpGrpc };
}

/** Tells one life of the hub from the next. */
const epochOf = (random: Random): string =>
  [random.next(), random.next()].map((word) => word.toString(16).padStart(8, '0')).join('');

function openStore(
  options: HubOptions,
  clock: Clock,
  onFired: (fired: readonly Fired[]) => void,
): Promise<Store> {
  const { dataDirectory, bytesMax, ageMaxMs } = options;
  return openDuckDbStore({
    clock,
    onFired,
    ...(dataDirectory === undefined ? {} : { directory: dataDirectory }),
    ...(bytesMax === undefined ? {} : { bytesMax }),
    ...(ageMaxMs === undefined ? {} : { ageMaxMs }),
  });
}

/** Lets retention run every so often until closed; a run that fails is tried again next time. */
function keepExpiring(store: Store, clock: Clock): Closer {
  let running: Promise<unknown> = Promise.resolve();
  let timer: Disposable | undefined;
  let closed = false;
  const schedule = (): void => {
    if (closed) return;
    timer = clock.timer(durationMs(EXPIRE_INTERVAL_MS), () => {
      running = store.expire().then(schedule, schedule);
    });
  };
  schedule();
  return async () => {
    closed = true;
    timer?.[Symbol.dispose]();
    await running;
  };
}

async function refreshGauges(
  store: Store,
  counters: Counters,
  admission: Admission,
  uptimeSeconds: number,
): Promise<void> {
  const { stored, expired } = await store.status();
  for (const signal of ['spans', 'logs', 'points'] as const) {
    counters.set('aode_hub_stored', { signal }, stored[signal]);
    counters.set('aode_hub_expired_total', { signal }, expired[signal]);
  }
  counters.set('aode_hub_stored_bytes', {}, stored.bytes);
  counters.set('aode_hub_waiting_bytes', {}, admission.waitingBytes);
  counters.set('aode_hub_uptime_seconds', {}, uptimeSeconds);
}

function ownVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
