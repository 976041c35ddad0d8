/** OTLP/JSON metrics, both directions. */
import { pointsJson, readPoints } from './json-point.ts';
import {
  attributesJson,
  bool,
  enumeration,
  enumNames,
  get,
  type Json,
  list,
  object,
  parseJson,
  present,
  readAttributes,
  readResource,
  readScope,
  resourceJson,
  scopeJson,
  text,
} from './json-value.ts';
import {
  type Metric,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
  TEMPORALITY,
} from './model.ts';

const TEMPORALITIES = enumNames('AGGREGATION_TEMPORALITY_', TEMPORALITY);

/** An ExportMetricsServiceRequest from OTLP/JSON. Throws AODE_OTLP_JSON_INVALID, AODE_OTLP_LIMIT. */
export function decodeMetricsJson(json: string): ResourceMetrics[] {
  return list(parseJson(json), 'resourceMetrics', (from) => ({
    resource: readResource(object(from, 'resource')),
    schemaUrl: text(from, 'schemaUrl'),
    scopeMetrics: list(from, 'scopeMetrics', readScopeMetrics),
  }));
}

function readScopeMetrics(from: Json): ScopeMetrics {
  return {
    scope: readScope(object(from, 'scope')),
    schemaUrl: text(from, 'schemaUrl'),
    metrics: list(from, 'metrics', readMetric),
  };
}

function readMetric(from: Json): Metric {
  return {
    name: text(from, 'name'),
    description: text(from, 'description'),
    unit: text(from, 'unit'),
    metadata: readAttributes(from, 'metadata'),
    data: readData(from),
  };
}

function readData(from: Json): MetricData {
  const has = (key: string): boolean => get(from, key) !== undefined;
  const temporality = (data: Json): number => enumeration(data, 'aggregationTemporality', TEMPORALITIES);
  if (has('gauge')) return { kind: 'gauge', dataPoints: readPoints.number(object(from, 'gauge')) };
  if (has('sum')) {
    const data = object(from, 'sum');
    return {
      kind: 'sum',
      dataPoints: readPoints.number(data),
      aggregationTemporality: temporality(data),
      isMonotonic: bool(data, 'isMonotonic'),
    };
  }
  if (has('histogram')) {
    const data = object(from, 'histogram');
    return {
      kind: 'histogram',
      dataPoints: readPoints.histogram(data),
      aggregationTemporality: temporality(data),
    };
  }
  if (has('exponentialHistogram')) {
    const data = object(from, 'exponentialHistogram');
    const dataPoints = readPoints.exponentialHistogram(data);
    return { kind: 'exponentialHistogram', dataPoints, aggregationTemporality: temporality(data) };
  }
  if (has('summary')) return { kind: 'summary', dataPoints: readPoints.summary(object(from, 'summary')) };
  return { kind: 'none' };
}

/** An ExportMetricsServiceRequest as OTLP/JSON. */
export function encodeMetricsJson(metrics: readonly ResourceMetrics[]): string {
  const resourceMetrics = metrics.map((one) =>
    present({
      resource: resourceJson(one.resource),
      schemaUrl: one.schemaUrl,
      scopeMetrics: one.scopeMetrics.map((inner) =>
        present({
          scope: scopeJson(inner.scope),
          schemaUrl: inner.schemaUrl,
          metrics: inner.metrics.map(metricJson),
        }),
      ),
    }),
  );
  return JSON.stringify({ resourceMetrics });
}

function metricJson({ name, description, unit, metadata, data }: Metric): Json {
  return present({
    name,
    description,
    unit,
    metadata: attributesJson(metadata),
    ...(data.kind === 'none' ? {} : { [data.kind]: dataJson(data) }),
  });
}

function dataJson(data: Exclude<MetricData, { kind: 'none' }>): Json {
  const { kind, ...rest } = data;
  return present({ ...rest, dataPoints: pointsJson({ kind, ...rest } as typeof data) });
}
