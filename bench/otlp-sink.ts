/**
 * A receiver of OTLP/HTTP traces in a process of its own, so that its work is nobody's: decodes what it gets and counts
 * the spans. Started by `startSink`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '@aode/wire';

export interface Sink {
  readonly endpoint: string;
  /** Spans received so far. */
  spanCount(): Promise<number>;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const child = fork(import.meta.filename, ['sink'], { execArgv: ['--conditions=@aode/source'] });
  const [endpoint] = (await once(child, 'message')) as [string];
  return {
    endpoint,
    async spanCount() {
      child.send('count');
      return ((await once(child, 'message')) as [number])[0];
    },
    stop: () => stopChild(child),
  };
}

/** Disconnects it, upon which children of benches end. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}

function serve(): void {
  let count = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      if (request.url === '/v1/traces') count += spansIn(plain);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  process.on('message', () => process.send?.(count));
  process.on('disconnect', () => process.exit());
}

function spansIn(body: Uint8Array): number {
  let count = 0;
  for (const { scopeSpans } of decodeTraces(body)) for (const { spans } of scopeSpans) count += spans.length;
  return count;
}

if (process.argv[2] === 'sink' && process.send !== undefined) serve();
