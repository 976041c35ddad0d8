import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@aode/base';
import { journalContract, type JournalSettings } from '../testing/journal-contract.ts';
import { simFiles } from '../testing/sim-files.ts';
import type { DiskJournalSettings } from './disk-journal.ts';
import { openDiskJournal, openOn } from './open-journal.ts';
import { DISK_OVERHEAD_BYTES } from './segment-stream.ts';

const random = seededRandom(1);

const settingsOf = (given: JournalSettings, directory: string): DiskJournalSettings => ({
  ...given,
  directory,
  unwrittenBytesMax: 1_000_000,
  segmentBytesMax: 4096,
  onTrouble: (error) => assert.fail(String(error)),
});

journalContract({
  name: 'disk',
  overheadBytes: DISK_OVERHEAD_BYTES,
  isLasting: true,
  open(given, t) {
    const directory = mkdtempSync(join(tmpdir(), 'aode-journal-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    return openDiskJournal({ ...settingsOf(given, directory), random });
  },
});

journalContract({
  name: 'disk, written at each call',
  overheadBytes: DISK_OVERHEAD_BYTES,
  isLasting: true,
  open(given) {
    const journal = openOn(simFiles(), settingsOf(given, '/journal'), { random, unlock: () => undefined });
    const append = journal.append.bind(journal);
    // Everything is read from the disk.
    journal.append = (frame) => {
      const sequence = append(frame);
      if (sequence === undefined) return sequence;
      assert.ok(journal.sync());
      assert.equal(journal.durable, journal.appended);
      return sequence;
    };
    return journal;
  },
});
