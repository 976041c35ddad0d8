/** An OTLP/HTTP receiver for tests: keeps what it gets, decoded, and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  type Attribute,
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  type LogRecord,
  type Metric,
  type Resource,
  type Span,
} from '@aode/wire';

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

/** Returns true when it has answered, or will not. */
type Answer = (request: Received, response: ServerResponse) => boolean;

export interface Receiver extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: Received[];
  /** What was answered with 200, oldest first. */
  readonly spans: Span[];
  readonly logs: LogRecord[];
  readonly metrics: Metric[];
  readonly resources: Resource[];
  /** Asked before a request is taken. */
  answer: Answer;
  /** Resolves when `condition` holds; it is looked at after each request. */
  until(condition: () => boolean): Promise<void>;
}

/** Listens on a free port of the loopback interface. */
export async function openReceiver(): Promise<Receiver> {
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    // As any receiver of OTLP: it knows nothing else.
    if (request.url?.startsWith('/v1/') !== true) {
      request.resume();
      response.writeHead(404).end();
      return;
    }
    void readBody(request).then((body) => {
      const received = { path: request.url ?? '', headers: request.headers, body };
      receiver.requests.push(received);
      if (!receiver.answer(received, response)) {
        take(receiver, received);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      }
      for (const look of waiting) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    spans: [],
    logs: [],
    metrics: [],
    resources: [],
    answer: () => false,
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return receiver;
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function take(receiver: Receiver, { path, body }: Received): void {
  if (path === '/v1/traces') {
    for (const { resource, scopeSpans } of decodeTraces(body)) {
      receiver.resources.push(resource);
      for (const { spans } of scopeSpans) receiver.spans.push(...spans);
    }
  } else if (path === '/v1/logs') {
    for (const { resource, scopeLogs } of decodeLogs(body)) {
      receiver.resources.push(resource);
      for (const { logRecords } of scopeLogs) receiver.logs.push(...logRecords);
    }
  } else if (path === '/v1/metrics') {
    for (const { resource, scopeMetrics } of decodeMetrics(body)) {
      receiver.resources.push(resource);
      for (const { metrics } of scopeMetrics) receiver.metrics.push(...metrics);
    }
  }
}

/** Attributes as an object. */
export function attributesOf(from: { readonly attributes: readonly Attribute[] }): Record<string, unknown> {
  return Object.fromEntries(from.attributes.map(({ key, value }) => [key, value]));
}
