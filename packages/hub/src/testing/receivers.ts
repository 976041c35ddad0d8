/** Both receivers on ports of their own, over a real store in memory. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { once } from 'node:events';
import type { Server } from 'node:net';
import type { TestContext } from 'node:test';
import { assert } from '@aode/base';
import { AskDesk, type AskDeskOptions } from '../asks/ask-desk.ts';
import { tokenGuard } from '../guard/token.ts';
import { Admission } from '../receive/admission.ts';
import { createJsonConverter } from '../receive/json-converter.ts';
import { createOtlpGrpcServer } from '../receive/otlp-grpc.ts';
import { createOtlpHttpServer } from '../receive/otlp-http.ts';
import { Counters } from '../self/counters.ts';
import { openDuckDbStore } from '../store/duckdb-store.ts';
import type { Store } from '../store/store.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { NOON_MS } from './store-contract.ts';

export interface Receivers {
  readonly store: Store;
  readonly counters: Counters;
  readonly admission: Admission;
  readonly asks: AskDesk;
  /** Stands until the test moves it. */
  readonly clock: ManualClock;
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** Open until the test ends. */
export async function openReceivers(
  t: TestContext,
  bytesMax: number,
  over: { readonly token?: string; readonly asks?: Partial<AskDeskOptions> } = {},
): Promise<Receivers> {
  const clock = manualClock(NOON_MS);
  const store = await openDuckDbStore({ clock });
  const counters = new Counters();
  const json = createJsonConverter();
  const admission = new Admission({ store, counters, clock, json });
  const asks = new AskDesk({ clock, counters, epoch: '00000000000000e1', ...over.asks });
  const guard = tokenGuard(over.token);
  const http = createOtlpHttpServer({ admission, bytesMax, guard, asks });
  const grpc = createOtlpGrpcServer({ admission, bytesMax, guard, asks, clock });
  t.after(async () => {
    asks.close();
    http.closeAllConnections();
    http.close();
    await grpc.close();
    await json.close();
    await store.close();
  });
  return {
    store,
    counters,
    admission,
    asks,
    clock,
    httpPort: await portOf(http),
    grpcPort: await portOf(grpc.server),
  };
}

async function portOf(server: Server): Promise<number> {
  const listening = once(server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'it listens on a port');
  return address.port;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpCall {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Several parts are sent chunked, without a length in front. */
  readonly body?: Uint8Array | readonly Uint8Array[];
}

/** One request on a connection of its own, with exactly these headers. */
export function callHttp({
  port,
  method = 'POST',
  path = '/v1/traces',
  headers,
  body,
}: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers },
      agent: false,
    });
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    request.on('error', reject);
    if (body === undefined || body instanceof Uint8Array) {
      request.end(body);
      return;
    }
    for (const part of body) request.write(part);
    request.end();
  });
}

export interface GrpcAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly contentType: string | undefined;
  /** Trailers, or headers where the answer is trailers only. */
  readonly grpcStatus: string | undefined;
  readonly grpcMessage: string | undefined;
  readonly details: Buffer | undefined;
  readonly body: Buffer;
}

export interface GrpcCall {
  readonly port: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** With its frame. */
  readonly body: Uint8Array;
}

const EXPORT_TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** One call on a connection of its own. */
export function callGrpc({ port, method = EXPORT_TRACES, headers, body }: GrpcCall): Promise<GrpcAnswer> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const answer = new Promise<GrpcAnswer>((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let all: Readonly<Record<string, unknown>> = {};
    const parts: Buffer[] = [];
    stream.on('response', (got) => (all = { ...all, ...got }));
    stream.on('trailers', (got) => (all = { ...all, ...got }));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', (error) => {
      // What the server did not want to read it cancels, after it has answered.
      if (all['grpc-status'] === undefined) reject(error);
    });
    stream.on('close', () => {
      if (all[':status'] === undefined) reject(new Error(`no answer, code ${stream.rstCode}`));
      const details = all['grpc-status-details-bin'];
      resolve({
        status: Number(all[':status']),
        contentType: text(all['content-type']),
        grpcStatus: text(all['grpc-status']),
        grpcMessage: text(all['grpc-message']),
        details: typeof details === 'string' ? Buffer.from(details, 'base64') : undefined,
        body: Buffer.concat(parts),
      });
    });
    stream.end(body);
  });
  return answer.finally(() => session.close());
}

const text = (header: unknown): string | undefined => (typeof header === 'string' ? header : undefined);

/** A gRPC message with its length in front. */
export function framed(message: Uint8Array, flag = 0): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame[0] = flag;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}
