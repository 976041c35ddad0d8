/** ExportLogsServiceRequest, opentelemetry/proto/logs/v1. */
import type { ByteReader } from '@aode/base';
import type { LogRecord, ResourceLogs, ScopeLogs } from './model.ts';
import type { Mutable } from './mutable.ts';
import { messageReader, readTag, skipField } from './decode-field.ts';
import { emptyResource, emptyScope, readResource, readScope } from './decode-resource.ts';
import { readAttribute, readValue } from './decode-value.ts';

/** Decodes an ExportLogsServiceRequest; same rules and errors as `decodeTraces`. */
export function decodeLogs(source: Uint8Array): ResourceLogs[] {
  const reader = messageReader(source);
  const list: ResourceLogs[] = [];
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) list.push(readResourceLogs(reader));
    else skipField(reader, tag);
  }
  return list;
}

function readResourceLogs(reader: ByteReader): ResourceLogs {
  const resource = emptyResource();
  const scopeLogs: ScopeLogs[] = [];
  let schemaUrl = '';
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // resource = 1
        readResource(reader, resource);
        break;
      case 0x12: // scope_logs = 2
        scopeLogs.push(readScopeLogs(reader));
        break;
      case 0x1a: // schema_url = 3
        schemaUrl = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { resource, schemaUrl, scopeLogs };
}

function readScopeLogs(reader: ByteReader): ScopeLogs {
  const scope = emptyScope();
  const logRecords: LogRecord[] = [];
  let schemaUrl = '';
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // scope = 1
        readScope(reader, scope);
        break;
      case 0x12: // log_records = 2
        logRecords.push(readLogRecord(reader));
        break;
      case 0x1a: // schema_url = 3
        schemaUrl = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { scope, schemaUrl, logRecords };
}

const emptyLogRecord = (): Mutable<LogRecord> => ({
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
});

function readLogRecord(reader: ByteReader): LogRecord {
  const log = emptyLogRecord();
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x09: // time_unix_nano = 1
        log.timeUnixNano = reader.fixed64();
        break;
      case 0x10: // severity_number = 2
        log.severityNumber = reader.int32();
        break;
      case 0x1a: // severity_text = 3
        log.severityText = reader.name();
        break;
      case 0x2a: // body = 5
        log.body = readValue(reader, 1, log.body);
        break;
      case 0x32: // attributes = 6
        log.attributes.push(readAttribute(reader, 1));
        break;
      case 0x38: // dropped_attributes_count = 7
        log.droppedAttributesCount = reader.uint32();
        break;
      case 0x45: // flags = 8
        log.flags = reader.fixed32();
        break;
      case 0x4a: // trace_id = 9
        log.traceId = reader.hex();
        break;
      case 0x52: // span_id = 10
        log.spanId = reader.hex();
        break;
      case 0x59: // observed_time_unix_nano = 11
        log.observedTimeUnixNano = reader.fixed64();
        break;
      case 0x62: // event_name = 12
        log.eventName = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return log;
}
