/** Log records of one request into rows of `logs`. Hot path; bench/ingest.bench.ts. */
import { isSpanId, isTraceId } from '@aode/base';
import { type LogRecord, decodeLogs } from '@aode/wire';
import { attributeHash, valueText } from './attribute-row.ts';
import type { Catalog, ResourceRef } from './catalog.ts';
import { hex16, spanBitsOf, traceIdOf } from './id-bits.ts';
import { type Row, bigOf, bytesOf, columnHolds, numberOf, textOf } from './query.ts';
import { packLog, unpackLog } from './raw-record.ts';
import type { KnownRecords } from './known-records.ts';
import { ATTRIBUTES_MAX, type Tally, newTally, refuse } from './refusal.ts';
import type { Tables } from './tables.ts';

export interface LogTarget {
  readonly catalog: Catalog;
  readonly tables: Tables;
  /** Lines that are accepted and not stored again. */
  readonly known: KnownRecords;
  /** Gives each line its lasting number. */
  readonly nextId: () => bigint;
}

/** Appends every record that can be stored. */
export function ingestLogs(
  body: Uint8Array,
  arrivalMs: bigint,
  { catalog, tables, known, nextId }: LogTarget,
): Tally {
  const tally = newTally();
  for (const { resource, schemaUrl, scopeLogs } of decodeLogs(body)) {
    const resourceRef = catalog.resource({ resource, schemaUrl }, tables);
    for (const { scope, schemaUrl: scopeUrl, logRecords } of scopeLogs) {
      const scopeId = catalog.scope({ scope, schemaUrl: scopeUrl }, tables);
      for (const record of logRecords) {
        if (record.attributes.length > ATTRIBUTES_MAX) {
          refuse(tally, 'attributes_too_many');
          continue;
        }
        tally.accepted += 1;
        if (known.hasLog(record)) continue;
        tables.logs.columns.arrival_ms.put(tables.logs.row, arrivalMs);
        tables.logs.columns.scope_id.put(tables.logs.row, scopeId);
        tables.logs.columns.id.put(tables.logs.row, nextId());
        appendLog(record, resourceRef, tables);
      }
    }
  }
  return tally;
}

function appendLog(record: LogRecord, resource: ResourceRef, tables: Tables): void {
  const { columns: c, row } = tables.logs;
  // A log record without its own time has the one at which a collector saw it (logs.proto, time_unix_nano).
  const timeSent = record.timeUnixNano !== 0n;
  const hasTrace = isTraceId(record.traceId);
  c.time_ns.put(row, timeSent ? record.timeUnixNano : record.observedTimeUnixNano);
  c.observed_ns.put(row, timeSent ? record.observedTimeUnixNano : null);
  c.trace_high.put(row, hasTrace ? spanBitsOf(record.traceId.slice(0, 16)) : null);
  c.trace_low.put(row, hasTrace ? spanBitsOf(record.traceId.slice(16)) : null);
  c.span_id.put(row, isSpanId(record.spanId) ? spanBitsOf(record.spanId) : null);
  c.resource_id.put(row, resource.id);
  c.service.put(row, resource.service);
  c.severity.put(row, severityOf(record));
  c.body.put(row, valueText(record.body));
  c.request_id.put(row, requestIdOf(record));
  c.attribute_hashes.put(row, hashesOf(record));
  c.raw.put(row, packLog(withoutColumns(record)));
  tables.logs.next();
}

const severityOf = ({ severityNumber }: LogRecord): number =>
  severityNumber >= 0 && severityNumber <= 0xff ? severityNumber : 0;

function requestIdOf(record: LogRecord): string | null {
  const value = record.attributes.find((attribute) => attribute.key === 'request_id')?.value;
  return typeof value === 'string' ? value : null;
}

/** All attributes but the first request_id, which has a column. */
function hashesOf(record: LogRecord): number[] {
  const hashes: number[] = [];
  let requestIdSeen = false;
  for (const { key, value } of record.attributes) {
    if (key === 'request_id' && typeof value === 'string' && !requestIdSeen) requestIdSeen = true;
    else hashes.push(attributeHash(key, valueText(value)));
  }
  return hashes;
}

function withoutColumns(record: LogRecord): LogRecord {
  const bodyInColumn = typeof record.body === 'string' && record.body !== '' && columnHolds(record.body);
  return {
    ...record,
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    traceId: isTraceId(record.traceId) ? '' : record.traceId,
    spanId: isSpanId(record.spanId) ? '' : record.spanId,
    severityNumber: record.severityNumber - severityOf(record),
    body: bodyInColumn ? null : record.body,
  };
}

/** Columns that `logOfRow` reads. */
export const LOG_RECORD_COLUMNS =
  'id, time_ns, observed_ns, trace_high, trace_low, span_id, severity, body, raw';

/** The record as it came. */
export function logOfRow(row: Row): LogRecord {
  const raw = unpackLog(bytesOf(row, 'raw'));
  const time = bigOf(row, 'time_ns');
  const timeSent = row['observed_ns'] !== null;
  const body = textOf(row, 'body');
  return {
    ...raw,
    timeUnixNano: timeSent ? time : 0n,
    observedTimeUnixNano: timeSent ? bigOf(row, 'observed_ns') : time,
    traceId:
      row['trace_low'] === null ? raw.traceId : traceIdOf(bigOf(row, 'trace_high'), bigOf(row, 'trace_low')),
    spanId: row['span_id'] === null ? raw.spanId : hex16(bigOf(row, 'span_id')),
    severityNumber: raw.severityNumber + numberOf(row, 'severity'),
    body: raw.body === null && body !== '' ? body : raw.body,
  };
}
