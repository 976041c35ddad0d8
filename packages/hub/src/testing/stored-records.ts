/**
 * Everything that a closed data directory holds, as OTLP records: read from the tables and not through the store, so
 * that a test sees what is on disk. Each record stands alone in its resource and scope.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { join } from 'node:path';
import type { LogRecord, Metric, Span } from '@aode/wire';
import { LOG_RECORD_COLUMNS, logOfRow } from '../store/ingest-logs.ts';
import { pointOfRow } from '../store/ingest-points.ts';
import { SPAN_RECORD_COLUMNS, spanOfRow } from '../store/ingest-spans.ts';
import { bigOf, bytesOf, numberOf, type Row, rowsOf } from '../store/query.ts';
import { type ResourceEntry, type ScopeEntry, unpackMetric } from '../store/raw-record.ts';
import { resourcesOf, scopesOf } from '../store/read-context.ts';

export interface StoredRecord<T> {
  readonly resource: ResourceEntry;
  readonly scope: ScopeEntry;
  readonly record: T;
}

export interface StoredRecords {
  readonly spans: readonly StoredRecord<Span>[];
  readonly logs: readonly StoredRecord<LogRecord>[];
  /** Each with its one point. */
  readonly points: readonly StoredRecord<Metric>[];
}

/** Rows in the order in which they were appended. */
export async function readStoredRecords(directory: string): Promise<StoredRecords> {
  const instance = await DuckDBInstance.create(join(directory, 'aode.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const all = async (statement: string): Promise<readonly Row[]> => rowsOf(connection, statement);
    const ids = (rows: readonly Row[], column: string): number[] => rows.map((row) => numberOf(row, column));
    const select = async <T>(statement: string, recordOf: (row: Row) => T): Promise<StoredRecord<T>[]> => {
      const rows = await all(statement);
      const resources = await resourcesOf(connection, ids(rows, 'resource_id'));
      const scopes = await scopesOf(connection, ids(rows, 'scope_id'));
      return rows.map((row) => {
        const resource = resources.get(numberOf(row, 'resource_id'));
        const scope = scopes.get(numberOf(row, 'scope_id'));
        if (resource === undefined || scope === undefined) throw new Error('a row refers to nothing');
        return { resource, scope, record: recordOf(row) };
      });
    };
    const place = 'resource_id, scope_id';
    return {
      spans: await select(`SELECT ${SPAN_RECORD_COLUMNS}, ${place} FROM spans ORDER BY rowid`, spanOfRow),
      logs: await select(`SELECT ${LOG_RECORD_COLUMNS}, ${place} FROM logs ORDER BY rowid`, logOfRow),
      points: await select(
        `SELECT metrics.raw AS metric, points.raw AS raw, time_ns, ${place}
         FROM points JOIN metrics ON metrics.id = metric_id ORDER BY points.rowid`,
        (row) =>
          pointOfRow(
            unpackMetric(bytesOf(row, 'metric')),
            unpackMetric(bytesOf(row, 'raw')),
            bigOf(row, 'time_ns'),
          ),
      ),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
