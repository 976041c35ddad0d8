/**
 * A trace as Jaeger's query API v1 writes it (the JSON that Jaeger UI and Grafana read), with the same adjustments that
 * Jaeger makes by default. Field by field after the answers of a real Jaeger v2.13.0: see jaeger-trace.test.ts.
 */
import type { Attribute, ResourceSpans, Scope, Span, SpanEvent } from '@aode/wire';
import { STATUS_CODE } from '@aode/wire';
import { goTime } from './go-format.ts';
import { adjust } from './jaeger-adjust.ts';
import { type KeyValue, keyValue, text } from './jaeger-value.ts';

export interface Reference {
  readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM';
  readonly traceID: string;
  readonly spanID: string;
}

export interface JaegerProcess {
  readonly serviceName: string;
  readonly tags: KeyValue[];
}

/** Times in nanoseconds until the very end, because Jaeger computes its warnings on them. */
export interface JaegerSpan {
  readonly traceID: string;
  spanID: string;
  readonly operationName: string;
  references: Reference[];
  readonly startNano: bigint;
  readonly durationNano: bigint;
  readonly tags: KeyValue[];
  readonly logs: { readonly timeNano: bigint; readonly fields: KeyValue[] }[];
  readonly process: JaegerProcess;
  readonly warnings: string[];
}

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES: Readonly<Record<number, string>> = { [STATUS_CODE.ok]: 'OK', [STATUS_CODE.error]: 'ERROR' };

/** Without `raw` spans are adjusted: doubles removed, shared ids told apart, skew noted, tags sorted. */
export function jaegerTrace(traces: readonly ResourceSpans[], raw: boolean): object {
  const spans = traces.flatMap(({ resource, scopeSpans }) => {
    const process = processOf(resource.attributes);
    return scopeSpans.flatMap(({ scope, spans: inner }) => inner.map((span) => spanOf(span, scope, process)));
  });
  return traceJson(raw ? spans : adjust(spans));
}

/** Service names of careless senders, in Jaeger's words. */
function jaegerServiceName(attributes: readonly Attribute[]): string {
  const name = attributes.find(({ key }) => key === 'service.name');
  if (name === undefined) return 'missing-service-name';
  const value = text(name.value);
  return value === '' ? 'empty-service-name' : value;
}

function processOf(attributes: readonly Attribute[]): JaegerProcess {
  const tags = attributes.filter(({ key }) => key !== 'service.name').map(keyValue);
  return { serviceName: jaegerServiceName(attributes), tags };
}

/** Upper zeros are cut in steps of 64 bits. */
const jaegerTraceId = (id: string): string => (id.startsWith('0'.repeat(16)) ? id.slice(16) : id);

function spanOf(span: Span, scope: Scope, process: JaegerProcess): JaegerSpan {
  const { startTimeUnixNano: start, endTimeUnixNano: end } = span;
  const backwards = end < start;
  return {
    traceID: jaegerTraceId(span.traceId),
    spanID: span.spanId,
    operationName: span.name,
    references: referencesOf(span),
    startNano: start,
    durationNano: backwards ? 1n : end - start,
    tags: [...scopeTags(scope), ...span.attributes.map(keyValue), ...derivedTags(span)],
    logs: span.events.map((event) => ({ timeNano: event.timeUnixNano, fields: fieldsOf(event) })),
    process,
    warnings: backwards
      ? [
          'Negative duration detected, sanitizing end timestamp. ' +
            `Original end timestamp: ${goTime(end)}, adjusted to: ${goTime(start + 1n)}`,
        ]
      : [],
  };
}

const stringTag = (key: string, value: string): KeyValue[] =>
  value === '' ? [] : [{ key, type: 'string', value }];

const scopeTags = (scope: Scope): KeyValue[] => [
  ...stringTag('otel.scope.name', scope.name),
  ...stringTag('otel.scope.version', scope.version),
];

/** What OTLP has fields for and Jaeger has not. */
function derivedTags({ kind, status, traceState }: Span): KeyValue[] {
  const failed = status.code === STATUS_CODE.error;
  return [
    ...stringTag('span.kind', KINDS[kind] ?? ''),
    ...stringTag('otel.status_code', STATUSES[status.code] ?? ''),
    ...(failed ? [{ key: 'error', type: 'bool', value: true } as const] : []),
    ...stringTag('otel.status_description', status.message),
    ...stringTag('w3c.tracestate', traceState),
  ];
}

function fieldsOf({ name, attributes }: SpanEvent): KeyValue[] {
  const named = name === '' || attributes.some(({ key }) => key === 'event');
  return [...(named ? [] : stringTag('event', name)), ...attributes.map(keyValue)];
}

/** Links, with the parent in front, unless a link names the parent already. */
function referencesOf(span: Span): Reference[] {
  const links = span.links.map(({ traceId, spanId, attributes }): Reference => {
    const type = attributes.find(({ key }) => key === 'opentracing.ref_type');
    return {
      refType: type?.value === 'child_of' ? 'CHILD_OF' : 'FOLLOWS_FROM',
      traceID: jaegerTraceId(traceId),
      spanID: spanId,
    };
  });
  const parent = span.parentSpanId;
  const traceID = jaegerTraceId(span.traceId);
  if (parent === '' || /^0*$/.test(parent)) return links;
  if (links.some((link) => link.traceID === traceID && link.spanID === parent)) return links;
  return [{ refType: 'CHILD_OF', traceID, spanID: parent }, ...links];
}

function traceJson(spans: readonly JaegerSpan[]): object {
  const processes = new Map<string, { readonly id: string; readonly process: JaegerProcess }>();
  const idOf = (process: JaegerProcess): string => {
    const key = JSON.stringify(process);
    const known = processes.get(key) ?? { id: `p${processes.size + 1}`, process };
    processes.set(key, known);
    return known.id;
  };
  return {
    traceID: spans[0]?.traceID ?? '',
    spans: spans.map((span) => ({
      traceID: span.traceID,
      spanID: span.spanID,
      operationName: span.operationName,
      references: span.references,
      startTime: Number(span.startNano / 1000n),
      duration: Number(span.durationNano / 1000n),
      tags: span.tags,
      logs: span.logs.map(({ timeNano, fields }) => ({ timestamp: Number(timeNano / 1000n), fields })),
      processID: idOf(span.process),
      warnings: span.warnings.length > 0 ? span.warnings : null,
    })),
    processes: Object.fromEntries([...processes.values()].map(({ id, process }) => [id, process])),
    warnings: null,
  };
}
