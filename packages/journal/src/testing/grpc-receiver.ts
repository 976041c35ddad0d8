/** An OTLP/gRPC receiver for tests: keeps what it gets and answers as it is told, also as no receiver should. */
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface GrpcReceived {
  readonly headers: IncomingHttpHeaders;
  /** The message, unpacked. */
  readonly message: Uint8Array;
  /** Before it was. */
  readonly flag: number | undefined;
}

export interface GrpcReceiver extends AsyncDisposable {
  readonly endpoint: string;
  readonly calls: GrpcReceived[];
  readonly sessions: ServerHttp2Session[];
  answer: (stream: ServerHttp2Stream, call: GrpcReceived) => void;
}

/** A message with its length in front, and status 0 behind. */
export function answerOk(stream: ServerHttp2Stream, message: Uint8Array = new Uint8Array()): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  stream.end(frame);
}

/** Trailers only. */
export function answerStatus(stream: ServerHttp2Stream, trailers: Readonly<Record<string, string>>): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', ...trailers };
  stream.respond(headers, { endStream: true });
}

/** Listens on a free port of the loopback interface. */
export async function openGrpcReceiver(tls?: SecureServerOptions): Promise<GrpcReceiver> {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  const receiver: GrpcReceiver = {
    endpoint: '',
    calls: [],
    sessions: [],
    answer: (stream) => answerOk(stream),
    async [Symbol.asyncDispose]() {
      for (const session of receiver.sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('session', (session: ServerHttp2Session) => {
    receiver.sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const frame = Buffer.concat(parts);
      const message = frame.subarray(5);
      const call = { headers, message: frame[0] === 1 ? gunzipSync(message) : message, flag: frame[0] };
      receiver.calls.push(call);
      receiver.answer(stream, call);
    });
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  return Object.assign(receiver, { endpoint: `${scheme}://127.0.0.1:${port}` });
}
