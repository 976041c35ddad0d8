/** A client span for each request made by `node:http` and `node:https`, through Node's own diagnostics channels. */
import { channel } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { isOwnAgent } from '../ship/otlp-post.ts';
import { type OutgoingParts, setFailure, setResponse, startOutgoing } from './outgoing.ts';

interface RequestMessage {
  readonly request: ClientRequest;
}
interface ResponseMessage extends RequestMessage {
  readonly response: IncomingMessage;
}
interface ErrorMessage extends RequestMessage {
  readonly error: unknown;
}

/** Listens until disposed of. */
export function traceHttpClients(parts: OutgoingParts): Disposable {
  const open = new WeakMap<ClientRequest, Span>();
  const end = (request: ClientRequest, finish: (span: Span) => void): void => {
    const span = open.get(request);
    if (span === undefined) return;
    open.delete(request);
    finish(span);
    span.end();
  };
  const listeners = {
    'http.client.request.created': ({ request }: RequestMessage) => {
      if (isOwnAgent((request as ClientRequest & { readonly agent?: unknown }).agent)) return;
      const url = urlOf(request);
      if (url === undefined) return;
      const setHeader = (name: string, value: string): void => {
        // Headers given as an array are already on their way, and the application's own word stands.
        if (!request.headersSent && !request.hasHeader(name)) request.setHeader(name, value);
      };
      const span = startOutgoing({ method: request.method, url, setHeader }, parts);
      open.set(request, span);
      // Whatever else happens or does not happen, this comes last.
      request.once('close', () =>
        end(request, (one) => {
          const answer = (request as ClientRequest & { readonly res?: IncomingMessage | null }).res;
          if (answer?.statusCode !== undefined) setResponse(one, answer.statusCode);
          else setFailure(one, { name: 'aborted', message: 'closed without an answer' });
        }),
      );
    },
    'http.client.response.finish': ({ request, response }: ResponseMessage) =>
      end(request, (span) => setResponse(span, response.statusCode ?? 0)),
    'http.client.request.error': ({ request, error }: ErrorMessage) =>
      end(request, (span) => setFailure(span, error)),
  };
  const undo = Object.entries(listeners).map(([name, listener]) => {
    const onMessage = (message: unknown): void => listener(message as ResponseMessage & ErrorMessage);
    channel(name).subscribe(onMessage);
    return () => channel(name).unsubscribe(onMessage);
  });
  return { [Symbol.dispose]: () => undo.forEach((stop) => stop()) };
}

/** Undefined for what has no URL, such as a request over a Unix socket with a strange path. */
function urlOf(request: ClientRequest): URL | undefined {
  const { protocol, host, path } = request;
  const { port } = request as ClientRequest & { readonly port?: unknown };
  const given = request.getHeader('host');
  const authority =
    typeof given === 'string' ? given : `${host}${typeof port === 'number' ? `:${port}` : ''}`;
  const text = `${protocol}//${authority}${path}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}
