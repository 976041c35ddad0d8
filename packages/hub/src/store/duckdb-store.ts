/**
 * The store on DuckDB as the hub's main thread sees it: posts messages to the one worker that owns the database,
 * bounds what may wait there, and gives up on questions that take too long.
 */
import { Worker } from 'node:worker_threads';
import { AodeError, type Clock, durationMs, unixMs } from '@aode/base';
import { type FromWorker, type ReadName, type ToWorker, type WorkerOptions, errorOf } from './message.ts';
import type { Fired } from '../triggers/triggers.ts';
import type { Store } from './store.ts';

export interface DuckDbStoreOptions {
  /** Data directory, created if need be; undefined keeps everything in memory. */
  readonly directory?: string;
  /** Disk budget (memory budget without a directory). Default 20 GB, 512 MB in memory. */
  readonly bytesMax?: number;
  /** Longest time from arrival. Default 7 days. */
  readonly ageMaxMs?: number;
  /** DuckDB's own memory. Default 512 MB, with everything in memory twice `bytesMax`. */
  readonly memoryBytesMax?: number;
  /** Threads of one query. Default 2. */
  readonly threads?: number;
  /** A question is interrupted after this time. Default 10 s, as long as Jaeger UI waits. */
  readonly queryTimeoutMs?: number;
  /** Most spans, and most lines, of one trace answer. */
  readonly traceSpansMax?: number;
  readonly clock: Clock;
  /** Told what the triggers say of stored spans; without it there are none. */
  readonly onFired?: (fired: readonly Fired[]) => void;
}

/** Frozen: resolved once, in `openDuckDbStore`. */
export const DUCKDB_STORE_DEFAULTS: {
  readonly bytesMax: number;
  readonly memoryOnlyBytesMax: number;
  readonly ageMaxMs: number;
  readonly memoryBytesMax: number;
  readonly threads: number;
  readonly queryTimeoutMs: number;
  readonly traceSpansMax: number;
} = Object.freeze({
  bytesMax: 20_000_000_000,
  memoryOnlyBytesMax: 512_000_000,
  ageMaxMs: 7 * 24 * 3_600_000,
  memoryBytesMax: 512_000_000,
  threads: 2,
  queryTimeoutMs: 10_000,
  /** 20 000 spans are about 20 MB of JSON, what a browser still takes in a second. */
  traceSpansMax: 20_000,
});

/** What may wait for the writer: a second or two of full load, and two of the largest requests at once. */
const WRITES_MAX = 1024;
const WRITE_BYTES_MAX = 160 * 1024 * 1024;
/** Questions that may wait; the board asks about ten at a time. */
const READS_MAX = 64;

/** Opens or creates. Rejects with AODE_DATA_IN_USE, AODE_DATA_VERSION, AODE_DATA_UNWRITABLE or AODE_DATA_DAMAGED. */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<Store> {
  const inMemory = options.directory === undefined;
  const defaults = DUCKDB_STORE_DEFAULTS;
  const bytesMax = options.bytesMax ?? (inMemory ? defaults.memoryOnlyBytesMax : defaults.bytesMax);
  const resolved: WorkerOptions = {
    directory: options.directory,
    bytesMax,
    ageMaxMs: options.ageMaxMs ?? defaults.ageMaxMs,
    memoryBytesMax: options.memoryBytesMax ?? (inMemory ? 2 * bytesMax : defaults.memoryBytesMax),
    threads: options.threads ?? defaults.threads,
    traceSpansMax: options.traceSpansMax ?? defaults.traceSpansMax,
    nowMs: unixMs(options.clock.now()),
    triggers: options.onFired !== undefined,
  };
  const link = new WorkerLink(resolved, options.onFired);
  await link.opened;
  const { clock } = options;
  const store = storeOf(link, clock, options.queryTimeoutMs ?? defaults.queryTimeoutMs);
  return options.onFired === undefined ? store : withTicks(store, link, clock);
}

/** What has not happened by its time is seen by the time alone. */
const TICK_MS = 1000;

function withTicks(store: Store, link: WorkerLink, clock: Clock): Store {
  let timer: Disposable | undefined;
  const schedule = (): void => {
    timer = clock.timer(durationMs(TICK_MS), () => {
      link.post({ kind: 'tick', id: 0, nowMs: unixMs(clock.now()) });
      schedule();
    });
  };
  schedule();
  const close = (): Promise<void> => {
    timer?.[Symbol.dispose]();
    return store.close();
  };
  return { ...store, close };
}

