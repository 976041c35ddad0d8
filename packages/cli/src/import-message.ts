/** One line of OTLP JSON, read, counted and encoded again as protobuf for the way to the hub. */
import { AodeError } from '@aode/base';
import {
  decodeLogsJson,
  decodeMetricsJson,
  decodeTracesJson,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
  type MetricData,
  type ResourceLogs,
  type ResourceMetrics,
  type ResourceSpans,
  type SignalName,
} from '@aode/wire';

export interface ImportMessage {
  readonly signal: SignalName;
  /** Export*ServiceRequest. */
  readonly bytes: Uint8Array;
  /** Spans, log lines or points in it. */
  readonly count: number;
  /** Earliest and latest of its own times; undefined without records. */
  readonly times: { readonly first: bigint; readonly last: bigint } | undefined;
}

const SIGNAL_OF: Readonly<Record<string, SignalName>> = {
  resourceSpans: 'traces',
  resourceLogs: 'logs',
  resourceMetrics: 'metrics',
};
/** Every known writer puts the key first; parsing a line twice just to find it would take a third of the time. */
const FIRST_KEY = /^\s*\{\s*"(\w+)"\s*:/;

/** Throws AODE_OTLP_JSON_INVALID and AODE_OTLP_LIMIT. */
export function importMessage(line: Uint8Array): ImportMessage {
  const text = new TextDecoder().decode(line);
  const signal = SIGNAL_OF[FIRST_KEY.exec(text)?.[1] ?? ''] ?? signalOf(text);
  switch (signal) {
    case 'traces': {
      const traces = decodeTracesJson(text);
      return { signal, bytes: encodeTraces(traces), ...summary(spanTimes(traces)) };
    }
    case 'logs': {
      const logs = decodeLogsJson(text);
      return { signal, bytes: encodeLogs(logs), ...summary(logTimes(logs)) };
    }
    default: {
      const metrics = decodeMetricsJson(text);
      return { signal: 'metrics', bytes: encodeMetrics(metrics), ...summary(pointTimes(metrics)) };
    }
  }
}

/** The slow way, for a line that starts with another key. */
function signalOf(text: string): SignalName {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new AodeError('AODE_OTLP_JSON_INVALID', { why: 'not JSON' }, cause);
  }
  const keys = typeof content === 'object' && content !== null ? Object.keys(content) : [];
  const signal = keys.map((key) => SIGNAL_OF[key]).find((found) => found !== undefined);
  if (signal !== undefined) return signal;
  throw new AodeError('AODE_OTLP_JSON_INVALID', {
    why: 'neither resourceSpans nor resourceLogs nor resourceMetrics',
  });
}

function summary(times: Iterable<bigint>): Pick<ImportMessage, 'count' | 'times'> {
  let count = 0;
  let first: bigint | undefined;
  let last = 0n;
  for (const time of times) {
    count += 1;
    if (first === undefined || time < first) first = time;
    if (time > last) last = time;
  }
  return { count, times: first === undefined ? undefined : { first, last } };
}

function* spanTimes(traces: readonly ResourceSpans[]): Generator<bigint> {
  for (const { scopeSpans } of traces) {
    for (const { spans } of scopeSpans) for (const span of spans) yield span.startTimeUnixNano;
  }
}

function* logTimes(logs: readonly ResourceLogs[]): Generator<bigint> {
  for (const { scopeLogs } of logs) {
    for (const { logRecords } of scopeLogs) {
      for (const record of logRecords) yield record.timeUnixNano || record.observedTimeUnixNano;
    }
  }
}

function* pointTimes(metrics: readonly ResourceMetrics[]): Generator<bigint> {
  for (const { scopeMetrics } of metrics) {
    for (const scope of scopeMetrics) {
      for (const { data } of scope.metrics) yield* dataTimes(data);
    }
  }
}

function* dataTimes(data: MetricData): Generator<bigint> {
  if (data.kind === 'none') return;
  for (const point of data.dataPoints) yield point.timeUnixNano;
}
