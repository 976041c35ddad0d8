import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalFrame } from './journal.ts';
import { createMemoryJournal, FRAME_OVERHEAD_BYTES } from './memory-journal.ts';
import { journalContract } from './testing/journal-contract.ts';

journalContract({
  name: 'memory',
  overheadBytes: FRAME_OVERHEAD_BYTES,
  isLasting: false,
  open: createMemoryJournal,
});

test('thousands of frames through a full journal stay in order', () => {
  const dropped: Pick<JournalFrame, 'sequence'>[] = [];
  const bytesMax = 1000 * (FRAME_OVERHEAD_BYTES + 1);
  const journal = createMemoryJournal({
    bytesMax,
    origin: new Uint8Array(),
    onDropped: (frame) => dropped.push(frame),
  });
  const payload = new Uint8Array(1);
  for (let i = 0; i < 20_000; i += 1) {
    journal.append({ signal: 'logs', priority: 0, recordCount: 1, payload });
  }
  assert.deepEqual(
    dropped.map(({ sequence }) => sequence),
    Array.from({ length: 19_000 }, (_, i) => i + 1),
  );
  assert.deepEqual(
    journal.read(0, Infinity).map(({ sequence }) => sequence),
    Array.from({ length: 1000 }, (_, i) => 19_001 + i),
  );
});

test('a priority and a number of records are whole numbers within their bounds', () => {
  const journal = createMemoryJournal({
    bytesMax: 10_000,
    origin: new Uint8Array(),
    onDropped: () => undefined,
  });
  const frame = { signal: 'logs', priority: 255, recordCount: 1, payload: new Uint8Array() } as const;
  assert.equal(journal.append(frame), 1);
  for (const priority of [256, -1, 0.5, Number.NaN]) {
    assert.throws(() => journal.append({ ...frame, priority }), /BUG: a priority/);
  }
  for (const recordCount of [-1, 0.5, Number.NaN]) {
    assert.throws(() => journal.append({ ...frame, recordCount }), /BUG: a frame/);
  }
});
