/** ExportMetricsServiceRequest, opentelemetry/proto/metrics/v1, down to the metric; its points: decode-point.ts. */
import { type ByteReader, unreachable } from '@aode/base';
import type { Metric, MetricData, ResourceMetrics, ScopeMetrics } from './model.ts';
import type { Mutable } from './mutable.ts';
import { messageReader, readTag, skipField } from './decode-field.ts';
import {
  readExponentialHistogramPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './decode-point.ts';
import { emptyResource, emptyScope, readResource, readScope } from './decode-resource.ts';
import { readAttribute } from './decode-value.ts';

/** Decodes an ExportMetricsServiceRequest; same rules and errors as `decodeTraces`. */
export function decodeMetrics(source: Uint8Array): ResourceMetrics[] {
  const reader = messageReader(source);
  const list: ResourceMetrics[] = [];
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) list.push(readResourceMetrics(reader));
    else skipField(reader, tag);
  }
  return list;
}

function readResourceMetrics(reader: ByteReader): ResourceMetrics {
  const resource = emptyResource();
  const scopeMetrics: ScopeMetrics[] = [];
  let schemaUrl = '';
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // resource = 1
        readResource(reader, resource);
        break;
      case 0x12: // scope_metrics = 2
        scopeMetrics.push(readScopeMetrics(reader));
        break;
      case 0x1a: // schema_url = 3
        schemaUrl = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { resource, schemaUrl, scopeMetrics };
}

function readScopeMetrics(reader: ByteReader): ScopeMetrics {
  const scope = emptyScope();
  const metrics: Metric[] = [];
  let schemaUrl = '';
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // scope = 1
        readScope(reader, scope);
        break;
      case 0x12: // metrics = 2
        metrics.push(readMetric(reader));
        break;
      case 0x1a: // schema_url = 3
        schemaUrl = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { scope, schemaUrl, metrics };
}

const NO_DATA: MetricData = { kind: 'none' };

function readMetric(reader: ByteReader): Metric {
  const metric: Mutable<Metric> = { name: '', description: '', unit: '', metadata: [], data: NO_DATA };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // name = 1
        metric.name = reader.name();
        break;
      case 0x12: // description = 2
        metric.description = reader.name();
        break;
      case 0x1a: // unit = 3
        metric.unit = reader.name();
        break;
      case 0x62: // metadata = 12
        metric.metadata.push(readAttribute(reader, 1));
        break;
      default:
        metric.data = readData(reader, tag, metric.data);
    }
  }
  reader.leave(outer);
  return metric;
}

/** The oneof `data`: the same member again is merged, another member replaces it. */
function readData(reader: ByteReader, tag: number, before: MetricData): MetricData {
  switch (tag) {
    case 0x2a: // gauge = 5
      return readPoints(reader, {
        kind: 'gauge',
        dataPoints: before.kind === 'gauge' ? [...before.dataPoints] : [],
      });
    case 0x3a: // sum = 7
      return readPoints(
        reader,
        before.kind === 'sum'
          ? { ...before, dataPoints: [...before.dataPoints] }
          : { kind: 'sum', dataPoints: [], aggregationTemporality: 0, isMonotonic: false },
      );
    case 0x4a: // histogram = 9
      return readPoints(
        reader,
        before.kind === 'histogram'
          ? { ...before, dataPoints: [...before.dataPoints] }
          : { kind: 'histogram', dataPoints: [], aggregationTemporality: 0 },
      );
    case 0x52: // exponential_histogram = 10
      return readPoints(
        reader,
        before.kind === 'exponentialHistogram'
          ? { ...before, dataPoints: [...before.dataPoints] }
          : { kind: 'exponentialHistogram', dataPoints: [], aggregationTemporality: 0 },
      );
    case 0x5a: // summary = 11
      return readPoints(reader, {
        kind: 'summary',
        dataPoints: before.kind === 'summary' ? [...before.dataPoints] : [],
      });
    default:
      skipField(reader, tag);
      return before;
  }
}

type Open<D> = D extends { readonly dataPoints: unknown } ? Mutable<D> : never;
type OpenData = Open<MetricData>;

/** Gauge, Sum, Histogram, ExponentialHistogram and Summary share their field numbers, as far as they have them. */
function readPoints(reader: ByteReader, data: OpenData): MetricData {
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) readPoint(reader, data); // data_points = 1
    else if (tag === 0x10 && 'aggregationTemporality' in data) {
      data.aggregationTemporality = reader.int32(); // aggregation_temporality = 2
    } else if (tag === 0x18 && data.kind === 'sum') data.isMonotonic = reader.bool(); // is_monotonic = 3
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return data;
}

function readPoint(reader: ByteReader, data: OpenData): void {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      data.dataPoints.push(readNumberPoint(reader));
      return;
    case 'histogram':
      data.dataPoints.push(readHistogramPoint(reader));
      return;
    case 'exponentialHistogram':
      data.dataPoints.push(readExponentialHistogramPoint(reader));
      return;
    case 'summary':
      data.dataPoints.push(readSummaryPoint(reader));
      return;
    default:
      unreachable(data);
  }
}
