/**
 * The worker thread that owns the database: DuckDB's appender and its results block the thread that uses them (up to
 * 0.8 s measured), which must never be the one that answers clients.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert, unreachable } from '@aode/base';
import { type Engine, openEngine } from './engine.ts';
import { type FromWorker, type ToWorker, type WorkerOptions, errorData } from './message.ts';

/** Id of the message that says whether the store is open; all others answer a `ToWorker`. */
const OPENED = 0;

function start(): void {
  assert(parentPort !== null, 'this file runs as a worker thread');
  const port = parentPort;
  const send = (message: FromWorker): void => port.postMessage(message);
  const settle = (id: number, work: Promise<unknown>): Promise<void> =>
    work.then(
      (value) => send({ kind: 'done', id, value }),
      (e: unknown) => send({ kind: 'failed', id, error: errorData(e) }),
    );
  // Given by duckdb-store.ts of the same version.
  const opening = openEngine(workerData as WorkerOptions, (fired) => send({ kind: 'fired', fired }));
  const said = settle(
    OPENED,
    opening.then(() => undefined),
  );
  // Only then, because what is sent through a closed port is lost, and with it why the store did not open.
  void said
    .then(() => opening)
    .then(
      (engine) => serve(engine, port, settle),
      () => port.close(),
    );
}

type Port = NonNullable<typeof parentPort>;
type Settle = (id: number, work: Promise<unknown>) => Promise<void>;

function serve(engine: Engine, port: Port, settle: Settle): void {
  const running = new Map<number, AbortController>();
  port.on('message', (message: ToWorker) => {
    const { id } = message;
    switch (message.kind) {
      case 'write':
        return void settle(id, engine.write(message.job));
      case 'read': {
        const abort = new AbortController();
        running.set(id, abort);
        const work = engine.read(message.name, message.args, { nowMs: message.nowMs, signal: abort.signal });
        return void settle(id, work).then(() => running.delete(id));
      }
      case 'tick':
        return engine.tick(message.nowMs);
      case 'cancel':
        running.get(id)?.abort();
        return;
      case 'expire':
        return void settle(id, engine.expire(message.nowMs));
      case 'close':
        return void settle(id, engine.close()).then(() => port.close());
      default:
        return unreachable(message);
    }
  });
}

start();
