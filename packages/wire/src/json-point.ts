/** Data points of OTLP/JSON metrics, both directions. */
import { unreachable } from '@aode/base';
import {
  attributesJson,
  double,
  doubleJson,
  get,
  id,
  int32,
  int64,
  items,
  type Json,
  list,
  object,
  optionalDouble,
  present,
  readAttributes,
  uint32,
  uint64,
} from './json-value.ts';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricData,
  NumberPoint,
  SummaryPoint,
} from './model.ts';

/** Readers of the `dataPoints` of each kind of metric. */
export const readPoints = {
  number: (data: Json): NumberPoint[] => list(data, 'dataPoints', readNumberPoint),
  histogram: (data: Json): HistogramPoint[] => list(data, 'dataPoints', readHistogramPoint),
  exponentialHistogram: (data: Json): ExponentialHistogramPoint[] =>
    list(data, 'dataPoints', readExponential),
  summary: (data: Json): SummaryPoint[] => list(data, 'dataPoints', readSummaryPoint),
};

type PointBase = Pick<NumberPoint, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano' | 'flags'>;

const readBase = (from: Json): PointBase => ({
  attributes: readAttributes(from),
  startTimeUnixNano: uint64(from, 'startTimeUnixNano'),
  timeUnixNano: uint64(from, 'timeUnixNano'),
  flags: uint32(from, 'flags'),
});

function readNumber(from: Json): bigint | number | undefined {
  const whole = get(from, 'asInt');
  return whole === undefined ? optionalDouble(from, 'asDouble') : int64(whole, 'asInt');
}

const readNumberPoint = (from: Json): NumberPoint => ({
  ...readBase(from),
  value: readNumber(from),
  exemplars: list(from, 'exemplars', readExemplar),
});

const counts = (from: Json): bigint[] =>
  items(from, 'bucketCounts').map((item) => uint64({ bucketCounts: item }, 'bucketCounts'));

const readHistogramPoint = (from: Json): HistogramPoint => ({
  ...readBase(from),
  count: uint64(from, 'count'),
  sum: optionalDouble(from, 'sum'),
  bucketCounts: counts(from),
  explicitBounds: items(from, 'explicitBounds').map((item) => double(item, 'explicitBounds')),
  exemplars: list(from, 'exemplars', readExemplar),
  min: optionalDouble(from, 'min'),
  max: optionalDouble(from, 'max'),
});

const readExponential = (from: Json): ExponentialHistogramPoint => ({
  ...readBase(from),
  count: uint64(from, 'count'),
  sum: optionalDouble(from, 'sum'),
  scale: int32(from, 'scale'),
  zeroCount: uint64(from, 'zeroCount'),
  positive: readBuckets(from, 'positive'),
  negative: readBuckets(from, 'negative'),
  exemplars: list(from, 'exemplars', readExemplar),
  min: optionalDouble(from, 'min'),
  max: optionalDouble(from, 'max'),
  zeroThreshold: optionalDouble(from, 'zeroThreshold') ?? 0,
});

function readBuckets(from: Json, key: string): ExponentialBuckets | undefined {
  if (get(from, key) === undefined) return undefined;
  const buckets = object(from, key);
  return { offset: int32(buckets, 'offset'), bucketCounts: counts(buckets) };
}

const readSummaryPoint = (from: Json): SummaryPoint => ({
  ...readBase(from),
  count: uint64(from, 'count'),
  sum: optionalDouble(from, 'sum') ?? 0,
  quantileValues: list(from, 'quantileValues', (item) => ({
    quantile: optionalDouble(item, 'quantile') ?? 0,
    value: optionalDouble(item, 'value') ?? 0,
  })),
});

const readExemplar = (from: Json): Exemplar => ({
  filteredAttributes: readAttributes(from, 'filteredAttributes'),
  timeUnixNano: uint64(from, 'timeUnixNano'),
  value: readNumber(from),
  spanId: id(from, 'spanId'),
  traceId: id(from, 'traceId'),
});

/** The `dataPoints` of a metric. */
export function pointsJson(data: Exclude<MetricData, { kind: 'none' }>): Json[] {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return data.dataPoints.map(numberPointJson);
    case 'histogram':
      return data.dataPoints.map(histogramPointJson);
    case 'exponentialHistogram':
      return data.dataPoints.map(exponentialJson);
    case 'summary':
      return data.dataPoints.map(summaryPointJson);
    default:
      return unreachable(data);
  }
}

const baseJson = (point: PointBase): Json => ({
  ...present({
    attributes: attributesJson(point.attributes),
    startTimeUnixNano: String(point.startTimeUnixNano),
    timeUnixNano: String(point.timeUnixNano),
    flags: point.flags,
  }),
});

/** An `optional double`: written whenever it is there, zero too. */
const optional = (key: string, value: number | undefined): Json =>
  value === undefined ? {} : { [key]: doubleJson(value) };

function numberJson(value: bigint | number | undefined): Json {
  if (typeof value === 'bigint') return { asInt: String(value) };
  return optional('asDouble', value);
}

const exemplarsJson = (exemplars: readonly Exemplar[]): Json =>
  present({
    exemplars: exemplars.map(({ filteredAttributes, timeUnixNano, value, spanId, traceId }) => ({
      ...present({
        filteredAttributes: attributesJson(filteredAttributes),
        timeUnixNano: String(timeUnixNano),
        spanId,
        traceId,
      }),
      ...numberJson(value),
    })),
  });

const numberPointJson = (point: NumberPoint): Json => ({
  ...baseJson(point),
  ...numberJson(point.value),
  ...exemplarsJson(point.exemplars),
});

const histogramPointJson = (point: HistogramPoint): Json => ({
  ...baseJson(point),
  ...present({
    count: String(point.count),
    bucketCounts: point.bucketCounts.map(String),
    explicitBounds: point.explicitBounds.map(doubleJson),
  }),
  ...optional('sum', point.sum),
  ...optional('min', point.min),
  ...optional('max', point.max),
  ...exemplarsJson(point.exemplars),
});

const bucketsJson = (key: string, buckets: ExponentialBuckets | undefined): Json =>
  buckets === undefined
    ? {}
    : { [key]: present({ offset: buckets.offset, bucketCounts: buckets.bucketCounts.map(String) }) };

const exponentialJson = (point: ExponentialHistogramPoint): Json => ({
  ...baseJson(point),
  ...present({ count: String(point.count), scale: point.scale, zeroCount: String(point.zeroCount) }),
  ...bucketsJson('positive', point.positive),
  ...bucketsJson('negative', point.negative),
  ...optional('sum', point.sum),
  ...optional('min', point.min),
  ...optional('max', point.max),
  ...present({ zeroThreshold: doubleJson(point.zeroThreshold) }),
  ...exemplarsJson(point.exemplars),
});

const summaryPointJson = (point: SummaryPoint): Json => ({
  ...baseJson(point),
  ...present({
    count: String(point.count),
    sum: doubleJson(point.sum),
    quantileValues: point.quantileValues.map(({ quantile, value }) =>
      present({ quantile: doubleJson(quantile), value: doubleJson(value) }),
    ),
  }),
});
