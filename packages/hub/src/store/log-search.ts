/** Log lines: search, one line, histogram. Newest first, the line's number as the tie-break. */
import type { LogHistogramResponse, LogRow, LogsResponse } from '@aode/wire/hub-api';
import type { LogRecord } from '@aode/wire';
import { attributeRows, valueText } from './attribute-row.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { holds, logFilter, nanoOf } from './filter.ts';
import { LOG_RECORD_COLUMNS, logOfRow } from './ingest-logs.ts';
import { Parameters, type Row, bigOf, numberOf, rowsOf, textOf } from './query.ts';
import { type ReadContext, attributesOf, huesOf, intervalCount, resourcesOf } from './read-context.ts';
import type { LogQuery } from './store.ts';

/** One page of lines, with the counts of all that match. */
export async function readLogs({ connection }: ReadContext, query: LogQuery): Promise<LogsResponse> {
  const p = new Parameters();
  const filter = logFilter(query, p);
  const [counts] = await rowsOf(
    connection,
    `SELECT count(*) AS total, count(*) FILTER (severity >= 17) AS errors, count(trace_low) AS aligned
     FROM logs WHERE ${filter}`,
    p,
  );
  const after = afterCursor(query.cursor, p);
  const rows = await rowsOf(
    connection,
    `SELECT ${LOG_RECORD_COLUMNS}, resource_id, service FROM logs WHERE ${filter} AND ${after}
     ORDER BY time_ns DESC, id DESC LIMIT ${p.int(query.limit + 1)}`,
    p,
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const resources = await resourcesOf(
    connection,
    query.attributes.length === 0 ? [] : page.map((row) => numberOf(row, 'resource_id')),
  );
  const logs = page.flatMap((row) => {
    const record = logOfRow(row);
    const ofResource = attributesOf(resources, numberOf(row, 'resource_id'));
    return holds(query.attributes, record.attributes, ofResource) ? [logRowOf(row, record, -1)] : [];
  });
  return {
    logs,
    nextCursor:
      rows.length > page.length && last !== undefined
        ? encodeCursor([bigOf(last, 'time_ns'), bigOf(last, 'id')])
        : null,
    totalCount: counts === undefined ? 0 : numberOf(counts, 'total'),
    errorCount: counts === undefined ? 0 : numberOf(counts, 'errors'),
    alignedCount: counts === undefined ? 0 : numberOf(counts, 'aligned'),
    hues: await huesOf(
      connection,
      logs.map((log) => log.service),
    ),
  };
}

function afterCursor(cursor: string | undefined, p: Parameters): string {
  if (cursor === undefined) return 'true';
  const [time = 0n, id = 0n] = decodeCursor(cursor, 2);
  return `(time_ns, id) < (${p.u64(time)}, ${p.u64(id)})`;
}

/** One line by its address. */
export async function readLog({ connection }: ReadContext, id: string): Promise<LogRow | undefined> {
  if (!/^\d{1,19}$/.test(id)) return undefined;
  const p = new Parameters();
  const [row] = await rowsOf(
    connection,
    `SELECT ${LOG_RECORD_COLUMNS}, resource_id, service FROM logs WHERE id = ${p.u64(BigInt(id))}`,
    p,
  );
  return row === undefined ? undefined : logRow(row, -1);
}

/** A row of `LOG_RECORD_COLUMNS` and `service` for the API. */
export function logRow(row: Row, resource: number): LogRow {
  return logRowOf(row, logOfRow(row), resource);
}

function logRowOf(row: Row, record: LogRecord, resource: number): LogRow {
  return {
    id: String(bigOf(row, 'id')),
    timeUnixNano: String(bigOf(row, 'time_ns')),
    service: textOf(row, 'service'),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: valueText(record.body),
    traceId: record.traceId,
    spanId: record.spanId,
    eventName: record.eventName,
    attributes: attributeRows(record.attributes),
    resource,
  };
}

/** Lines by interval and level. */
export async function readLogHistogram(
  { connection }: ReadContext,
  query: LogQuery & { readonly stepSeconds: number },
): Promise<LogHistogramResponse> {
  const count = intervalCount(query, query.stepSeconds);
  const stepNano = BigInt(Math.round(query.stepSeconds * 1e9));
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT (time_ns - ${p.u64(nanoOf(query.startMs))}) // ${p.u64(stepNano)} AS slot,
       count(*) FILTER (severity >= 17) AS error, count(*) FILTER (severity BETWEEN 13 AND 16) AS warn,
       count(*) FILTER (severity < 13) AS other
     FROM logs WHERE ${logFilter(query, p)} GROUP BY slot`,
    p,
  );
  const bars = (): number[] => Array.from({ length: count }, () => 0);
  const [error, warn, other] = [bars(), bars(), bars()];
  for (const row of rows) {
    const slot = numberOf(row, 'slot');
    error[slot] = numberOf(row, 'error');
    warn[slot] = numberOf(row, 'warn');
    other[slot] = numberOf(row, 'other');
  }
  return {
    startUnixMs: query.startMs,
    endUnixMs: query.endMs,
    stepSeconds: query.stepSeconds,
    error,
    warn,
    other,
  };
}
