/** A client span for each request made by `fetch`, or by undici itself, through undici's diagnostics channels. */
import type { Span } from '@opentelemetry/api';
import { listen, type Listeners } from './listen.ts';
import { type OutgoingParts, setFailure, setResponse, startOutgoing } from './outgoing.ts';

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
  readonly response?: { readonly statusCode: number };
  readonly error?: unknown;
}

/** Listens until disposed of. */
export function traceFetch(parts: OutgoingParts): Disposable {
  const open = new WeakMap<UndiciRequest, Span>();
  const listeners: Listeners<Message> = {
    'undici:request:create': ({ request }) => {
      const text = `${String(request.origin)}${request.path}`;
      if (!URL.canParse(text)) return;
      const setHeader = (name: string, value: string): void => {
        if (!hasHeader(request, name)) request.addHeader(name, value);
      };
      open.set(request, startOutgoing({ method: request.method, url: new URL(text), setHeader }, parts));
    },
    'undici:request:headers': ({ request, response }) => {
      const span = open.get(request);
      if (span !== undefined && response !== undefined) setResponse(span, response.statusCode);
    },
    'undici:request:trailers': ({ request }) => {
      open.get(request)?.end();
      open.delete(request);
    },
    'undici:request:error': ({ request, error }) => {
      const span = open.get(request);
      if (span === undefined) return;
      open.delete(request);
      setFailure(span, error);
      span.end();
    },
  };
  return listen(listeners, parts.losses);
}

function hasHeader({ headers }: UndiciRequest, name: string): boolean {
  if (typeof headers === 'string') return headers.toLowerCase().includes(`${name}:`);
  return headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === name);
}
