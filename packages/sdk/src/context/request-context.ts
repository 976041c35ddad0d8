/**
 * What a request is known by besides its trace, carried in the OpenTelemetry context: one record, so that a lookup
 * finds all of it.
 */
import type { Random, TraceId } from '@aode/base';
import { type Context, createContextKey, type Link, type TraceState } from '@opentelemetry/api';
import type { ReceivedStamp } from '../clock/logical-clock.ts';
import { newTraceWords, traceIdText } from '../trace/span-identity.ts';
import type { Extras } from './header-format.ts';
import type { HeaderSet } from './header-set.ts';

export interface RequestContext {
  readonly requestId: string | undefined;
  /** The text of X-Trace-ID as it came. */
  readonly correlationId: string | undefined;
  /** What the first span of this process is to know of the headers. */
  readonly arrival: Arrival | undefined;
  readonly carried: Carried | undefined;
  /** The headers that were in use when the request came, by which it goes on. */
  readonly headers: HeaderSet | undefined;
}

export interface Arrival {
  /** How a trace begins that has no parent span; undefined for one that has, or begins anew. */
  readonly seed: TraceSeed | undefined;
  /** The parent span's process has left open whether the trace is sampled. */
  readonly isUndecided: boolean;
  /** To callers who are not the parent. */
  readonly links: readonly Link[];
  /** When it came, by the logical clock that knows of its cause. */
  readonly stamp?: ReceivedStamp | undefined;
}

export interface TraceSeed {
  /** Undefined where only a decision came. */
  readonly traceId: TraceId | undefined;
  /** Undefined when it was left open. */
  readonly sampled: boolean | undefined;
  readonly traceState: TraceState | undefined;
}

/** What goes along with a trace and has no place in a span context. */
export interface Carried {
  /** Undefined: whatever trace begins here. */
  readonly traceId: TraceId | undefined;
  readonly debug: boolean;
  readonly extras: Extras | undefined;
}

const REQUEST = createContextKey('aode.request');

/** Nothing is known of it. */
export const NO_REQUEST: RequestContext = Object.freeze({
  requestId: undefined,
  correlationId: undefined,
  arrival: undefined,
  carried: undefined,
  headers: undefined,
});

export function requestOf(context: Context): RequestContext | undefined {
  return context.getValue(REQUEST) as RequestContext | undefined;
}

export function withRequest(context: Context, request: RequestContext): Context {
  return context.setValue(REQUEST, request);
}

/** The same request, which is now known by this id too. */
export function withRequestId(context: Context, requestId: string): Context {
  // Written out, because a spread costs several times as much, at each request.
  const { correlationId, arrival, carried, headers } = requestOf(context) ?? NO_REQUEST;
  return context.setValue(REQUEST, { requestId, correlationId, arrival, carried, headers });
}

/** 1 to 128 visible ASCII characters; anything else could break a log line or a header. */
const VALID = /^[!-~]{1,128}$/;

export function isRequestId(text: string): boolean {
  return VALID.test(text);
}

/** 128 random bits as 32 hex digits. */
export function newRequestId(random: Random): string {
  return traceIdText(newTraceWords(random));
}
