/** What `node:http` and `fetch` calls have in common: the client span, its attributes, the headers that carry it on. */
import {
  context as contextApi,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TextMapSetter,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { heedClock } from '../clock/answer-clock.ts';
import type { LogicalClock } from '../clock/logical-clock.ts';
import { requestOf } from '../context/request-context.ts';
import { fromOutside, type HostTrust } from '../context/trust-boundary.ts';
import type { Losses } from '../losses.ts';
import { RecordingSpan } from '../trace/span.ts';
import { isVerdict } from '../trace/verdict.ts';
import { methodOf } from './http-method.ts';
import type { Target } from './target.ts';

export interface OutgoingParts {
  readonly tracer: Tracer;
  readonly requestIdHeader: string;
  readonly isTrusted: HostTrust;
  readonly losses: Losses;
  /** Follows that of whoever answers. */
  readonly logical?: LogicalClock;
}

export interface Outgoing<C> {
  readonly method: string | undefined;
  readonly target: Target;
  /** Where the connection goes, when that may be another host than the request says. */
  readonly connectHost?: string;
  /** The request, whose headers are set. */
  readonly carrier: C;
}

/** A call under way. */
export interface OpenCall {
  readonly span: Span;
  /** Whoever answers is within the trust boundary. */
  readonly isWithin: boolean;
}

const CLIENT: SpanOptions = Object.freeze({ kind: SpanKind.CLIENT });

/**
 * Starts the span and writes its context into the request's headers by `setter`, which must not replace one that the
 * application has set.
 */
export function startOutgoing<C>(
  call: Outgoing<C>,
  setter: TextMapSetter<C>,
  parts: OutgoingParts,
): OpenCall {
  const { method: raw, target, carrier } = call;
  const active = contextApi.active();
  const method = methodOf(raw);
  const span = parts.tracer.startSpan(method.name, CLIENT, active);
  // One by one, because an object of them would be made only to be read once.
  span.setAttribute('http.request.method', method.attribute);
  if (method.original !== undefined) span.setAttribute('http.request.method_original', method.original);
  span.setAttribute('url.full', target.full);
  span.setAttribute('server.address', target.address);
  span.setAttribute('server.port', target.port);
  const context = trace.setSpan(active, span);
  const within = isWithin(call, parts);
  propagation.inject(within ? context : fromOutside(context), carrier, setter);
  const requestId = requestOf(active)?.requestId;
  if (requestId !== undefined) setter.set(carrier, parts.requestIdHeader, requestId);
  return { span, isWithin: within };
}

/** Both must be ours: a `Host` header says little of who reads the request. */
const isWithin = ({ target, connectHost }: Outgoing<unknown>, { isTrusted }: OutgoingParts): boolean =>
  isTrusted(target.hostname) && (connectHost === undefined || isTrusted(connectHost));

interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Where the connection really goes: a name has many addresses, and a proxy is none of them. */
export function setPeer(span: Span, { remoteAddress, remotePort }: Peer): void {
  if (remoteAddress !== undefined) span.setAttribute('network.peer.address', remoteAddress);
  if (remotePort !== undefined) span.setAttribute('network.peer.port', remotePort);
}

/** For a client every status from 400 up is a failure (semantic conventions, § HTTP client). */
export function setResponse(span: Span, statusCode: number): void {
  span.setAttribute('http.response.status_code', statusCode);
  if (statusCode < 400) return;
  span.setAttribute('error.type', String(statusCode));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** What the callee says of the trace, which is believed within the trust boundary only. */
export function heedVerdict({ span, isWithin }: OpenCall, header: unknown): void {
  if (isWithin && isVerdict(header) && span instanceof RecordingSpan) span.fail('verdict');
}

/** The clock that it has answered with; likewise. */
export function followAnswer(
  { span, isWithin }: OpenCall,
  header: string | undefined,
  { logical }: OutgoingParts,
): void {
  if (isWithin && header !== undefined && logical !== undefined) heedClock(span, header, logical);
}

/** A request that got no answer. */
export function setFailure(span: Span, error: unknown): void {
  const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
  const type = typeof code === 'string' ? code : typeof name === 'string' ? name : 'error';
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: typeof message === 'string' ? message : '' });
}
