/** One POST of an export request and its answer, classified by what the OTLP specification says of it (§ OTLP/HTTP). */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { decodeExportResponse } from '@aode/wire';

export type ShippedSignal = 'traces' | 'logs';

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
  post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult>;
  close(): void;
}

/** The only statuses that may be tried again (OTLP specification, § Retryable Response Codes). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** An answer is a handful of bytes; more than this is not one. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Agents of posters: their requests are the SDK's own and are not traced. */
const OWN_AGENTS = new WeakSet<object>();

export function isOwnAgent(agent: unknown): boolean {
  return typeof agent === 'object' && agent !== null && OWN_AGENTS.has(agent);
}

const pack = promisify(gzip);

export function createPoster(options: PostOptions): Poster {
  const secure = options.endpoint.startsWith('https:');
  // One connection a signal: order within a signal is kept by sending one after the other.
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
  OWN_AGENTS.add(agent);
  const request = secure ? httpsRequest : httpRequest;
  return {
    async post(signal, body) {
      const packed = options.compression === 'gzip' ? await pack(body) : body;
      return new Promise((resolve) => {
        const again = (why: string): void => resolve({ kind: 'again', why, afterMs: undefined });
        const sent = request(`${options.endpoint}/v1/${signal}`, {
          method: 'POST',
          agent,
          timeout: options.timeoutMs,
          headers: {
            ...options.headers,
            'content-type': 'application/x-protobuf',
            'content-length': packed.byteLength,
            ...(options.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
          },
        });
        sent.on('timeout', () => sent.destroy(new Error(`no answer within ${options.timeoutMs} ms`)));
        sent.on('error', (error) => again(error.message));
        sent.on('response', (answer) => {
          readAnswer(answer).then(
            (bytes) => resolve(classify(signal, answer, bytes)),
            (error: unknown) => again(String(error)),
          );
        });
        sent.end(packed);
      });
    },
    close: () => agent.destroy(),
  };
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
