/**
 * A server span for each request that a `node:http` or `node:https` server receives, and the request's context around
 * everything that its handlers do (OpenTelemetry semantic conventions, § HTTP server).
 */
import { type IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Random } from '@aode/base';
import {
  type Attributes,
  type Context,
  context as contextApi,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { X_TRACE_ID } from '../context/header-set.ts';
import { isRequestId, newRequestId, requestOf, withRequestId } from '../context/request-context.ts';
import { fromOutside } from '../context/trust-boundary.ts';
import type { Losses } from '../losses.ts';
import { RecordingSpan } from '../trace/span.ts';
import { isKeptByTrigger, VERDICT_HEADER, VERDICT_VALUE } from '../trace/verdict.ts';
import { type Method, methodOf } from './http-method.ts';
import { addressOf, redactQuery } from './redact.ts';
import { routeOf } from './route.ts';

export interface HttpServerParts {
  readonly tracer: Tracer;
  readonly random: Random;
  readonly losses: Losses;
  readonly requestIdHeader: string;
  /** Ports of listeners whose callers nobody vouches for. */
  readonly untrustedPorts: ReadonlySet<number | 'all'>;
}

const HEADERS: TextMapGetter<IncomingMessage> = {
  keys: ({ headers }) => Object.keys(headers),
  get: ({ headersDistinct }, key) => headersDistinct[key.toLowerCase()],
};

/** Wraps `emit` of both kinds of server, and `writeHead` of their responses, until disposed of. */
export function traceHttpServers(parts: HttpServerParts): Disposable {
  const spans = new WeakMap<ServerResponse, Span>();
  const undo = [HttpServer, HttpsServer].map(({ prototype }) => wrapEmit(prototype, { ...parts, spans }));
  undo.push(wrapWriteHead(spans));
  return { [Symbol.dispose]: () => undo.forEach((restore) => restore()) };
}

interface ServerParts extends HttpServerParts {
  /** Of requests that are under way. */
  readonly spans: WeakMap<ServerResponse, Span>;
}

type WriteHead = (this: ServerResponse, status: number, ...rest: unknown[]) => ServerResponse;

/** The last moment at which the caller can be told that the trace is kept. */
function wrapWriteHead(spans: WeakMap<ServerResponse, Span>): () => void {
  const { prototype } = ServerResponse;
  const original = Reflect.get(prototype, 'writeHead') as WriteHead;
  const wrapped: WriteHead = function writeHead(status, ...rest) {
    const span = spans.get(this);
    if (span instanceof RecordingSpan && !this.headersSent) {
      if (status >= 500) span.fail('http_status');
      if (isKeptByTrigger(span)) this.setHeader(VERDICT_HEADER, VERDICT_VALUE);
    }
    return original.call(this, status, ...rest);
  };
  prototype.writeHead = wrapped as typeof prototype.writeHead;
  return () => {
    if (prototype.writeHead === wrapped) prototype.writeHead = original as typeof prototype.writeHead;
  };
}

type Emit = (this: unknown, event: string | symbol, ...args: unknown[]) => boolean;

function wrapEmit(prototype: HttpServer | HttpsServer, parts: ServerParts): () => void {
  const original = prototype.emit as Emit;
  const wrapped: Emit = function emit(event, ...args) {
    if (event !== 'request') return original.call(this, event, ...args);
    const [request, response] = args as [IncomingMessage, ServerResponse];
    const context = startRequest(request, response, parts);
    return contextApi.with(context, () => original.call(this, event, ...args));
  };
  // Both inherit `emit`; what is put here is our own property and can be taken away again.
  Object.defineProperty(prototype, 'emit', { value: wrapped, configurable: true, writable: true });
  return () => Reflect.deleteProperty(prototype, 'emit');
}

/** The context in which handlers run. Never throws: a request is more important than its span. */
function startRequest(request: IncomingMessage, response: ServerResponse, parts: ServerParts): Context {
  let context = ROOT_CONTEXT;
  try {
    const requestId = requestIdFor(request, parts);
    context = withRequestId(propagation.extract(entry(request, parts), request, HEADERS), requestId);
    const correlationId = requestOf(context)?.correlationId;
    if (!response.headersSent) {
      response.setHeader(parts.requestIdHeader, requestId);
      if (correlationId !== undefined) response.setHeader(X_TRACE_ID, correlationId);
    }
    const method = methodOf(request.method);
    const attributes: Attributes = requestAttributes(request, method);
    attributes['aode.request_id'] = requestId;
    if (correlationId !== undefined) attributes['aode.correlation_id'] = correlationId;
    const span = parts.tracer.startSpan(method.name, { kind: SpanKind.SERVER, attributes }, context);
    context = trace.setSpan(context, span);
    parts.spans.set(response, span);
    // Events of a body come from the parser, which belongs to the connection and knows nothing of this request.
    contextApi.bind(context, request);
    contextApi.bind(context, response);
    endWith(response, request, span);
  } catch {
    parts.losses.add('boundary_failed', 1);
  }
  return context;
}

function entry({ socket }: IncomingMessage, { untrustedPorts }: HttpServerParts): Context {
  if (untrustedPorts.size === 0) return ROOT_CONTEXT;
  const isUntrusted = untrustedPorts.has('all') || untrustedPorts.has(socket.localPort ?? 0);
  return isUntrusted ? fromOutside(ROOT_CONTEXT) : ROOT_CONTEXT;
}

function requestIdFor(
  request: IncomingMessage,
  { requestIdHeader, random, losses }: HttpServerParts,
): string {
  const given = request.headers[requestIdHeader];
  if (given === undefined) return newRequestId(random);
  if (typeof given === 'string' && isRequestId(given)) return given;
  losses.add('request_id_invalid', 1);
  return newRequestId(random);
}

function requestAttributes(request: IncomingMessage, { attribute, original }: Method): Attributes {
  const { path, query } = targetOf(request.url ?? '/');
  const socket: Socket & { readonly encrypted?: boolean } = request.socket;
  const host = hostOf(request.headers.host);
  return {
    'http.request.method': attribute,
    ...(original === undefined ? {} : { 'http.request.method_original': original }),
    'url.scheme': socket.encrypted === true ? 'https' : 'http',
    'url.path': path,
    'network.protocol.version': request.httpVersion,
    ...(query === '' ? {} : { 'url.query': redactQuery(query) }),
    ...(host === undefined ? {} : { 'server.address': host.name }),
    ...(host?.port === undefined ? {} : { 'server.port': host.port }),
    ...peerOf(socket),
  };
}

/** Who is at the other end of the connection; no header is believed for that. */
function peerOf({ remoteAddress, remotePort }: Socket): Attributes {
  if (remoteAddress === undefined) return {};
  const address = { 'client.address': remoteAddress, 'network.peer.address': remoteAddress };
  return remotePort === undefined ? address : { ...address, 'network.peer.port': remotePort };
}

/** Path and query of a request target; that of a proxy request is a whole URL, maybe with a password in it. */
function targetOf(target: string): { readonly path: string; readonly query: string } {
  if (!target.startsWith('/') && URL.canParse(target)) {
    const { pathname, search } = new URL(target);
    return { path: pathname, query: search.slice(1) };
  }
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

function hostOf(
  header: string | undefined,
): { readonly name: string; readonly port: number | undefined } | undefined {
  if (header === undefined || !URL.canParse(`http://${header}`)) return undefined;
  const url = new URL(`http://${header}`);
  return { name: addressOf(url), port: url.port === '' ? undefined : Number(url.port) };
}

/** Ends the span when the response is out, or when it is clear that it will never be. */
function endWith(response: ServerResponse, request: IncomingMessage, span: Span): void {
  // `close` comes after `finish`, and alone when the connection breaks before the response is complete.
  response.once('close', () => {
    const { statusCode } = response;
    const route = routeOf(request);
    if (route !== undefined) {
      span.setAttribute('http.route', route);
      span.updateName(`${methodOf(request.method).name} ${route}`);
    }
    if (response.headersSent) span.setAttribute('http.response.status_code', statusCode);
    if (!response.writableFinished)
      fail(span, 'aborted', 'the connection closed before the response was complete');
    else if (statusCode >= 500) fail(span, String(statusCode), '');
    span.end();
  });
}

function fail(span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
