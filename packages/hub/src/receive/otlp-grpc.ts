/**
 * OTLP/gRPC on bare HTTP/2: three unary methods, framing and trailers by hand (gRPC over HTTP/2 protocol
 * specification). A request is answered when its data is durable. Beside them stands /aode/v1/asks (asks/), because an
 * SDK that speaks gRPC knows no other address.
 */
import {
  constants,
  createServer,
  type Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type ServerHttp2Session,
} from 'node:http2';
import { answerAsks, ASKS_PATH } from '../asks/ask-routes.ts';
import type { AskDesk } from '../asks/ask-desk.ts';
import { AodeError, type Clock, durationMs, errorLine } from '@aode/base';
import { encodeExportResponse, encodeRpcStatus, type RpcStatus } from '@aode/wire';
import { isAllowedHost, isAllowedOrigin } from '../guard/origin.ts';
import type { TokenGuard } from '../guard/token.ts';
import { REQUEST_TIMEOUT_MS, withinGrace } from '../listener.ts';
import type { Signal } from '../store/store.ts';
import type { Admission, Reservation } from './admission.ts';
import { gunzipBody, readBody } from './body.ts';
import { type Fault, faultOf, GRPC } from './fault.ts';

const PACKAGE = '/opentelemetry.proto.collector';
const METHODS: ReadonlyMap<string, Signal> = new Map([
  [`${PACKAGE}.trace.v1.TraceService/Export`, 'traces'],
  [`${PACKAGE}.logs.v1.LogsService/Export`, 'logs'],
  [`${PACKAGE}.metrics.v1.MetricsService/Export`, 'metrics'],
]);

/** Flag byte and length in front of each message. */
const PREFIX_BYTES = 5;

const SETTINGS = {
  /** As many as grpc-go allows by default. */
  maxConcurrentStreams: 100,
  /** 1 MiB a stream: a usual request of 185 kB is not held up by flow control. */
  initialWindowSize: 1024 * 1024,
};

/**
 * A connection on which no call has begun for this long is ended. Five times the usual interval between two exports of
 * metrics, and five times what a call may take, so that neither a quiet exporter nor a call under way is cut off.
 */
const SILENCE_MS_MAX = 300_000;

/** The server, not yet listening, and a way to end it that lets calls finish. */
export interface GrpcServer {
  readonly server: Http2Server;
  /** Takes no more requests and resolves when those under way have been answered, or given up. */
  close(): Promise<void>;
}

export function createOtlpGrpcServer(receiver: GrpcReceiver): GrpcServer {
  const { clock } = receiver;
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ settings: SETTINGS });
  server.on('session', (session) => {
    sessions.add(session);
    endWhenSilent(session, clock);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    // The window of the whole connection, else it stays at HTTP/2's 64 kB however wide its streams are.
    session.setLocalWindowSize(8 * SETTINGS.initialWindowSize);
  });
  server.on('stream', (stream, headers, _, rawHeaders) => {
    stream.on('error', () => undefined); // A client that breaks off has no one to tell; `handle` sees it as well.
    if ((headers[':path'] ?? '').split('?', 1)[0] === ASKS_PATH) {
      const request = new Http2ServerRequest(stream, headers, {}, rawHeaders);
      void answerAsks(request, new Http2ServerResponse(stream), receiver);
    } else void handle(stream, headers, receiver);
  });
  return {
    server,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      return withinGrace(closed, clock, () => sessions.forEach((session) => session.destroy()));
    },
  };
}

/** Ends a connection that holds its place for nothing. Streams of asks begin once and go on. */
function endWhenSilent(session: ServerHttp2Session, clock: Clock): void {
  const asks = new Set<ServerHttp2Stream>();
  const timer = (): Disposable =>
    clock.timer(durationMs(SILENCE_MS_MAX), () => {
      if (asks.size === 0) session.destroy();
      else silence = timer();
    });
  let silence = timer();
  session.on('stream', (stream, headers) => {
    silence[Symbol.dispose]();
    silence = timer();
    if (headers[':method'] !== 'GET') return;
    asks.add(stream);
    stream.on('close', () => asks.delete(stream));
  });
  session.on('close', () => silence[Symbol.dispose]());
}

export interface GrpcReceiver {
  readonly admission: Admission;
  readonly bytesMax: number;
  readonly guard: TokenGuard;
  readonly asks: AskDesk;
  readonly clock: Clock;
}

