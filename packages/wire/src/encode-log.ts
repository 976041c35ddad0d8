/** opentelemetry.proto.logs.v1 to protobuf. */
import { type ByteWriter, byteWriter } from '@aode/base';
import {
  writeAttributes,
  writeCount,
  writeFixed32,
  writeFixed64,
  writeId,
  writeResource,
  writeScope,
  writeText,
  writeValue,
} from './encode-value.ts';
import type { LogRecord, ResourceLogs, ScopeLogs } from './model.ts';

/** An ExportLogsServiceRequest. */
export function encodeLogs(logs: readonly ResourceLogs[]): Uint8Array<ArrayBuffer> {
  const w = byteWriter();
  for (const resourceLogs of logs) {
    w.byte(0x0a);
    const mark = w.open();
    writeResourceLogs(w, resourceLogs);
    w.close(mark);
  }
  return w.finish();
}

/** The repeated field `scope_logs` of a ResourceLogs alone; runs of it may be joined. */
export function encodeScopeLogs(list: readonly ScopeLogs[]): Uint8Array<ArrayBuffer> {
  const w = byteWriter();
  writeScopeLogsList(w, list);
  return w.finish();
}

function writeResourceLogs(w: ByteWriter, { resource, scopeLogs, schemaUrl }: ResourceLogs): void {
  w.byte(0x0a);
  const mark = w.open();
  writeResource(w, resource);
  w.close(mark);
  writeScopeLogsList(w, scopeLogs);
  writeText(w, 0x1a, schemaUrl);
}

function writeScopeLogsList(w: ByteWriter, list: readonly ScopeLogs[]): void {
  for (const one of list) {
    w.byte(0x12);
    const mark = w.open();
    writeScopeLogs(w, one);
    w.close(mark);
  }
}

function writeScopeLogs(w: ByteWriter, { scope, logRecords, schemaUrl }: ScopeLogs): void {
  w.byte(0x0a);
  const mark = w.open();
  writeScope(w, scope);
  w.close(mark);
  for (const record of logRecords) {
    w.byte(0x12);
    const inner = w.open();
    writeLogRecord(w, record);
    w.close(inner);
  }
  writeText(w, 0x1a, schemaUrl);
}

function writeLogRecord(w: ByteWriter, record: LogRecord): void {
  writeFixed64(w, 0x09, record.timeUnixNano);
  writeCount(w, 0x10, record.severityNumber);
  writeText(w, 0x1a, record.severityText);
  if (record.body !== null) {
    w.byte(0x2a);
    writeValue(w, record.body);
  }
  writeAttributes(w, 0x32, record.attributes);
  writeCount(w, 0x38, record.droppedAttributesCount);
  writeFixed32(w, 0x45, record.flags);
  writeId(w, 0x4a, record.traceId);
  writeId(w, 0x52, record.spanId);
  writeFixed64(w, 0x59, record.observedTimeUnixNano);
  writeText(w, 0x62, record.eventName);
}
