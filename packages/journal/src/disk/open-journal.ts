/** A journal in a directory: locked, recovered, ready to be appended to. */
import { AodeError, type Random } from '@aode/base';
import { openCursor } from './cursor-file.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { type DiskJournal, type DiskJournalSettings, SegmentJournal } from './disk-journal.ts';
import { type Files, systemFiles } from './files.ts';
import { recover, type SegmentTrouble } from './recover.ts';

export interface OpenJournalOptions extends DiskJournalSettings {
  readonly random: Random;
}

/**
 * Opens a directory that is made if it is not there. Throws AODE_JOURNAL_IN_USE, AODE_JOURNAL_VERSION or
 * AODE_JOURNAL_UNWRITABLE and has changed nothing then.
 */
export function openDiskJournal(options: OpenJournalOptions): DiskJournal {
  const { directory, random } = options;
  const lock = takeLock(directory);
  try {
    return openOn(systemFiles, options, { random, unlock: () => lock[Symbol.dispose]() });
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function takeLock(directory: string): DirectoryLock {
  let lock: DirectoryLock | { readonly pid: number };
  try {
    systemFiles.makeDirectory(directory);
    lock = lockDirectory(directory);
  } catch (error) {
    throw unwritable(directory, error);
  }
  if ('pid' in lock) throw new AodeError('AODE_JOURNAL_IN_USE', { directory, pid: lock.pid });
  return lock;
}

/** The same on any file system, without a lock. */
export function openOn(
  files: Files,
  settings: DiskJournalSettings,
  { random, unlock }: { readonly random: Random; readonly unlock: () => void },
): DiskJournal {
  const { directory } = settings;
  try {
    files.makeDirectory(directory);
    const { file, cursor } = openCursor(files, directory);
    const recovery = recover(files, directory, cursor);
    const { foreignVersion, epochMax, sequenceMax } = recovery;
    if (foreignVersion !== undefined) {
      file.close();
      throw new AodeError('AODE_JOURNAL_VERSION', { directory, found: foreignVersion });
    }
    // Both places, so that later no torn write can take the number of this epoch along.
    for (let place = 0; place < 2; place += 1) {
      file.write({ epoch: epochMax + 1, acknowledged: cursor.acknowledged, appended: sequenceMax });
    }
    file.sync();
    // Whoever wrote them may have been killed before they were on stable storage; from now on they are promised to be.
    for (const { path } of recovery.segments) syncFile(files, path);
    files.syncDirectory(directory);
    const journal = new SegmentJournal(settings, { files, random, cursor: file, unlock }, recovery);
    for (const trouble of recovery.troubles) settings.onTrouble(damaged(trouble));
    journal.takeOver();
    return journal;
  } catch (error) {
    throw isOfSystem(error) ? unwritable(directory, error) : error;
  }
}

/** Anything else is a defect, and not the disk's. */
const isOfSystem = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

function syncFile(files: Files, path: string): void {
  const file = files.open(path);
  try {
    file.sync();
  } finally {
    file.close();
  }
}

/** What is torn at the end is what every crash leaves, and said as well. */
function damaged({ path, damages, tornBytes, unreadable }: SegmentTrouble): AodeError {
  const ranges = damages.map(({ start, end }) => `${start}-${end}`).join(' ');
  return new AodeError('AODE_JOURNAL_DAMAGED', {
    path,
    why: unreadable,
    bytes: ranges === '' ? undefined : ranges,
    torn: tornBytes === 0 ? undefined : tornBytes,
  });
}

function unwritable(directory: string, error: unknown): AodeError {
  const why = error instanceof Error ? error.message : String(error);
  return new AodeError('AODE_JOURNAL_UNWRITABLE', { directory, why }, error);
}
