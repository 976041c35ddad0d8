/**
 * One unary call of an export service over HTTP/2 (gRPC over HTTP/2 protocol specification), and its answer,
 * classified by what the OTLP specification says of it (§ OTLP/gRPC). One connection, which calls share and which is
 * made anew when it has ended, was given up by the other side, or has let a call wait for too long.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { decodeRpcStatus } from '@aode/wire';
import { oneLine } from './answer-text.ts';
import { type Connector, PORTS, troubleOf } from './connector.ts';
import { openHttp2 } from './http2-session.ts';
import {
  ANSWER_BYTES_MAX,
  type Attempt,
  doneBy,
  GATEWAY,
  pack,
  PATIENCE_MS_MAX,
  type Poster,
  type PostResult,
  refusedWith,
  type RequestOptions,
  RETRYABLE as RETRYABLE_HTTP,
  type ShippedSignal,
  twiceWhereStale,
} from './otlp-post.ts';
import { basicOf } from './proxy.ts';

const SERVICES: Readonly<Record<ShippedSignal, string>> = {
  traces: 'trace.v1.TraceService',
  logs: 'logs.v1.LogsService',
  metrics: 'metrics.v1.MetricsService',
};

/** Flag byte and length in front of each message. */
const PREFIX_BYTES = 5;

const OK = 0;
const RESOURCE_EXHAUSTED = 8;
/** INVALID_ARGUMENT, and RESOURCE_EXHAUSTED as gRPC says it of messages that are too large: all would say it. */
const OF_REQUEST: ReadonlySet<number> = new Set([3, RESOURCE_EXHAUSTED]);
/** UNKNOWN and INTERNAL: something broke on the way or there. */
const BROKEN: ReadonlySet<number> = new Set([2, 13]);
/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS (OTLP specification, § Failures). */
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15]);

export function createGrpcPoster(connector: Connector, options: RequestOptions): Poster {
  return new GrpcPoster(connector, options);
}

/** A connection with what goes over it. */
interface Line {
  readonly session: ClientHttp2Session;
  callCount: number;
  /** The other side has begun as HTTP/2 does. */
  isHttp2: boolean;
  /** A call has gone over it before. */
  isUsed: boolean;
  /** Ends with its last call. */
  isRetired: boolean;
}

class GrpcPoster implements Poster {
  readonly #connector: Connector;
  readonly #options: RequestOptions;
  #line: Promise<Line> | undefined;

  constructor(connector: Connector, options: RequestOptions) {
    this.#connector = connector;
    this.#options = options;
  }

  async post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult> {
    try {
      const packed = this.#options.compression === 'gzip' ? await pack(body) : body;
      const message = framed(packed, this.#options.compression === 'gzip');
      return await twiceWhereStale(() => this.#attempt(signal, message));
    } catch (error) {
      // Node.js refuses to make the call at all; it would do so again.
      return { kind: 'never', why: troubleOf(error) };
    }
  }

  async #attempt(signal: ShippedSignal, message: Uint8Array): Promise<Attempt> {
    const { timeoutMs } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    let line: Line;
    try {
      line = await this.#connected();
    } catch (error) {
      const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : troubleOf(error);
      return { result: { kind: 'again', why, afterMs: undefined }, isStale: false };
    }
    const isReused = line.isUsed;
    line.isUsed = true;
    line.callCount += 1;
    try {
      const call = strange(line, await this.#call(line.session, signal, { message, deadline }));
      const isStale =
        isReused && !deadline.aborted && call.status === undefined && call.httpStatus === undefined;
      return { result: classify(signal, call, timeoutMs), isStale };
    } finally {
      line.callCount -= 1;
      // Nobody may be there any more; the next call finds out on a connection of its own.
      if (deadline.aborted) this.#retire(line);
      if (line.isRetired && line.callCount === 0) line.session.destroy();
    }
  }

  async #connected(): Promise<Line> {
    const line = await this.#line;
    // Its end may not have been told yet, and a call on it would be refused by Node.js.
    if (line?.session.closed === true || line?.session.destroyed === true) this.#retire(line);
    this.#line ??= this.#open().catch((error: unknown) => {
      this.#line = undefined;
      throw error;
    });
    return await this.#line;
  }

  async #open(): Promise<Line> {
    const session = await openHttp2(this.#connector);
    const line: Line = { session, callCount: 0, isHttp2: false, isUsed: false, isRetired: false };
    session.once('remoteSettings', () => (line.isHttp2 = true));
    session.on('goaway', () => this.#retire(line));
    session.on('close', () => this.#retire(line));
    return line;
  }

  #retire(line: Line): void {
    if (line.isRetired) return;
    line.isRetired = true;
    this.#line = undefined;
    if (line.callCount === 0) line.session.destroy();
  }

  #call(session: ClientHttp2Session, signal: ShippedSignal, { message, deadline }: Message): Promise<Call> {
    const { headers, compression, timeoutMs } = this.#options;
    const { endpoint } = this.#connector;
    const user = basicOf(endpoint);
    const stream = session.request(
      {
        ...(user === undefined ? {} : { authorization: user }),
        ...lowerCase(headers),
        ':method': 'POST',
        ':path': `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`,
        te: 'trailers',
        'content-type': 'application/grpc',
        'grpc-timeout': timeoutText(timeoutMs),
        ...(compression === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
      },
      { signal: deadline },
    );
    const answered = readCall(stream);
    stream.end(message);
    return answered;
  }

  keepAlive(on: boolean): void {
    this.#connector.keepAlive(on);
  }

  close(): void {
    this.#connector.close();
  }
}