async function handle(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  receiver: GrpcReceiver,
): Promise<void> {
  const { admission, bytesMax, clock } = receiver;
  if (headers[':method'] !== 'POST' || !String(headers['content-type']).startsWith('application/grpc')) {
    // Not gRPC at all, so the answer is plain HTTP, as the protocol specification asks.
    const isPost = headers[':method'] === 'POST';
    admission.count('unknown', 'grpc', isPost ? 'content_type_unknown' : 'method_refused');
    stream.resume();
    stream.respond({ ':status': isPost ? 415 : 405 }, { endStream: true });
    return;
  }
  const signal = METHODS.get(headers[':path'] ?? '');
  const refusal = refuse(headers, receiver.guard);
  if (refusal !== undefined || signal === undefined) {
    const { outcome, status } = refusal ?? unknownMethod(headers[':path'] ?? '');
    admission.count(signal ?? 'unknown', 'grpc', outcome);
    stream.resume();
    answerStatus(stream, status);
    return;
  }
  const room = admission.reserve();
  try {
    const framed = await readInTime(stream, bytesMax, room, clock);
    const body = await messageOf(framed, headers, bytesMax, room);
    const answer = await admission.admit({ signal, encoding: 'protobuf', body });
    admission.count(signal, 'grpc', 'stored');
    answerMessage(stream, encodeExportResponse(signal, answer, 'protobuf'));
  } catch (error) {
    const { outcome, status } = faultOf(error);
    admission.count(signal, 'grpc', stream.destroyed ? 'aborted' : outcome);
    answerStatus(stream, status);
  } finally {
    room.release();
  }
}

/** HTTP/2 streams know no time limit by themselves, and what has come of a request holds room that others need. */
async function readInTime(
  stream: ServerHttp2Stream,
  bytesMax: number,
  room: Reservation,
  clock: Clock,
): Promise<Buffer> {
  const late = new AbortController();
  using _deadline = clock.timer(durationMs(REQUEST_TIMEOUT_MS), () =>
    late.abort(new AodeError('AODE_REQUEST_SLOW', { timeoutMs: REQUEST_TIMEOUT_MS })),
  );
  return await readBody(stream, bytesMax + PREFIX_BYTES, room, late.signal);
}

type Refusal = Pick<Fault, 'outcome' | 'status'>;

const unknownMethod = (path: string): Refusal => ({
  outcome: 'path_unknown',
  status: { code: GRPC.unimplemented, message: `unknown method ${path.slice(0, 200)}` },
});

/** What can be said before the message is read; undefined when nothing is wrong. */
function refuse(headers: IncomingHttpHeaders, guard: TokenGuard): Refusal | undefined {
  const authority = headers[':authority'] ?? headers.host;
  if (!isAllowedHost(authority) || !isAllowedOrigin(headers.origin, undefined)) {
    const message = 'this hub answers its own machine only: authority or origin is another';
    return { outcome: 'host_refused', status: { code: GRPC.permissionDenied, message } };
  }
  if (!guard(headers.authorization)) {
    const message = errorLine(new AodeError('AODE_TOKEN_REFUSED'));
    return { outcome: 'AODE_TOKEN_REFUSED', status: { code: GRPC.unauthenticated, message } };
  }
  const encoding = headers['grpc-encoding'] ?? 'identity';
  if (encoding === 'gzip' || encoding === 'identity') return undefined;
  // gRPC compression specification: UNIMPLEMENTED, with what would be understood in grpc-accept-encoding.
  const message = 'unsupported grpc-encoding: send gzip or identity';
  return { outcome: 'content_encoding_unknown', status: { code: GRPC.unimplemented, message } };
}

/** The one message of a unary call. */
async function messageOf(
  framed: Buffer,
  headers: IncomingHttpHeaders,
  bytesMax: number,
  room: Reservation,
): Promise<Uint8Array> {
  if (framed.length < PREFIX_BYTES) throw new AodeError('AODE_ENCODING_INVALID', { encoding: 'grpc frame' });
  const compressed = framed[0];
  const size = framed.readUInt32BE(1);
  if (size !== framed.length - PREFIX_BYTES || (compressed !== 0 && compressed !== 1)) {
    throw new AodeError('AODE_ENCODING_INVALID', { encoding: 'grpc frame' });
  }
  const message = framed.subarray(PREFIX_BYTES);
  if (compressed === 0) return message;
  const encoding = headers['grpc-encoding'];
  if (encoding !== 'gzip') throw new AodeError('AODE_ENCODING_INVALID', { encoding: String(encoding) });
  return gunzipBody(message, bytesMax, room);
}

function answerMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-accept-encoding': 'identity,gzip' },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const frame = Buffer.alloc(PREFIX_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  stream.end(frame);
}

/** Trailers only: status without a message. */
function answerStatus(stream: ServerHttp2Stream, status: RpcStatus): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-accept-encoding': 'identity,gzip',
      'grpc-status': String(status.code),
      'grpc-message': percentEncode(status.message),
      'grpc-status-details-bin': Buffer.from(encodeRpcStatus(status, 'protobuf')).toString('base64'),
    },
    { endStream: true },
  );
  // What the client still sends is not read: end its half too.
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

/** grpc-message: percent-encoded UTF-8 outside printable ASCII. */
function percentEncode(message: string): string {
  return message.toWellFormed().replace(/[^ -$&-~]/gu, (c) => encodeURIComponent(c));
}
