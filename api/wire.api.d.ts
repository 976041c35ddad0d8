export { attributeHash } from './attribute-hash.ts';
export type { WordBytes } from './crc32.ts';
export { decodeLogs } from './decode-log.ts';
export { decodeMetrics } from './decode-metric.ts';
export { decodeTraces } from './decode-trace.ts';
export { encodeLogs, encodeScopeLogs } from './encode-log.ts';
export { encodeMetrics, encodeScopeMetrics } from './encode-metric.ts';
export { encodeScopeSpans, encodeTraces } from './encode-trace.ts';
export { decodeExportResponse, decodeRpcStatus, encodeExportResponse, encodeRpcStatus, type Encoding, type RpcStatus, type SignalName, } from './export-response.ts';
export { FRAME_ALIGN, FRAME_HEADER_BYTES, frameBytes, frameEnd, type FrameHeader, type FrameKind, type FrameParts, isFrameWhole, readFrameHeader, writeFrame, } from './frame.ts';
export { RUN_GOES_ON, runFrameBytes, saltFrames, sealFrames, wordBytesOf } from './frame-run.ts';
export { type DecodedLine, type EncodedHead, encodeLineHead, encodeLineIds, type LineFrame, lineFrameBytesMax, type LineHeadTexts, type LineIds, lineNumber, linePriority, readLineFrame, setLinePriority, writeLineFrame, } from './line-frame.ts';
export { type LineSite, type LineSpace, type LineValue, siteText } from './line-values.ts';
export { type EncodedLines, encodeLines, logRecordOf, type WrittenLine } from './line-record.ts';
export { severityOfLevel, severityOfName } from './logger-level.ts';
export { decodeLogsJson, encodeLogsJson } from './json-log.ts';
export { decodeMetricsJson, encodeMetricsJson } from './json-metric.ts';
export { decodeTracesJson, encodeTracesJson } from './json-trace.ts';
export type { Attribute, EntityRef, Exemplar, ExponentialBuckets, ExponentialHistogramPoint, ExportResponse, HistogramPoint, LogRecord, Metric, MetricData, NumberPoint, QuantileValue, Resource, ResourceLogs, ResourceMetrics, ResourceSpans, Scope, ScopeLogs, ScopeMetrics, ScopeSpans, Span, SpanEvent, SpanLink, Status, SummaryPoint, Value, ValueMap, } from './model.ts';
export { isValueMap, SPAN_KIND, STATUS_CODE, TEMPORALITY } from './model.ts';
export { decodeAttributes, decodeEvents, decodeLinks, decodeResource, decodeScope, decodeValue, encodeAttributes, encodeResource, } from './raw.ts';
export type { AttributeScan } from './scan-attribute.ts';
export type { ResourceScan, ScopeScan } from './scan-envelope.ts';
export type { IdScan } from './scan-id.ts';
export type { RawList } from './scan-list.ts';
export { type LogScan, type LogSink, scanLogs } from './scan-log.ts';
export { scanTraces, type SpanScan, type TraceSink } from './scan-trace.ts';
export { SEVERITY, severityRange, type SeverityRange } from './severity.ts';
export { formatB3, formatB3Multi, parseB3, parseB3Multi } from './propagation/b3.ts';
export { type DatadogTrace, formatDatadog, parseDatadog } from './propagation/datadog.ts';
export { formatJaeger, JAEGER_BAGGAGE_PREFIX, parseJaeger } from './propagation/jaeger.ts';
export { formatOtelState, type OtelState, parseOtelState, withOtelState } from './propagation/otel-state.ts';
export { type RemoteTrace, trimBlanks } from './propagation/remote-trace.ts';
export { formatTraceparent, parseTraceparent, type RemoteParent, TRACE_FLAG, } from './propagation/traceparent.ts';
export { formatTracestate, fitsTracestate, parseTracestate, type TraceStateMembers, } from './propagation/tracestate.ts';
export { parseXTraceId, randomnessOf } from './propagation/x-trace-id.ts';
export { formatXRay, parseXRay, type XRayTrace } from './propagation/xray.ts';
export { type KeepRule, readKeepRules } from './keep-rule.ts';
export { isProbability, isTraceRate, readSamplingSettings, type SamplingSettings, TRACES_PER_SECOND_MAX, } from './sampling-settings.ts';
export { valueText } from './value-text.ts';
export { RECORD_UID_KEY, REPLAYED_KEY } from './replay.ts';
export declare function attributeHash(key: string, text: string): bigint;
export declare function attributeHashOfAscii(key: string, source: Uint8Array, start: number, end: number): bigint | undefined;
export interface WordBytes {
    readonly bytes: Uint8Array;
    readonly words: Int32Array;
}
export declare function crcOf({ bytes, words }: WordBytes, at: number, length: number, before?: number): number;
import type { ResourceLogs } from './model.ts';
export declare function decodeLogs(source: Uint8Array): ResourceLogs[];
export type Value = string | boolean | bigint | number | Uint8Array | null | readonly Value[] | ValueMap;
export interface ValueMap {
    readonly entries: readonly Attribute[];
}
export declare function isValueMap(value: Value): value is ValueMap;
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
export declare const SPAN_KIND: {
    readonly unspecified: 0;
    readonly internal: 1;
    readonly server: 2;
    readonly client: 3;
    readonly producer: 4;
    readonly consumer: 5;
};
export declare const STATUS_CODE: {
    readonly unset: 0;
    readonly ok: 1;
    readonly error: 2;
};
export interface Status {
    readonly code: number;
    readonly message: string;
}
export interface Span {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState: string;
    readonly parentSpanId: string;
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
export declare const TEMPORALITY: {
    readonly unspecified: 0;
    readonly delta: 1;
    readonly cumulative: 2;
};
export type MetricData = {
    readonly kind: 'none';
} | {
    readonly kind: 'gauge';
    readonly dataPoints: readonly NumberPoint[];
} | {
    readonly kind: 'sum';
    readonly dataPoints: readonly NumberPoint[];
    readonly aggregationTemporality: number;
    readonly isMonotonic: boolean;
} | {
    readonly kind: 'histogram';
    readonly dataPoints: readonly HistogramPoint[];
    readonly aggregationTemporality: number;
} | {
    readonly kind: 'exponentialHistogram';
    readonly dataPoints: readonly ExponentialHistogramPoint[];
    readonly aggregationTemporality: number;
} | {
    readonly kind: 'summary';
    readonly dataPoints: readonly SummaryPoint[];
};
interface PointBase {
    readonly attributes: readonly Attribute[];
    readonly startTimeUnixNano: bigint;
    readonly timeUnixNano: bigint;
    readonly flags: number;
}
export interface NumberPoint extends PointBase {
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
export interface ExportResponse {
    readonly rejectedCount: number;
    readonly errorMessage: string;
}
export {};
import type { ResourceMetrics } from './model.ts';
export declare function decodeMetrics(source: Uint8Array): ResourceMetrics[];
import type { ByteReader } from '@aode/base';
import type { ResourceSpans, SpanEvent, SpanLink } from './model.ts';
export declare function decodeTraces(source: Uint8Array): ResourceSpans[];
export declare function readEvent(reader: ByteReader): SpanEvent;
export declare function readLink(reader: ByteReader): SpanLink;
import type { ResourceLogs, ScopeLogs } from './model.ts';
export declare function encodeLogs(logs: readonly ResourceLogs[]): Uint8Array<ArrayBuffer>;
export declare function encodeScopeLogs(list: readonly ScopeLogs[]): Uint8Array<ArrayBuffer>;
import type { ResourceMetrics, ScopeMetrics } from './model.ts';
export declare function encodeMetrics(metrics: readonly ResourceMetrics[]): Uint8Array<ArrayBuffer>;
export declare function encodeScopeMetrics(list: readonly ScopeMetrics[]): Uint8Array<ArrayBuffer>;
import type { ResourceSpans, ScopeSpans } from './model.ts';
export declare function encodeTraces(traces: readonly ResourceSpans[]): Uint8Array<ArrayBuffer>;
export declare function encodeScopeSpans(list: readonly ScopeSpans[]): Uint8Array<ArrayBuffer>;
import type { ExportResponse } from './model.ts';
export type Encoding = 'protobuf' | 'json';
export type SignalName = 'traces' | 'logs' | 'metrics';
export declare function encodeExportResponse(signal: SignalName, { rejectedCount, errorMessage }: ExportResponse, encoding: Encoding): Uint8Array<ArrayBuffer>;
export declare function decodeExportResponse(signal: SignalName, bytes: Uint8Array, encoding: Encoding): ExportResponse;
export interface RpcStatus {
    readonly code: number;
    readonly message: string;
    readonly retryDelayMs?: number;
    readonly violation?: string;
}
export declare function encodeRpcStatus(status: RpcStatus, encoding: Encoding): Uint8Array<ArrayBuffer>;
export declare function decodeRpcStatus(bytes: Uint8Array, encoding: Encoding): RpcStatus;
export declare const FRAME_HEADER_BYTES = 32;
export declare const FRAME_ALIGN = 32;
export declare const FRAME_KINDS: {
    readonly segment: 1;
    readonly traces: 2;
    readonly logs: 3;
    readonly metrics: 4;
    readonly line: 5;
    readonly dropped: 16;
    readonly cursor: 17;
};
export type FrameKind = keyof typeof FRAME_KINDS;
export interface FrameHeader {
    readonly hash: bigint;
    readonly sequence: number;
    readonly payloadOffset: number;
    readonly kind: FrameKind | undefined;
    readonly flags: number;
    readonly payloadBytes: number;
    readonly bodyCrc: number;
}
export interface FrameParts {
    readonly kind: FrameKind;
    readonly sequence: number;
    readonly hash?: bigint;
    readonly extension?: Uint8Array;
    readonly payload: Uint8Array;
}
export declare function frameBytes(extensionBytes: number, payloadBytes: number): number;
export declare const FRAME_EXTENSION_BYTES_MAX: number;
export declare function writeFrame(into: Uint8Array, at: number, parts: FrameParts, salt: number): number;
export declare function readFrameHeader(from: Uint8Array, at: number, salt: number): FrameHeader | undefined;
export declare function isFrameWhole(from: Uint8Array, at: number, header: FrameHeader): boolean;
export declare function frameEnd(at: number, { payloadOffset, payloadBytes }: FrameHeader): number;
import { type WordBytes } from './crc32.ts';
export declare function runFrameBytes(words: Int32Array, at: number): number;
export declare const RUN_GOES_ON = 1;
export declare function sealFrames({ bytes, words }: WordBytes, range: {
    readonly start: number;
    readonly end: number;
}, sequence: number): void;
export declare function saltFrames(memory: WordBytes, { start, end }: {
    readonly start: number;
    readonly end: number;
}, salt: number): void;
export declare function wordBytesOf(given: Uint8Array): WordBytes;
import { type LineFields, type LineSite, type LineSpace, type LineValue } from './line-values.ts';
export interface LineIds {
    readonly words: Int32Array;
    readonly requestBytes: number;
    readonly requestWords: Int32Array;
    readonly hashLow: number;
    readonly hashHigh: number;
}
export declare function encodeLineIds(traceId: string, spanId: string, requestId: string): LineIds;
export interface LineHeadTexts {
    readonly scopeName: string;
    readonly scopeVersion: string;
    readonly severityText: string;
    readonly messageKey: string;
    readonly errorKey: string;
}
export interface EncodedHead {
    readonly byteLength: number;
    readonly words: Int32Array;
}
export declare function encodeLineHead(texts: LineHeadTexts, site?: LineSite): EncodedHead;
export interface LineFrame {
    readonly ids: LineIds;
    readonly head: EncodedHead;
    readonly severityNumber: number;
    readonly traceFlags: number;
    readonly sec: number;
    readonly nano: number;
    readonly priority: number;
    readonly ring: number;
    readonly number: number;
    readonly isCut: boolean;
    readonly text: string;
    readonly values: readonly LineValue[] | undefined;
}
export declare function lineFrameBytesMax({ ids, head, text, values, }: Pick<LineFrame, 'ids' | 'head' | 'text' | 'values'>): number;
export declare function writeLineFrame(space: LineSpace, at: number, line: LineFrame): number;
export declare function linePriority(words: Int32Array, at: number): number;
export declare function lineNumber(words: Int32Array, at: number): number;
export declare function setLinePriority(words: Int32Array, at: number, priority: number): void;
export interface DecodedLine extends LineHeadTexts {
    readonly severityNumber: number;
    readonly traceFlags: number;
    readonly sec: number;
    readonly nano: number;
    readonly ring: number;
    readonly number: number;
    readonly isCut: boolean;
    readonly traceId: string;
    readonly spanId: string;
    readonly requestId: string;
    readonly text: string;
    readonly fields: LineFields | undefined;
}
export declare function readLineFrame(bytes: Buffer, at: number): DecodedLine | undefined;
import type { WordBytes } from './crc32.ts';
export type LineValue = string | number | boolean | null | undefined;
export interface LineSite {
    readonly message: string;
    readonly keys: readonly string[];
}
export type LineFields = Readonly<Record<string, unknown>>;
export declare const siteText: (site: LineSite, messageKey: string, values: readonly LineValue[]) => string;
export interface LineSpace extends WordBytes {
    readonly bytes: Buffer;
}
export declare const padded: (at: number) => number;
export declare const UNIT_BYTES_MAX = 3;
export declare function valuesBytesMax(values: readonly LineValue[]): number;
export declare function writeValues(space: LineSpace, start: number, values: readonly LineValue[]): number;
export declare function readFields(bytes: Buffer, { start, end }: {
    readonly start: number;
    readonly end: number;
}, { message, keys, messageKey }: LineSite & {
    readonly messageKey: string;
}): LineFields | undefined;
import { type DecodedLine } from './line-frame.ts';
import type { LogRecord } from './model.ts';
export type WrittenLine = Omit<DecodedLine, 'ring' | 'number' | 'fields'> & Partial<Pick<DecodedLine, 'fields'>>;
export declare function logRecordOf(line: WrittenLine): LogRecord;
export interface EncodedLines {
    readonly payload: Uint8Array;
    readonly recordCount: number;
}
export declare function encodeLines(run: Uint8Array, uidPrefix: string | undefined): EncodedLines;
export declare function severityOfName(name: string, ranks?: Readonly<Record<string, unknown>>): number;
export declare function severityOfLevel(level: number): number;
import type { ResourceLogs } from './model.ts';
export declare function decodeLogsJson(json: string): ResourceLogs[];
export declare function encodeLogsJson(logs: readonly ResourceLogs[]): string;
import { type ResourceMetrics } from './model.ts';
export declare function decodeMetricsJson(json: string): ResourceMetrics[];
export declare function encodeMetricsJson(metrics: readonly ResourceMetrics[]): string;
import { type ResourceSpans } from './model.ts';
export declare function decodeTracesJson(json: string): ResourceSpans[];
export declare function encodeTracesJson(traces: readonly ResourceSpans[]): string;
import type { Attribute, Resource, Scope, SpanEvent, SpanLink, Value } from './model.ts';
export declare function decodeAttributes(raw: Uint8Array): Attribute[];
export declare function decodeEvents(raw: Uint8Array): SpanEvent[];
export declare function decodeLinks(raw: Uint8Array): SpanLink[];
export declare function decodeResource(raw: Uint8Array): Resource;
export declare function encodeResource(resource: Resource): Uint8Array<ArrayBuffer>;
export declare function decodeScope(raw: Uint8Array): Scope;
export declare function decodeValue(raw: Uint8Array): Value;
export declare function encodeAttributes(attributes: readonly Attribute[]): Uint8Array<ArrayBuffer>;
import { type ByteReader } from '@aode/base';
import type { Value } from './model.ts';
import { type RawList } from './scan-list.ts';
export interface AttributeScan extends RawList {
    key(index: number): string;
    indexOf(key: string): number;
    value(index: number): Value;
    text(index: number): string;
    hash(index: number): bigint;
}
export declare class AttributePlaces implements AttributeScan {
    #private;
    tooDeep: boolean;
    constructor(source: Buffer);
    get count(): number;
    clear(): void;
    scan(reader: ByteReader, start: number): void;
    raw(): Uint8Array;
    key(index: number): string;
    indexOf(key: string): number;
    value(index: number): Value;
    text(index: number): string;
    hash(index: number): bigint;
}
export interface RawList {
    readonly count: number;
    raw(): Uint8Array;
}
export declare class FieldPlaces implements RawList {
    #private;
    count: number;
    constructor(source: Buffer);
    clear(): void;
    add(start: number, end: number): void;
    startOf(index: number): number;
    endOf(index: number): number;
    raw(): Uint8Array;
}
import type { ByteReader } from '@aode/base';
import { type AttributeScan } from './scan-attribute.ts';
export interface ResourceScan {
    readonly attributes: AttributeScan;
    readonly tooDeep: boolean;
    raw(): Uint8Array;
    schemaUrl(): string;
}
export interface ScopeScan extends ResourceScan {
    name(): string;
    version(): string;
}
export interface EnvelopeSink {
    resource(resource: ResourceScan): void;
    scope(scope: ScopeScan): void;
}
export declare function scanEnvelope(source: Uint8Array, sink: EnvelopeSink, newRecord: NewRecord): void;
export type NewRecord = (reader: ByteReader) => ScanRecord;
export type ScanRecord = (reader: ByteReader) => void;
import type { ByteReader } from '@aode/base';
export interface IdScan {
    readonly byteLength: number;
    hex(): string;
    low(): bigint;
    high(): bigint;
}
export declare class IdPlace implements IdScan {
    #private;
    byteLength: number;
    constructor(source: Buffer);
    clear(): void;
    scan(reader: ByteReader): void;
    hex(): string;
    low(): bigint;
    high(): bigint;
}
import type { Value } from './model.ts';
import { type AttributeScan } from './scan-attribute.ts';
import { type EnvelopeSink } from './scan-envelope.ts';
import { type IdScan } from './scan-id.ts';
export interface LogScan {
    readonly timeUnixNano: bigint;
    readonly observedTimeUnixNano: bigint;
    readonly severityNumber: number;
    readonly flags: number;
    readonly droppedAttributesCount: number;
    readonly traceId: IdScan;
    readonly spanId: IdScan;
    readonly attributes: AttributeScan;
    readonly tooDeep: boolean;
    severityText(): string;
    eventName(): string;
    body(): Value;
    rawBody(): Uint8Array;
}
export interface LogSink extends EnvelopeSink {
    logRecord(logRecord: LogScan): void;
}
export declare function scanLogs(source: Uint8Array, sink: LogSink): void;
import { type AttributeScan } from './scan-attribute.ts';
import { type EnvelopeSink } from './scan-envelope.ts';
import { type IdScan } from './scan-id.ts';
import { type RawList } from './scan-list.ts';
export interface SpanScan {
    readonly traceId: IdScan;
    readonly spanId: IdScan;
    readonly parentSpanId: IdScan;
    readonly flags: number;
    readonly kind: number;
    readonly startTimeUnixNano: bigint;
    readonly endTimeUnixNano: bigint;
    readonly statusCode: number;
    readonly droppedAttributesCount: number;
    readonly droppedEventsCount: number;
    readonly droppedLinksCount: number;
    readonly attributes: AttributeScan;
    readonly events: RawList;
    readonly links: RawList;
    readonly tooDeep: boolean;
    name(): string;
    traceState(): string;
    statusMessage(): string;
}
export interface TraceSink extends EnvelopeSink {
    span(span: SpanScan): void;
}
export declare function scanTraces(source: Uint8Array, sink: TraceSink): void;
declare const RANGES: readonly ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
export declare const SEVERITY: Readonly<Record<string, number>>;
export type SeverityRange = (typeof RANGES)[number];
export declare function severityRange(severityNumber: number): SeverityRange | undefined;
export {};
import { type RemoteTrace } from './remote-trace.ts';
export declare function parseB3(header: string): RemoteTrace | undefined;
export declare function formatB3({ traceId, spanId, sampled, debug }: RemoteTrace): string;
export interface B3Headers {
    readonly traceId: string | undefined;
    readonly spanId: string | undefined;
    readonly sampled: string | undefined;
    readonly flags: string | undefined;
}
export declare function parseB3Multi({ traceId, spanId, sampled, flags }: B3Headers): RemoteTrace | undefined;
export declare function formatB3Multi({ traceId, spanId, sampled, debug }: RemoteTrace): B3Headers;
import { type SpanId, type TraceId } from '@aode/base';
export interface RemoteTrace {
    readonly traceId: TraceId | undefined;
    readonly spanId: SpanId | undefined;
    readonly sampled: boolean | undefined;
    readonly debug: boolean;
}
export declare function traceIdOf(hex: string): TraceId | undefined;
export declare function spanIdOf(hex: string): SpanId | undefined;
export declare function trimBlanks(text: string): string;
import { type RemoteTrace } from './remote-trace.ts';
export interface DatadogHeaders {
    readonly traceId: string | undefined;
    readonly parentId: string | undefined;
    readonly priority: string | undefined;
    readonly origin: string | undefined;
    readonly tags: string | undefined;
}
export interface DatadogTrace extends RemoteTrace {
    readonly priority: number | undefined;
    readonly origin: string | undefined;
    readonly tags: readonly (readonly [key: string, value: string])[];
}
export declare function parseDatadog(headers: DatadogHeaders): DatadogTrace | undefined;
export declare function formatDatadog({ traceId, spanId, priority, origin, tags }: DatadogTrace): DatadogHeaders;
import { type RemoteTrace } from './remote-trace.ts';
export declare const JAEGER_BAGGAGE_PREFIX = "uberctx-";
export declare function parseJaeger(header: string): RemoteTrace | undefined;
export declare function formatJaeger({ traceId, spanId, sampled, debug }: RemoteTrace): string;
import { type TraceStateMembers } from './tracestate.ts';
export interface OtelState {
    readonly th: string | undefined;
    readonly rv: string | undefined;
    readonly others: readonly (readonly [key: string, value: string])[];
}
export declare function parseOtelState(value: string): OtelState | undefined;
export declare function formatOtelState({ th, rv, others }: OtelState): string;
export declare function otelStateOf(members: TraceStateMembers): OtelState | undefined;
export declare function withOtelState(members: TraceStateMembers, { th, rv }: Pick<OtelState, 'th' | 'rv'>): TraceStateMembers;
export type TraceStateMembers = readonly (readonly [key: string, value: string])[];
export declare function parseTracestate(header: string): TraceStateMembers | undefined;
export declare function fitsTracestate(members: TraceStateMembers): boolean;
export declare function formatTracestate(members: TraceStateMembers): string;
import { type SpanId, type TraceId } from '@aode/base';
export interface RemoteParent {
    readonly traceId: TraceId;
    readonly spanId: SpanId;
    readonly flags: number;
}
export declare const TRACE_FLAG: {
    readonly sampled: 1;
    readonly random: 2;
};
export declare function parseTraceparent(header: string): RemoteParent | undefined;
export declare function formatTraceparent({ traceId, spanId, flags }: RemoteParent): string;
import type { TraceId } from '@aode/base';
export declare function parseXTraceId(header: string): TraceId | undefined;
export declare function randomnessOf(traceId: TraceId): string;
import { type RemoteTrace } from './remote-trace.ts';
export interface XRayTrace extends RemoteTrace {
    readonly others: readonly string[];
}
export declare function parseXRay(header: string): XRayTrace | undefined;
export declare function formatXRay({ traceId, spanId, sampled, others }: XRayTrace): string;
export interface KeepRule {
    readonly name: string;
    readonly baggage?: Readonly<Record<string, string | true>>;
    readonly attribute?: Readonly<Record<string, string | true>>;
    readonly route?: string;
    readonly limitPerSecond?: number;
}
export declare function readKeepRules(value: unknown): readonly KeepRule[] | string;
import { type KeepRule } from './keep-rule.ts';
export interface SamplingSettings {
    readonly probability: number;
    readonly tracesPerSecondMin: number;
    readonly keep: readonly KeepRule[];
}
export declare const TRACES_PER_SECOND_MAX = 1000000;
export declare function readSamplingSettings(value: unknown): Partial<SamplingSettings>;
export declare function isProbability(p: number): boolean;
export declare function isTraceRate(value: unknown): value is number;
import { type Value } from './model.ts';
export declare function valueText(value: Value): string;
export declare const REPLAYED_KEY = "aode.journal.replayed";
export declare const RECORD_UID_KEY = "log.record.uid";
