/**
 * The one DuckDB instance. An empty in-memory instance to which our file is attached: only ATTACH lets the storage
 * version be chosen (ZSTD needs 1.2 or later), and once attached, external access is closed for good.
 */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { AodeError } from '@aode/base';
import { type DataDirectory, openDirectory } from './directory.ts';
import { CATALOG, CREATE_TABLES } from './schema.ts';

export interface DatabaseOptions {
  /** Undefined keeps everything in memory. */
  readonly directory: string | undefined;
  /** Memory that DuckDB may use for buffers and queries. */
  readonly memoryBytesMax: number;
  /** Threads of one query. */
  readonly threads: number;
}

export interface Database {
  readonly directory: DataDirectory | undefined;
  connect(): Promise<DuckDBConnection>;
  /** Checkpoints, closes and gives the directory free. */
  close(): void;
}

/**
 * A commit that finds more than this in DuckDB's log checkpoints before it returns, which takes about a second per
 * 500 MB; below it, the log is folded in while nobody waits (retention.ts). Replaying it at start takes as long.
 */
const CHECKPOINT_BYTES = 512 * 1024 * 1024;

/** Opens or creates. Throws AODE_DATA_*. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const directory = options.directory === undefined ? undefined : openDirectory(options.directory);
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      memory_limit: `${Math.ceil(options.memoryBytesMax / 1_000_000)}MB`,
      threads: String(options.threads),
      checkpoint_threshold: `${CHECKPOINT_BYTES / 1024 / 1024}MiB`,
      temp_directory: directory?.temporaryFolder ?? '',
      preserve_insertion_order: 'true',
    });
    await attach(instance, directory);
  } catch (e) {
    instance?.closeSync();
    directory?.[Symbol.dispose]();
    throw e;
  }
  return databaseOf(instance, directory);
}

async function attach(instance: DuckDBInstance, directory: DataDirectory | undefined): Promise<void> {
  const connection = await instance.connect();
  try {
    const file = directory?.databaseFile ?? ':memory:';
    const version = directory === undefined ? '' : ` (STORAGE_VERSION 'v1.5.0')`;
    // The path is ours or the operator's, and ATTACH takes no parameters; quotes in it are doubled.
    await connection.run(`ATTACH '${file.replaceAll(`'`, `''`)}' AS ${CATALOG}${version}`);
    await connection.run(`USE ${CATALOG}`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    if (directory === undefined || directory.fresh) {
      await connection.run('BEGIN');
      for (const statement of CREATE_TABLES) await connection.run(statement);
      await connection.run('COMMIT');
      directory?.stamp();
    }
  } catch (e) {
    throw openError(e, directory);
  } finally {
    connection.closeSync();
  }
}

function openError(e: unknown, directory: DataDirectory | undefined): AodeError {
  const reason = e instanceof Error ? e.message.split('\n', 1)[0] : String(e);
  const path = directory?.databaseFile;
  // The message of DuckDB's own lock: it has no codes.
  if (/Could not set lock|Conflicting lock/.test(reason ?? '')) {
    return new AodeError('AODE_DATA_IN_USE', { path }, e);
  }
  if (/permission denied|read-only|No space/i.test(reason ?? '')) {
    return new AodeError('AODE_DATA_UNWRITABLE', { path, reason }, e);
  }
  return new AodeError('AODE_DATA_DAMAGED', { path, reason }, e);
}

function databaseOf(instance: DuckDBInstance, directory: DataDirectory | undefined): Database {
  return {
    directory,
    async connect() {
      const connection = await instance.connect();
      await connection.run(`USE ${CATALOG}`);
      return connection;
    },
    close() {
      instance.closeSync();
      directory?.[Symbol.dispose]();
    },
  };
}
