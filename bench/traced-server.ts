/**
 * The server of the request benches, a process for each way of tracing: its handler makes one http call and answers
 * with what it got. Measures itself between two messages, the delivery of what it recorded included. Started by
 * `startServer`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stopChild } from './otlp-sink.ts';
import { type SideName, startSide } from './tracing-sides.ts';

/** Of one block of requests. */
export interface ServerCost {
  /** Processor time of the thread that serves, microseconds. */
  readonly mainCpuMicros: number;
  /** Of the whole process. */
  readonly processCpuMicros: number;
  /** On the heap after a collection, since the last block. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface TracedServer {
  readonly side: SideName;
  readonly port: number;
  /** Begins a block. */
  begin(): Promise<void>;
  /** Ends it, once everything was delivered. */
  end(): Promise<ServerCost>;
  stop(): Promise<void>;
}

export async function startServer(
  side: SideName,
  backendPort: number,
  endpoint: string,
): Promise<TracedServer> {
  const args = ['serve', side, String(backendPort), endpoint];
  const child = fork(import.meta.filename, args, { execArgv: ['--conditions=@aode/source', '--expose-gc'] });
  const [port] = (await once(child, 'message')) as [number];
  return {
    side,
    port,
    begin: async () => void (await ask(child, 'begin')),
    end: async () => (await ask(child, 'end')) as ServerCost,
    stop: () => stopChild(child),
  };
}

async function ask(child: ChildProcess, what: string): Promise<unknown> {
  child.send(what);
  return ((await once(child, 'message')) as [unknown])[0];
}

async function serve(side: SideName, backendPort: number, endpoint: string): Promise<void> {
  const { http, flush } = await startSide(side, endpoint);
  const agent = new http.Agent({ keepAlive: true });
  const server: Server = http.createServer((_, response) => {
    const call = http.get({ host: '127.0.0.1', port: backendPort, path: '/items/7?full=1', agent });
    call.on('response', (answer) => {
      answer.setEncoding('utf8');
      let text = '';
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () => response.writeHead(200, { 'content-length': text.length }).end(text));
    });
    call.on('error', () => response.writeHead(502).end());
  });
  // A connection that the load did not need for a while is not closed under it.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  const meter = new Meter();
  process.on('disconnect', () => process.exit());
  process.on('message', (what) => {
    if (what === 'begin') {
      meter.begin();
      process.send?.('begun');
    } else void flush().then(() => process.send?.(meter.end()));
  });
}

class Meter {
  #main = process.threadCpuUsage();
  #process = process.cpuUsage();
  #heap = 0;

  begin(): void {
    globalThis.gc?.();
    this.#heap = process.memoryUsage().heapUsed;
    this.#main = process.threadCpuUsage();
    this.#process = process.cpuUsage();
  }

  end(): ServerCost {
    const main = process.threadCpuUsage(this.#main);
    const all = process.cpuUsage(this.#process);
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return {
      mainCpuMicros: main.user + main.system,
      processCpuMicros: all.user + all.system,
      heapBytes: heapUsed - this.#heap,
      rssBytes: rss,
    };
  }
}

const [, , what, side, backendPort, endpoint] = process.argv;
if (what === 'serve' && process.send !== undefined) {
  await serve(side as SideName, Number(backendPort), endpoint ?? '');
}
