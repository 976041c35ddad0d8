/** A client span for each request made by `fetch`, or by undici itself, through undici's diagnostics channels. */
import type { TextMapSetter } from '@opentelemetry/api';
import { CLOCK_HEADER } from '../clock/answer-clock.ts';
import { listen, type Listeners } from './listen.ts';
import { VERDICT_HEADER } from '../trace/verdict.ts';
import {
  followAnswer,
  heedVerdict,
  type OpenCall,
  type OutgoingParts,
  setFailure,
  setPeer,
  setResponse,
  startOutgoing,
} from './outgoing.ts';
import { targetOf } from './target.ts';

/** What undici says of a request. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** `name: value\r\n…` in old versions, names and values in turn in new ones. */
  readonly headers: string | readonly string[];
  addHeader(name: string, value: string): void;
}

interface Message {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number; readonly headers: readonly Uint8Array[] };
  readonly error?: unknown;
  readonly socket?: Parameters<typeof setPeer>[1];
}

const HEADERS: TextMapSetter<UndiciRequest> = {
  set(request, name, value) {
    if (!hasHeader(request, name)) request.addHeader(name, value);
  },
};

/** Listens until disposed of. */
export function traceFetch(parts: OutgoingParts): Disposable {
  const open = new WeakMap<UndiciRequest, OpenCall>();
  const listeners: Listeners<Message> = {
    'undici:request:create': ({ request }) => {
      const target = targetOf(String(request.origin), request.path);
      if (target === undefined) return;
      open.set(request, startOutgoing({ method: request.method, target, carrier: request }, HEADERS, parts));
    },
    'undici:client:sendHeaders': ({ request, socket }) => {
      const call = open.get(request);
      if (call !== undefined && socket !== undefined) setPeer(call.span, socket);
    },
    'undici:request:headers': ({ request, response }) => {
      const call = open.get(request);
      if (call === undefined || response === undefined) return;
      setResponse(call.span, response.statusCode);
      heedVerdict(call, headerOf(response.headers, VERDICT_HEADER));
      followAnswer(call, headerOf(response.headers, CLOCK_HEADER), parts);
    },
    'undici:request:trailers': ({ request }) => {
      open.get(request)?.span.end();
      open.delete(request);
    },
    'undici:request:error': ({ request, error }) => {
      const call = open.get(request);
      if (call === undefined) return;
      open.delete(request);
      setFailure(call.span, error);
      call.span.end();
    },
  };
  return listen(listeners, parts.losses);
}

/** Names and values in turn, as they came over the wire. */
function headerOf(headers: readonly Uint8Array[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const given = headers[i];
    if (given?.length !== name.length || Buffer.from(given).toString('latin1').toLowerCase() !== name)
      continue;
    return Buffer.from(headers[i + 1] ?? []).toString('latin1');
  }
  return undefined;
}

function hasHeader({ headers }: UndiciRequest, name: string): boolean {
  if (typeof headers === 'string') return headers.toLowerCase().includes(`${name}:`);
  return headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === name);
}
