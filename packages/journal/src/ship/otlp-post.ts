/** One POST of an export request and its answer, classified by what the OTLP specification says of it (§ OTLP/HTTP). */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { decodeExportResponse, type SignalName } from '@aode/wire';

export type ShippedSignal = SignalName;

/** `again`: worth another try, after `afterMs` where the receiver has asked for it. `never`: it will not be taken. */
export type PostResult =
  | { readonly kind: 'done'; readonly rejectedCount: number; readonly errorMessage: string }
  | { readonly kind: 'again'; readonly why: string; readonly afterMs: number | undefined }
  | { readonly kind: 'never'; readonly why: string };

export interface PostOptions {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  readonly timeoutMs: number;
}

export interface Poster {
  /** Never rejects. */
  post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult>;
  /** Whether requests under way keep the process alive until they are answered; at first they do not. */
  keepAlive(on: boolean): void;
  /** Breaks off what is under way. */
  close(): void;
}

/** The only statuses that may be tried again (OTLP specification, § Retryable Response Codes). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** An answer is a handful of bytes; more than this is not one. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Agents of posters: their requests are Aode's own and are not traced. */
const OWN_AGENTS = new WeakSet<object>();

export function isOwnAgent(agent: unknown): boolean {
  return typeof agent === 'object' && agent !== null && OWN_AGENTS.has(agent);
}

/** An agent for requests to `endpoint` that are not traced. */
export function createOwnAgent(endpoint: string): HttpAgent | HttpsAgent {
  const secure = endpoint.startsWith('https:');
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
  OWN_AGENTS.add(agent);
  return agent;
}

const pack = promisify(gzip);

export function createPoster(options: PostOptions): Poster {
  const agent = createOwnAgent(options.endpoint);
  const sockets = new Set<Socket>();
  let isKept = false;
  const keep = (socket: Socket): void => void (isKept ? socket.ref() : socket.unref());
  const onSocket = (socket: Socket): void => {
    keep(socket);
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  return {
    async post(signal, body) {
      try {
        const packed = options.compression === 'gzip' ? await pack(body) : body;
        return await send({ ...options, signal, packed, agent, onSocket });
      } catch (error) {
        // Node.js refuses to make the request at all; it would do so again.
        return { kind: 'never', why: error instanceof Error ? error.message : String(error) };
      }
    },
    keepAlive(on) {
      isKept = on;
      for (const socket of sockets) keep(socket);
    },
    close: () => agent.destroy(),
  };
}

interface Sending extends PostOptions {
  readonly signal: ShippedSignal;
  readonly packed: Uint8Array;
  readonly agent: HttpAgent | HttpsAgent;
  readonly onSocket: (socket: Socket) => void;
}

function send(sending: Sending): Promise<PostResult> {
  const { endpoint, headers, compression, timeoutMs, signal, packed, agent, onSocket } = sending;
  const request = endpoint.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    // Of the whole, not of silence: a receiver that dribbles must not hold us for ever.
    const deadline = AbortSignal.timeout(timeoutMs);
    const again = (error: Error): void => {
      const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : error.message;
      resolve({ kind: 'again', why, afterMs: undefined });
    };
    const sent = request(`${endpoint}/v1/${signal}`, {
      method: 'POST',
      agent,
      signal: deadline,
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        'content-length': packed.byteLength,
        ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
      },
    });
    sent.on('socket', onSocket);
    sent.on('error', again);
    sent.on('response', (answer) => {
      readAnswer(answer).then((bytes) => resolve(classify(signal, answer, bytes)), again);
    });
    sent.end(packed);
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

function classify(signal: ShippedSignal, answer: IncomingMessage, bytes: Uint8Array): PostResult {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    try {
      return { kind: 'done', ...decodeExportResponse(signal, bytes, 'protobuf') };
    } catch {
      // The status says that it was taken; what else the receiver had to say is not worth sending it twice.
      return { kind: 'done', rejectedCount: 0, errorMessage: '' };
    }
  }
  const why = `status ${status}`;
  if (!RETRYABLE.has(status)) return { kind: 'never', why };
  return { kind: 'again', why, afterMs: retryAfterMs(answer.headers['retry-after']) };
}

/** Retry-After in seconds; its date form is not used by OTLP receivers and counts as absent. */
function retryAfterMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
