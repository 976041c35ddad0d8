/**
 * How fast and how dear it is to bring spans into the hub, beside real Jaeger v2 on the same machine with the same
 * client: spans accepted per second, server CPU per span (storing and 200 reads included), bytes per span on disk after
 * a clean stop, peak memory. Each run starts fresh servers; Aode and the peers take turns.
 *
 *   npm run bench -- ingest [--json FILE] [--runs 3] [http|grpc] [SECONDS]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ClientReport } from './ingest-client.ts';
import { benchOptions, figure, publish } from './measure.ts';
import { type Server, startAode, startJaeger } from './servers.ts';

interface Run {
  readonly spansPerSecond: number;
  readonly cpuMicros: number;
  readonly peakMiB: number;
  readonly diskBytes: number;
  readonly client: ClientReport;
}

const SUBJECTS: Readonly<Record<string, () => Promise<Server>>> = {
  aode: startAode,
  'jaeger-badger': () => startJaeger('badger'),
  'jaeger-memory': () => startJaeger('memory'),
};

async function load(protocol: string, server: Server, seconds: number): Promise<ClientReport> {
  const endpoint = protocol === 'grpc' ? server.otlpGrpc : server.otlpHttp;
  const args = [
    '--conditions=@aode/source',
    'bench/ingest-client.ts',
    protocol,
    endpoint,
    server.queryUrl,
    `${seconds}`,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (part: Buffer) => {
    printed += part.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the client ended with ${code}`);
  return JSON.parse(printed) as ClientReport;
}

async function run(name: string, protocol: string, seconds: number): Promise<Run> {
  const server = await (SUBJECTS[name] ?? startAode)();
  let stopped = false;
  try {
    const cpuBefore = server.cpuSeconds();
    const client = await load(protocol, server, seconds);
    const cpuMicros = ((server.cpuSeconds() - cpuBefore) * 1e6) / client.accepted;
    const peakMiB = server.peakMiB();
    stopped = true;
    const diskBytes = (await server.stop()) / client.accepted;
    const result = {
      spansPerSecond: client.accepted / client.seconds,
      cpuMicros,
      peakMiB,
      diskBytes,
      client,
    };
    report(name, result);
    return result;
  } finally {
    if (!stopped) await server.stop();
  }
}

function report(name: string, { spansPerSecond, cpuMicros, peakMiB, diskBytes, client }: Run): void {
  const { verified, latencyMs } = client;
  process.stdout.write(
    `${name.padEnd(14)} ${Math.round(spansPerSecond)} spans/s, ${cpuMicros.toFixed(1)} µs CPU/span, ` +
      `${Math.round(peakMiB)} MiB, ${Math.round(diskBytes)} B/span on disk, ` +
      `answers p50 ${latencyMs.p50.toFixed(1)} p99 ${latencyMs.p99.toFixed(0)} ms, ${client.busyAnswers} busy, ` +
      `${verified.whole} of ${verified.traces} traces read back whole after ${verified.seconds.toFixed(1)} s\n`,
  );
}

const options = benchOptions(3);
const [protocol = 'http', seconds = '20'] = options.rest;
const runs = new Map<string, Run[]>(Object.keys(SUBJECTS).map((name) => [name, []]));
for (let i = 0; i < options.runs; i += 1) {
  for (const [name, list] of runs) list.push(await run(name, protocol, Number(seconds)));
}

const aode = runs.get('aode') ?? [];
const peers = [...runs].filter(([name]) => name !== 'aode');
const compare = (
  what: { name: string; unit: string; better: 'lower' | 'higher' },
  value: (run: Run) => number,
  among = peers,
): ReturnType<typeof figure> =>
  figure(what, aode.map(value), Object.fromEntries(among.map(([name, list]) => [name, list.map(value)])));

publish('ingest', options, [
  compare(
    { name: `spans accepted, ${protocol}`, unit: 'spans/s', better: 'higher' },
    (r) => r.spansPerSecond,
  ),
  compare({ name: `server CPU, ${protocol}`, unit: 'µs/span', better: 'lower' }, (r) => r.cpuMicros),
  compare({ name: `peak memory, ${protocol}`, unit: 'MiB', better: 'lower' }, (r) => r.peakMiB),
  compare(
    { name: `disk after a clean stop, ${protocol}`, unit: 'B/span', better: 'lower' },
    (r) => r.diskBytes,
    peers.filter(([name]) => name !== 'jaeger-memory'),
  ),
  compare(
    { name: `sampled traces read back whole, ${protocol}`, unit: 'share', better: 'higher' },
    ({ client }) => (client.verified.traces === 0 ? 0 : client.verified.whole / client.verified.traces),
  ),
]);
