/** The data points of opentelemetry.proto.metrics.v1 from protobuf. */
import type { ByteReader } from '@aode/base';
import { type Mutable, readAttribute, skipField, within } from './decode-value.ts';
import type {
  Attribute,
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  QuantileValue,
  SummaryPoint,
} from './model.ts';

/** Reads one point whose bytes are [r.at, r.end). */
export type PointReader<P> = (r: ByteReader) => P;

interface PointList {
  readonly dataPoints: unknown[];
  aggregationTemporality: number;
  isMonotonic: boolean;
}

/** Field 1 the points, 2 the temporality, 3 monotonic: the same numbers in each kind of metric that has them. */
export function readPoints(r: ByteReader, point: PointReader<unknown>): PointList {
  const list: PointList = { dataPoints: [], aggregationTemporality: 0, isMonotonic: false };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) list.dataPoints.push(within(r, undefined, point));
    else if (tag === 0x10) list.aggregationTemporality = r.varint32() | 0;
    else if (tag === 0x18) list.isMonotonic = r.varint64() !== 0n;
    else skipField(r, tag);
  }
  return list;
}

/** Packed or not, fixed64 or double: a repeated scalar may come in either form, whatever the schema says. */
function readPacked<T>(r: ByteReader, into: T[], one: (r: ByteReader) => T): void {
  within(r, into, () => {
    while (r.at < r.end) into.push(one(r));
  });
}

const fixed64 = (r: ByteReader): bigint => r.fixed64();
const double = (r: ByteReader): number => r.double();
const varint64 = (r: ByteReader): bigint => r.varint64();

/** NumberDataPoint. */
export function readNumberPoint(r: ByteReader): NumberPoint {
  const attributes: Attribute[] = [];
  const exemplars: Exemplar[] = [];
  const point: Mutable<NumberPoint> = {
    attributes,
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    flags: 0,
    value: undefined,
    exemplars,
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x11) point.startTimeUnixNano = r.fixed64();
    else if (tag === 0x19) point.timeUnixNano = r.fixed64();
    else if (tag === 0x21) point.value = r.double();
    else if (tag === 0x2a) exemplars.push(within(r, undefined, readExemplar));
    else if (tag === 0x31) point.value = r.sfixed64();
    else if (tag === 0x3a) attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x40) point.flags = r.varint32();
    else skipField(r, tag);
  }
  return point;
}

interface HistogramLists {
  readonly attributes: Attribute[];
  readonly bucketCounts: bigint[];
  readonly explicitBounds: number[];
  readonly exemplars: Exemplar[];
}

/** HistogramDataPoint. */
export function readHistogramPoint(r: ByteReader): HistogramPoint {
  const lists: HistogramLists = { attributes: [], bucketCounts: [], explicitBounds: [], exemplars: [] };
  const point: Mutable<HistogramPoint> = {
    ...lists,
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    flags: 0,
    count: 0n,
    sum: undefined,
    min: undefined,
    max: undefined,
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x11) point.startTimeUnixNano = r.fixed64();
    else if (tag === 0x19) point.timeUnixNano = r.fixed64();
    else if (tag === 0x21) point.count = r.fixed64();
    else if (tag === 0x29) point.sum = r.double();
    else if (tag === 0x50) point.flags = r.varint32();
    else if (tag === 0x59) point.min = r.double();
    else if (tag === 0x61) point.max = r.double();
    else if (!readHistogramList(r, tag, lists)) skipField(r, tag);
  }
  return point;
}

function readHistogramList(r: ByteReader, tag: number, lists: HistogramLists): boolean {
  if (tag === 0x32) readPacked(r, lists.bucketCounts, fixed64);
  else if (tag === 0x31) lists.bucketCounts.push(r.fixed64());
  else if (tag === 0x3a) readPacked(r, lists.explicitBounds, double);
  else if (tag === 0x39) lists.explicitBounds.push(r.double());
  else if (tag === 0x42) lists.exemplars.push(within(r, undefined, readExemplar));
  else if (tag === 0x4a) lists.attributes.push(within(r, 0, readAttribute));
  else return false;
  return true;
}

