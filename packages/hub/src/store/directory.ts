/**
 * The data directory: who owns it and which version it has. DuckDB does not notice a second instance of the same
 * process on one file (both write, rows vanish without an error), so the lock is ours; its own file lock stands behind
 * as a second barrier against another process.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AodeError } from '@aode/base';
import { type DirectoryLock, lockDirectory, makeDirectory } from '@aode/journal';
import { STORE_VERSION } from './schema.ts';

export interface DataDirectory extends Disposable {
  readonly databaseFile: string;
  readonly temporaryFolder: string;
  /** True when nothing was stored here before. */
  readonly fresh: boolean;
  /** Writes the version file; called once the tables exist. */
  stamp(): void;
}

/**
 * Creates the directory if need be and takes its lock. Throws AODE_DATA_IN_USE, AODE_DATA_VERSION, AODE_DATA_DAMAGED or
 * AODE_DATA_UNWRITABLE and has changed nothing then.
 */
export function openDirectory(path: string): DataDirectory {
  const versionFile = join(path, 'version');
  const lock = takeLock(path);
  try {
    const version = readVersion(versionFile);
    if (version !== undefined && version !== String(STORE_VERSION)) {
      throw new AodeError('AODE_DATA_VERSION', { path, found: version, wanted: STORE_VERSION });
    }
    const databaseFile = join(path, 'aode.duckdb');
    // Opening it would make an empty one and hide that the data are gone.
    if (version !== undefined && !existsSync(databaseFile)) {
      throw new AodeError('AODE_DATA_DAMAGED', { path: databaseFile, reason: 'the database is missing' });
    }
    return {
      databaseFile,
      temporaryFolder: join(path, 'tmp'),
      fresh: version === undefined,
      stamp: () => writeFileSync(versionFile, `${STORE_VERSION}\n`),
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    };
  } catch (e) {
    lock[Symbol.dispose]();
    throw e;
  }
}

function takeLock(path: string): DirectoryLock {
  let lock: DirectoryLock | { readonly pid: number };
  try {
    makeDirectory(resolve(path));
    lock = lockDirectory(path, '');
  } catch (e) {
    throw new AodeError('AODE_DATA_UNWRITABLE', { path, reason: messageOf(e) }, e);
  }
  if ('pid' in lock) throw new AodeError('AODE_DATA_IN_USE', { path, pid: lock.pid });
  return lock;
}

function readVersion(versionFile: string): string | undefined {
  try {
    return readFileSync(versionFile, 'utf8').trim();
  } catch (e) {
    if (codeOf(e) === 'ENOENT') return undefined;
    throw new AodeError('AODE_DATA_UNWRITABLE', { path: versionFile, reason: messageOf(e) }, e);
  }
}

const codeOf = (e: unknown): unknown => (e instanceof Error && 'code' in e ? e.code : undefined);
const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));
