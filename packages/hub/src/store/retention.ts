/**
 * What has to go. Age and order count from arrival, so that imported old data stay as long as anything else. Deleting
 * the oldest arrivals empties DuckDB's row groups (122 880 rows) from the front; the checkpoint that follows gives
 * their blocks back, which later rows use again. Rows that are deleted inside a group that lives on keep their bytes
 * until the rest of it goes: they are not counted as data, or each run would delete more to make up for them.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { DIGEST_WINDOW_MS } from './digest-window.ts';
import { Parameters, bigOf, numberOf, rowsOf } from './query.ts';
import { CATALOG } from './schema.ts';

export interface Retention {
  /** Largest size on disk, or in memory without a directory. */
  readonly bytesMax: number;
  /** Longest time from arrival. */
  readonly ageMaxMs: number;
}

export interface Expired {
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
}

/** Descriptions that no row refers to any more. */
export interface Orphans {
  readonly resources: ReadonlySet<number>;
  readonly scopes: ReadonlySet<number>;
  readonly metrics: ReadonlySet<number>;
}

/** Down to this share of the budget, so that not every call has to delete. */
const REFILL = 0.9;

/** DuckDB's log is folded into the file here rather than inside somebody's commit, once it is worth a checkpoint. */
const FOLD_BYTES = 64 * 1024 * 1024;

/** Deletes what is too old, then the oldest arrivals beyond the budget. */
export async function expire(
  connection: DuckDBConnection,
  retention: Retention,
  nowMs: number,
): Promise<{ readonly expired: Expired; readonly orphans: Orphans }> {
  await deleteBefore(connection, 'digests', BigInt(Math.max(0, nowMs - DIGEST_WINDOW_MS)));
  const size = await sizeOf(connection);
  if (size.walBytes > FOLD_BYTES) await checkpoint(connection);
  const before = await cutoff(connection, retention, nowMs);
  await connection.run('BEGIN');
  try {
    const expired = {
      spans: await deleteBefore(connection, 'spans', before),
      logs: await deleteBefore(connection, 'logs', before),
      points: await deleteBefore(connection, 'points', before),
    };
    const any = expired.spans + expired.logs + expired.points > 0;
    const orphans = any ? await deleteOrphans(connection) : NO_ORPHANS;
    await connection.run('COMMIT');
    if (any) await checkpoint(connection);
    return { expired, orphans };
  } catch (e) {
    await rollback(connection);
    throw e;
  }
}

/** The connection is the writer's: an open transaction would fail the next request. */
async function rollback(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run('ROLLBACK');
  } catch {
    // DuckDB has ended the transaction itself.
  }
}

const NO_ORPHANS: Orphans = { resources: new Set(), scopes: new Set(), metrics: new Set() };

/** Arrivals before this have to go. */
async function cutoff(connection: DuckDBConnection, retention: Retention, nowMs: number): Promise<bigint> {
  const byAge = BigInt(Math.max(0, Math.floor(nowMs - retention.ageMaxMs)));
  const bytes = await liveBytes(connection, retention.bytesMax);
  if (bytes <= retention.bytesMax) return byAge;
  const share = 1 - (retention.bytesMax * REFILL) / bytes;
  const parameters = new Parameters();
  const [row] = await rowsOf(
    connection,
    `SELECT quantile_disc(arrival_ms, ${parameters.double(share)}) AS arrival FROM (
       SELECT arrival_ms FROM spans UNION ALL SELECT arrival_ms FROM logs UNION ALL SELECT arrival_ms FROM points)`,
    parameters,
  );
  if (row === undefined || row['arrival'] === null) return byAge;
  const bySize = bigOf(row, 'arrival') + 1n;
  return bySize > byAge ? bySize : byAge;
}

/** Bytes of the rows that are not deleted, measured no more exactly than the comparison with `bytesMax` needs. */
async function liveBytes(connection: DuckDBConnection, bytesMax: number): Promise<number> {
  const before = await sizeOf(connection);
  if (before.bytes <= bytesMax) return before.bytes;
  // The log holds rows as they came, several times the size that they have in the file.
  if (before.walBytes > 0) await checkpoint(connection);
  const { bytes } = await sizeOf(connection);
  // A checkpoint numbers rows anew from 0, so the highest number tells how many places there are.
  const places = (table: string): string =>
    `SELECT count(*) AS live, coalesce(max(rowid) + 1, 0) AS places FROM ${table}`;
  const [row] = await rowsOf(
    connection,
    `SELECT sum(live)::DOUBLE AS live, greatest(sum(places), 1)::DOUBLE AS places
     FROM (${['spans', 'logs', 'points'].map(places).join(' UNION ALL ')})`,
  );
  return row === undefined ? bytes : (bytes * numberOf(row, 'live')) / numberOf(row, 'places');
}

type ArrivalTable = 'spans' | 'logs' | 'points' | 'digests';

async function deleteBefore(
  connection: DuckDBConnection,
  table: ArrivalTable,
  before: bigint,
): Promise<number> {
  const parameters = new Parameters();
  const result = await connection.run(
    `DELETE FROM ${table} WHERE arrival_ms < ${parameters.u64(before)}`,
    parameters.values,
    parameters.types,
  );
  return result.rowsChanged;
}

async function deleteOrphans(connection: DuckDBConnection): Promise<Orphans> {
  const used = (column: string): string =>
    `SELECT ${column} FROM spans UNION SELECT ${column} FROM logs UNION SELECT ${column} FROM points`;
  return {
    resources: await deletedIds(connection, 'resources', used('resource_id')),
    scopes: await deletedIds(connection, 'scopes', used('scope_id')),
    metrics: await deletedIds(connection, 'metrics', 'SELECT DISTINCT metric_id FROM points'),
  };
}

async function deletedIds(
  connection: DuckDBConnection,
  table: string,
  used: string,
): Promise<ReadonlySet<number>> {
  const rows = await rowsOf(connection, `DELETE FROM ${table} WHERE id NOT IN (${used}) RETURNING id`);
  return new Set(rows.map((row) => numberOf(row, 'id')));
}

/** Folds the log into the file. Fails while a reader stands in the way; the next call comes soon. */
async function checkpoint(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run(`CHECKPOINT ${CATALOG}`);
  } catch {
    // A transaction of a reader is open. Nothing is lost: the log holds everything.
  }
}

/** Bytes in use and, of those, in DuckDB's log. Free blocks inside the file are not in use. */
export async function sizeOf(
  connection: DuckDBConnection,
): Promise<{ readonly bytes: number; readonly walBytes: number }> {
  const parameters = new Parameters();
  const [row] = await rowsOf(
    connection,
    `SELECT block_size * used_blocks AS blocks, wal_size FROM pragma_database_size()
     WHERE database_name = ${parameters.text(CATALOG)}`,
    parameters,
  );
  const [memory] = await rowsOf(
    connection,
    `SELECT coalesce(sum(memory_usage_bytes), 0)::DOUBLE AS bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'`,
  );
  const blocks = row === undefined ? 0 : numberOf(row, 'blocks');
  const walBytes = row === undefined ? 0 : bytesOfText(String(row['wal_size']));
  const inMemory = blocks === 0 && memory !== undefined ? numberOf(memory, 'bytes') : 0;
  return { bytes: blocks + walBytes + inMemory, walBytes };
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['byte', 1],
  ['bytes', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

/** DuckDB gives this one size as text for people ("12.3 MiB"). */
function bytesOfText(text: string): number {
  const [amount, unit] = text.split(' ', 2);
  return Number(amount) * (UNITS.get(unit ?? '') ?? 0);
}
