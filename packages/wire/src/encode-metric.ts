/** opentelemetry.proto.metrics.v1 to protobuf. */
import { type ByteWriter, byteWriter } from '@aode/base';
import {
  writeExponentialHistogramPoint,
  writeHistogramPoint,
  writeNumberPoint,
  writeSummaryPoint,
} from './encode-point.ts';
import { writeAttributes, writeCount, writeResource, writeScope, writeText } from './encode-value.ts';
import type { Metric, MetricData, ResourceMetrics, ScopeMetrics } from './model.ts';

/** An ExportMetricsServiceRequest. */
export function encodeMetrics(metrics: readonly ResourceMetrics[]): Uint8Array<ArrayBuffer> {
  const w = byteWriter();
  for (const resourceMetrics of metrics) {
    w.byte(0x0a);
    const mark = w.open();
    writeResourceMetrics(w, resourceMetrics);
    w.close(mark);
  }
  return w.finish();
}

/** The repeated field `scope_metrics` of a ResourceMetrics alone; runs of it may be joined. */
export function encodeScopeMetrics(list: readonly ScopeMetrics[]): Uint8Array<ArrayBuffer> {
  const w = byteWriter();
  writeScopeMetricsList(w, list);
  return w.finish();
}

function writeResourceMetrics(w: ByteWriter, { resource, scopeMetrics, schemaUrl }: ResourceMetrics): void {
  w.byte(0x0a);
  const mark = w.open();
  writeResource(w, resource);
  w.close(mark);
  writeScopeMetricsList(w, scopeMetrics);
  writeText(w, 0x1a, schemaUrl);
}

function writeScopeMetricsList(w: ByteWriter, list: readonly ScopeMetrics[]): void {
  for (const one of list) {
    w.byte(0x12);
    const mark = w.open();
    writeScopeMetrics(w, one);
    w.close(mark);
  }
}

function writeScopeMetrics(w: ByteWriter, { scope, metrics, schemaUrl }: ScopeMetrics): void {
  w.byte(0x0a);
  const mark = w.open();
  writeScope(w, scope);
  w.close(mark);
  for (const metric of metrics) {
    w.byte(0x12);
    const inner = w.open();
    writeMetric(w, metric);
    w.close(inner);
  }
  writeText(w, 0x1a, schemaUrl);
}

function writeMetric(w: ByteWriter, metric: Metric): void {
  writeText(w, 0x0a, metric.name);
  writeText(w, 0x12, metric.description);
  writeText(w, 0x1a, metric.unit);
  writeData(w, metric.data);
  writeAttributes(w, 0x62, metric.metadata);
}

/** Field numbers of Metric's oneof, with their wire type. */
const DATA_TAG = {
  gauge: 0x2a,
  sum: 0x3a,
  histogram: 0x4a,
  exponentialHistogram: 0x52,
  summary: 0x5a,
} as const;

function writeData(w: ByteWriter, data: MetricData): void {
  if (data.kind === 'none') return;
  w.byte(DATA_TAG[data.kind]);
  const mark = w.open();
  switch (data.kind) {
    case 'gauge':
      writePoints(w, data.dataPoints, writeNumberPoint);
      break;
    case 'sum':
      writePoints(w, data.dataPoints, writeNumberPoint);
      break;
    case 'histogram':
      writePoints(w, data.dataPoints, writeHistogramPoint);
      break;
    case 'exponentialHistogram':
      writePoints(w, data.dataPoints, writeExponentialHistogramPoint);
      break;
    case 'summary':
      writePoints(w, data.dataPoints, writeSummaryPoint);
      break;
  }
  if ('aggregationTemporality' in data) writeCount(w, 0x10, data.aggregationTemporality);
  if (data.kind === 'sum') writeCount(w, 0x18, data.isMonotonic ? 1 : 0);
  w.close(mark);
}

function writePoints<P>(w: ByteWriter, points: readonly P[], write: (w: ByteWriter, point: P) => void): void {
  for (const point of points) {
    w.byte(0x0a);
    const mark = w.open();
    write(w, point);
    w.close(mark);
  }
}