type ExponentialDraft = Mutable<ExponentialHistogramPoint> & {
  readonly attributes: Attribute[];
  readonly exemplars: Exemplar[];
};

/** ExponentialHistogramDataPoint. */
export function readExponentialHistogramPoint(r: ByteReader): ExponentialHistogramPoint {
  const point: ExponentialDraft = {
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
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) point.attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x11) point.startTimeUnixNano = r.fixed64();
    else if (tag === 0x19) point.timeUnixNano = r.fixed64();
    else if (tag === 0x21) point.count = r.fixed64();
    else if (tag === 0x29) point.sum = r.double();
    else if (tag === 0x50) point.flags = r.varint32();
    else if (tag === 0x5a) point.exemplars.push(within(r, undefined, readExemplar));
    else if (!readExponentialShape(r, tag, point)) skipField(r, tag);
  }
  return point;
}

function readExponentialShape(r: ByteReader, tag: number, point: ExponentialDraft): boolean {
  if (tag === 0x30) point.scale = r.sint32();
  else if (tag === 0x39) point.zeroCount = r.fixed64();
  else if (tag === 0x42) point.positive = within(r, undefined, readBuckets);
  else if (tag === 0x4a) point.negative = within(r, undefined, readBuckets);
  else if (tag === 0x61) point.min = r.double();
  else if (tag === 0x69) point.max = r.double();
  else if (tag === 0x71) point.zeroThreshold = r.double();
  else return false;
  return true;
}

function readBuckets(r: ByteReader): ExponentialBuckets {
  const bucketCounts: bigint[] = [];
  let offset = 0;
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x08) offset = r.sint32();
    else if (tag === 0x12) readPacked(r, bucketCounts, varint64);
    else if (tag === 0x10) bucketCounts.push(r.varint64());
    else skipField(r, tag);
  }
  return { offset, bucketCounts };
}

/** SummaryDataPoint. */
export function readSummaryPoint(r: ByteReader): SummaryPoint {
  const attributes: Attribute[] = [];
  const quantileValues: QuantileValue[] = [];
  const point: Mutable<SummaryPoint> = {
    attributes,
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    flags: 0,
    count: 0n,
    sum: 0,
    quantileValues,
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x11) point.startTimeUnixNano = r.fixed64();
    else if (tag === 0x19) point.timeUnixNano = r.fixed64();
    else if (tag === 0x21) point.count = r.fixed64();
    else if (tag === 0x29) point.sum = r.double();
    else if (tag === 0x32) quantileValues.push(within(r, undefined, readQuantile));
    else if (tag === 0x3a) attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x40) point.flags = r.varint32();
    else skipField(r, tag);
  }
  return point;
}

function readQuantile(r: ByteReader): QuantileValue {
  let [quantile, value] = [0, 0];
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x09) quantile = r.double();
    else if (tag === 0x11) value = r.double();
    else skipField(r, tag);
  }
  return { quantile, value };
}

/** Exemplar. */
function readExemplar(r: ByteReader): Exemplar {
  const filteredAttributes: Attribute[] = [];
  const exemplar: Mutable<Exemplar> = {
    filteredAttributes,
    timeUnixNano: 0n,
    value: undefined,
    spanId: '',
    traceId: '',
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x11) exemplar.timeUnixNano = r.fixed64();
    else if (tag === 0x19) exemplar.value = r.double();
    else if (tag === 0x22) exemplar.spanId = r.hex();
    else if (tag === 0x2a) exemplar.traceId = r.hex();
    else if (tag === 0x31) exemplar.value = r.sfixed64();
    else if (tag === 0x3a) filteredAttributes.push(within(r, 0, readAttribute));
    else skipField(r, tag);
  }
  return exemplar;
}
