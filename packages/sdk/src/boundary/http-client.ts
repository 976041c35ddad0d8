/** A client span for each request made by `node:http` and `node:https`, through Node's own diagnostics channels. */
import { ClientRequest, type IncomingMessage } from 'node:http';
import { isOwnAgent } from '@aode/journal';
import type { Span, TextMapSetter } from '@opentelemetry/api';
import { CLOCK_HEADER } from '../clock/answer-clock.ts';
import { beginExchange, type Exchange, exchangeOf, watchMessages } from './exchange.ts';
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
import { valuesOf } from './raw-headers.ts';
import { type Target, targetOf } from './target.ts';

interface Message {
  readonly request: ClientRequest;
  readonly response?: IncomingMessage;
  readonly error?: unknown;
}

const HEADERS: TextMapSetter<ClientRequest> = {
  set(request, name, value) {
    // Headers given as an array are already on their way, and the application's own word stands.
    if (!request.headersSent && !request.hasHeader(name)) request.setHeader(name, value);
  },
};

/** Its listeners hear where the answer comes: they were added there, or have a context of their own. */
class ClientExchange implements Exchange {
  readonly context = undefined;
  /** Undefined once it has ended. */
  call: OpenCall | undefined;
  readonly #request: ClientRequest;

  constructor(call: OpenCall, request: ClientRequest) {
    this.call = call;
    this.#request = request;
  }

  /** Comes last in every case: the answer has been read to its end, or never will be. */
  closed(): void {
    this.#end((span) => setOutcome(span, this.#request));
  }

  failed(error: unknown): void {
    this.#end((span) => setFailure(span, error));
  }

  #end(finish: (span: Span) => void): void {
    if (this.call === undefined) return;
    const { span } = this.call;
    this.call = undefined;
    finish(span);
    span.end();
  }
}

/** Listens until disposed of. */
export function traceHttpClients(parts: OutgoingParts): Disposable {
  const listeners: Listeners<Message> = {
    'http.client.request.created': ({ request }) => {
      if (isOwnAgent((request as ClientRequest & { readonly agent?: unknown }).agent)) return;
      const target = targetOfRequest(request);
      if (target === undefined) return;
      const outgoing = { method: request.method, target, connectHost: request.host, carrier: request };
      beginExchange(request, new ClientExchange(startOutgoing(outgoing, HEADERS, parts), request));
    },
    'http.client.response.finish': ({ request, response }) => {
      const call = callOf(request);
      if (call === undefined || response?.statusCode === undefined) return;
      setPeer(call.span, response.socket);
      call.span.setAttribute('network.protocol.version', response.httpVersion);
      setResponse(call.span, response.statusCode);
      heedVerdict(call, valuesOf(response.rawHeaders, VERDICT_HEADER)?.join(', '));
      followAnswer(call, valuesOf(response.rawHeaders, CLOCK_HEADER)?.join(', '), parts);
    },
    'http.client.request.error': ({ request, error }) => {
      const exchange = exchangeOf(request);
      if (exchange instanceof ClientExchange) exchange.failed(error);
    },
  };
  const listening = listen(listeners, parts.losses);
  const unwatch = watchMessages(ClientRequest.prototype, parts.losses);
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      unwatch();
    },
  };
}

function callOf(request: ClientRequest): OpenCall | undefined {
  const exchange = exchangeOf(request);
  return exchange instanceof ClientExchange ? exchange.call : undefined;
}

function setOutcome(span: Span, request: ClientRequest): void {
  const { res: answer } = request as ClientRequest & { readonly res?: IncomingMessage | null };
  if (answer?.statusCode === undefined) {
    setFailure(span, { name: 'aborted', message: 'closed without an answer' });
    return;
  }
  if (!answer.complete)
    setFailure(span, { name: 'aborted', message: 'closed before the answer was complete' });
}

/** Undefined for what has no URL, such as a request over a Unix socket with a strange path. */
function targetOfRequest(request: ClientRequest): Target | undefined {
  const { protocol, host, path } = request;
  const { port } = request as ClientRequest & { readonly port?: unknown };
  const given = request.getHeader('host');
  const authority =
    typeof given === 'string' ? given : `${host}${typeof port === 'number' ? `:${port}` : ''}`;
  return targetOf(originOf(protocol, authority), path);
}

/** A service calls few others; one that calls many must not fill the memory. */
const ORIGINS_MAX = 1000;
const origins = new Map<string, { readonly protocol: string; readonly origin: string }>();

/** The same text for the same origin: one whose hash is known, where a new one would be looked at again and again. */
function originOf(protocol: string, authority: string): string {
  const known = origins.get(authority);
  if (known?.protocol === protocol) return known.origin;
  const origin = `${protocol}//${authority}`;
  if (origins.size === ORIGINS_MAX) origins.clear();
  origins.set(authority, { protocol, origin });
  return origin;
}
