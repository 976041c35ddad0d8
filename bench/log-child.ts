/**
 * A process of the log bench: writes so many lines, each in the context of a span, and says what that took.
 *
 *   node [--import register] log-child.ts FILE LINES LINES_A_TURN HOW     prints a LogUse as JSON
 *
 * HOW is who writes them: `pino` to FILE as pino is installed; `ids`, the same with the ids of a trace by a mixin, as
 * applications do it without an SDK; `tuned`, to FILE by the fastest settings and version of pino's file destination;
 * `aode`, pino with Aode's destination; `log` and `site`, Aode's own logger and a call site of it, without
 * output of its own.
 */
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';

export type How = 'pino' | 'ids' | 'tuned' | 'aode' | 'log' | 'site';

export interface LogUse {
  /** Processor time of the thread that logs. */
  readonly threadNsPerLine: number;
  /** Of the whole process, until all of it is where it goes. */
  readonly processNsPerLine: number;
  /** Until the file has everything; of Aode's journal until it is on stable storage. */
  readonly linesPerSecond: number;
  /** Until it is on stable storage. */
  readonly syncedPerSecond: number;
  /** The longest turn: what a request may be held up by. */
  readonly worstTurnMs: number;
  /** What a line leaves on the heap until it is collected. */
  readonly heapBytesPerLine: number;
}

const WARMUP_LINES = 50_000;
/** Few enough for the young generation, which is not collected meanwhile. */
const HEAP_LINES = 2000;

interface Destination {
  once(event: string, listener: () => void): void;
  end(): void;
}

interface Pino {
  (options: object, destination: Destination): { info(fields: object, message: string): void };
  destination(options: object): Destination;
}

interface Running {
  flush(ms: number): Promise<boolean>;
  durable(ms: number): Promise<boolean>;
  losses(): object;
}

const DEADLINE_MS = 60_000;
const IDS = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };
const MESSAGE = 'request completed';

const [file, count, turn, how] = process.argv.slice(2) as [string, string, string, How];
const linesATurn = Number(turn);

/** What writes a line, and what has all of them written. */
interface Side {
  readonly write: (i: number) => void;
  readonly end: () => Promise<void>;
}

async function fileSide(): Promise<Side> {
  // Loaded as an application does it: after the SDK.
  const { default: pino } = (await import('pino')) as unknown as { default: Pino };
  const destination = how === 'tuned' ? await tuned() : pino.destination({ dest: file, sync: false });
  await once(destination as never, 'ready');
  const mixin = how === 'ids' ? { mixin: () => IDS } : {};
  const log = pino({ base: { pid: process.pid, hostname: 'bench' }, ...mixin }, destination);
  return {
    write: (i) => log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, MESSAGE),
    async end() {
      const closed = once(destination as never, 'close');
      destination.end();
      await closed;
      await running()?.flush(DEADLINE_MS);
    },
  };
}

/** Versions behind 4.2.0 flatten a growing text at each write. */
async function tuned(): Promise<Destination> {
  const { default: SonicBoom } = (await import('sonic-boom-fast')) as unknown as {
    default: new (options: object) => Destination;
  };
  return new SonicBoom({ dest: file, sync: false, minLength: 64 * 1024, maxWrite: 1024 * 1024 });
}

const running = (): Running | undefined =>
  (globalThis as Record<symbol, Running | undefined>)[Symbol.for('aode.sdk')];

/** Waits for all of it: nothing may be lost on the way. */
async function stored(): Promise<void> {
  const aode = running();
  if (aode === undefined || !(await aode.durable(DEADLINE_MS))) throw new Error('not everything is durable');
  const lost = aode.losses();
  if (Object.keys(lost).length > 0) throw new Error(`lost: ${JSON.stringify(lost)}`);
}

async function aodeSide(): Promise<Side> {
  if (how === 'aode') {
    const { default: pino } = (await import('pino')) as unknown as { default: Pino };
    const { aode } = await import('@aode/sdk/pino');
    const log = pino({ base: { pid: process.pid, hostname: 'bench' } }, aode({ also: null }));
    return {
      write: (i) => log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, MESSAGE),
      end: stored,
    };
  }
  const { log } = await import('@aode/sdk');
  const site = log.site('info', MESSAGE, 'user', 'duration', 'route', 'status');
  const write =
    how === 'site'
      ? (i: number) => site(i, 17.25, '/api/v1/items', 200)
      : (i: number) => log.info({ user: i, duration: 17.25, route: '/api/v1/items', status: 200 }, MESSAGE);
  return { write, end: stored };
}

const isFile = how === 'pino' || how === 'ids' || how === 'tuned';
const side = isFile ? await fileSide() : await aodeSide();
const span = trace.getTracer('bench').startSpan('work');
const within = trace.setSpan(context.active(), span);

/** Returns the longest turn, milliseconds. */
async function lines(wanted: number): Promise<number> {
  let worst = 0;
  for (let i = 0; i < wanted; i += linesATurn) {
    const from = performance.now();
    context.with(within, () => {
      for (let j = 0; j < linesATurn; j += 1) side.write(i + j);
    });
    worst = Math.max(worst, performance.now() - from);
    await nextTurn();
  }
  return worst;
}

function heapBytes(): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  context.with(within, () => {
    for (let i = 0; i < HEAP_LINES; i += 1) side.write(i);
  });
  return Math.max(0, process.memoryUsage().heapUsed - before) / HEAP_LINES;
}

await lines(WARMUP_LINES);
const heapBytesPerLine = heapBytes();
await running()?.durable(DEADLINE_MS);
const total = Number(count);
const threadFrom = process.threadCpuUsage();
const processFrom = process.cpuUsage();
const from = performance.now();
const worstTurnMs = await lines(total);
const thread = process.threadCpuUsage(threadFrom);
span.end();
await side.end();
const seconds = (performance.now() - from) / 1000;
if (isFile) {
  const fd = openSync(file, 'r+');
  fdatasyncSync(fd);
  closeSync(fd);
}
const syncedSeconds = (performance.now() - from) / 1000;
const all = process.cpuUsage(processFrom);
const use: LogUse = {
  threadNsPerLine: ((thread.user + thread.system) * 1000) / total,
  processNsPerLine: ((all.user + all.system) * 1000) / total,
  linesPerSecond: total / seconds,
  syncedPerSecond: total / syncedSeconds,
  worstTurnMs,
  heapBytesPerLine,
};
process.stdout.write(`${JSON.stringify(use)}\n`);
// Nobody is there to be sent anything.
process.exit(0);
