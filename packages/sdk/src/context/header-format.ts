/** The formats in which a trace travels by headers: how each is read from a carrier and written to one. */
import {
  type DatadogTrace,
  formatB3,
  formatB3Multi,
  formatDatadog,
  formatJaeger,
  formatTraceparent,
  formatXRay,
  parseB3,
  parseB3Multi,
  parseDatadog,
  parseJaeger,
  parseTraceparent,
  parseTracestate,
  parseXRay,
  type RemoteTrace,
  TRACE_FLAG,
  trimBlanks,
} from '@aode/wire';
import type { SpanId, TraceId } from '@aode/base';
import type { SpanContext, TextMapGetter, TextMapSetter, TraceState } from '@opentelemetry/api';
import type { Losses } from '../losses.ts';
import { MemberState } from '../trace/member-state.ts';
import { stateText } from '../trace/span-link.ts';

export interface HeaderSource {
  readonly carrier: unknown;
  readonly getter: TextMapGetter;
  readonly losses: Losses;
}

export interface HeaderTarget {
  readonly carrier: unknown;
  readonly setter: TextMapSetter;
}

/** What one format says of the caller. */
export interface Reading extends RemoteTrace {
  /** The caller vouches for the randomness of the trace id (W3C level 2). */
  readonly random: boolean;
  readonly traceState: TraceState | undefined;
  readonly extras: Extras | undefined;
}

/** What only one format knows, kept to be passed on in that format. */
export interface Extras {
  readonly xray?: readonly string[];
  readonly datadog?: Pick<DatadogTrace, 'priority' | 'origin' | 'tags'>;
}

/** A span whose context is to be sent. */
export interface Sending extends RemoteTrace {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly sampled: boolean;
  readonly context: SpanContext;
  readonly extras: Extras | undefined;
  /** The receiver is beyond the trust boundary: ids and flags, nothing else. */
  readonly isOutside: boolean;
}

export interface HeaderFormat {
  /** As in the option `propagators`. */
  readonly name: string;
  readonly fields: readonly string[];
  /** Undefined when its headers are absent, `invalid` when they are there and say nothing valid. */
  readonly read: (source: HeaderSource) => Reading | 'invalid' | undefined;
  readonly write: (sending: Sending, carrier: unknown, setter: TextMapSetter) => void;
}

/** Stands for a header that came more than once, of which nobody can say which is right; valid in no format. */
const SEVERAL = ' ';

