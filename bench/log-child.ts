/**
 * A process of the log bench: writes so many lines to a file with pino as it is installed, each in the context of a
 * span, and says what that took. Whether the SDK is in front of it is for whoever starts it.
 *
 *   node [--import register] log-child.ts FILE LINES [ids]     prints a LogUse as JSON
 *
 * With `ids` each line gets the ids of a trace by a mixin, as applications do it that log them without an SDK.
 */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';

export interface LogUse {
  /** Processor time of the thread that logs. */
  readonly threadNsPerLine: number;
  /** Of the whole process, until the file has everything and the receiver has been told of it. */
  readonly processNsPerLine: number;
  readonly linesPerSecond: number;
  /** What a line leaves on the heap until it is collected. */
  readonly heapBytesPerLine: number;
}

/** As a service that answers requests: some lines, then others have their turn. */
const LINES_A_TURN = 10;
const WARMUP_LINES = 20_000;
/** Few enough for the young generation, which is not collected meanwhile. */
const HEAP_LINES = 2000;

interface Logger {
  info(fields: object, message: string): void;
}

interface Destination {
  once(event: string, listener: () => void): void;
  end(): void;
}

interface Pino {
  (options: object, destination: Destination): Logger;
  destination(options: object): Destination;
}

const [file = '', count = '0', how = ''] = process.argv.slice(2);
// Loaded as an application does it: after the SDK.
const { default: pino } = (await import('pino')) as unknown as { default: Pino };
const destination = pino.destination({ dest: file, sync: false });
await once(destination as never, 'ready');
const IDS = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };
const mixin = how === 'ids' ? { mixin: () => IDS } : {};
const log = pino({ base: { pid: process.pid, hostname: 'bench' }, ...mixin }, destination);
const span = trace.getTracer('bench').startSpan('work');
const within = trace.setSpan(context.active(), span);

function write(i: number): void {
  log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, 'request completed');
}

async function lines(wanted: number): Promise<void> {
  for (let i = 0; i < wanted; i += LINES_A_TURN) {
    context.with(within, () => {
      for (let j = 0; j < LINES_A_TURN; j += 1) write(i + j);
    });
    await nextTurn();
  }
}

function heapBytes(): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  context.with(within, () => {
    for (let i = 0; i < HEAP_LINES; i += 1) write(i);
  });
  return Math.max(0, process.memoryUsage().heapUsed - before) / HEAP_LINES;
}

await lines(WARMUP_LINES);
const heapBytesPerLine = heapBytes();
const total = Number(count);
const threadFrom = process.threadCpuUsage();
const processFrom = process.cpuUsage();
const from = performance.now();
await lines(total);
const thread = process.threadCpuUsage(threadFrom);
span.end();
const closed = once(destination as never, 'close');
destination.end();
await closed;
const aode = (globalThis as Record<symbol, { flush(ms: number): Promise<boolean> } | undefined>)[
  Symbol.for('aode.sdk')
];
await aode?.flush(30_000);
const seconds = (performance.now() - from) / 1000;
const all = process.cpuUsage(processFrom);
const use: LogUse = {
  threadNsPerLine: ((thread.user + thread.system) * 1000) / total,
  processNsPerLine: ((all.user + all.system) * 1000) / total,
  linesPerSecond: total / seconds,
  heapBytesPerLine,
};
process.stdout.write(JSON.stringify(use));
