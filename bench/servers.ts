/**
 * The servers that the ingest bench compares, each started fresh on free ports of the loopback with a folder of its
 * own, and measured from outside through /proc: Aode as `aode up` runs, Jaeger v2 with badger (keeps data) and with
 * memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Server {
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  readonly queryUrl: string;
  /** User and system time since start, seconds. */
  cpuSeconds(): number;
  /** Peak resident memory, MiB. */
  peakMiB(): number;
  /** Stops it cleanly and says how many bytes it left on disk. */
  stop(): Promise<number>;
}

const CLOCK_TICKS_PER_SECOND = 100;

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilReady(url: string, child: ChildProcess, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode} before it was ready`);
    if (performance.now() > deadline) throw new Error(`${what} was not ready within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function bytesIn(folder: string): number {
  return globSync('**', { cwd: folder })
    .map((path) => statSync(join(folder, path)))
    .filter((s) => s.isFile())
    .reduce((total, s) => total + s.blocks * 512, 0);
}

interface Launch {
  readonly what: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly readyUrl: string;
}

async function launch(
  { what, program, args, env, folder, readyUrl }: Launch,
  urls: Pick<Server, 'otlpHttp' | 'otlpGrpc' | 'queryUrl'>,
): Promise<Server> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-4000);
  });
  try {
    await untilReady(readyUrl, child, what);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${complaint}`, { cause: error });
  }
  const proc = (name: string): string => readFileSync(`/proc/${child.pid}/${name}`, 'utf8');
  return {
    ...urls,
    cpuSeconds() {
      // After the parenthesised name: state is field 3 of the line, utime 14, stime 15 (proc(5)).
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
    },
    peakMiB: () => Number(/VmHWM:\s+(\d+)/.exec(proc('status'))?.[1]) / 1024,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      const left = bytesIn(folder);
      rmSync(folder, { recursive: true, force: true });
      return left;
    },
  };
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'aode-bench-'));

export async function startAode(): Promise<Server> {
  const [http, grpc, query] = [await freePort(), await freePort(), await freePort()];
  const folder = newFolder();
  const ports = ['--port', query, '--otlp-http-port', http, '--otlp-grpc-port', grpc].map(String);
  const queryUrl = `http://127.0.0.1:${query}`;
  return launch(
    {
      what: 'aode up',
      program: process.execPath,
      args: [
        '--conditions=@aode/source',
        'packages/cli/bin/aode.js',
        'up',
        '--quiet',
        '--data',
        folder,
        ...ports,
      ],
      env: {},
      folder,
      readyUrl: `${queryUrl}/readyz`,
    },
    { otlpHttp: `http://127.0.0.1:${http}`, otlpGrpc: `grpc://127.0.0.1:${grpc}`, queryUrl },
  );
}

/** Where e2e/peers.sh puts what it builds. */
function peerPath(name: string): string {
  const path = join(process.env['AODE_PEERS'] ?? join(homedir(), '.cache/aode-peers'), name);
  if (!existsSync(path)) throw new Error(`no ${name} at ${path}: run e2e/peers.sh ${name} (needs Go)`);
  return path;
}

/** `memory` never evicts here, so that it keeps what it accepts, as the others do. */
export async function startJaeger(storage: 'badger' | 'memory'): Promise<Server> {
  const [http, grpc, query, queryGrpc, metrics] = await Promise.all([0, 0, 0, 0, 0].map(freePort));
  const folder = newFolder();
  const config = join(folder, 'jaeger.yaml');
  mkdirSync(join(folder, 'data'));
  writeFileSync(
    config,
    jaegerConfig(storage, join(folder, 'data'), { http, grpc, query, queryGrpc, metrics }),
  );
  const queryUrl = `http://127.0.0.1:${query}`;
  return launch(
    {
      what: `jaeger (${storage})`,
      program: peerPath('jaeger'),
      args: ['--config', config],
      env: {},
      folder: join(folder, 'data'),
      readyUrl: `${queryUrl}/api/services`,
    },
    { otlpHttp: `http://127.0.0.1:${http}`, otlpGrpc: `grpc://127.0.0.1:${grpc}`, queryUrl },
  );
}

type Ports = Readonly<Record<'http' | 'grpc' | 'query' | 'queryGrpc' | 'metrics', number | undefined>>;

function jaegerConfig(storage: 'badger' | 'memory', data: string, ports: Ports): string {
  const badger = (name: string): object => ({
    badger: {
      ephemeral: false,
      directories: { keys: `${data}/${name}/keys`, values: `${data}/${name}/values` },
    },
  });
  const backends =
    storage === 'badger'
      ? { store: badger('store'), archive: badger('archive') }
      : { store: { memory: { max_traces: 1_000_000 } }, archive: { memory: { max_traces: 1000 } } };
  const at = (port: number | undefined): string => `127.0.0.1:${port}`;
  // YAML is a superset of JSON, so the collector's configuration can be written as JSON.
  return JSON.stringify({
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: {
        resource: { 'service.name': 'jaeger' },
        metrics: {
          level: 'basic',
          readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: ports.metrics } } } }],
        },
        logs: { level: 'error' },
      },
    },
    receivers: {
      otlp: { protocols: { grpc: { endpoint: at(ports.grpc) }, http: { endpoint: at(ports.http) } } },
    },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'store' } },
    extensions: {
      jaeger_query: {
        storage: { traces: 'store', traces_archive: 'archive' },
        enable_tracing: false,
        http: { endpoint: at(ports.query) },
        grpc: { endpoint: at(ports.queryGrpc) },
      },
      jaeger_storage: { backends },
    },
  });
}
