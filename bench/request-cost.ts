/**
 * What a request costs a server under each way of tracing, as the benches `hop` and `process` both tell it: a server
 * process for each side, all alive at once and taking turns with blocks of requests.
 */
import { type BenchOptions, type Figure, figure } from './measure.ts';
import { startSink } from './otlp-sink.ts';
import { sendAll, startBackend } from './request-load.ts';
import { type ServerCost, startServer } from './traced-server.ts';
import { type SideName, SIDES } from './tracing-sides.ts';

/** More requests than the pool of a process holds traces, so that from here on the oldest always give way. */
const WARMUP_REQUESTS = 14_000;
/** Short, so that both of a pair meet the machine as it is at the time; there are many of them. */
const REQUESTS = 1000;

type What = 'mainCpuMicros' | 'processCpuMicros';

/** Microseconds of processor time a request; the first of `rest` is the number of requests a block. */
export async function requestCosts(options: BenchOptions, what: What): Promise<Figure[]> {
  const requests = Number(options.rest[0] ?? REQUESTS);
  const costs = await measure(options.runs, requests);
  const of = (side: SideName): number[] => (costs.get(side) ?? []).map((cost) => cost[what] / requests);
  const none = of('none');
  const over = (side: SideName): number[] => of(side).map((own, i) => own - (none[i] ?? 0));
  const peers = { 'otel 1 %': over('otel 1 %'), 'otel 100 %': over('otel 100 %') };
  const how = { unit: 'us a request, over none', better: 'lower' } as const;
  return [
    figure({ name: 'no tracing at all', unit: 'us a request', better: 'lower' }, none),
    figure({ name: 'Aode at 1 %', ...how }, over('aode 1 %'), peers),
    figure({ name: 'Aode at 100 %', ...how }, over('aode 100 %'), peers),
  ];
}

async function measure(runs: number, requests: number): Promise<ReadonlyMap<SideName, ServerCost[]>> {
  await using backend = await startBackend();
  const sink = await startSink();
  const servers = await Promise.all(SIDES.map((side) => startServer(side, backend.port, sink.endpoint)));
  const costs = new Map<SideName, ServerCost[]>(SIDES.map((side) => [side, []]));
  for (const { port } of servers) await sendAll(port, WARMUP_REQUESTS);
  for (let run = 0; run < runs; run += 1) {
    // Begun by another each time, so that none always comes after the same.
    const first = run % servers.length;
    for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
      await server.begin();
      await sendAll(server.port, requests);
      costs.get(server.side)?.push(await server.end());
    }
  }
  const delivered = await sink.spanCount();
  // Two sides deliver all that was measured, of two spans a request.
  const least = 2 * 2 * runs * requests;
  if (delivered < least) throw new Error(`${delivered} spans were delivered, at least ${least} were due`);
  await Promise.all(servers.map((server) => server.stop()));
  await sink.stop();
  return costs;
}
