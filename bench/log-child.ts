/**
 * A process of the log bench: writes so many lines, each in the context of a span, and says what that took.
 *
 *   node [--import register] log-child.ts FILE LINES LINES_A_TURN HOW     prints a LogUse as JSON
 *
 * HOW is who writes them, see log-sides.ts.
 */
import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { DEADLINE_MS, type How, isFileSide, running, startLogSide } from './log-sides.ts';

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

const [file, count, turn, how] = process.argv.slice(2) as [string, string, string, How];
const linesATurn = Number(turn);
const side = await startLogSide(how, file);
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
if (isFileSide(how)) {
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
