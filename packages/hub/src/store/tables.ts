/** The writers of all tables on the one connection that writes, opened and flushed together. */
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type DigestColumns,
  type LogColumns,
  type MetricColumns,
  type PointColumns,
  type ResourceColumns,
  type ScopeColumns,
  type ServiceColumns,
  type SpanColumns,
  digestColumns,
  logColumns,
  metricColumns,
  pointColumns,
  resourceColumns,
  scopeColumns,
  serviceColumns,
  spanColumns,
} from './schema.ts';
import { type TableWriter, openTableWriter } from './table-writer.ts';

export interface Tables {
  readonly spans: TableWriter<SpanColumns>;
  readonly logs: TableWriter<LogColumns>;
  readonly points: TableWriter<PointColumns>;
  readonly resources: TableWriter<ResourceColumns>;
  readonly scopes: TableWriter<ScopeColumns>;
  readonly metrics: TableWriter<MetricColumns>;
  readonly services: TableWriter<ServiceColumns>;
  readonly digests: TableWriter<DigestColumns>;
}

export async function openTables(connection: DuckDBConnection): Promise<Tables> {
  return {
    spans: await openTableWriter(connection, 'spans', spanColumns()),
    logs: await openTableWriter(connection, 'logs', logColumns()),
    points: await openTableWriter(connection, 'points', pointColumns()),
    resources: await openTableWriter(connection, 'resources', resourceColumns()),
    scopes: await openTableWriter(connection, 'scopes', scopeColumns()),
    metrics: await openTableWriter(connection, 'metrics', metricColumns()),
    services: await openTableWriter(connection, 'services', serviceColumns()),
    digests: await openTableWriter(connection, 'digests', digestColumns()),
  };
}

/** Hands all waiting rows to their tables. */
export function flushTables(tables: Tables): void {
  for (const writer of Object.values(tables)) writer.flush();
}

/** Forgets all waiting rows; open new writers afterwards. */
export function discardTables(tables: Tables): void {
  for (const writer of Object.values(tables)) writer.discard();
}