function storeOf(link: WorkerLink, clock: Clock, timeoutMs: number): Store {
  const nowMs = (): number => unixMs(clock.now());
  let writes = 0;
  let writeBytes = 0;
  let reads = 0;

  async function read<T>(name: ReadName, ...args: readonly unknown[]): Promise<T> {
    if (reads >= READS_MAX) throw new AodeError('AODE_STORE_BUSY', { waiting: reads });
    reads += 1;
    const { id, answer } = link.ask((at) => ({ kind: 'read', id: at, name, args, nowMs: nowMs() }));
    using _timer = clock.timer(durationMs(timeoutMs), () => link.post({ kind: 'cancel', id }));
    try {
      // The worker answers a read with what `reads[name]` gives.
      return (await answer) as T;
    } finally {
      reads -= 1;
    }
  }

  return {
    async write(request) {
      const size = request.body.byteLength;
      if (writes >= WRITES_MAX || writeBytes + size > WRITE_BYTES_MAX) {
        throw new AodeError('AODE_STORE_BUSY', { waiting: writes, bytes: writeBytes });
      }
      writes += 1;
      writeBytes += size;
      // A copy, because the body may lie in a buffer that others share; the copy is given away. Not `slice`: on a
      // Buffer that is a view, and giving that away takes the shared memory from everybody else.
      const body = new Uint8Array(request.body);
      const job = { signal: request.signal, body, arrivalMs: nowMs() };
      try {
        const { answer } = link.ask((id) => ({ kind: 'write', id, job }), [body.buffer]);
        return (await answer) as Awaited<ReturnType<Store['write']>>;
      } finally {
        writes -= 1;
        writeBytes -= size;
      }
    },
    status: () => read('status'),
    services: (range) => read('services', range),
    operations: (service, range) => read('operations', service, range),
    red: (query) => read('red', query),
    traces: (query) => read('traces', query),
    scatter: (query) => read('scatter', query),
    trace: (traceId) => read('trace', traceId),
    traceRecords: (traceId) => read('traceRecords', traceId),
    logs: (query) => read('logs', query),
    logTail: (query) => read('logTail', query),
    log: (id) => read('log', id),
    logHistogram: (query) => read('logHistogram', query),
    metrics: (range) => read('metrics', range),
    sdkHealth: (range) => read('sdkHealth', range),
    window: (range, spansMax) => read('window', range, spansMax),
    serviceNames: () => read('serviceNames'),
    expire: async () => void (await link.ask((id) => ({ kind: 'expire', id, nowMs: nowMs() })).answer),
    close: () => link.close(),
  };
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Questions to the worker and the promises of their answers. */
class WorkerLink {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #onFired: DuckDbStoreOptions['onFired'];
  #lastId = 0;
  #gone: AodeError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: WorkerOptions, onFired: DuckDbStoreOptions['onFired']) {
    this.#onFired = onFired;
    // The worker's file lies beside this one, as source or built.
    const file = import.meta.url.replace(/duckdb-store\.(ts|js)$/, 'store-worker.$1');
    this.#worker = new Worker(new URL(file), { workerData: options, name: 'aode-store' });
    this.opened = new Promise((resolve, reject) => this.#pending.set(0, { resolve, reject }));
    this.#worker.on('message', (message: FromWorker) => this.#settle(message));
    this.#worker.on('error', (e) => this.#end(new AodeError('AODE_STORE_FAILED', { reason: e.message }, e)));
    this.#worker.on('exit', () =>
      this.#end(new AodeError('AODE_STORE_FAILED', { reason: 'the store is closed' })),
    );
  }

  ask(
    message: (id: number) => ToWorker,
    transfer: readonly ArrayBuffer[] = [],
  ): { readonly id: number; readonly answer: Promise<unknown> } {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#gone !== undefined) return reject(this.#gone);
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage(message(id), [...transfer]);
    });
    return { id, answer };
  }

  post(message: ToWorker): void {
    if (this.#gone === undefined) this.#worker.postMessage(message);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#gone !== undefined) return;
    await this.ask((id) => ({ kind: 'close', id })).answer;
    await this.#worker.terminate();
  }

  #settle(message: FromWorker): void {
    if (message.kind === 'fired') return this.#onFired?.(message.fired);
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'done') pending?.resolve(message.value);
    else pending?.reject(errorOf(message.error));
  }

  #end(reason: AodeError): void {
    this.#gone ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }
}
