/**
 * The load client of the ingest bench, a process of its own so that its CPU time is not the server's. Sends requests
 * over some connections, each with one request under way, as fast as they are answered; a busy answer is sent again.
 * Then asks the Jaeger API for some of the traces: what was accepted but cannot be read back does not count as stored.
 *
 *   node bench/ingest-client.ts http|grpc ENDPOINT QUERY_URL SECONDS     prints a ClientReport as JSON
 */
import { seededRandom, systemRandom } from '@aode/base';
import { decodeExportResponse } from '@aode/wire';
import { Agent, request } from 'node:http';
import { connect } from 'node:http2';
import { type Batch, copyBatch, newBatches, stamp } from './ingest-batch.ts';

export interface ClientReport {
  readonly seconds: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly busyAnswers: number;
  readonly wireBytesPerSpan: number;
  readonly clientCpuMicrosPerSpan: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly verified: { readonly traces: number; readonly whole: number; readonly seconds: number };
}

const CONNECTIONS = 4;
const BATCHES = 64;
const BUSY_PAUSE_MS = 10;
/** One trace in so many is looked for afterwards, up to VERIFIED_MAX of them. */
const SAMPLE_ONE_IN = 100;
const VERIFIED_MAX = 200;
const VERIFY_MS_MAX = 60_000;

type Send = (body: Buffer) => Promise<'busy' | Uint8Array>;

function httpSender(endpoint: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = `${endpoint}/v1/traces`;
  const headers = { 'content-type': 'application/x-protobuf' };
  return (body) =>
    new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        agent,
        headers: { ...headers, 'content-length': body.length },
      });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          const text = Buffer.concat(parts);
          if (status === 200) resolve(text);
          else if (status === 429 || (status >= 502 && status <= 504)) resolve('busy');
          else reject(new Error(`status ${status}: ${text.toString('utf8', 0, 200)}`));
        });
      });
      sent.end(body);
    });
}

const UNAVAILABLE = '14';
const RESOURCE_EXHAUSTED = '8';

function grpcSender(endpoint: string): Send {
  const session = connect(endpoint.replace('grpc:', 'http:'));
  const headers = {
    ':method': 'POST',
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  return (body) =>
    new Promise((resolve, reject) => {
      const stream = session.request(headers);
      const parts: Buffer[] = [];
      let status = '';
      const onHeaders = (h: Record<string, unknown>): void => {
        const code = h['grpc-status'];
        if (typeof code === 'string' || typeof code === 'number') status = String(code);
      };
      stream.on('response', onHeaders);
      stream.on('trailers', onHeaders);
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('error', reject);
      stream.on('close', () => {
        if (status === '0') resolve(Buffer.concat(parts).subarray(5));
        else if (status === UNAVAILABLE || status === RESOURCE_EXHAUSTED) resolve('busy');
        else reject(new Error(`grpc-status ${status}`));
      });
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(body.length, 1);
      stream.write(frame);
      stream.end(body);
    });
}

interface Worker {
  readonly send: Send;
  readonly batches: readonly Batch[];
  accepted: number;
  rejected: number;
  busy: number;
  bytes: number;
  readonly latenciesMs: number[];
  readonly sample: { traceId: string; spanCount: number }[];
}

async function work(worker: Worker, until: number): Promise<void> {
  const random = seededRandom(systemRandom.next());
  for (let turn = 0; performance.now() < until; turn += 1) {
    const batch = worker.batches[turn % worker.batches.length];
    if (batch === undefined) return;
    const traces: { traceId: string; spanCount: number }[] = [];
    stamp(batch, random, (traceId, spanCount) => {
      if (random.chance(1, SAMPLE_ONE_IN)) traces.push({ traceId, spanCount });
    });
    for (;;) {
      const from = performance.now();
      const answer = await worker.send(batch.bytes);
      if (answer !== 'busy') {
        const lost = decodeExportResponse('traces', answer, 'protobuf').rejectedCount;
        worker.latenciesMs.push(performance.now() - from);
        worker.accepted += batch.spanCount - lost;
        worker.rejected += lost;
        worker.bytes += batch.bytes.length;
        worker.sample.push(...traces);
        break;
      }
      worker.busy += 1;
      if (from > until) return;
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
    }
  }
}

/** How many spans of a trace a Jaeger API gives back. */
async function countSpans(queryUrl: string, traceId: string): Promise<number> {
  const answer = await fetch(`${queryUrl}/api/traces/${traceId}`);
  const body = (await answer.json()) as { data: { spans: unknown[] }[] | null };
  return body.data?.[0]?.spans.length ?? 0;
}

/** Looks for a random choice of the sampled traces, for up to a minute: a server may store later than it answers. */
async function verify(queryUrl: string, sample: Worker['sample']): Promise<ClientReport['verified']> {
  const from = performance.now();
  let wanted = sample
    .map((trace) => ({ trace, order: systemRandom.next() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, VERIFIED_MAX)
    .map(({ trace }) => trace);
  const traces = wanted.length;
  for (;;) {
    const rest: typeof wanted = [];
    for (const trace of wanted) {
      if ((await countSpans(queryUrl, trace.traceId)) !== trace.spanCount) rest.push(trace);
    }
    wanted = rest;
    const tookMs = performance.now() - from;
    if (wanted.length === 0 || tookMs > VERIFY_MS_MAX) {
      return { traces, whole: traces - wanted.length, seconds: tookMs / 1000 };
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const [protocol, endpoint = '', queryUrl = '', seconds = ''] = process.argv.slice(2);
const batches = newBatches(BATCHES, 1);
const workers = Array.from({ length: CONNECTIONS }, (): Worker => ({
  send: protocol === 'grpc' ? grpcSender(endpoint) : httpSender(endpoint),
  batches: batches.map(copyBatch),
  accepted: 0,
  rejected: 0,
  busy: 0,
  bytes: 0,
  latenciesMs: [],
  sample: [],
}));

const cpuBefore = process.cpuUsage();
const from = performance.now();
await Promise.all(workers.map((worker) => work(worker, from + Number(seconds) * 1000)));
const tookSeconds = (performance.now() - from) / 1000;
const cpu = process.cpuUsage(cpuBefore);

const sum = (of: (w: Worker) => number): number => workers.reduce((total, w) => total + of(w), 0);
const accepted = sum((w) => w.accepted);
const latencies = workers.flatMap((w) => w.latenciesMs).toSorted((a, b) => a - b);
const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? Number.NaN;
const report: ClientReport = {
  seconds: tookSeconds,
  accepted,
  rejected: sum((w) => w.rejected),
  busyAnswers: sum((w) => w.busy),
  wireBytesPerSpan: sum((w) => w.bytes) / accepted,
  clientCpuMicrosPerSpan: (cpu.user + cpu.system) / accepted,
  latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
  verified: await verify(
    queryUrl,
    workers.flatMap((w) => w.sample),
  ),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
