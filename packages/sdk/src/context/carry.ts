/**
 * The context of the running code over what Node.js knows nothing of: a queue or a pool that calls back later, and a
 * message to a worker thread, or through a queue to another process of ours. Without a running SDK there is no context,
 * and everything passes as it is.
 */
import {
  type Context,
  context as contextApi,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { type LogicalClock, runningClock } from '../clock/logical-clock.ts';
import { createLosses } from '../losses.ts';
import { createPropagator, type Propagator } from './propagator.ts';
import { isRequestId, NO_REQUEST, requestOf, withRequest } from './request-context.ts';

/** A context as data, which any message can hold: headers of W3C Trace Context and Baggage, and the request's id. */
export interface CarriedContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly baggage?: string;
  readonly requestId?: string;
}

export interface Carry {
  /** `fn`, which runs in the context of now whenever and by whomever it is called. */
  <F extends (...args: never[]) => unknown>(fn: F): F;
  /** The context of now and the moment, to be put into a message to another thread, or to a process of ours. */
  toMessage(): CarriedContext;
  /** Runs `fn` in a context that came in a message and returns its result; what is no context changes nothing. */
  fromMessage<T>(carried: CarriedContext | undefined, fn: () => T): T;
}

const KEYS = ['traceparent', 'tracestate', 'baggage'] as const;

/** Both sides are of one system, so that everything may pass, whatever is in use between services. */
const w3cBy = (logical: LogicalClock | undefined): Propagator =>
  createPropagator(['tracecontext', 'baggage'], { losses: createLosses(), baggageAllow: [], logical });

let made: { readonly propagator: Propagator; readonly logical: LogicalClock | undefined } | undefined;

/** By the logical clock of the SDK that runs now: messages are ordered as requests are. */
function w3c(): Propagator {
  const logical = runningClock();
  if (made === undefined || made.logical !== logical) made = { propagator: w3cBy(logical), logical };
  return made.propagator;
}

export const carry: Carry = Object.assign(
  <F extends (...args: never[]) => unknown>(fn: F): F => contextApi.bind(contextApi.active(), fn),
  {
    toMessage(): CarriedContext {
      const active = contextApi.active();
      const carried: Record<string, string> = {};
      w3c().inject(inW3c(active), carried, {
        set: (to: Record<string, string>, name, value) => (to[name] = value),
      });
      const requestId = requestOf(active)?.requestId;
      return requestId === undefined ? carried : { ...carried, requestId };
    },
    fromMessage<T>(carried: CarriedContext | undefined, fn: () => T): T {
      return contextApi.with(contextOf(carried), fn);
    },
  },
);

/** The same without the headers by which the request goes on, which may be others. */
function inW3c(active: Context): Context {
  const request = requestOf(active);
  if (request?.headers === undefined) return active;
  return withRequest(active, { ...request, headers: undefined });
}

function contextOf(carried: unknown): Context {
  const active = contextApi.active();
  if (typeof carried !== 'object' || carried === null) return active;
  const given = carried as Readonly<Record<string, unknown>>;
  const get = (_: unknown, key: string): string | undefined => {
    const value = given[key];
    return typeof value === 'string' ? value : undefined;
  };
  const context = w3c().extract(ROOT_CONTEXT, given, { keys: () => [...KEYS], get });
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return active;
  // What goes on from here goes by the headers that are in use, not by these.
  const request = { ...(requestOf(context) ?? NO_REQUEST), headers: undefined };
  const requestId = get(undefined, 'requestId');
  return withRequest(
    context,
    requestId !== undefined && isRequestId(requestId) ? { ...request, requestId } : request,
  );
}