/** The text of a header without the blanks around it. */
export function headerText({ carrier, getter }: HeaderSource, name: string): string | undefined {
  const value: unknown = getter.get(carrier, name);
  if (typeof value === 'string') return value === '' ? undefined : trimBlanks(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const [first]: unknown[] = value;
  return value.length === 1 && typeof first === 'string' ? trimBlanks(first) : SEVERAL;
}

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

const w3c: HeaderFormat = {
  name: 'tracecontext',
  fields: [TRACEPARENT, TRACESTATE],
  read(source) {
    const header = headerText(source, TRACEPARENT);
    if (header === undefined) return undefined;
    const parent = parseTraceparent(header);
    if (parent === undefined) return 'invalid';
    const { traceId, spanId, flags } = parent;
    return {
      traceId,
      spanId,
      sampled: (flags & TRACE_FLAG.sampled) !== 0,
      debug: false,
      random: (flags & TRACE_FLAG.random) !== 0,
      traceState: stateOf(source),
      extras: undefined,
    };
  },
  write({ traceId, spanId, context, isOutside }, carrier, setter) {
    setter.set(carrier, TRACEPARENT, formatTraceparent({ traceId, spanId, flags: context.traceFlags }));
    const state = isOutside ? '' : stateText(context.traceState);
    if (state !== '') setter.set(carrier, TRACESTATE, state);
  },
};

/** A list that is not valid is dropped and counted; traceparent stands (W3C § 3.3). */
function stateOf({ carrier, getter, losses }: HeaderSource): TraceState | undefined {
  const header = getter.get(carrier, TRACESTATE);
  if (header === undefined) return undefined;
  const members = parseTracestate(Array.isArray(header) ? header.join(',') : header);
  if (members === undefined) losses.add('propagation_invalid', 1);
  return members === undefined || members.length === 0 ? undefined : new MemberState(members);
}

const B3 = 'b3';
const B3_TRACE = 'x-b3-traceid';
const B3_SPAN = 'x-b3-spanid';
const B3_SAMPLED = 'x-b3-sampled';
const B3_FLAGS = 'x-b3-flags';

/** Either form is understood, the single header first (OpenTelemetry specification, § B3 requirements). */
function readB3(source: HeaderSource): Reading | 'invalid' | undefined {
  const single = headerText(source, B3);
  if (single !== undefined) return orInvalid(parseB3(single));
  const traceId = headerText(source, B3_TRACE);
  const spanId = headerText(source, B3_SPAN);
  const sampled = headerText(source, B3_SAMPLED);
  const flags = headerText(source, B3_FLAGS);
  if (traceId === undefined && spanId === undefined && sampled === undefined && flags === undefined) {
    return undefined;
  }
  return orInvalid(parseB3Multi({ traceId, spanId, sampled, flags }));
}

const b3: HeaderFormat = {
  name: 'b3',
  fields: [B3],
  read: readB3,
  write: (sending, carrier, setter) => setter.set(carrier, B3, formatB3(sending)),
};

const b3multi: HeaderFormat = {
  name: 'b3multi',
  fields: [B3_TRACE, B3_SPAN, B3_SAMPLED, B3_FLAGS],
  read: readB3,
  write(sending, carrier, setter) {
    const { traceId, spanId, sampled, flags } = formatB3Multi(sending);
    setGiven(carrier, setter, [
      [B3_TRACE, traceId],
      [B3_SPAN, spanId],
      [B3_SAMPLED, sampled],
      [B3_FLAGS, flags],
    ]);
  },
};

const UBER = 'uber-trace-id';

const jaeger: HeaderFormat = {
  name: 'jaeger',
  fields: [UBER],
  read(source) {
    const header = headerText(source, UBER);
    return header === undefined ? undefined : orInvalid(parseJaeger(header));
  },
  write: (sending, carrier, setter) => setter.set(carrier, UBER, formatJaeger(sending)),
};

const XRAY = 'x-amzn-trace-id';

const xray: HeaderFormat = {
  name: 'xray',
  fields: [XRAY],
  read(source) {
    const header = headerText(source, XRAY);
    if (header === undefined) return undefined;
    const trace = parseXRay(header);
    if (trace === undefined) return 'invalid';
    const { others } = trace;
    return { ...readingOf(trace), extras: others.length === 0 ? undefined : { xray: others } };
  },
  write(sending, carrier, setter) {
    const others = sending.isOutside ? [] : (sending.extras?.xray ?? []);
    setter.set(carrier, XRAY, formatXRay({ ...sending, others }));
  },
};

const DATADOG_TRACE = 'x-datadog-trace-id';
const DATADOG_PARENT = 'x-datadog-parent-id';
const DATADOG_PRIORITY = 'x-datadog-sampling-priority';
const DATADOG_ORIGIN = 'x-datadog-origin';
const DATADOG_TAGS = 'x-datadog-tags';

const datadog: HeaderFormat = {
  name: 'datadog',
  fields: [DATADOG_TRACE, DATADOG_PARENT, DATADOG_PRIORITY, DATADOG_ORIGIN, DATADOG_TAGS],
  read(source) {
    const traceId = headerText(source, DATADOG_TRACE);
    if (traceId === undefined) return undefined;
    const trace = parseDatadog({
      traceId,
      parentId: headerText(source, DATADOG_PARENT),
      priority: headerText(source, DATADOG_PRIORITY),
      origin: headerText(source, DATADOG_ORIGIN),
      tags: headerText(source, DATADOG_TAGS),
    });
    if (trace === undefined) return 'invalid';
    const { priority, origin, tags } = trace;
    return { ...readingOf(trace), extras: { datadog: { priority, origin, tags } } };
  },
  write(sending, carrier, setter) {
    const { origin, tags } = (sending.isOutside ? undefined : sending.extras?.datadog) ?? NO_EXTRAS;
    const headers = formatDatadog({ ...sending, priority: priorityOf(sending), origin, tags });
    setGiven(carrier, setter, [
      [DATADOG_TRACE, headers.traceId],
      [DATADOG_PARENT, headers.parentId],
      [DATADOG_PRIORITY, headers.priority],
      [DATADOG_ORIGIN, headers.origin],
      [DATADOG_TAGS, headers.tags],
    ]);
  },
};

const NO_EXTRAS = { origin: undefined, tags: [] } as const;

/** The caller's own priority as long as it says what the sampled flag says; the flag wins (as in Datadog's library). */
function priorityOf({ sampled, debug, extras }: Sending): number {
  const given = extras?.datadog?.priority;
  if (given !== undefined && given > 0 === sampled) return given;
  return sampled ? (debug ? 2 : 1) : 0;
}

const NOTHING_MORE = { random: false, traceState: undefined, extras: undefined } as const;

function readingOf({ traceId, spanId, sampled, debug }: RemoteTrace): Reading {
  return { traceId, spanId, sampled, debug, ...NOTHING_MORE };
}

const orInvalid = (trace: RemoteTrace | undefined): Reading | 'invalid' =>
  trace === undefined ? 'invalid' : readingOf(trace);

function setGiven(
  carrier: unknown,
  setter: TextMapSetter,
  headers: readonly (readonly [name: string, value: string | undefined])[],
): void {
  for (const [name, value] of headers) if (value !== undefined) setter.set(carrier, name, value);
}

/** By their names in the option `propagators`. */
export const HEADER_FORMATS: ReadonlyMap<string, HeaderFormat> = new Map(
  [w3c, b3, b3multi, jaeger, xray, datadog].map((format) => [format.name, format]),
);
