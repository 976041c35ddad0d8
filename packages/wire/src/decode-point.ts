/** The data points of opentelemetry/proto/metrics/v1. Repeated numbers are accepted packed and unpacked. */
import type { ByteReader } from '@aode/base';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  QuantileValue,
  SummaryPoint,
} from './model.ts';
import type { Mutable } from './mutable.ts';
import { readTag, skipField } from './decode-field.ts';
import { readAttribute } from './decode-value.ts';

/** Reads a length-delimited NumberDataPoint. */
export function readNumberPoint(reader: ByteReader): NumberPoint {
  const point: Mutable<NumberPoint> = {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    flags: 0,
    value: undefined,
    exemplars: [],
  };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x11: // start_time_unix_nano = 2
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 0x19: // time_unix_nano = 3
        point.timeUnixNano = reader.fixed64();
        break;
      case 0x21: // as_double = 4
        point.value = reader.double();
        break;
      case 0x2a: // exemplars = 5
        point.exemplars.push(readExemplar(reader));
        break;
      case 0x31: // as_int = 6
        point.value = reader.sfixed64();
        break;
      case 0x3a: // attributes = 7
        point.attributes.push(readAttribute(reader, 1));
        break;
      case 0x40: // flags = 8
        point.flags = reader.uint32();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return point;
}

const emptyHistogramPoint = (): Mutable<HistogramPoint> => ({
  attributes: [],
  startTimeUnixNano: 0n,
  timeUnixNano: 0n,
  flags: 0,
  count: 0n,
  sum: undefined,
  bucketCounts: [],
  explicitBounds: [],
  exemplars: [],
  min: undefined,
  max: undefined,
});

/** Reads a length-delimited HistogramDataPoint. */
export function readHistogramPoint(reader: ByteReader): HistogramPoint {
  const point = emptyHistogramPoint();
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x11: // start_time_unix_nano = 2
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 0x19: // time_unix_nano = 3
        point.timeUnixNano = reader.fixed64();
        break;
      case 0x21: // count = 4
        point.count = reader.fixed64();
        break;
      case 0x29: // sum = 5
        point.sum = reader.double();
        break;
      case 0x42: // exemplars = 8
        point.exemplars.push(readExemplar(reader));
        break;
      case 0x4a: // attributes = 9
        point.attributes.push(readAttribute(reader, 1));
        break;
      case 0x50: // flags = 10
        point.flags = reader.uint32();
        break;
      case 0x59: // min = 11
        point.min = reader.double();
        break;
      case 0x61: // max = 12
        point.max = reader.double();
        break;
      default:
        readBuckets(reader, tag, point);
    }
  }
  reader.leave(outer);
  return point;
}

function readBuckets(reader: ByteReader, tag: number, point: Mutable<HistogramPoint>): void {
  switch (tag) {
    case 0x31: // bucket_counts = 6
      point.bucketCounts.push(reader.fixed64());
      break;
    case 0x32: // bucket_counts = 6, packed
      readPacked(reader, () => point.bucketCounts.push(reader.fixed64()));
      break;
    case 0x39: // explicit_bounds = 7
      point.explicitBounds.push(reader.double());
      break;
    case 0x3a: // explicit_bounds = 7, packed
      readPacked(reader, () => point.explicitBounds.push(reader.double()));
      break;
    default:
      skipField(reader, tag);
  }
}

function readPacked(reader: ByteReader, readOne: () => void): void {
  const outer = reader.enter();
  while (reader.at < reader.limit) readOne();
  reader.leave(outer);
}

const emptyExponentialHistogramPoint = (): Mutable<ExponentialHistogramPoint> => ({
  attributes: [],
  startTimeUnixNano: 0n,
  timeUnixNano: 0n,
  flags: 0,
  count: 0n,
  sum: undefined,
  scale: 0,
  zeroCount: 0n,
  positive: undefined,
  negative: undefined,
  exemplars: [],
  min: undefined,
  max: undefined,
  zeroThreshold: 0,
});

