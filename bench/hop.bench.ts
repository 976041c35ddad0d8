/**
 * What tracing costs a request whose handler makes one http call: processor time over that of the same server without
 * tracing, a server process for each side, all alive at once and taking turns with blocks of requests.
 *
 *   npm run bench -- hop [--json FILE] [--runs 9] [REQUESTS A BLOCK, 4000]
 *
 * `main thread` is what the application's thread spends, `process` what the whole process does, the agent's worker,
 * the encoding and the delivery to a real receiver included: each block ends when everything was delivered.
 *
 * What is not the same: Aode records all requests at 1 % as well, and could still deliver each; OpenTelemetry at 1 %
 * records 1 %.
 */
import { benchOptions, type Figure, figure, publish } from './measure.ts';
import { startSink } from './otlp-sink.ts';
import { sendAll, startBackend } from './request-load.ts';
import { type ServerCost, startServer } from './traced-server.ts';
import { type SideName, SIDES } from './tracing-sides.ts';

const WARMUP_BLOCKS = 2;

const options = benchOptions(9);
const requests = Number(options.rest[0] ?? 4000);

await using backend = await startBackend();
const sink = await startSink();
const servers = await Promise.all(SIDES.map((side) => startServer(side, backend.port, sink.endpoint)));
const costs = new Map<SideName, ServerCost[]>(SIDES.map((side) => [side, []]));
for (let run = -WARMUP_BLOCKS; run < options.runs; run += 1) {
  // Begun by another each time, so that none always comes after the same.
  const first = (run + WARMUP_BLOCKS) % servers.length;
  for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
    await server.begin();
    await sendAll(server.port, requests);
    const cost = await server.end();
    if (run >= 0) costs.get(server.side)?.push(cost);
  }
}
const delivered = await sink.spanCount();
await Promise.all(servers.map((server) => server.stop()));
await sink.stop();

/** Microseconds a request. */
const perRequest = (side: SideName, what: 'mainCpuMicros' | 'processCpuMicros'): number[] =>
  (costs.get(side) ?? []).map((cost) => cost[what] / requests);

function added(what: 'mainCpuMicros' | 'processCpuMicros', name: string): Figure[] {
  const none = perRequest('none', what);
  const over = (side: SideName): number[] => perRequest(side, what).map((own, i) => own - (none[i] ?? 0));
  const peers = { 'otel 1 %': over('otel 1 %'), 'otel 100 %': over('otel 100 %') };
  const how = { unit: 'us a request, over none', better: 'lower' } as const;
  return [
    figure({ name: `${name}, no tracing at all`, unit: 'us a request', better: 'lower' }, none),
    figure({ name: `${name}, Aode at 1 %`, ...how }, over('aode 1 %'), peers),
    figure({ name: `${name}, Aode at 100 %`, ...how }, over('aode 100 %'), peers),
  ];
}
publish('hop', options, [
  ...added('mainCpuMicros', 'main thread'),
  ...added('processCpuMicros', 'whole process'),
]);
process.stdout.write(`${delivered} spans delivered in all\n`);
