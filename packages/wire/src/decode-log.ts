/** opentelemetry.proto.logs.v1 from protobuf. */
import { ByteReader } from '@aode/base';
import {
  type Mutable,
  newResource,
  newScope,
  readAttribute,
  readResource,
  readScope,
  readValue,
  skipField,
  within,
} from './decode-value.ts';
import type { Attribute, LogRecord, ResourceLogs, ScopeLogs } from './model.ts';

/**
 * An ExportLogsServiceRequest (or LogsData) as records. Throws AODE_OTLP_PROTOBUF_INVALID, AODE_OTLP_LIMIT.
 */
export function decodeLogs(bytes: Uint8Array): ResourceLogs[] {
  const r = new ByteReader(bytes);
  const all: ResourceLogs[] = [];
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) all.push(within(r, undefined, readResourceLogs));
    else skipField(r, tag);
  }
  return all;
}

function readResourceLogs(r: ByteReader): ResourceLogs {
  const resource = newResource();
  const scopeLogs: ScopeLogs[] = [];
  let schemaUrl = '';
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) within(r, resource, readResource);
    else if (tag === 0x12) scopeLogs.push(within(r, undefined, readScopeLogs));
    else if (tag === 0x1a) schemaUrl = r.string();
    else skipField(r, tag);
  }
  return { resource, schemaUrl, scopeLogs };
}

function readScopeLogs(r: ByteReader): ScopeLogs {
  const scope = newScope();
  const logRecords: LogRecord[] = [];
  let schemaUrl = '';
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) within(r, scope, readScope);
    else if (tag === 0x12) logRecords.push(within(r, undefined, readLogRecord));
    else if (tag === 0x1a) schemaUrl = r.string();
    else skipField(r, tag);
  }
  return { scope, schemaUrl, logRecords };
}

type LogDraft = Mutable<LogRecord> & { attributes: Attribute[] };

/** LogRecord. */
export function readLogRecord(r: ByteReader): LogRecord {
  const log: LogDraft = {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body: null,
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (!readLogContent(r, tag, log) && !readLogContext(r, tag, log)) skipField(r, tag);
  }
  return log;
}

/** When and what. Returns false for other tags. */
function readLogContent(r: ByteReader, tag: number, log: LogDraft): boolean {
  switch (tag) {
    case 0x09:
      log.timeUnixNano = r.fixed64();
      return true;
    case 0x10:
      log.severityNumber = r.varint32() | 0;
      return true;
    case 0x1a:
      log.severityText = r.string();
      return true;
    case 0x2a:
      log.body = within(r, 0, readValue);
      return true;
    case 0x32:
      log.attributes.push(within(r, 0, readAttribute));
      return true;
    case 0x38:
      log.droppedAttributesCount = r.varint32();
      return true;
    default:
      return false;
  }
}

/** Where it belongs. Returns false for other tags. */
function readLogContext(r: ByteReader, tag: number, log: LogDraft): boolean {
  switch (tag) {
    case 0x45:
      log.flags = r.fixed32();
      return true;
    case 0x4a:
      log.traceId = r.hex();
      return true;
    case 0x52:
      log.spanId = r.hex();
      return true;
    case 0x59:
      log.observedTimeUnixNano = r.fixed64();
      return true;
    case 0x62:
      log.eventName = r.string();
      return true;
    default:
      return false;
  }
}
