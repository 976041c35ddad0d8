/**
 * A server span for each request that a `node:http` or `node:https` server receives, and the request's context around
 * everything that its handlers do (OpenTelemetry semantic conventions, § HTTP server).
 */
import { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Random } from '@aode/base';
import {
  type Context,
  context as contextApi,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { answerClock } from '../clock/answer-clock.ts';
import type { LogicalClock } from '../clock/logical-clock.ts';
import { EMPTY_CONTEXT } from '../context/linked-context.ts';
import { leaveByError } from '../context/unwound-context.ts';
import { X_TRACE_ID } from '../context/header-set.ts';
import { isRequestId, newRequestId, requestOf, withRequestId } from '../context/request-context.ts';
import { fromOutside } from '../context/trust-boundary.ts';
import type { Losses } from '../losses.ts';
import type { LostContexts } from '../trace/lost-context.ts';
import { RecordingSpan } from '../trace/span.ts';
import { isKeptByTrigger, VERDICT_HEADER, VERDICT_VALUE } from '../trace/verdict.ts';
import { type Header, withHeaders } from './answer-headers.ts';
import { replaceEmit } from './emit.ts';
import { beginExchange, type Exchange, exchangeOf, watchMessages } from './exchange.ts';
import { type Method, methodOf } from './http-method.ts';
import { valuesOf } from './raw-headers.ts';
import { addressOf, redactQuery } from './redact.ts';
import { routeOf } from './route.ts';

export interface HttpServerParts {
  readonly tracer: Tracer;
  readonly random: Random;
  readonly losses: Losses;
  /** Told of responses that are about to be written. */
  readonly lost?: LostContexts;
  readonly requestIdHeader: string;
  /** Ports of listeners whose callers nobody vouches for. */
  readonly untrustedPorts: ReadonlySet<number | 'all'>;
  /** Told to callers that have told theirs. */
  readonly logical?: LogicalClock;
}

const HEADERS: TextMapGetter<IncomingMessage> = {
  keys: ({ headers }) => Object.keys(headers),
  get: ({ rawHeaders }, key) => valuesOf(rawHeaders, key.toLowerCase()),
};

/** Wraps `emit` of both kinds of server and of their messages, and `writeHead`, until disposed of. */
export function traceHttpServers(parts: HttpServerParts): Disposable {
  const undo = [HttpServer, HttpsServer].map(({ prototype }) => wrapEmit(prototype, parts));
  for (const { prototype } of [IncomingMessage, ServerResponse]) {
    undo.push(watchMessages(prototype, parts.losses));
  }
  undo.push(wrapWriteHead(parts));
  return { [Symbol.dispose]: () => undo.forEach((restore) => restore()) };
}

class ServerExchange implements Exchange {
  readonly context: Context;
  readonly span: Span;
  /** Headers of the answer, unless the application sets its own. */
  readonly headers: readonly Header[];
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(context: Context, span: Span, headers: readonly Header[], { request, response }: Messages) {
    this.context = context;
    this.span = span;
    this.headers = headers;
    this.#request = request;
    this.#response = response;
  }

  /** `close` comes after `finish`, and alone when the connection breaks before the response is complete. */
  closed(message: object): void {
    if (message === this.#response) endSpan(this.span, this.#request, this.#response);
  }
}

interface Messages {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const VERDICT: Header = [VERDICT_HEADER, VERDICT_VALUE];

type WriteHead = (this: ServerResponse, status: number, ...rest: unknown[]) => ServerResponse;

/** The last moment at which headers can be set, and the caller be told that the trace is kept. */
function wrapWriteHead({ lost, losses, logical }: HttpServerParts): () => void {
  const prototype = ServerResponse.prototype as { writeHead: WriteHead };
  const { writeHead: original } = prototype;
  const wrapped: WriteHead = function writeHead(status, ...given) {
    const exchange = exchangeOf(this);
    if (!(exchange instanceof ServerExchange) || this.headersSent)
      return original.call(this, status, ...given);
    const { span } = exchange;
    let rest: readonly unknown[] = given;
    try {
      if (span instanceof RecordingSpan) {
        lost?.answered(span);
        if (status >= 500 && status <= STATUS_MAX) span.fail('http_status');
      }
      const own = isKeptByTrigger(span) ? [...exchange.headers, VERDICT] : exchange.headers;
      const isAsked = logical !== undefined && requestOf(exchange.context)?.arrival?.stamp !== undefined;
      rest = withHeaders(this, given, own, isAsked ? answerClock(logical) : undefined);
    } catch {
      losses.add('boundary_failed', 1);
    }
    return original.call(this, status, ...rest);
  };
  prototype.writeHead = wrapped;
  return () => {
    if (prototype.writeHead === wrapped) prototype.writeHead = original;
  };
}

/** Node takes none above it. */
const STATUS_MAX = 999;

function wrapEmit(prototype: HttpServer | HttpsServer, parts: HttpServerParts): () => void {
  return replaceEmit<HttpServer | HttpsServer>(
    prototype,
    (original) =>
      function emit(event, ...args) {
        const [request, response] = args as [IncomingMessage, ServerResponse];
        // A server may hand a request over to another: it is the same request.
        if (event !== 'request' || exchangeOf(response) !== undefined) {
          return original().call(this, event, ...args);
        }
        const context = startRequest(request, response, parts);
        let isDone = false;
        try {
          const heard = contextApi.with(context, () => original().call(this, event, ...args));
          isDone = true;
          return heard;
        } finally {
          // No `catch`: an error that is thrown again is told with our line as its place.
          if (!isDone) leaveByError(context);
        }
      },
  );
}

const SERVER: SpanOptions = Object.freeze({ kind: SpanKind.SERVER });

/** The context in which handlers run. Never throws: a request is more important than its span. */
function startRequest(request: IncomingMessage, response: ServerResponse, parts: HttpServerParts): Context {
  let context = EMPTY_CONTEXT;
  try {
    const requestId = requestIdFor(request, parts);
    context = propagation.extract(withRequestId(entry(request, parts), requestId), request, HEADERS);
    // A propagator that is not ours may have kept nothing of it.
    if (requestOf(context)?.requestId !== requestId) context = withRequestId(context, requestId);
    const correlationId = requestOf(context)?.correlationId;
    const headers: Header[] = [[parts.requestIdHeader, requestId]];
    if (correlationId !== undefined) headers.push([X_TRACE_ID, correlationId]);
    const method = methodOf(request.method);
    const span = parts.tracer.startSpan(method.name, SERVER, context);
    setRequest(span, request, method);
    span.setAttribute('aode.request_id', requestId);
    if (correlationId !== undefined) span.setAttribute('aode.correlation_id', correlationId);
    context = trace.setSpan(context, span);
    const exchange = new ServerExchange(context, span, headers, { request, response });
    beginExchange(request, exchange);
    beginExchange(response, exchange);
  } catch {
    parts.losses.add('boundary_failed', 1);
  }
  return context;
}

function entry({ socket }: IncomingMessage, { untrustedPorts }: HttpServerParts): Context {
  if (untrustedPorts.size === 0) return EMPTY_CONTEXT;
  const isUntrusted = untrustedPorts.has('all') || untrustedPorts.has(socket.localPort ?? 0);
  return isUntrusted ? fromOutside(EMPTY_CONTEXT) : EMPTY_CONTEXT;
}

function requestIdFor(
  { rawHeaders }: IncomingMessage,
  { requestIdHeader, random, losses }: HttpServerParts,
): string {
  const given = valuesOf(rawHeaders, requestIdHeader);
  if (given === undefined) return newRequestId(random);
  const [id] = given;
  if (given.length === 1 && id !== undefined && isRequestId(id)) return id;
  losses.add('request_id_invalid', 1);
  return newRequestId(random);
}

/** One by one, because an object of them would be made only to be read once. */
function setRequest(span: Span, request: IncomingMessage, { attribute, original }: Method): void {
  const { path, query } = targetOf(request.url ?? '/');
  const socket: Socket & { readonly encrypted?: boolean } = request.socket;
  const host = hostOf(valuesOf(request.rawHeaders, 'host')?.[0]);
  const { remoteAddress, remotePort } = socket;
  span.setAttribute('http.request.method', attribute);
  if (original !== undefined) span.setAttribute('http.request.method_original', original);
  span.setAttribute('url.scheme', socket.encrypted === true ? 'https' : 'http');
  span.setAttribute('url.path', path);
  span.setAttribute('network.protocol.version', request.httpVersion);
  if (query !== '') span.setAttribute('url.query', redactQuery(query));
  if (host !== undefined) span.setAttribute('server.address', host.name);
  if (host?.port !== undefined) span.setAttribute('server.port', host.port);
  // Who is at the other end of the connection; no header is believed for that.
  if (remoteAddress !== undefined) {
    span.setAttribute('client.address', remoteAddress);
    span.setAttribute('network.peer.address', remoteAddress);
  }
  if (remotePort !== undefined) span.setAttribute('network.peer.port', remotePort);
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

interface Host {
  readonly name: string;
  readonly port: number | undefined;
}

/** A service is called by few names; a caller that makes them up must not fill the memory. */
const HOSTS_MAX = 256;
/** By the text of the header, because reading it as a URL costs as much as the rest of the span. */
const hosts = new Map<string, Host>();

function hostOf(header: string | undefined): Host | undefined {
  if (header === undefined) return undefined;
  const known = hosts.get(header);
  if (known !== undefined) return known;
  const url = URL.parse(`http://${header}`);
  if (url === null) return undefined;
  const host = { name: addressOf(url), port: url.port === '' ? undefined : Number(url.port) };
  if (hosts.size === HOSTS_MAX) hosts.clear();
  hosts.set(header, host);
  return host;
}

function endSpan(span: Span, request: IncomingMessage, response: ServerResponse): void {
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
}

function fail(span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