/** Reads a length-delimited ExponentialHistogramDataPoint. */
export function readExponentialHistogramPoint(reader: ByteReader): ExponentialHistogramPoint {
  const point = emptyExponentialHistogramPoint();
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // attributes = 1
        point.attributes.push(readAttribute(reader, 1));
        break;
      case 0x11: // start_time_unix_nano = 2
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 0x19: // time_unix_nano = 3
        point.timeUnixNano = reader.fixed64();
        break;
      case 0x42: // positive = 8
        point.positive = readExponentialBuckets(reader, point.positive);
        break;
      case 0x4a: // negative = 9
        point.negative = readExponentialBuckets(reader, point.negative);
        break;
      case 0x50: // flags = 10
        point.flags = reader.uint32();
        break;
      case 0x5a: // exemplars = 11
        point.exemplars.push(readExemplar(reader));
        break;
      default:
        readExponentialNumber(reader, tag, point);
    }
  }
  reader.leave(outer);
  return point;
}

function readExponentialNumber(
  reader: ByteReader,
  tag: number,
  point: Mutable<ExponentialHistogramPoint>,
): void {
  switch (tag) {
    case 0x21: // count = 4
      point.count = reader.fixed64();
      break;
    case 0x29: // sum = 5
      point.sum = reader.double();
      break;
    case 0x30: // scale = 6
      point.scale = reader.sint32();
      break;
    case 0x39: // zero_count = 7
      point.zeroCount = reader.fixed64();
      break;
    case 0x61: // min = 12
      point.min = reader.double();
      break;
    case 0x69: // max = 13
      point.max = reader.double();
      break;
    case 0x71: // zero_threshold = 14
      point.zeroThreshold = reader.double();
      break;
    default:
      skipField(reader, tag);
  }
}

function readExponentialBuckets(
  reader: ByteReader,
  before: ExponentialBuckets | undefined,
): ExponentialBuckets {
  const bucketCounts = [...(before?.bucketCounts ?? [])];
  let offset = before?.offset ?? 0;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x08: // offset = 1
        offset = reader.sint32();
        break;
      case 0x10: // bucket_counts = 2
        bucketCounts.push(reader.uint64());
        break;
      case 0x12: // bucket_counts = 2, packed
        readPacked(reader, () => bucketCounts.push(reader.uint64()));
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { offset, bucketCounts };
}

/** Reads a length-delimited SummaryDataPoint. */
export function readSummaryPoint(reader: ByteReader): SummaryPoint {
  const point: Mutable<SummaryPoint> = {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    flags: 0,
    count: 0n,
    sum: 0,
    quantileValues: [],
  };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x11: // start_time_unix_nano = 2
        point.startTimeUnixNano = reader.fixed64();
        break;
      case 0x19: // time_unix_nano = 3
        point.timeUnixNano = reader.fixed64();
        break;
      case 0x21: // count = 4
        point.count = reader.fixed64();
        break;
      case 0x29: // sum = 5
        point.sum = reader.double();
        break;
      case 0x32: // quantile_values = 6
        point.quantileValues.push(readQuantileValue(reader));
        break;
      case 0x3a: // attributes = 7
        point.attributes.push(readAttribute(reader, 1));
        break;
      case 0x40: // flags = 8
        point.flags = reader.uint32();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return point;
}

function readQuantileValue(reader: ByteReader): QuantileValue {
  let quantile = 0;
  let value = 0;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x09) quantile = reader.double(); // quantile = 1
    else if (tag === 0x11) value = reader.double(); // value = 2
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return { quantile, value };
}

function readExemplar(reader: ByteReader): Exemplar {
  const exemplar: Mutable<Exemplar> = {
    filteredAttributes: [],
    timeUnixNano: 0n,
    value: undefined,
    spanId: '',
    traceId: '',
  };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x11: // time_unix_nano = 2
        exemplar.timeUnixNano = reader.fixed64();
        break;
      case 0x19: // as_double = 3
        exemplar.value = reader.double();
        break;
      case 0x22: // span_id = 4
        exemplar.spanId = reader.hex();
        break;
      case 0x2a: // trace_id = 5
        exemplar.traceId = reader.hex();
        break;
      case 0x31: // as_int = 6
        exemplar.value = reader.sfixed64();
        break;
      case 0x3a: // filtered_attributes = 7
        exemplar.filteredAttributes.push(readAttribute(reader, 1));
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return exemplar;
}
