/** A journal in a directory: locked, recovered, ready to be appended to. */
import { dirname, join } from 'node:path';
import { AodeError, type Clock, type Random } from '@aode/base';
import { CURSOR_FILE_NAME, openCursor } from './cursor-file.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import type { DiskJournal, DiskJournalSettings } from './disk-journal.ts';
import { type Files, systemFiles } from './files.ts';
import { recover, type Recovery, type SegmentTrouble } from './recover.ts';
import { type DiskJournalEffects, SegmentJournal } from './segment-journal.ts';

export interface OpenJournalOptions extends DiskJournalSettings {
  readonly random: Random;
  readonly clock: Clock;
  /** Names a part of this process that may open again what it held before without closing it; '' for none. */
  readonly token: string;
}

/**
 * Opens a directory that is made if it is not there. Throws AODE_JOURNAL_IN_USE, AODE_JOURNAL_VERSION,
 * AODE_JOURNAL_UNREADABLE or AODE_JOURNAL_UNWRITABLE, and has changed no frame then.
 */
export function openDiskJournal(options: OpenJournalOptions): DiskJournal {
  const { directory, random, clock, token } = options;
  const lock = takeLock(directory, token);
  try {
    return openOn(systemFiles, options, {
      random,
      clock,
      unlock: () => lock[Symbol.dispose](),
      isHeld: () => lock.isHeld,
    });
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function takeLock(directory: string, token: string): DirectoryLock {
  let lock: DirectoryLock | { readonly pid: number };
  try {
    systemFiles.makeDirectory(directory);
    lock = lockDirectory(directory, token);
  } catch (error) {
    throw unwritable(directory, error);
  }
  if ('pid' in lock) throw new AodeError('AODE_JOURNAL_IN_USE', { directory, pid: lock.pid });
  return lock;
}

/**
 * Names of the journals in a directory of them; none where there is no such directory. One that is being made has no
 * cursor before it has its lock, and is not among them.
 */
export function listJournals(directory: string): readonly string[] {
  return namesIn(directory).filter((name) => namesIn(join(directory, name)).includes(CURSOR_FILE_NAME));
}

function namesIn(directory: string): readonly string[] {
  try {
    return systemFiles.list(directory);
  } catch {
    return [];
  }
}

/** The same on any file system, without a lock. */
export function openOn(
  files: Files,
  settings: DiskJournalSettings,
  effects: Omit<DiskJournalEffects, 'files' | 'cursor'>,
): DiskJournal {
  const { directory } = settings;
  try {
    files.makeDirectory(directory);
    const { file, cursor } = openCursor(files, directory);
    try {
      const recovery = recover(files, directory, cursor);
      refuseForeign(directory, recovery);
      const { epochMax, sequenceMax } = recovery;
      // Both places, so that later no torn write can take the number of this epoch along.
      for (let place = 0; place < 2; place += 1) {
        file.write({ epoch: epochMax + 1, acknowledged: cursor.acknowledged, appended: sequenceMax });
      }
      file.sync();
      // Whoever wrote them may have been killed before they were on stable storage, which is promised from now on.
      for (const { path } of recovery.segments) syncFile(files, path);
      files.syncDirectory(directory);
      syncName(files, directory);
      const journal = new SegmentJournal(settings, { ...effects, files, cursor: file }, recovery);
      for (const trouble of recovery.troubles) settings.onTrouble(damaged(trouble));
      journal.takeOver(recovery);
      return journal;
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    throw isOfSystem(error) ? unwritable(directory, error) : error;
  }
}

/**
 * What cannot be read now may be read later: acknowledging what stands behind it would be to lose it without a word.
 */
function refuseForeign(directory: string, { foreignVersion, troubles }: Recovery): void {
  if (foreignVersion !== undefined) {
    throw new AodeError('AODE_JOURNAL_VERSION', { directory, found: foreignVersion });
  }
  const unreadable = troubles.find((trouble) => trouble.unreadable !== undefined);
  if (unreadable !== undefined) {
    throw new AodeError('AODE_JOURNAL_UNREADABLE', { path: unreadable.path, why: unreadable.unreadable });
  }
}

/** Anything else is a defect, and not the disk's. */
const isOfSystem = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/** A directory whose name is lost takes everything in it along. Who may not read the one above cannot do it. */
function syncName(files: Files, directory: string): void {
  try {
    files.syncDirectory(dirname(directory));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}

function syncFile(files: Files, path: string): void {
  const file = files.open(path);
  try {
    file.sync();
  } finally {
    file.close();
  }
}

/** What is torn at the end is what every crash leaves, and said as well. */
function damaged({ path, damages, tornBytes, foreign }: SegmentTrouble): AodeError {
  const ranges = damages.map(({ start, end }) => `${start}-${end}`).join(' ');
  return new AodeError('AODE_JOURNAL_DAMAGED', {
    path,
    bytes: ranges === '' ? undefined : ranges,
    torn: tornBytes === 0 ? undefined : tornBytes,
    why: foreign,
  });
}

function unwritable(directory: string, error: unknown): AodeError {
  const why = error instanceof Error ? error.message : String(error);
  return new AodeError('AODE_JOURNAL_UNWRITABLE', { directory, why }, error);
}
