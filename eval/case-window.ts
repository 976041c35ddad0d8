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
  SPAN_KIND,
  STATUS_CODE,
  type Value,
} from '@aode/wire';

export interface Case {
  readonly case: string;
  readonly root_cause_services: readonly string[];
  readonly fault_type: string;
  readonly fault_start_unix_ms: number;
  /** The window begins with the fault; calm traffic is in the baseline alone. */
  readonly fault_start_is_window_start: boolean;
  readonly baseline: string;
  readonly traces: string;
  readonly metrics: string | null;
  readonly logs: string | null;
}

interface CaseWindows {
  readonly window: Window;
  readonly baseline: Window;
}

/** Data that cannot be read; the message names the file and says why, for people. */
export class BadData extends Error {}

/** Does `read`; what goes wrong in it is the fault of the data at `place`. */
function blaming<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new BadData(`${place}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What each line of a file holds. */
function readLines<T>(path: string, decode: (line: string) => readonly T[]): T[] {
  const text = blaming(path, () => {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  });
  const lines = text.split('\n');
  return lines.flatMap((line, i) => (line === '' ? [] : blaming(`${path}:${i + 1}`, () => decode(line))));
}

/** Scalars as text; a log body that is a structure says nothing that a template could be made of. */
const text = (value: Value | undefined): string =>
  typeof value === 'object' || value === undefined ? '' : String(value);

const find = (attributes: readonly Attribute[], key: string): string =>
  text(attributes.find((attribute) => attribute.key === key)?.value);

/** Host and port of a callee, as the store reads them. */
function peerAddressOf(attributes: readonly Attribute[]): string {
  const host = find(attributes, 'server.address');
  const port = find(attributes, 'server.port');
  return port === '' ? host : `${host}:${port}`;
}

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
  for (const { resource, scopeSpans } of readLines(path, decodeTracesJson)) {
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
        peerAddress: span.kind === SPAN_KIND.client ? peerAddressOf(span.attributes) : '',
      });
    }
  }
  return all;
}

function readLogs(path: string): WindowLog[] {
  const all: WindowLog[] = [];
  for (const { resource, scopeLogs } of readLines(path, decodeLogsJson)) {
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
  return all;
}

function readPoints(path: string): WindowPoint[] {
  const all: WindowPoint[] = [];
  for (const { resource, scopeMetrics } of readLines(path, decodeMetricsJson)) {
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
          value: Number(point.value ?? Number.NaN),
        });
      }
    }
  }
  return all;
}

/** The cases of a labels file. */
export function readCases(path: string, absence: 'is an error' | 'may be absent' = 'is an error'): Case[] {
  if (absence === 'may be absent' && !existsSync(path)) return [];
  return blaming(path, () => {
    const cases: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!Array.isArray(cases)) throw new TypeError('not a list of cases');
    return cases.map((one: unknown, i) => blaming(`case ${i + 1}`, () => caseOf(one)));
  });
}

function caseOf(one: unknown): Case {
  if (typeof one !== 'object' || one === null) throw new TypeError('not an object');
  const fields = new Map<string, unknown>(Object.entries(one));
  const textOf = (key: string): string => {
    const value = fields.get(key);
    if (typeof value !== 'string') throw new TypeError(`${key} is not a text`);
    return value;
  };
  const numberOf = (key: string): number => {
    const value = fields.get(key);
    if (typeof value !== 'number') throw new TypeError(`${key} is not a number`);
    return value;
  };
  const fileOf = (key: string): string | null => ((fields.get(key) ?? null) === null ? null : textOf(key));
  const services: unknown = fields.get('root_cause_services');
  if (!Array.isArray(services) || !services.every((name) => typeof name === 'string'))
    throw new TypeError('root_cause_services is not a list of texts');
  return {
    case: textOf('case'),
    root_cause_services: services,
    fault_type: textOf('fault_type'),
    fault_start_unix_ms: numberOf('fault_start_unix_ms'),
    fault_start_is_window_start: fields.get('fault_start_is_window_start') === true,
    baseline: textOf('baseline'),
    traces: textOf('traces'),
    metrics: fileOf('metrics'),
    logs: fileOf('logs'),
  };
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
  const wholeWindow = one.fault_start_is_window_start;

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
