/**
 * How long requests take, the slow ones above all, at a fixed rate that is high for the machine: percentiles of the
 * time from the moment at which a request was to be sent until its answer, whatever the server did meanwhile. `none` is
 * the server without tracing.
 *
 *   npm run bench -- tail [--json FILE] [--runs 5] [REQUESTS A SECOND, 800] [SECONDS, 10]
 *
 * OpenTelemetry exports every 5 s by default, Aode every second: a run of ten seconds has both in it.
 */
import { benchOptions, type Figure, figure, publish } from './measure.ts';
import { startSink } from './otlp-sink.ts';
import { sendAll, sendAtRate, startBackend } from './request-load.ts';
import { startServer } from './traced-server.ts';
import { type SideName, SIDES } from './tracing-sides.ts';

const PERCENTILES = [50, 99, 99.9] as const;
const WARMUP_REQUESTS = 4000;

const options = benchOptions(5);
const [perSecond = 800, seconds = 10] = options.rest.map(Number);

await using backend = await startBackend();
const sink = await startSink();
const servers = await Promise.all(SIDES.map((side) => startServer(side, backend.port, sink.endpoint)));
const runs = new Map<SideName, number[][]>(SIDES.map((side) => [side, []]));
for (const { port } of servers) await sendAll(port, WARMUP_REQUESTS);
for (let run = 0; run < options.runs; run += 1) {
  const first = run % servers.length;
  for (const { side, port } of [...servers.slice(first), ...servers.slice(0, first)]) {
    const sorted = (await sendAtRate(port, perSecond, seconds)).sort();
    const at = (percent: number): number => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0;
    runs.get(side)?.push(PERCENTILES.map(at));
  }
}
await Promise.all(servers.map((server) => server.stop()));
await sink.stop();

const figures: Figure[] = PERCENTILES.map((percent, i) => {
  const of = (side: SideName): number[] => (runs.get(side) ?? []).map((run) => run[i] ?? Number.NaN);
  const others = SIDES.filter((side) => side !== 'aode 1 %');
  const peers = Object.fromEntries(others.map((side) => [side, of(side)]));
  return figure({ name: `p${percent}, Aode at 1 %`, unit: 'ms', better: 'lower' }, of('aode 1 %'), peers);
});
publish('tail', options, figures);
