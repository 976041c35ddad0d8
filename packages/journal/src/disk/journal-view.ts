/** A look into a journal on disk that changes nothing, whoever it belongs to. */
import { systemFiles } from './files.ts';
import { lockOwner } from './directory-lock.ts';
import { type Cursor, readCursorFile } from './cursor-file.ts';
import { recover, type RecoveredFrame, type Recovery } from './recover.ts';
import { EXTENSION_BYTES } from './segment.ts';
import { SegmentFile } from './segment-file.ts';

export interface JournalView {
  /** Who owns it now; undefined when nobody does. */
  readonly pid: number | undefined;
  readonly cursor: Cursor;
  readonly recovery: Recovery;
  /** Undefined when it has gone, or changed, since. */
  payloadOf(frame: RecoveredFrame): Uint8Array | undefined;
}

/** Throws what the file system throws for the directory itself. */
export function viewJournal(directory: string): JournalView {
  const pid = lockOwner(directory);
  const cursor = readCursorFile(systemFiles, directory);
  return {
    pid,
    cursor,
    recovery: recover(systemFiles, directory, cursor),
    payloadOf({ segment, offset, payloadBytes, form }) {
      try {
        const file = SegmentFile.sealed(systemFiles, segment);
        if (form === 'lines') return file.readRun(offset, payloadBytes);
        return file.readPayload(offset, payloadBytes, EXTENSION_BYTES);
      } catch {
        return undefined;
      }
    },
  };
}
