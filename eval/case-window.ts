/** Cases of a labelled set as windows of the analysis: OTLP JSON lines (.gz) through the product's own decoder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Window, WindowLog, WindowPoint, WindowSpan } from '@aode/hub/analysis';
import {
  type Attribute,
  decodeLogsJson,
  decodeMetricsJson,
  decodeTracesJson,
  SEVERITY,
  STATUS_CODE,
  type Value,
} from '@aode/wire';

export interface Case {
  readonly case: string;
  readonly root_cause_services: readonly string[];
  readonly fault_type: string;
  readonly fault_start_unix_ms: number;
  readonly fault_end_unix_ms: number;
  /** The window begins with the fault; calm traffic is in the baseline alone. */
  readonly fault_start_is_window_start?: boolean;
  readonly baseline: string;
  readonly traces: string;
  readonly metrics: string | null;
  readonly logs: string | null;
}

export interface CaseWindows {
  readonly window: Window;
  readonly baseline: Window;
}

function* lines(path: string): Generator<string> {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  for (const line of text.split('\n')) if (line !== '') yield line;
}

/** Scalars as text; a log body that is a structure says nothing that a template could be made of. */
const text = (value: Value | undefined): string =>
  typeof value === 'object' || value === undefined ? '' : String(value);

const find = (attributes: readonly Attribute[], key: string): string =>
  text(attributes.find((attribute) => attribute.key === key)?.value);

/** Whole microseconds: enough to compare durations, and exact in a double. */
const ms = (unixNano: bigint): number => Number(unixNano / 1000n) / 1000;

/** As the store judges a span: status error, or an HTTP status of 500 and above, or 0, which is no answer. */
function isError(statusCode: number, httpStatus: string): boolean {
  return (
    statusCode === STATUS_CODE.error ||
    (httpStatus !== '' && (Number(httpStatus) >= 500 || Number(httpStatus) === 0))
  );
}

export function readSpans(path: string): WindowSpan[] {
  const all: WindowSpan[] = [];
  for (const line of lines(path)) {
    for (const { resource, scopeSpans } of decodeTracesJson(line)) {
      const service = find(resource.attributes, 'service.name');
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        all.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId,
          service,
          name: span.name,
          kind: span.kind,
          startMs: ms(span.startTimeUnixNano),
          endMs: ms(span.endTimeUnixNano),
          error: isError(span.status.code, find(span.attributes, 'http.response.status_code')),
          peerService: find(span.attributes, 'peer.service'),
        });
      }
    }
  }
  return all;
}

function readLogs(path: string): WindowLog[] {
  const all: WindowLog[] = [];
  for (const line of lines(path)) {
    for (const { resource, scopeLogs } of decodeLogsJson(line)) {
      const service = find(resource.attributes, 'service.name');
      for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        const { severityNumber, severityText } = record;
        all.push({
          id: String(all.length),
          timeMs: ms(record.timeUnixNano),
          service,
          severityNumber: severityNumber > 0 ? severityNumber : (SEVERITY[severityText.toLowerCase()] ?? 0),
          body: text(record.body),
          traceId: record.traceId,
          spanId: record.spanId,
        });
      }
    }
  }
  return all;
}

function readPoints(path: string): WindowPoint[] {
  const all: WindowPoint[] = [];
  for (const line of lines(path)) {
    for (const { resource, scopeMetrics } of decodeMetricsJson(line)) {
      const service = find(resource.attributes, 'service.name');
      const instance = find(resource.attributes, 'service.instance.id');
      for (const { name, unit, data } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        if (data.kind !== 'gauge' && data.kind !== 'sum') continue;
        for (const point of data.dataPoints) {
          all.push({
            timeMs: ms(point.timeUnixNano),
            service,
            instance,
            name,
            unit,
            value: Number(point.value ?? 0),
          });
        }
      }
    }
  }
  return all;
}

/** Labels of a set; an absent file is an empty list. */
export function readCases(directory: string, file: string): Case[] {
  const path = join(directory, file);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Case[]) : [];
}

/**
 * What happened from the start of the fault on, and what was before: the calm traffic of the day, and the part of the
 * case before its fault. Whole traces go to the side on which they start.
 */
export function readCase(directory: string, one: Case, calmDay: readonly WindowSpan[]): CaseWindows {
  const spans = readSpans(join(directory, one.traces));
  const logs = one.logs === null ? [] : readLogs(join(directory, one.logs));
  const points = one.metrics === null ? [] : readPoints(join(directory, one.metrics));
  const faultMs = one.fault_start_unix_ms;
  const wholeWindow = one.fault_start_is_window_start === true;

  const starts = new Map<string, number>();
  for (const { traceId, startMs } of spans)
    starts.set(traceId, Math.min(startMs, starts.get(traceId) ?? startMs));
  const isFault = (traceId: string, ownMs: number): boolean =>
    wholeWindow || (starts.get(traceId) ?? ownMs) >= faultMs;
  return {
    window: {
      spans: spans.filter((span) => isFault(span.traceId, span.startMs)),
      logs: logs.filter((log) => isFault(log.traceId, log.timeMs)),
      points: points.filter(({ timeMs }) => timeMs >= faultMs),
    },
    baseline: {
      spans: [...calmDay, ...spans.filter((span) => !isFault(span.traceId, span.startMs))],
      logs: logs.filter((log) => !isFault(log.traceId, log.timeMs)),
      points: points.filter(({ timeMs }) => timeMs < faultMs),
    },
  };
}
