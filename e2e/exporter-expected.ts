/**
 * The OTLP records that the specification makes of the SDK's records. Written anew; nothing of it comes from the
 * exporters that it is held against.
 */
import type {
  Attribute,
  ExponentialHistogramPoint,
  HistogramPoint,
  LogRecord,
  Metric,
  MetricData,
  NumberPoint,
  Resource,
  Scope,
  Span,
  Value,
} from '@aode/wire';
import type { Place, SdkLog, SdkMetric, SdkMetrics, SdkSpan, Time } from './exporter-records.ts';

const nano = ([seconds, nanos]: Time): bigint => BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

/** Whole numbers are int64, others double: JavaScript's one type has to be told apart somehow. */
function expectedValue(value: unknown): Value {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(expectedValue);
  return { entries: expectedAttributes(value) };
}

function expectedAttributes(attributes: object): Attribute[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: expectedValue(value) }));
}

interface ExpectedPlace {
  readonly resource: { readonly resource: Resource; readonly schemaUrl: string };
  readonly scope: { readonly scope: Scope; readonly schemaUrl: string };
}

export function expectedPlace({ resource, scope }: Place): ExpectedPlace {
  return {
    resource: {
      resource: {
        attributes: expectedAttributes(resource.attributes),
        droppedAttributesCount: 0,
        entityRefs: [],
      },
      schemaUrl: resource.schemaUrl ?? '',
    },
    scope: {
      scope: { name: scope.name, version: scope.version ?? '', attributes: [], droppedAttributesCount: 0 },
      schemaUrl: scope.schemaUrl ?? '',
    },
  };
}

/** W3C flags, "it is known whether the parent is remote", and whether it is (opentelemetry.proto, SpanFlags). */
const flagsOf = (traceFlags: number, isRemote: boolean | undefined): number =>
  traceFlags | 0x100 | (isRemote === true ? 0x200 : 0);

export function expectedSpan(span: SdkSpan): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  return {
    traceId,
    spanId,
    traceState: traceState?.serialize() ?? '',
    parentSpanId: span.parentSpanContext?.spanId ?? '',
    flags: flagsOf(traceFlags, span.parentSpanContext?.isRemote),
    name: span.name,
    kind: span.kind + 1,
    startTimeUnixNano: nano(span.startTime),
    endTimeUnixNano: nano(span.endTime),
    attributes: expectedAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      timeUnixNano: nano(event.time),
      name: event.name,
      attributes: expectedAttributes(event.attributes ?? {}),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map(({ context, attributes, droppedAttributesCount }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      traceState: context.traceState?.serialize() ?? '',
      attributes: expectedAttributes(attributes ?? {}),
      droppedAttributesCount: droppedAttributesCount ?? 0,
      flags: flagsOf(context.traceFlags, context.isRemote),
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: { code: span.status.code, message: span.status.message ?? '' },
  };
}

export function expectedLog(log: SdkLog): LogRecord {
  return {
    timeUnixNano: nano(log.hrTime),
    observedTimeUnixNano: nano(log.hrTimeObserved),
    severityNumber: log.severityNumber ?? 0,
    severityText: log.severityText ?? '',
    body: expectedValue(log.body),
    attributes: expectedAttributes(log.attributes),
    droppedAttributesCount: log.droppedAttributesCount,
    flags: log.spanContext?.traceFlags ?? 0,
    traceId: log.spanContext?.traceId ?? '',
    spanId: log.spanContext?.spanId ?? '',
    eventName: log.eventName ?? '',
  };
}

/** One metric a point, in order. */
export function expectedMetrics({ scopeMetrics }: SdkMetrics): Metric[] {
  return scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap((metric) =>
      expectedData(metric).map((data) => ({
        name: metric.descriptor.name,
        description: metric.descriptor.description,
        unit: metric.descriptor.unit,
        metadata: [],
        data,
      })),
    ),
  );
}

function expectedData(metric: SdkMetric): MetricData[] {
  switch (metric.dataPointType) {
    case 3:
      return metric.dataPoints.map((point) => ({
        kind: 'sum',
        aggregationTemporality: temporality(metric),
        isMonotonic: metric.isMonotonic,
        dataPoints: [expectedNumber(metric, point)],
      }));
    case 2:
      return metric.dataPoints.map((point) => ({
        kind: 'gauge',
        dataPoints: [expectedNumber(metric, point)],
      }));
    case 0:
      return metric.dataPoints.map((point) => ({
        kind: 'histogram',
        aggregationTemporality: temporality(metric),
        dataPoints: [expectedHistogram(point)],
      }));
    case 1:
      return metric.dataPoints.map((point) => ({
        kind: 'exponentialHistogram',
        aggregationTemporality: temporality(metric),
        dataPoints: [expectedExponential(point)],
      }));
    default:
      throw new Error('no such kind of metric');
  }
}

/** The SDK counts from 0, OTLP has "unspecified" in front. */
const temporality = (metric: SdkMetric): number => metric.aggregationTemporality + 1;

type SdkPoint<Kind extends 0 | 1 | 2 | 3> = Extract<
  SdkMetric,
  { readonly dataPointType: Kind }
>['dataPoints'][number];

function expectedBase(point: SdkMetric['dataPoints'][number]): Omit<NumberPoint, 'value'> {
  return {
    attributes: expectedAttributes(point.attributes),
    startTimeUnixNano: nano(point.startTime),
    timeUnixNano: nano(point.endTime),
    flags: 0,
    exemplars: [],
  };
}

function expectedNumber({ descriptor }: SdkMetric, point: SdkPoint<2 | 3>): NumberPoint {
  return { ...expectedBase(point), value: descriptor.valueType === 0 ? BigInt(point.value) : point.value };
}

function expectedHistogram(point: SdkPoint<0>): HistogramPoint {
  const { buckets, count, sum, min, max } = point.value;
  return {
    ...expectedBase(point),
    count: BigInt(count),
    sum,
    bucketCounts: buckets.counts.map(BigInt),
    explicitBounds: buckets.boundaries,
    min,
    max,
  };
}

function expectedExponential(point: SdkPoint<1>): ExponentialHistogramPoint {
  const { count, sum, scale, zeroCount, positive, negative, min, max } = point.value;
  return {
    ...expectedBase(point),
    count: BigInt(count),
    sum,
    scale,
    zeroCount: BigInt(zeroCount),
    positive: { offset: positive.offset, bucketCounts: positive.bucketCounts.map(BigInt) },
    negative: { offset: negative.offset, bucketCounts: negative.bucketCounts.map(BigInt) },
    min,
    max,
    zeroThreshold: 0,
  };
}
