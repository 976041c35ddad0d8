export { attributeHash } from './attribute-hash.ts';
export type { WordBytes } from './crc32.ts';
export { decodeLogs } from './decode-log.ts';
export { decodeMetrics } from './decode-metric.ts';
export { decodeTraces } from './decode-trace.ts';
export { encodeLogs, encodeScopeLogs } from './encode-log.ts';
export { encodeMetrics, encodeScopeMetrics } from './encode-metric.ts';
export { encodeScopeSpans, encodeTraces } from './encode-trace.ts';
export {
  decodeExportResponse,
  decodeRpcStatus,
  encodeExportResponse,
  encodeRpcStatus,
  type Encoding,
  type RpcStatus,
  type SignalName,
} from './export-response.ts';
export {
  FRAME_ALIGN,
  FRAME_HEADER_BYTES,
  frameBytes,
  frameEnd,
  type FrameHeader,
  type FrameKind,
  type FrameParts,
  isFrameWhole,
  readFrameHeader,
  writeFrame,
} from './frame.ts';
export { RUN_GOES_ON, runFrameBytes, saltFrames, sealFrames, wordBytesOf } from './frame-run.ts';
export {
  type DecodedLine,
  type EncodedHead,
  encodeLineHead,
  encodeLineIds,
  type LineFrame,
  lineFrameBytesMax,
  type LineHeadTexts,
  type LineIds,
  lineNumber,
  linePriority,
  readLineFrame,
  setLinePriority,
  writeLineFrame,
} from './line-frame.ts';
export { type LineSite, type LineSpace, type LineValue, siteText } from './line-values.ts';
export { type EncodedLines, encodeLines, logRecordOf, type WrittenLine } from './line-record.ts';
export { severityOfLevel, severityOfName } from './logger-level.ts';
export { decodeLogsJson, encodeLogsJson } from './json-log.ts';
export { decodeMetricsJson, encodeMetricsJson } from './json-metric.ts';
export { decodeTracesJson, encodeTracesJson } from './json-trace.ts';
export type {
  Attribute,
  EntityRef,
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  ExportResponse,
  HistogramPoint,
  LogRecord,
  Metric,
  MetricData,
  NumberPoint,
  QuantileValue,
  Resource,
  ResourceLogs,
  ResourceMetrics,
  ResourceSpans,
  Scope,
  ScopeLogs,
  ScopeMetrics,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  Status,
  SummaryPoint,
  Value,
  ValueMap,
} from './model.ts';
export { isValueMap, SPAN_KIND, STATUS_CODE, TEMPORALITY } from './model.ts';
export {
  decodeAttributes,
  decodeEvents,
  decodeLinks,
  decodeResource,
  decodeScope,
  decodeValue,
  encodeAttributes,
  encodeResource,
} from './raw.ts';
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
export {
  formatTraceparent,
  parseTraceparent,
  type RemoteParent,
  TRACE_FLAG,
} from './propagation/traceparent.ts';
export {
  formatTracestate,
  fitsTracestate,
  parseTracestate,
  type TraceStateMembers,
} from './propagation/tracestate.ts';
export { parseXTraceId, randomnessOf } from './propagation/x-trace-id.ts';
export { formatXRay, parseXRay, type XRayTrace } from './propagation/xray.ts';
export { type KeepRule, readKeepRules } from './keep-rule.ts';
export {
  isProbability,
  isTraceRate,
  readSamplingSettings,
  type SamplingSettings,
  TRACES_PER_SECOND_MAX,
} from './sampling-settings.ts';
export { valueText } from './value-text.ts';
export { RECORD_UID_KEY, REPLAYED_KEY } from './replay.ts';
