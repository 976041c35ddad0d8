/** A client span for each request made by `node:http` and `node:https`, through Node's own diagnostics channels. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isOwnAgent } from '@aode/journal';
import type { Span } from '@opentelemetry/api';
import { listen, type Listeners } from './listen.ts';
import { VERDICT_HEADER } from '../trace/verdict.ts';
import {
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

/** Listens until disposed of. */
export function traceHttpClients(parts: OutgoingParts): Disposable {
  const open = new WeakMap<ClientRequest, OpenCall>();
  const end = (request: ClientRequest, finish: (span: Span) => void): void => {
    const call = open.get(request);
    if (call === undefined) return;
    open.delete(request);
    finish(call.span);
    call.span.end();
  };
  const listeners: Listeners<Message> = {
    'http.client.request.created': ({ request }) => {
      if (isOwnAgent((request as ClientRequest & { readonly agent?: unknown }).agent)) return;
      const target = targetOfRequest(request);
      if (target === undefined) return;
      const setHeader = (name: string, value: string): void => {
        // Headers given as an array are already on their way, and the application's own word stands.
        if (!request.headersSent && !request.hasHeader(name)) request.setHeader(name, value);
      };
      open.set(
        request,
        startOutgoing({ method: request.method, target, connectHost: request.host, setHeader }, parts),
      );
      // Comes last in every case: the answer has been read to its end, or never will be.
      request.once('close', () => end(request, (span) => setOutcome(span, request)));
    },
    'http.client.response.finish': ({ request, response }) => {
      const call = open.get(request);
      if (call === undefined || response?.statusCode === undefined) return;
      setPeer(call.span, response.socket);
      call.span.setAttribute('network.protocol.version', response.httpVersion);
      setResponse(call.span, response.statusCode);
      heedVerdict(call, valuesOf(response.rawHeaders, VERDICT_HEADER)?.join(', '));
    },
    'http.client.request.error': ({ request, error }) => end(request, (span) => setFailure(span, error)),
  };
  return listen(listeners, parts.losses);
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
  return targetOf(`${protocol}//${authority}`, path);
}
