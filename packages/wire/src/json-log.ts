/** OTLP/JSON logs, both directions. */
import {
  attributesJson,
  enumeration,
  enumNames,
  id,
  type Json,
  list,
  object,
  parseJson,
  present,
  readAttributes,
  readResource,
  readScope,
  readValue,
  resourceJson,
  scopeJson,
  text,
  uint32,
  uint64,
  valueJson,
} from './json-value.ts';
import type { LogRecord, ResourceLogs, ScopeLogs } from './model.ts';
import { SEVERITY } from './severity.ts';

const SEVERITIES = enumNames('SEVERITY_NUMBER_', SEVERITY);

/** An ExportLogsServiceRequest from OTLP/JSON. Throws AODE_OTLP_JSON_INVALID, AODE_OTLP_LIMIT. */
export function decodeLogsJson(json: string): ResourceLogs[] {
  return list(parseJson(json), 'resourceLogs', (from) => ({
    resource: readResource(object(from, 'resource')),
    schemaUrl: text(from, 'schemaUrl'),
    scopeLogs: list(from, 'scopeLogs', readScopeLogs),
  }));
}

function readScopeLogs(from: Json): ScopeLogs {
  return {
    scope: readScope(object(from, 'scope')),
    schemaUrl: text(from, 'schemaUrl'),
    logRecords: list(from, 'logRecords', readLogRecord),
  };
}

function readLogRecord(from: Json): LogRecord {
  return {
    timeUnixNano: uint64(from, 'timeUnixNano'),
    observedTimeUnixNano: uint64(from, 'observedTimeUnixNano'),
    severityNumber: enumeration(from, 'severityNumber', SEVERITIES),
    severityText: text(from, 'severityText'),
    body: readValue(object(from, 'body'), 1),
    attributes: readAttributes(from),
    droppedAttributesCount: uint32(from, 'droppedAttributesCount'),
    flags: uint32(from, 'flags'),
    traceId: id(from, 'traceId'),
    spanId: id(from, 'spanId'),
    eventName: text(from, 'eventName'),
  };
}

/** An ExportLogsServiceRequest as OTLP/JSON. */
export function encodeLogsJson(logs: readonly ResourceLogs[]): string {
  const resourceLogs = logs.map((one) =>
    present({
      resource: resourceJson(one.resource),
      schemaUrl: one.schemaUrl,
      scopeLogs: one.scopeLogs.map(({ scope, schemaUrl, logRecords }) =>
        present({ scope: scopeJson(scope), schemaUrl, logRecords: logRecords.map(recordJson) }),
      ),
    }),
  );
  return JSON.stringify({ resourceLogs });
}

function recordJson(record: LogRecord): Json {
  return present({
    ...record,
    timeUnixNano: String(record.timeUnixNano),
    observedTimeUnixNano: String(record.observedTimeUnixNano),
    body: record.body === null ? undefined : valueJson(record.body),
    attributes: attributesJson(record.attributes),
  });
}
