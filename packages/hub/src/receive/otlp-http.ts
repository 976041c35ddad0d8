/**
 * OTLP/HTTP: POST /v1/{traces,logs,metrics}, protobuf or JSON, plain or gzip (OTLP specification, § OTLP/HTTP). A
 * request is answered when its data is durable, in the encoding it came in. Beside them stands
 * /aode/v1/asks (asks/), because an SDK knows no other address.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { AodeError, errorLine } from '@aode/base';
import { answerAsks, ASKS_PATH } from '../asks/ask-routes.ts';
import type { AskDesk } from '../asks/ask-desk.ts';
import { encodeExportResponse, encodeRpcStatus, type Encoding } from '@aode/wire';
import { isAllowedHost, isAllowedOrigin } from '../guard/origin.ts';
import type { TokenGuard } from '../guard/token.ts';
import { HTTP_TIMEOUTS } from '../listener.ts';
import type { Signal } from '../store/store.ts';
import type { Admission } from './admission.ts';
import { gunzipBody, readBody } from './body.ts';
import { type Fault, faultOf, GRPC } from './fault.ts';

// Maps, not objects: what is looked up comes from outside, and every object has a `constructor`.
const PATHS: ReadonlyMap<string, Signal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

const CONTENT_TYPES: ReadonlyMap<string, Encoding> = new Map([
  ['application/x-protobuf', 'protobuf'],
  ['application/json', 'json'],
]);
const CONTENT_TYPE_OF: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** A server that is not yet listening. */
export function createOtlpHttpServer(receiver: HttpReceiver): Server {
  return createServer(HTTP_TIMEOUTS, (request, response) => {
    if (pathOf(request) === ASKS_PATH) void answerAsks(request, response, receiver);
    else void handle(request, response, receiver);
  });
}

export interface HttpReceiver {
  readonly admission: Admission;
  readonly bytesMax: number;
  readonly guard: TokenGuard;
  readonly asks: AskDesk;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  receiver: HttpReceiver,
): Promise<void> {
  const { admission, bytesMax } = receiver;
  const encoding = CONTENT_TYPES.get(mediaType(request)) ?? 'json';
  const signal = PATHS.get(pathOf(request));
  const refusal = refuse(request, receiver.guard);
  if (refusal !== undefined || signal === undefined) {
    const given = refusal ?? NOT_FOUND;
    admission.count(signal ?? 'unknown', 'http', given.outcome);
    answerFault(response, given, encoding);
    request.resume();
    return;
  }
  const room = admission.reserve();
  try {
    const body = await bodyOf(request, bytesMax, room);
    const answer = await admission.admit({ signal, encoding, body });
    const bytes = encodeExportResponse(signal, answer, encoding);
    admission.count(signal, 'http', 'stored');
    response.writeHead(200, { 'content-type': CONTENT_TYPE_OF[encoding], 'content-length': bytes.length });
    response.end(bytes);
  } catch (error) {
    const gone = request.errored !== null && !request.complete;
    const fault = faultOf(error);
    admission.count(signal, 'http', gone ? 'aborted' : fault.outcome);
    if (!gone) answerFault(response, fault, encoding);
  } finally {
    room.release();
  }
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function fault(outcome: string, httpStatus: number, code: number, message: string): Fault {
  return { outcome, httpStatus, status: { code, message } };
}

const NOT_HERE = fault(
  'host_refused',
  403,
  GRPC.permissionDenied,
  'this hub answers its own machine only: host or origin is another',
);
const NOT_KNOWN = fault(
  'AODE_TOKEN_REFUSED',
  401,
  GRPC.unauthenticated,
  errorLine(new AodeError('AODE_TOKEN_REFUSED')),
);
const NOT_FOUND = fault(
  'path_unknown',
  404,
  GRPC.unimplemented,
  'not found: POST to /v1/traces, /v1/logs or /v1/metrics',
);
const NOT_POST = fault('method_refused', 405, GRPC.unimplemented, 'method not allowed: use POST');
const NOT_OTLP = fault(
  'content_type_unknown',
  415,
  GRPC.invalidArgument,
  `unsupported content type: send ${[...CONTENT_TYPES.keys()].join(' or ')}`,
);
const NOT_PACKED_SO = fault(
  'content_encoding_unknown',
  415,
  GRPC.invalidArgument,
  'unsupported content encoding: send gzip or none',
);

/** What can be said before the body is read; undefined when nothing is wrong. */
function refuse(request: IncomingMessage, guard: TokenGuard): Fault | undefined {
  const { host, origin } = request.headers;
  if (!isAllowedHost(host) || !isAllowedOrigin(origin, undefined)) return NOT_HERE;
  if (!guard(request.headers.authorization)) return NOT_KNOWN;
  if (!PATHS.has(pathOf(request))) return NOT_FOUND;
  if (request.method !== 'POST') return NOT_POST;
  if (!CONTENT_TYPES.has(mediaType(request))) return NOT_OTLP;
  return ['', 'identity', 'gzip'].includes(contentEncoding(request)) ? undefined : NOT_PACKED_SO;
}

const contentEncoding = (request: IncomingMessage): string =>
  (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();

async function bodyOf(
  request: IncomingMessage,
  bytesMax: number,
  room: ReturnType<Admission['reserve']>,
): Promise<Uint8Array> {
  // A declared length is believed only when it refuses.
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    throw new AodeError('AODE_REQUEST_TOO_LARGE', { bytesMax });
  }
  const body = await readBody(request, bytesMax, room);
  return contentEncoding(request) === 'gzip' && body.length > 0 ? gunzipBody(body, bytesMax, room) : body;
}

function answerFault(response: ServerResponse, { httpStatus, status }: Fault, encoding: Encoding): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = encodeRpcStatus(status, encoding);
  response.setHeader('content-type', CONTENT_TYPE_OF[encoding]);
  response.setHeader('content-length', bytes.length);
  if (status.retryDelayMs !== undefined)
    response.setHeader('retry-after', Math.ceil(status.retryDelayMs / 1000));
  if (httpStatus === 401) response.setHeader('www-authenticate', 'Bearer');
  if (httpStatus === 405) response.setHeader('allow', 'POST');
  // The rest of a body that is not wanted is not worth keeping the connection for.
  if (httpStatus === 413) response.setHeader('connection', 'close');
  response.writeHead(httpStatus);
  response.end(bytes);
}
