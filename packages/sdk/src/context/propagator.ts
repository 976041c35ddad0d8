/**
 * The context of a request in and out of headers, behind the OpenTelemetry propagator API. All formats in use are read
 * in their order: the first that names a trace is the parent, one that disagrees becomes a link of the first span. All
 * are written. Nothing that is read throws; what cannot be used is counted.
 */
import type { SpanId, TraceId } from '@aode/base';
import { parseXTraceId, randomnessOf, TRACE_FLAG, withOtelState } from '@aode/wire';
import {
  type Baggage,
  type Context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Link,
  propagation,
  type Span,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import type { LogicalClock, ReceivedStamp } from '../clock/logical-clock.ts';
import { stampOf, withoutStamp, withStamp } from '../clock/own-member.ts';
import { stampSpan } from '../clock/span-stamp.ts';
import type { Losses } from '../losses.ts';
import { MemberState } from '../trace/member-state.ts';
import { RecordingSpan } from '../trace/span.ts';
import { isKeptByTrigger, withVerdict } from '../trace/verdict.ts';
import {
  BAGGAGE,
  type BaggageRules,
  formatBaggage,
  readBaggage,
  readJaegerBaggage,
  writeJaegerBaggage,
} from './baggage.ts';
import {
  type HeaderSource,
  type HeaderTarget,
  headerText,
  type Reading,
  type Sending,
} from './header-format.ts';
import { type HeaderSet, headerSetOf, X_TRACE_ID } from './header-set.ts';
import { type Arrival, type Carried, requestOf, type TraceSeed, withRequest } from './request-context.ts';
import { inside, isOutside } from './trust-boundary.ts';

export interface PropagatorParts {
  readonly losses: Losses;
  /** Keys of baggage that are taken in and sent; empty for all. */
  readonly baggageAllow: readonly string[];
  /** Goes along with each message; without it cause and effect are ordered by measured times alone. */
  readonly logical?: LogicalClock | undefined;
}

export interface Propagator extends TextMapPropagator {
  /** Replaces the headers in use, at once; requests that are under way go on with theirs. Gives the unknown names. */
  use(propagators: readonly string[]): readonly string[];
}

export function createPropagator(propagators: readonly string[], parts: PropagatorParts): Propagator {
  return new HeaderPropagator(propagators, parts);
}

class HeaderPropagator implements Propagator {
  readonly #losses: Losses;
  readonly #logical: LogicalClock | undefined;
  readonly #rules: BaggageRules;
  #set: HeaderSet;

  constructor(propagators: readonly string[], { losses, baggageAllow, logical }: PropagatorParts) {
    this.#logical = logical;
    this.#losses = losses;
    this.#rules = { losses, allow: baggageAllow.length === 0 ? undefined : new Set(baggageAllow) };
    this.#set = headerSetOf(propagators);
  }

  use(propagators: readonly string[]): readonly string[] {
    this.#set = headerSetOf(propagators);
    return this.#set.unknown;
  }

  fields(): string[] {
    return [...this.#set.fields];
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const request = requestOf(context);
    const set = request?.headers ?? this.#set;
    const outside = isOutside(context);
    const span = trace.getSpan(context);
    const valid = this.#stamped(validOf(span, contextToSend(span)), span, outside);
    if (valid !== undefined && set.tracing.length > 0) {
      const sending = sendingOf(valid, request?.carried, outside);
      for (const format of set.tracing) format.write(sending, carrier, setter);
    }
    const text = set.hasXTraceId ? (request?.correlationId ?? ownName(set, valid)) : undefined;
    if (text !== undefined) setter.set(carrier, X_TRACE_ID, text);
    if (!outside) this.#injectBaggage(propagation.getBaggage(context), set, { carrier, setter });
  }

  /** With the moment of sending in our member, which only our own receiver reads. */
  #stamped(
    valid: SpanContext | undefined,
    span: Span | undefined,
    outside: boolean,
  ): SpanContext | undefined {
    const logical = this.#logical;
    if (valid === undefined || logical === undefined || outside || !(span instanceof RecordingSpan))
      return valid;
    const stamp = logical.send();
    stampSpan(span, stamp);
    const traceState = withStamp(valid.traceState, stamp);
    return traceState === undefined ? valid : { ...valid, traceState };
  }

  #injectBaggage(baggage: Baggage | undefined, set: HeaderSet, to: HeaderTarget): void {
    if (baggage === undefined) return;
    const header = set.hasBaggage ? formatBaggage(baggage, this.#rules) : '';
    if (header !== '') to.setter.set(to.carrier, BAGGAGE, header);
    if (set.hasJaeger) writeJaegerBaggage(baggage, this.#rules, to);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const set = this.#set;
    const source: HeaderSource = { carrier, getter, losses: this.#losses };
    const found = readTraces(set, source);
    const named = set.hasXTraceId ? readXTraceId(source) : undefined;
    const baggage = this.#readBaggage(set, source);
    const requestId = requestOf(context)?.requestId;
    const correlationId = named?.text;
    if (isOutside(context)) {
      if (baggage !== undefined) this.#losses.add('baggage_dropped', Object.keys(baggage).length);
      const links = linksOf(found, named?.traceId);
      const arrival = links.length === 0 ? undefined : { seed: undefined, isUndecided: false, links };
      const request = { requestId, correlationId, arrival, carried: undefined, headers: set };
      return withRequest(inside(context), request);
    }
    const parent = parentOf(found?.parent);
    let result = parent === undefined ? context : trace.setSpanContext(context, parent);
    if (baggage !== undefined) {
      result = propagation.setBaggage(result, propagation.createBaggage(baggage));
    }
    const stamp = this.#received(parent, found);
    const arrival = arrivalOf(found, parent === undefined ? named?.traceId : undefined, stamp);
    const carried = found?.carried;
    return withRequest(result, { requestId, correlationId, arrival, carried, headers: set });
  }

  #received(parent: SpanContext | undefined, found: Found | undefined): ReceivedStamp | undefined {
    if (parent === undefined || this.#logical === undefined) return undefined;
    const stamp = stampOf(found?.parent?.traceState);
    return stamp === undefined ? undefined : this.#logical.receive(stamp);
  }

  #readBaggage(set: HeaderSet, source: HeaderSource): ReturnType<typeof readBaggage> {
    const own = set.hasBaggage ? readBaggage(source, this.#rules) : undefined;
    const jaeger = set.hasJaeger ? readJaegerBaggage(source, this.#rules) : undefined;
    return jaeger === undefined ? own : { ...jaeger, ...own };
  }
}

/** With our word in it when the trace is kept. */
function contextToSend(span: Span | undefined): SpanContext | undefined {
  const context = span?.spanContext();
  if (context === undefined || !isKeptByTrigger(span)) return context;
  return { ...context, traceState: withVerdict(context.traceState) };
}

/** Ours are valid as they are made. */
const validOf = (span: Span | undefined, context: SpanContext | undefined): SpanContext | undefined =>
  context !== undefined && (span instanceof RecordingSpan || isSpanContextValid(context))
    ? context
    : undefined;

function sendingOf(context: SpanContext, carried: Carried | undefined, outside: boolean): Sending {
  // isSpanContextValid has checked both ids.
  const traceId = context.traceId as TraceId;
  const isSame = carried !== undefined && (carried.traceId ?? traceId) === traceId;
  const sampled = (context.traceFlags & TRACE_FLAG.sampled) !== 0;
  return {
    traceId,
    spanId: context.spanId as SpanId,
    sampled,
    debug: isSame && carried.debug && sampled,
    context,
    extras: isSame ? carried.extras : undefined,
    isOutside: outside,
  };
}

/** A caller that is not the parent, and the format that told of it. */
interface Other {
  readonly name: string;
  readonly reading: Reading;
}

interface Found {
  /** Undefined when nothing that came is valid. */
  readonly parent: Reading | undefined;
  readonly name: string;
  readonly others: readonly Other[];
  readonly carried: Carried | undefined;
}

/** Undefined when no tracing header came. */
function readTraces({ readers }: HeaderSet, source: HeaderSource): Found | undefined {
  let found: Found | undefined;
  for (const format of readers) {
    const { name } = format;
    const reading = format.read(source);
    if (reading === undefined) continue;
    if (reading === 'invalid') {
      source.losses.add('propagation_invalid', 1);
      found ??= { parent: undefined, name, others: [], carried: undefined };
    } else found = withReading(found, name, reading);
  }
  return found;
}

function withReading(found: Found | undefined, name: string, reading: Reading): Found {
  const parent = found?.parent;
  // A decision alone yields to a trace, wherever that is named.
  if (found === undefined || parent === undefined || parent.traceId === undefined) {
    return { parent: reading, name, others: [], carried: carriedOf(reading, undefined) };
  }
  if (reading.traceId === undefined) return found;
  if (isOther(parent, reading)) return { ...found, others: [...found.others, { name, reading }] };
  return { ...found, carried: carriedOf({ ...reading, traceId: parent.traceId }, found.carried) };
}

/** A format of 64 bits names the same trace by its low half. */
function isOther(parent: Reading, reading: Reading): boolean {
  const a = parent.traceId ?? '';
  const b = reading.traceId ?? '';
  const isHalf = a.startsWith(HALF_ZERO) || b.startsWith(HALF_ZERO);
  if (a !== b && !(isHalf && a.slice(16) === b.slice(16))) return true;
  return parent.spanId !== undefined && reading.spanId !== undefined && parent.spanId !== reading.spanId;
}

const HALF_ZERO = '0'.repeat(16);

function carriedOf({ traceId, debug, extras }: Reading, before: Carried | undefined): Carried | undefined {
  if (!debug && extras === undefined) return before;
  return { traceId, debug: debug || before?.debug === true, extras: { ...before?.extras, ...extras } };
}

function flagsOf({ sampled, random }: Reading): number {
  return (sampled === true ? TRACE_FLAG.sampled : 0) | (random ? TRACE_FLAG.random : 0);
}

function parentOf(reading: Reading | undefined): SpanContext | undefined {
  if (reading?.traceId === undefined || reading.spanId === undefined) return undefined;
  const { traceId, spanId } = reading;
  // Of the message, not of the trace: it would be another text in each span.
  const traceState = withoutStamp(reading.traceState);
  const context = { traceId, spanId, traceFlags: flagsOf(reading), isRemote: true };
  return traceState === undefined ? context : { ...context, traceState };
}

/** `named` is the id of X-Trace-ID; it counts where no tracing header is. */
function arrivalOf(
  found: Found | undefined,
  named: TraceId | undefined,
  stamp: ReceivedStamp | undefined,
): Arrival | undefined {
  const seed = found === undefined ? seedOfName(named) : seedOf(found.parent, named);
  const links = found?.others.map((other) => linkTo(other, 'conflicting_headers')) ?? [];
  const isUndecided = found?.parent?.spanId !== undefined && found.parent.sampled === undefined;
  if (seed === undefined && !isUndecided && links.length === 0 && stamp === undefined) return undefined;
  return { seed, isUndecided, links, stamp };
}

function seedOf(parent: Reading | undefined, named: TraceId | undefined): TraceSeed | undefined {
  if (parent === undefined || parent.spanId !== undefined) return undefined;
  const { sampled } = parent;
  if (parent.traceId !== undefined) return { traceId: parent.traceId, sampled, traceState: undefined };
  const { traceId, traceState } = seedOfName(named) ?? {};
  return { traceId, sampled, traceState };
}

/** The id was not drawn at random, so the root says what stands for its randomness. */
function seedOfName(named: TraceId | undefined): TraceSeed | undefined {
  if (named === undefined) return undefined;
  const rv = randomnessOf(named);
  return {
    traceId: named,
    sampled: undefined,
    traceState: new MemberState(withOtelState([], { th: undefined, rv })),
  };
}

type LinkReason = 'conflicting_headers' | 'untrusted_edge';

/** Everybody who was named at an untrusted edge. */
function linksOf(found: Found | undefined, named: TraceId | undefined): readonly Link[] {
  const { parent, name = '', others = [] } = found ?? {};
  const first = parent?.traceId === undefined ? [] : [{ name, reading: parent }];
  const all: Other[] = [...first, ...others];
  if (all.length > 0 || found !== undefined || named === undefined) {
    return all.map((other) => linkTo(other, 'untrusted_edge'));
  }
  const attributes = { ...reasonOf('untrusted_edge', X_TRACE_ID), 'aode.link.trace_id': named };
  return [{ context: INVALID_SPAN_CONTEXT, attributes }];
}

/** A caller that named no span can be no target of a link; its trace is said by an attribute. */
function linkTo({ name, reading }: Other, reason: LinkReason): Link {
  const context = parentOf(reading);
  const attributes = reasonOf(reason, name);
  if (context !== undefined) return { context, attributes };
  return {
    context: INVALID_SPAN_CONTEXT,
    attributes: { ...attributes, 'aode.link.trace_id': reading.traceId ?? '' },
  };
}

const reasonOf = (reason: LinkReason, propagator: string): Record<string, string> => ({
  'aode.link.reason': reason,
  'aode.link.propagator': propagator,
});

/** Undefined when the header is absent, or refused and counted. */
function readXTraceId(
  source: HeaderSource,
): { readonly text: string; readonly traceId: TraceId } | undefined {
  const text = headerText(source, X_TRACE_ID);
  if (text === undefined) return undefined;
  const traceId = parseXTraceId(text);
  if (traceId === undefined) source.losses.add('correlation_id_invalid', 1);
  return traceId === undefined ? undefined : { text, traceId };
}

/** Beside a tracing header a text of our own would only repeat the trace id. */
function ownName(set: HeaderSet, valid: { readonly traceId: string } | undefined): string | undefined {
  return set.tracing.length === 0 ? valid?.traceId : undefined;
}
