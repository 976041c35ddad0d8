/** One POST of an export request and its answer, classified by what the OTLP specification says of it (§ OTLP/HTTP). */
import {
  type Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '@aode/base';
import { decodeExportResponse, type Encoding, type SignalName } from '@aode/wire';
import { answerText, isJson } from './answer-text.ts';
import { type Connector, createOwnAgent, troubleOf } from './connector.ts';

export type ShippedSignal = SignalName;

/**
 * `again`: worth another try, after `afterMs` where the receiver has asked for it. `never`: it will not be taken there.
 */
export type PostResult =
  | { readonly kind: 'done'; readonly rejectedCount: number; readonly errorMessage: string }
  | {
      readonly kind: 'again';
      readonly why: string;
      readonly afterMs: number | undefined;
      /** It was sent, and nobody has said that it was not taken. */
      readonly isInDoubt?: true;
    }
  | {
      readonly kind: 'never';
      readonly why: string;
      /** It says nothing about the request: another receiver may take it. */
      readonly isOfReceiver?: true;
      /** Something broke while it was looked at. */
      readonly isInDoubt?: true;
    };

export interface Poster {
  /** Never rejects. */
  post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult>;
  /** Whether requests under way keep the process alive until they are answered; at first they do not. */
  keepAlive(on: boolean): void;
  /** Breaks off what is under way. */
  close(): void;
}

/** How requests are made, to whichever endpoint. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  readonly timeoutMs: number;
}

/** The only statuses that may be tried again (OTLP specification, § Retryable Response Codes). */
export const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Said by something before the receiver, which may have passed the request on. */
export const GATEWAY: ReadonlySet<number> = new Set([502, 504]);
const PROXY_AUTHENTICATION = 407;
/** Statuses that speak of the request: it is not well-formed, too large, or cannot be processed. */
const OF_REQUEST: ReadonlySet<number> = new Set([400, 413, 422]);
/** An answer is a handful of bytes; more than this is not one. */
export const ANSWER_BYTES_MAX: number = 4 * 1024 * 1024;

export const pack: (body: Uint8Array) => Promise<Uint8Array> = promisify(gzip);

export function createHttpPoster(connector: Connector, options: RequestOptions, clock: Clock): Poster {
  const agent = createOwnAgent(connector);
  return {
    async post(signal, body) {
      try {
        const packed = options.compression === 'gzip' ? await pack(body) : body;
        const sending = { options, connector, signal, packed, agent, clock };
        return await twiceWhereStale(() => send(sending));
      } catch (error) {
        // Node.js refuses to make the request at all; it would do so again.
        return { kind: 'never', why: troubleOf(error) };
      }
    },
    keepAlive: (on) => connector.keepAlive(on),
    close() {
      agent.destroy();
      connector.close();
    },
  };
}

interface Sending {
  readonly options: RequestOptions;
  readonly connector: Connector;
  readonly signal: ShippedSignal;
  readonly packed: Uint8Array;
  readonly agent: HttpAgent;
  readonly clock: Clock;
}

export interface Attempt {
  readonly result: PostResult;
  /** The connection was there before, and ended before an answer began. */
  readonly isStale: boolean;
}

/**
 * Whoever ends a connection that was idle may do so while we write to it. That says nothing of the receiver, so it is
 * asked once more by a new one.
 */
export async function twiceWhereStale(send: () => Promise<Attempt>): Promise<PostResult> {
  const first = await send();
  if (!first.isStale) return first.result;
  const { result } = await send();
  return result.kind === 'again' ? { ...result, isInDoubt: true } : result;
}

function send(sending: Sending): Promise<Attempt> {
  const { options, connector, signal, packed, clock } = sending;
  const { timeoutMs } = options;
  return new Promise((resolve) => {
    // Of the whole, not of silence: a receiver that dribbles must not hold us for ever.
    const deadline = AbortSignal.timeout(timeoutMs);
    const sent = requestOf(sending, deadline);
    let isConnected = false;
    let isAnswered = false;
    const again = (error: Error): void => {
      const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : troubleOf(error);
      const doubt = isConnected ? ({ isInDoubt: true } as const) : {};
      const isStale = sent.reusedSocket && !isAnswered && !deadline.aborted;
      resolve({ result: { kind: 'again', why, afterMs: undefined, ...doubt }, isStale });
    };
    sent.on('socket', () => (isConnected = true));
    sent.on('error', again);
    sent.on('response', (answer) => {
      isAnswered = true;
      const done = (bytes: Uint8Array): void =>
        resolve({ result: classify(answer, bytes, { signal, clock, connector }), isStale: false });
      readAnswer(answer).then(done, again);
    });
    sent.end(packed);
  });
}

function requestOf(sending: Sending, deadline: AbortSignal): ClientRequest {
  const { options, connector, signal, packed, agent } = sending;
  const { endpoint, proxy } = connector;
  const request = endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
  const url = new URL(endpoint);
  url.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return request(url, {
    method: 'POST',
    agent,
    signal: deadline,
    headers: {
      ...options.headers,
      'content-type': 'application/x-protobuf',
      'content-length': packed.byteLength,
      ...(options.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
      ...(proxy?.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
    // To a proxy the whole address (RFC 9112, § 3.2.2).
    ...(proxy === undefined ? {} : { path: `${url.origin}${url.pathname}` }),
  });
}

async function readAnswer(answer: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= ANSWER_BYTES_MAX) parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What is said of a request that was taken, as far as it can be read. */
export function doneBy(
  signal: ShippedSignal,
  bytes: Uint8Array,
  encoding: Encoding = 'protobuf',
): PostResult {
  try {
    return { kind: 'done', ...decodeExportResponse(signal, bytes, encoding) };
  } catch {
    // The status says that it was taken; what else the receiver had to say is not worth sending it twice.
    return { kind: 'done', rejectedCount: 0, errorMessage: '' };
  }
}

interface Asked extends Pick<Sending, 'signal' | 'clock' | 'connector'> {}

function classify(
  answer: IncomingMessage,
  bytes: Uint8Array,
  { signal, clock, connector }: Asked,
): PostResult {
  const status = answer.statusCode ?? 0;
  const contentType = answer.headers['content-type'];
  if (status >= 200 && status < 300) {
    if (isPage(answer, bytes))
      return { kind: 'again', why: `status ${status} with a page of HTML`, afterMs: undefined };
    // It should be of the type of the request; some answer in JSON whatever they are asked in.
    return doneBy(signal, bytes, isJson(contentType ?? '') ? 'json' : 'protobuf');
  }
  const text = answerText(contentType, bytes);
  const why = text === '' ? `status ${status}` : `status ${status}: ${text}`;
  // The receiver has not been asked.
  if (status === PROXY_AUTHENTICATION && connector.proxy !== undefined) {
    return { kind: 'again', why, afterMs: undefined };
  }
  if (!RETRYABLE.has(status)) return refusedWith(status, why);
  const afterMs = retryAfterMs(answer.headers, clock);
  return { kind: 'again', why, afterMs, ...(GATEWAY.has(status) ? { isInDoubt: true } : {}) };
}

/** A status of HTTP after which nobody is asked for the same again (OTLP specification, § Failures). */
export function refusedWith(status: number, why: string): PostResult {
  if (OF_REQUEST.has(status)) return { kind: 'never', why };
  return { kind: 'never', why, isOfReceiver: true, ...(status >= 500 ? { isInDoubt: true } : {}) };
}

const LESS_THAN = 0x3c;

/**
 * Of a proxy, a login, or whoever else listens there, for people to read. The type alone says nothing: some servers
 * give it to every answer.
 */
const isPage = ({ headers }: IncomingMessage, bytes: Uint8Array): boolean =>
  bytes[0] === LESS_THAN && /^text\/html/i.test(headers['content-type'] ?? '');

/** Whoever asks for more patience means another unit, or has a clock that is wrong. */
export const PATIENCE_MS_MAX: number = 60 * 60_000;

/**
 * Retry-After: seconds, or a date (RFC 9110, § 10.2.3). A date is held against that of the answer, so that it does not
 * matter how true our clock is.
 */
function retryAfterMs(headers: IncomingMessage['headers'], clock: Clock): number | undefined {
  const header = headers['retry-after'];
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Math.min(Number(header) * 1000, PATIENCE_MS_MAX);
  const until = dateMs(header);
  if (until === undefined) return undefined;
  const now = dateMs(headers.date ?? '') ?? Number(clock.now() / 1_000_000n);
  return Math.min(Math.max(0, until - now), PATIENCE_MS_MAX);
}

/** An HTTP-date (RFC 9110, § 5.6.7), which ends in the zone; other texts that Date could read are none. */
function dateMs(text: string): number | undefined {
  const ms = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