interface Message {
  readonly message: Uint8Array;
  readonly deadline: AbortSignal;
}

/** Metadata has names in lower case; HTTP/2 knows no others. */
const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Digits are eight at most, so a long time is told in seconds. */
const timeoutText = (ms: number): string =>
  ms < 1e8 ? `${Math.max(1, Math.ceil(ms))}m` : `${Math.ceil(ms / 1000)}S`;

/** Throws what Node.js throws where there is no memory for it. */
function framed(message: Uint8Array, isPacked: boolean): Uint8Array {
  const frame = Buffer.alloc(PREFIX_BYTES + message.length);
  frame[0] = isPacked ? 1 : 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** What came back of a call. */
interface Call {
  readonly httpStatus: number | undefined;
  readonly contentType: string;
  /** Of gRPC; undefined where nobody has said one. */
  readonly status: number | undefined;
  readonly statusText: string;
  readonly details: Uint8Array;
  readonly body: Uint8Array;
  /** Why there is not more. */
  readonly trouble: string | undefined;
  /** The other side says that it has not looked at it. */
  readonly isUntouched: boolean;
  readonly isLate: boolean;
}

/** Resolves when the stream is closed, however that came. */
function readCall(stream: ClientHttp2Stream): Promise<Call> {
  let headers: Readonly<Record<string, unknown>> = {};
  let trailers: Readonly<Record<string, unknown>> = {};
  let trouble: Error | undefined;
  const parts: Buffer[] = [];
  let size = 0;
  stream.on('response', (given) => (headers = given));
  stream.on('trailers', (given) => (trailers = given));
  stream.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= ANSWER_BYTES_MAX) parts.push(part);
  });
  stream.on('error', (error) => (trouble = error));
  return new Promise((resolve) => {
    stream.on('close', () => {
      const said = trailers['grpc-status'] === undefined ? headers : trailers;
      const text = said['grpc-status'];
      const httpStatus = headers[':status'];
      resolve({
        httpStatus: typeof httpStatus === 'number' ? httpStatus : undefined,
        contentType: textOf(headers['content-type']),
        status: typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : undefined,
        statusText: percentDecoded(textOf(said['grpc-message'])),
        details: Buffer.from(textOf(said['grpc-status-details-bin']), 'base64'),
        body: Buffer.concat(parts),
        trouble: trouble === undefined ? undefined : troubleOf(trouble),
        isUntouched: stream.rstCode === constants.NGHTTP2_REFUSED_STREAM,
        isLate: trouble?.name === 'AbortError',
      });
    });
  });
}

/** Of a call over a connection on which nobody speaks HTTP/2, in words that help. */
function strange({ isHttp2 }: Line, call: Call): Call {
  if (isHttp2 || call.trouble !== 'Protocol error') return call;
  return { ...call, trouble: `what listens there does not speak HTTP/2: ${PORTS}` };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function classify(signal: ShippedSignal, call: Call, timeoutMs: number): PostResult {
  if (call.status !== undefined) return classifyStatus(signal, call.status, call);
  if (call.httpStatus !== undefined && call.trouble === undefined)
    return classifyForeign(call.httpStatus, call);
  const why = call.isLate ? `no answer within ${timeoutMs} ms` : (call.trouble ?? 'the stream has ended');
  return { kind: 'again', why, afterMs: undefined, ...(call.isUntouched ? {} : { isInDoubt: true }) };
}

function classifyStatus(
  signal: ShippedSignal,
  status: number,
  { body, statusText, details }: Call,
): PostResult {
  if (status === OK) return doneBy(signal, messageIn(body));
  const why = `grpc-status ${status}${statusText === '' ? '' : `: ${oneLine(statusText)}`}`;
  const afterMs = retryDelayMs(details);
  const isRetryable = RETRYABLE.has(status) || (status === RESOURCE_EXHAUSTED && afterMs !== undefined);
  if (!isRetryable) {
    if (OF_REQUEST.has(status)) return { kind: 'never', why };
    return { kind: 'never', why, isOfReceiver: true, ...(BROKEN.has(status) ? { isInDoubt: true } : {}) };
  }
  // What was stopped half-way may have been taken; UNAVAILABLE with a time to come again was not.
  return { kind: 'again', why, afterMs, ...(afterMs === undefined ? { isInDoubt: true } : {}) };
}

/**
 * An answer that is none of gRPC: something else stands there, or before it. What it says with a status of HTTP counts;
 * where it says nothing of the kind, nothing was taken, and somebody will mend it.
 */
function classifyForeign(httpStatus: number, { contentType }: Call): PostResult {
  const why = `status ${httpStatus}, ${contentType === '' ? 'no grpc-status' : contentType.slice(0, 80)}`;
  if (httpStatus !== 200 && !RETRYABLE_HTTP.has(httpStatus)) return refusedWith(httpStatus, why);
  return { kind: 'again', why, afterMs: undefined, ...(GATEWAY.has(httpStatus) ? { isInDoubt: true } : {}) };
}

/** The message of the answer; empty where there is none that can be read. */
function messageIn(body: Uint8Array): Uint8Array {
  // We have not said that we unpack anything, so nothing comes packed.
  return body[0] === 0 ? body.subarray(PREFIX_BYTES) : new Uint8Array();
}

function retryDelayMs(details: Uint8Array): number | undefined {
  try {
    const { retryDelayMs: asked } = decodeRpcStatus(details, 'protobuf');
    return asked === undefined ? undefined : Math.min(asked, PATIENCE_MS_MAX);
  } catch {
    return undefined;
  }
}
