/** Records for the exporters of OpenTelemetry JS, with something in every field of theirs. */
import type { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import type { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { createTraceState, type Link } from '@opentelemetry/api';
import { newSpanId, newTraceId, systemRandom } from '@aode/base';

export type SdkSpan = Parameters<OTLPTraceExporter['export']>[0][number];
export type SdkLog = Parameters<OTLPLogExporter['export']>[0][number];
export type SdkMetrics = Parameters<OTLPMetricExporter['export']>[0];
export type SdkMetric = SdkMetrics['scopeMetrics'][number]['metrics'][number];
type SdkResource = SdkSpan['resource'];
type SdkScope = SdkSpan['instrumentationScope'];
export type Time = SdkSpan['startTime'];

/** Where all records of one way stand. */
export interface Place {
  readonly resource: SdkResource;
  readonly scope: SdkScope;
}

export interface Records {
  readonly place: Place;
  readonly spans: readonly SdkSpan[];
  readonly logs: readonly SdkLog[];
  readonly metrics: SdkMetrics;
}

/** JSON has no number for NaN and the infinities, and the JSON exporter sends null for them. */
export interface Way {
  readonly json: boolean;
}

/** Seconds and nanoseconds, below the microsecond on purpose. */
const START: Time = [1_790_000_000, 123_456_789];
const END: Time = [1_790_000_001, 987_654_321];

export function newRecords(name: string, way: Way): Records {
  const resource = resourceOf({
    'service.name': 'exporter',
    way: name,
    'process.pid': 4711,
    'host.cpus': ['a', 'b'],
    canary: true,
  });
  const scope: SdkScope = {
    name: 'instrumentation-奥德',
    version: '1.2.3',
    schemaUrl: 'https://example.org/scope/1',
  };
  const place = { resource, scope };
  return {
    place,
    spans: newSpans(place, way),
    logs: newLogs(place, way),
    metrics: { resource, scopeMetrics: [{ scope, metrics: newMetrics(way) }] },
  };
}

function resourceOf(attributes: SdkResource['attributes']): SdkResource {
  const resource: SdkResource = {
    attributes,
    schemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}

/** Every type that an attribute can have, and text that is hard on codecs and columns. */
function attributesOf({ json }: Way): SdkSpan['attributes'] {
  return {
    text: 'plain',
    'text.empty': '',
    'text.wide': '奥德 🛰 \u202e',
    'text.control': 'a\u0000b\n\u001b[31m',
    'int.zero': 0,
    'int.negative': -42,
    'int.large': 2 ** 53 - 1,
    'int.beyond': 2 ** 62,
    double: 0.1,
    'double.tiny': Number.MIN_VALUE,
    ...(json ? {} : { 'double.nan': Number.NaN, 'double.infinite': -Infinity }),
    'bool.true': true,
    'bool.false': false,
    'list.text': ['a', '', 'ß'],
    'list.int': [1, -2, 3],
    'list.double': [1.5, -2.25],
    'list.bool': [true, false],
    'list.empty': [],
    'http.request.method': 'POST',
    'http.response.status_code': 503,
    'http.route': '/pay/:id',
    'url.path': '/pay/7',
    'error.type': 'ECONNREFUSED',
    request_id: 'r-1',
    ['x'.repeat(5000)]: 'y'.repeat(20_000),
  };
}

function newSpans({ resource, scope }: Place, way: Way): SdkSpan[] {
  const traceId = newTraceId(systemRandom);
  const root = newSpanId(systemRandom);
  const state = createTraceState('vendor=00f067aa0ba902b7,rojo=t61rcWkgMzE');
  const base = (spanId: string, kind: SdkSpan['kind']): SdkSpan => ({
    name: `span of kind ${kind}`,
    kind,
    spanContext: () => ({ traceId, spanId, traceFlags: 1, traceState: state }),
    startTime: START,
    endTime: END,
    duration: [1, 864_197_532],
    ended: true,
    status: { code: 0 },
    attributes: attributesOf(way),
    links: [],
    events: [],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  });
  const links: Link[] = [
    {
      context: {
        traceId: newTraceId(systemRandom),
        spanId: newSpanId(systemRandom),
        traceFlags: 0,
        isRemote: true,
      },
      attributes: attributesOf(way),
      droppedAttributesCount: 5,
    },
    { context: { traceId, spanId: root, traceFlags: 1, traceState: state } },
  ];
  const kinds = [0, 1, 2, 3, 4] as const;
  return kinds.map((kind, i) => ({
    ...base(i === 0 ? root : newSpanId(systemRandom), kind),
    ...(i === 0
      ? {}
      : { parentSpanContext: { traceId, spanId: root, traceFlags: 1, isRemote: i % 2 === 1 } }),
    ...(i === 2 ? { links, droppedLinksCount: 3 } : {}),
    ...(i === 3
      ? {
          name: 'a\u0000b',
          status: { code: 2, message: 'it failed: \u0000ß' },
          droppedAttributesCount: 1,
          droppedEventsCount: 2,
          events: [
            { name: 'exception', time: START, attributes: attributesOf(way), droppedAttributesCount: 4 },
            { name: '', time: END },
          ],
        }
      : {}),
    ...(i === 4 ? { status: { code: 1 }, attributes: {}, name: '', endTime: START } : {}),
  }));
}

function newLogs({ resource, scope }: Place, way: Way): SdkLog[] {
  const base: SdkLog = {
    hrTime: START,
    hrTimeObserved: END,
    resource,
    instrumentationScope: scope,
    attributes: {},
    droppedAttributesCount: 0,
  };
  const context = { traceId: newTraceId(systemRandom), spanId: newSpanId(systemRandom), traceFlags: 1 };
  const bodies: SdkLog['body'][] = [
    'a line',
    'a\u0000b',
    '',
    7,
    -0.5,
    true,
    null,
    undefined,
    new Uint8Array([0, 1, 254, 255]),
    ['a', 1, [true, null]],
    { event: 'payment', amount: 9.95, nested: { list: [1, { deep: new Uint8Array([9]) }] } },
  ];
  return [
    ...bodies.map((body, i): SdkLog => ({
      ...base,
      ...(body === undefined ? {} : { body }),
      severityNumber: i,
    })),
    { ...base, body: 'of a span', spanContext: context, severityNumber: 17, severityText: 'ERROR' },
    {
      ...base,
      body: 'with everything',
      attributes: attributesOf(way),
      droppedAttributesCount: 6,
      eventName: 'e',
    },
    { ...base, body: 'maps', attributes: { map: { a: 1, b: [{ c: 'd' }] }, nothing: null } },
    { ...base, body: 'no time of its own', hrTime: [0, 0], spanContext: { ...context, traceFlags: 0 } },
  ];
}

function newMetrics(way: Way): SdkMetric[] {
  const descriptor = (name: string, valueType: 0 | 1): SdkMetric['descriptor'] => ({
    name,
    description: `what ${name} counts`,
    unit: '{item}',
    valueType,
  });
  const point = <T>(
    value: T,
  ): { startTime: Time; endTime: Time; attributes: SdkSpan['attributes']; value: T } => ({
    startTime: START,
    endTime: END,
    attributes: attributesOf(way),
    value,
  });
  const histogram = { buckets: { boundaries: [0, 5, 10.5], counts: [1, 0, 2, 3] }, count: 6, sum: 47.5 };
  const exponential = {
    count: 9,
    sum: -3.25,
    scale: -2,
    zeroCount: 2,
    positive: { offset: -3, bucketCounts: [1, 0, 2] },
    negative: { offset: 4, bucketCounts: [4] },
  };
  return [
    {
      descriptor: descriptor('sum.delta', 0),
      aggregationTemporality: 0,
      dataPointType: 3,
      isMonotonic: true,
      dataPoints: [point(3), point(-(2 ** 40))],
    },
    {
      descriptor: descriptor('sum.cumulative', 1),
      aggregationTemporality: 1,
      dataPointType: 3,
      isMonotonic: false,
      dataPoints: [point(0.25), point(0)],
    },
    {
      descriptor: descriptor('gauge', 1),
      aggregationTemporality: 1,
      dataPointType: 2,
      dataPoints: [point(1e300)],
    },
    {
      descriptor: descriptor('histogram', 1),
      aggregationTemporality: 0,
      dataPointType: 0,
      dataPoints: [point({ ...histogram, min: -1, max: 11 }), point({ ...histogram, sum: 0 })],
    },
    {
      descriptor: descriptor('histogram.exponential', 1),
      aggregationTemporality: 1,
      dataPointType: 1,
      dataPoints: [point({ ...exponential, min: -9, max: 8 })],
    },
  ];
}
