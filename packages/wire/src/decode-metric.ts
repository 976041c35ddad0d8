/** opentelemetry.proto.metrics.v1 from protobuf. */
import { ByteReader } from '@aode/base';
import { readPoints, type PointReader } from './decode-point.ts';
import {
  readExponentialHistogramPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './decode-point.ts';
import {
  newResource,
  newScope,
  readAttribute,
  readResource,
  readScope,
  skipField,
  within,
} from './decode-value.ts';
import type { Attribute, Metric, MetricData, ResourceMetrics, ScopeMetrics } from './model.ts';

/**
 * An ExportMetricsServiceRequest (or MetricsData) as records. Throws AODE_OTLP_PROTOBUF_INVALID, AODE_OTLP_LIMIT.
 */
export function decodeMetrics(bytes: Uint8Array): ResourceMetrics[] {
  const r = new ByteReader(bytes);
  const all: ResourceMetrics[] = [];
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) all.push(within(r, undefined, readResourceMetrics));
    else skipField(r, tag);
  }
  return all;
}

function readResourceMetrics(r: ByteReader): ResourceMetrics {
  const resource = newResource();
  const scopeMetrics: ScopeMetrics[] = [];
  let schemaUrl = '';
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) within(r, resource, readResource);
    else if (tag === 0x12) scopeMetrics.push(within(r, undefined, readScopeMetrics));
    else if (tag === 0x1a) schemaUrl = r.string();
    else skipField(r, tag);
  }
  return { resource, schemaUrl, scopeMetrics };
}

function readScopeMetrics(r: ByteReader): ScopeMetrics {
  const scope = newScope();
  const metrics: Metric[] = [];
  let schemaUrl = '';
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) within(r, scope, readScope);
    else if (tag === 0x12) metrics.push(within(r, undefined, readMetric));
    else if (tag === 0x1a) schemaUrl = r.string();
    else skipField(r, tag);
  }
  return { scope, schemaUrl, metrics };
}

function readMetric(r: ByteReader): Metric {
  const metadata: Attribute[] = [];
  let [name, description, unit] = ['', '', ''];
  let data: MetricData = { kind: 'none' };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) name = r.string();
    else if (tag === 0x12) description = r.string();
    else if (tag === 0x1a) unit = r.string();
    else if (tag === 0x62) metadata.push(within(r, 0, readAttribute));
    else data = readData(r, tag) ?? data;
  }
  return { name, description, unit, metadata, data };
}

/** The oneof of a Metric; undefined for any other field, which is passed over. */
function readData(r: ByteReader, tag: number): MetricData | undefined {
  switch (tag) {
    case 0x2a:
      return { kind: 'gauge', dataPoints: list(r, readNumberPoint).dataPoints };
    case 0x3a:
      return { kind: 'sum', ...list(r, readNumberPoint) };
    case 0x4a: {
      const { dataPoints, aggregationTemporality } = list(r, readHistogramPoint);
      return { kind: 'histogram', dataPoints, aggregationTemporality };
    }
    case 0x52: {
      const { dataPoints, aggregationTemporality } = list(r, readExponentialHistogramPoint);
      return { kind: 'exponentialHistogram', dataPoints, aggregationTemporality };
    }
    case 0x5a:
      return { kind: 'summary', dataPoints: list(r, readSummaryPoint).dataPoints };
    default:
      skipField(r, tag);
      return undefined;
  }
}

interface PointList<P> {
  readonly dataPoints: readonly P[];
  readonly aggregationTemporality: number;
  readonly isMonotonic: boolean;
}

/** Gauge, Sum, Histogram, ExponentialHistogram and Summary number their common fields alike. */
function list<P>(r: ByteReader, point: PointReader<P>): PointList<P> {
  return within(r, point, readPoints) as PointList<P>;
}
