/** Metric data points of one request into rows of `points`, all kinds. */
import { type Attribute, type Metric, type MetricData, decodeMetrics } from '@aode/wire';
import { unreachable } from '@aode/base';
import type { Catalog } from './catalog.ts';
import { packMetric } from './raw-record.ts';
import { ATTRIBUTES_MAX, type Tally, newTally, refuse } from './refusal.ts';
import type { Tables } from './tables.ts';

type Point = Exclude<MetricData, { kind: 'none' }>['dataPoints'][number];

/** Appends every point that can be stored. */
export function ingestPoints(body: Uint8Array, arrivalMs: bigint, catalog: Catalog, tables: Tables): Tally {
  const tally = newTally();
  for (const { resource, schemaUrl, scopeMetrics } of decodeMetrics(body)) {
    const { id: resourceId, service } = catalog.resource({ resource, schemaUrl }, tables);
    for (const { scope, schemaUrl: scopeUrl, metrics } of scopeMetrics) {
      const scopeId = catalog.scope({ scope, schemaUrl: scopeUrl }, tables);
      for (const metric of metrics) {
        const { columns: c } = tables.points;
        const metricId = catalog.metric(withPoint(metric, undefined), tables);
        for (const point of pointsOf(metric.data)) {
          if (tooMany(point.attributes, tally)) continue;
          const { row } = tables.points;
          tally.accepted += 1;
          c.arrival_ms.put(row, arrivalMs);
          c.time_ns.put(row, point.timeUnixNano);
          c.resource_id.put(row, resourceId);
          c.scope_id.put(row, scopeId);
          c.metric_id.put(row, metricId);
          c.service.put(row, service);
          c.value.put(row, valueOf(point));
          c.raw.put(row, packMetric(withPoint(NAMELESS(metric), { ...point, timeUnixNano: 0n })));
          tables.points.next();
        }
      }
    }
  }
  return tally;
}

function tooMany(attributes: readonly Attribute[], tally: Tally): boolean {
  if (attributes.length <= ATTRIBUTES_MAX) return false;
  refuse(tally, 'attributes_too_many');
  return true;
}

const pointsOf = (data: MetricData): readonly Point[] => (data.kind === 'none' ? [] : data.dataPoints);

/** Gauges and sums have a value, the others the sum of what they measured, where it was sent. */
function valueOf(point: Point): number | null {
  const value = 'value' in point ? point.value : point.sum;
  return value === undefined ? null : Number(value);
}

/** What a row's `raw` leaves to the metric it refers to. */
const NAMELESS = (metric: Metric): Metric => ({
  ...metric,
  name: '',
  description: '',
  unit: '',
  metadata: [],
});

/** The metric with this point alone, or with none. Kind, temporality and monotony stay. */
function withPoint(metric: Metric, point: Point | undefined): Metric {
  return { ...metric, data: dataWith(metric.data, point) };
}

function dataWith(data: MetricData, point: Point | undefined): MetricData {
  // The point was taken out of data of this very kind, which the compiler cannot see.
  const dataPoints = (point === undefined ? [] : [point]) as never[];
  switch (data.kind) {
    case 'none':
      return data;
    case 'gauge':
    case 'summary':
    case 'histogram':
    case 'exponentialHistogram':
    case 'sum':
      return { ...data, dataPoints };
    default:
      return unreachable(data);
  }
}

/** A stored point back in its metric: `metric` and `raw` are unpacked, `timeUnixNano` comes from the column. */
export function pointOfRow(metric: Metric, raw: Metric, timeUnixNano: bigint): Metric {
  const [point] = pointsOf(raw.data);
  return point === undefined ? metric : withPoint(metric, { ...point, timeUnixNano });
}
