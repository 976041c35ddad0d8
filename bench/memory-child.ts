/**
 * A process of the memory bench, for one way of tracing: makes the spans of so many requests, two each with ten
 * attributes on the first, and says what stays. With threads, each of them does.
 *
 *   node memory-child.ts SIDE ENDPOINT REQUESTS THREADS     prints a MemoryUse as JSON
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { type SideName, startSide } from './tracing-sides.ts';

export interface MemoryUse {
  /** What a request leaves on the heap: the growth over the second half of them, after collections. */
  readonly heapBytesPerRequest: number;
  readonly rssMiB: number;
}

/** Between two turns of the event loop, in which a batch processor exports. */
const REQUESTS_A_TURN = 200;

async function record(requests: number): Promise<void> {
  const tracer = trace.getTracer('bench');
  for (let i = 0; i < requests; i += 1) {
    const attributes = {
      'http.request.method': 'GET',
      'url.path': `/orders/${i}`,
      'url.scheme': 'http',
      'server.address': 'localhost',
      'server.port': 8080,
      'network.protocol.version': '1.1',
      'user_agent.original': 'x',
      'http.route': '/orders/:id',
      'http.response.status_code': 200,
      'client.port': i & 1023,
    };
    const server = tracer.startSpan('GET /orders/:id', { kind: SpanKind.SERVER, attributes });
    const within = trace.setSpan(context.active(), server);
    tracer.startSpan('GET', { kind: SpanKind.CLIENT }, within).end();
    server.end();
    if (i % REQUESTS_A_TURN === 0) await nextTurn();
  }
}

const heapUsed = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const [, , side = 'none', endpoint = '', count = '0', threads = '0'] = process.argv;
const { flush: flushAll } = await startSide(side as SideName, endpoint);
/** Recording as fast as it can be is faster than delivery; what either side cannot deliver is not what is measured. */
const flush = (): Promise<void> => flushAll().catch(() => undefined);
if (isMainThread) {
  const half = Number(count) / 2;
  const workers = Array.from({ length: Number(threads) }, () => {
    return new Worker(import.meta.filename, { argv: [side, endpoint, count] });
  });
  const ended = workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)));
  if (workers.length === 0) await record(half);
  await flush();
  const before = heapUsed();
  if (workers.length === 0) await record(half);
  await Promise.all(ended);
  await flush();
  const use: MemoryUse = {
    heapBytesPerRequest: (heapUsed() - before) / half,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
  };
  process.stdout.write(`${JSON.stringify(use)}\n`, () => process.exit());
} else {
  const { parentPort } = await import('node:worker_threads');
  await record(Number(count));
  await flush();
  parentPort?.postMessage('done');
  // Stays until the process ends, so that its memory is counted.
  setInterval(() => undefined, 1000);
}
