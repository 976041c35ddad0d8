/**
 * The data directory: who owns it and which version it has. DuckDB does not notice a second instance of the same
 * process on one file (both write, rows vanish without an error), so the lock is ours; its own file lock stands behind
 * as a second barrier against another process.
 *
 * `lock` holds the process id and the start time of its owner. A lock whose owner is gone is taken over.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AodeError } from '@aode/base';
import { STORE_VERSION } from './schema.ts';

export interface DataDirectory extends Disposable {
  readonly databaseFile: string;
  readonly temporaryFolder: string;
  /** True when nothing was stored here before. */
  readonly fresh: boolean;
  /** Writes the version file; called once the tables exist. */
  stamp(): void;
}

interface Owner {
  readonly pid: number;
  /** Clock ticks since boot at which the process started, '' where /proc is missing. */
  readonly started: string;
}

/**
 * Creates the directory if need be and takes its lock. Throws AODE_DATA_IN_USE, AODE_DATA_VERSION, AODE_DATA_DAMAGED or
 * AODE_DATA_UNWRITABLE and has changed nothing then.
 */
export function openDirectory(path: string): DataDirectory {
  const lockFile = join(path, 'lock');
  const versionFile = join(path, 'version');
  takeLock(path, lockFile);
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
      [Symbol.dispose]: () => rmSync(lockFile, { force: true }),
    };
  } catch (e) {
    rmSync(lockFile, { force: true });
    throw e;
  }
}

/** Another process may take over a stale lock in the same moment; a few rounds settle who was first. */
const TAKE_ROUNDS = 5;

function takeLock(path: string, lockFile: string): void {
  // Not by process id: stores of one process would write and remove each other's.
  const draft = `${lockFile}.${randomUUID()}`;
  try {
    makeFolders(resolve(path));
    // Written aside and linked, so that a lock file is never seen half written.
    writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner));
  } catch (e) {
    throw new AodeError('AODE_DATA_UNWRITABLE', { path, reason: messageOf(e) }, e);
  }
  try {
    for (let round = 0; round < TAKE_ROUNDS; round++) {
      if (tryLink(draft, lockFile, path)) return;
      const owner = readOwner(lockFile);
      if (owner !== undefined && isAlive(owner)) {
        throw new AodeError('AODE_DATA_IN_USE', { path, pid: owner.pid });
      }
      rmSync(lockFile, { force: true });
    }
    throw new AodeError('AODE_DATA_IN_USE', { path });
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * The folder and those above it that are missing. Not by `recursive: true`, with which Node.js tries for ever where
 * a file system answers ENOENT below a folder that exists, as /proc does.
 */
function makeFolders(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeFolders(above);
  mkdirSync(path, { mode: 0o700 });
}

function tryLink(draft: string, lockFile: string, path: string): boolean {
  try {
    linkSync(draft, lockFile);
    return true;
  } catch (e) {
    if (codeOf(e) === 'EEXIST') return false;
    throw new AodeError('AODE_DATA_UNWRITABLE', { path, reason: messageOf(e) }, e);
  }
}

function readOwner(lockFile: string): Owner | undefined {
  let owner: unknown;
  try {
    owner = JSON.parse(readFileSync(lockFile, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('started' in owner))
    return undefined;
  const { pid, started } = owner;
  return Number.isSafeInteger(pid) && Number(pid) > 0 && typeof started === 'string'
    ? { pid: Number(pid), started }
    : undefined;
}

/** A process id alone proves nothing: in a container the next hub gets the same one. */
function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (e) {
    // EPERM: it lives and belongs to somebody else.
    if (codeOf(e) !== 'EPERM') return false;
  }
  const started = startOf(owner.pid);
  return started === '' || owner.started === '' || started === owner.started;
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the command name before it may hold spaces and brackets. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
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
