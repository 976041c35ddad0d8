/**
 * What the processes of one service have left: the journals in its place that nobody owns who lives, oldest first. The
 * locks are only read, because most of what lies there belongs to somebody; and what no journal can come of is removed.
 */
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CURSOR_FILE_NAME } from './cursor-file.ts';
import { isLockDraft, lockOwner } from './directory-lock.ts';
import { parseSegmentName } from './segment.ts';

export interface LeftJournal {
  readonly name: string;
  readonly directory: string;
  /** When something of it was last written, on the clock of the file system. */
  readonly modifiedMs: number;
  /** Priority -> bytes of its segments. */
  readonly bytes: ReadonlyMap<number, number>;
}

/** Whoever makes a journal is through with it by then, and whoever claims one as well. */
const MAKING_MS = 3_600_000;

/** `token` names the agents of this process: what one of them held before is left. Empty where there is no place. */
export function leftJournals(
  place: string,
  { token, nowMs }: { readonly token: string; readonly nowMs: number },
): readonly LeftJournal[] {
  const left: LeftJournal[] = [];
  for (const name of namesIn(place)) {
    const directory = join(place, name);
    try {
      const found = look(directory, name, nowMs);
      if (lockOwner(directory, token) !== undefined) continue;
      if (found.isJournal) left.push(found.journal);
      else if (found.isOld) rmdirSync(directory);
    } catch {
      // It has gone meanwhile, or is nothing that we may look into.
    }
  }
  return left.toSorted((a, b) => a.modifiedMs - b.modifiedMs);
}

interface Found {
  readonly journal: LeftJournal;
  /** One that is being made has no cursor before it has its lock. */
  readonly isJournal: boolean;
  readonly isOld: boolean;
}

/** Throws for what is no directory. */
function look(directory: string, name: string, nowMs: number): Found {
  const bytes = new Map<number, number>();
  let modifiedMs = 0;
  let hasCursor = false;
  for (const fileName of readdirSync(directory)) {
    const path = join(directory, fileName);
    const stat = lstatSync(path);
    const priority = parseSegmentName(fileName)?.priority;
    if (priority !== undefined) bytes.set(priority, (bytes.get(priority) ?? 0) + stat.size);
    if (fileName === CURSOR_FILE_NAME) hasCursor = true;
    if (isLockDraft(fileName)) {
      if (nowMs - stat.mtimeMs > MAKING_MS) unlinkSync(path);
    } else modifiedMs = Math.max(modifiedMs, stat.mtimeMs);
  }
  const isOld = nowMs - Math.max(modifiedMs, lstatSync(directory).mtimeMs) > MAKING_MS;
  // The end of the machine may have taken the cursor of one that was new.
  const isJournal = hasCursor || (bytes.size > 0 && isOld);
  return { journal: { name, directory, modifiedMs, bytes }, isJournal, isOld };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
