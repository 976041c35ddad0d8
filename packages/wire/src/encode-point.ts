/** The data points of opentelemetry.proto.metrics.v1 to protobuf. */
import type { ByteWriter } from '@aode/base';
import { writeAttributes, writeCount, writeFixed64, writeId } from './encode-value.ts';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  SummaryPoint,
} from './model.ts';

/** A double field, left out when it is +0; -0 is not the default and is written. */
function writeDouble(w: ByteWriter, tag: number, value: number): void {
  if (!Object.is(value, 0)) writePresentDouble(w, tag, value);
}

/** An `optional double`: there when it is not undefined, whatever its value. */
function writePresentDouble(w: ByteWriter, tag: number, value: number | undefined): void {
  if (value === undefined) return;
  w.varint(tag);
  w.double(value);
}

/** as_double or as_int of a oneof. */
function writeNumber(
  w: ByteWriter,
  tags: readonly [number, number],
  value: bigint | number | undefined,
): void {
  if (typeof value === 'bigint') {
    w.varint(tags[1]);
    w.fixed64(value);
  } else writePresentDouble(w, tags[0], value);
}

function writeSint32(w: ByteWriter, tag: number, value: number): void {
  if (value !== 0) writeCount(w, tag, ((value << 1) ^ (value >> 31)) >>> 0);
}

/** NumberDataPoint. */
export function writeNumberPoint(w: ByteWriter, point: NumberPoint): void {
  writeFixed64(w, 0x11, point.startTimeUnixNano);
  writeFixed64(w, 0x19, point.timeUnixNano);
  writeNumber(w, [0x21, 0x31], point.value);
  writeExemplars(w, 0x2a, point.exemplars);
  writeAttributes(w, 0x3a, point.attributes);
  writeCount(w, 0x40, point.flags);
}

/** HistogramDataPoint. */
export function writeHistogramPoint(w: ByteWriter, point: HistogramPoint): void {
  writeFixed64(w, 0x11, point.startTimeUnixNano);
  writeFixed64(w, 0x19, point.timeUnixNano);
  writeFixed64(w, 0x21, point.count);
  writePresentDouble(w, 0x29, point.sum);
  if (point.bucketCounts.length > 0) {
    w.byte(0x32);
    const mark = w.open();
    for (const count of point.bucketCounts) w.fixed64(count);
    w.close(mark);
  }
  if (point.explicitBounds.length > 0) {
    w.byte(0x3a);
    const mark = w.open();
    for (const bound of point.explicitBounds) w.double(bound);
    w.close(mark);
  }
  writeExemplars(w, 0x42, point.exemplars);
  writeAttributes(w, 0x4a, point.attributes);
  writeCount(w, 0x50, point.flags);
  writePresentDouble(w, 0x59, point.min);
  writePresentDouble(w, 0x61, point.max);
}

/** ExponentialHistogramDataPoint. */
export function writeExponentialHistogramPoint(w: ByteWriter, point: ExponentialHistogramPoint): void {
  writeAttributes(w, 0x0a, point.attributes);
  writeFixed64(w, 0x11, point.startTimeUnixNano);
  writeFixed64(w, 0x19, point.timeUnixNano);
  writeFixed64(w, 0x21, point.count);
  writePresentDouble(w, 0x29, point.sum);
  writeSint32(w, 0x30, point.scale);
  writeFixed64(w, 0x39, point.zeroCount);
  writeBuckets(w, 0x42, point.positive);
  writeBuckets(w, 0x4a, point.negative);
  writeCount(w, 0x50, point.flags);
  writeExemplars(w, 0x5a, point.exemplars);
  writePresentDouble(w, 0x61, point.min);
  writePresentDouble(w, 0x69, point.max);
  writeDouble(w, 0x71, point.zeroThreshold);
}

function writeBuckets(w: ByteWriter, tag: number, buckets: ExponentialBuckets | undefined): void {
  if (buckets === undefined) return;
  w.byte(tag);
  const mark = w.open();
  writeSint32(w, 0x08, buckets.offset);
  if (buckets.bucketCounts.length > 0) {
    w.byte(0x12);
    const inner = w.open();
    for (const count of buckets.bucketCounts) w.varint64(count);
    w.close(inner);
  }
  w.close(mark);
}

/** SummaryDataPoint. */
export function writeSummaryPoint(w: ByteWriter, point: SummaryPoint): void {
  writeFixed64(w, 0x11, point.startTimeUnixNano);
  writeFixed64(w, 0x19, point.timeUnixNano);
  writeFixed64(w, 0x21, point.count);
  writeDouble(w, 0x29, point.sum);
  for (const { quantile, value } of point.quantileValues) {
    w.byte(0x32);
    const mark = w.open();
    writeDouble(w, 0x09, quantile);
    writeDouble(w, 0x11, value);
    w.close(mark);
  }
  writeAttributes(w, 0x3a, point.attributes);
  writeCount(w, 0x40, point.flags);
}

function writeExemplars(w: ByteWriter, tag: number, exemplars: readonly Exemplar[]): void {
  for (const exemplar of exemplars) {
    w.byte(tag);
    const mark = w.open();
    writeFixed64(w, 0x11, exemplar.timeUnixNano);
    writeNumber(w, [0x19, 0x31], exemplar.value);
    writeId(w, 0x22, exemplar.spanId);
    writeId(w, 0x2a, exemplar.traceId);
    writeAttributes(w, 0x3a, exemplar.filteredAttributes);
    w.close(mark);
  }
}
