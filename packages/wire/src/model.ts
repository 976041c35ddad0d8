/**
 * OTLP as plain readonly records: what a decoder gives and an encoder takes. Field names are those of
 * opentelemetry.proto; ids are lower-case hex, times are nanoseconds since 1970, enums are their OTLP numbers.
 *
 *   Traces:  ResourceSpans   > ScopeSpans   > Span (Event, Link)
 *   Logs:    ResourceLogs    > ScopeLogs    > LogRecord
 *   Metrics: ResourceMetrics > ScopeMetrics > Metric > data points (Exemplar)
 *
 * Nothing is optional here: the decoder fills in what proto3 leaves out, so a reader never asks "is it there". Where
 * OTLP itself tells absence from zero (`optional` fields), the type says `| undefined`.
 */

/** An OTLP AnyValue. `bigint` is intValue (int64), `number` is doubleValue, `null` an AnyValue without a value. */
export type Value = string | boolean | bigint | number | Uint8Array | null | readonly Value[] | ValueMap;

/** An OTLP KeyValueList: in order, keys may repeat when a careless sender repeats them. */
export interface ValueMap {
  readonly entries: readonly Attribute[];
}

/** Whether a value is an OTLP KeyValueList. */
export function isValueMap(value: Value): value is ValueMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** An OTLP KeyValue. */
export interface Attribute {
  readonly key: string;
  readonly value: Value;
}

export interface EntityRef {
  readonly schemaUrl: string;
  readonly type: string;
  readonly idKeys: readonly string[];
  readonly descriptionKeys: readonly string[];
}

export interface Resource {
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly entityRefs: readonly EntityRef[];
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

export interface ResourceSpans {
  readonly resource: Resource;
  readonly schemaUrl: string;
  readonly scopeSpans: readonly ScopeSpans[];
}

export interface ScopeSpans {
  readonly scope: Scope;
  readonly schemaUrl: string;
  readonly spans: readonly Span[];
}

/** opentelemetry.proto Span.SpanKind. */
export const SPAN_KIND = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const;

/** opentelemetry.proto Status.StatusCode. */
export const STATUS_CODE = { unset: 0, ok: 1, error: 2 } as const;

export interface Status {
  readonly code: number;
  readonly message: string;
}

export interface Span {
  /** Hex as it came: 32 digits when valid, '' when absent, any even number of digits from a careless sender. */
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly parentSpanId: string;
  /** W3C trace flags in the low byte, OTLP's "has remote parent" bits above. */
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly status: Status;
}

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

export interface ResourceLogs {
  readonly resource: Resource;
  readonly schemaUrl: string;
  readonly scopeLogs: readonly ScopeLogs[];
}

export interface ScopeLogs {
  readonly scope: Scope;
  readonly schemaUrl: string;
  readonly logRecords: readonly LogRecord[];
}

export interface LogRecord {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  /** OTLP severity number, 1 to 24; 0 when unspecified. See severity.ts. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: Value;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
}

export interface ResourceMetrics {
  readonly resource: Resource;
  readonly schemaUrl: string;
  readonly scopeMetrics: readonly ScopeMetrics[];
}

export interface ScopeMetrics {
  readonly scope: Scope;
  readonly schemaUrl: string;
  readonly metrics: readonly Metric[];
}

export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly metadata: readonly Attribute[];
  readonly data: MetricData;
}

/** opentelemetry.proto AggregationTemporality. */
export const TEMPORALITY = { unspecified: 0, delta: 1, cumulative: 2 } as const;

export type MetricData =
  | { readonly kind: 'none' }
  | { readonly kind: 'gauge'; readonly dataPoints: readonly NumberPoint[] }
  | {
      readonly kind: 'sum';
      readonly dataPoints: readonly NumberPoint[];
      readonly aggregationTemporality: number;
      readonly isMonotonic: boolean;
    }
  | {
      readonly kind: 'histogram';
      readonly dataPoints: readonly HistogramPoint[];
      readonly aggregationTemporality: number;
    }
  | {
      readonly kind: 'exponentialHistogram';
      readonly dataPoints: readonly ExponentialHistogramPoint[];
      readonly aggregationTemporality: number;
    }
  | { readonly kind: 'summary'; readonly dataPoints: readonly SummaryPoint[] };

interface PointBase {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly flags: number;
}

export interface NumberPoint extends PointBase {
  /** `bigint` is asInt, `number` is asDouble, undefined when neither was sent. */
  readonly value: bigint | number | undefined;
  readonly exemplars: readonly Exemplar[];
}

export interface HistogramPoint extends PointBase {
  readonly count: bigint;
  readonly sum: number | undefined;
  readonly bucketCounts: readonly bigint[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly Exemplar[];
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export interface ExponentialBuckets {
  readonly offset: number;
  readonly bucketCounts: readonly bigint[];
}

export interface ExponentialHistogramPoint extends PointBase {
  readonly count: bigint;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly positive: ExponentialBuckets | undefined;
  readonly negative: ExponentialBuckets | undefined;
  readonly exemplars: readonly Exemplar[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly zeroThreshold: number;
}

export interface QuantileValue {
  readonly quantile: number;
  readonly value: number;
}

export interface SummaryPoint extends PointBase {
  readonly count: bigint;
  readonly sum: number;
  readonly quantileValues: readonly QuantileValue[];
}

export interface Exemplar {
  readonly filteredAttributes: readonly Attribute[];
  readonly timeUnixNano: bigint;
  readonly value: bigint | number | undefined;
  readonly spanId: string;
  readonly traceId: string;
}

/** The answer to an export request; OTLP § Partial Success. Undefined message and zero count mean full success. */
export interface ExportResponse {
  readonly rejectedCount: number;
  readonly errorMessage: string;
}
