/**
 * A process of the log-latency bench: writes a batch of lines every few milliseconds, each on a turn of its own, and
 * says how long the batches have held its thread up. Nothing is warmed up: an application's first lines count too.
 *
 *   node [--import register] log-latency-child.ts FILE BATCHES EVERY_MS HOW     prints a Latency as JSON
 */
import { setTimeout as pause } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { type How, startLogSide } from './log-sides.ts';

export interface Latency {
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** The first one counts. */
  readonly worstMs: number;
}

const LINES_A_BATCH = 64;

const [file, count, every, how] = process.argv.slice(2) as [string, string, string, How];
const side = await startLogSide(how, file);
const span = trace.getTracer('bench').startSpan('work');
const within = trace.setSpan(context.active(), span);
const times = new Float64Array(Number(count));
for (let batch = 0; batch < times.length; batch += 1) {
  const from = performance.now();
  context.with(within, () => {
    for (let i = 0; i < LINES_A_BATCH; i += 1) side.write(batch * LINES_A_BATCH + i);
  });
  times[batch] = performance.now() - from;
  await pause(Number(every));
}
span.end();
await side.end();
const firstMs = times[0] ?? 0;
times.sort();
const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? 0;
const latency: Latency = {
  firstMs,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  p999Ms: at(0.999),
  worstMs: at(1),
};
process.stdout.write(`${JSON.stringify(latency)}\n`);
// Nobody is there to be sent anything.
process.exit(0);
