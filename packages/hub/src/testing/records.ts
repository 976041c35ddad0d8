/** Records and requests of which a test says only what it is about. */
import {
  type Attribute,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  type LogRecord,
  type Metric,
  type NumberPoint,
  type Resource,
  type Scope,
  type Span,
  SPAN_KIND,
  type Value,
} from '@aode/wire';
import type { WriteRequest } from '../store/store.ts';

/** Attributes of a plain record: `bigint` is int64, `number` is double. */
export type AttributeMap = Readonly<Record<string, Value>>;

export const attributesOf = (map: AttributeMap): Attribute[] =>
  Object.entries(map).map(([key, value]) => ({ key, value }));

const SCOPE: Scope = { name: 'test', version: '', attributes: [], droppedAttributesCount: 0 };

const resourceOf = (map: AttributeMap): Resource => ({
  attributes: attributesOf(map),
  droppedAttributesCount: 0,
  entityRefs: [],
});

/** 32 and 16 hex digits from a number above 0. */
export const traceIdOf = (n: number): string => n.toString(16).padStart(32, '0');
export const spanIdOf = (n: number): string => n.toString(16).padStart(16, '0');

export const nanoOfMs = (ms: number): bigint => BigInt(ms) * 1_000_000n;

export function spanOf(over: Partial<Span> & Pick<Span, 'traceId' | 'spanId'>): Span {
  return {
    traceState: '',
    parentSpanId: '',
    flags: 0,
    name: 'op',
    kind: SPAN_KIND.server,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: '' },
    ...over,
  };
}

export function logOf(over: Partial<LogRecord>): LogRecord {
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body: null,
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
    ...over,
  };
}

export function gaugeOf(name: string, timeUnixNano: bigint, value: bigint | number): Metric {
  const point: NumberPoint = {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano,
    flags: 0,
    value,
    exemplars: [],
  };
  return { name, description: '', unit: '1', metadata: [], data: { kind: 'gauge', dataPoints: [point] } };
}

/** One export request of one service, or with these resource attributes. */
export function spansRequest(service: string | AttributeMap, spans: readonly Span[]): WriteRequest {
  const scopeSpans = [{ scope: SCOPE, schemaUrl: '', spans }];
  return {
    signal: 'traces',
    body: encodeTraces([{ resource: ofService(service), schemaUrl: '', scopeSpans }]),
  };
}

export function logsRequest(service: string | AttributeMap, logRecords: readonly LogRecord[]): WriteRequest {
  const scopeLogs = [{ scope: SCOPE, schemaUrl: '', logRecords }];
  return { signal: 'logs', body: encodeLogs([{ resource: ofService(service), schemaUrl: '', scopeLogs }]) };
}

export function metricsRequest(service: string | AttributeMap, metrics: readonly Metric[]): WriteRequest {
  const scopeMetrics = [{ scope: SCOPE, schemaUrl: '', metrics }];
  return {
    signal: 'metrics',
    body: encodeMetrics([{ resource: ofService(service), schemaUrl: '', scopeMetrics }]),
  };
}

const ofService = (service: string | AttributeMap): Resource =>
  resourceOf(typeof service === 'string' ? { 'service.name': service } : service);
