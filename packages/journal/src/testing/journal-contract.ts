/**
 * What every journal must do, wherever it keeps its frames. A journal registers itself with a way to open it; each test
 * opens its own, with room that is measured in frames of ten bytes.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { DropReason, Frame, Journal, JournalFrame, OnDropped } from '../journal.ts';
import { type Call, CALL, createModel } from './journal-model.ts';

export interface JournalSettings {
  readonly bytesMax: number;
  readonly origin: Uint8Array;
  readonly onDropped: OnDropped;
}

export interface JournalUnderTest {
  readonly name: string;
  /** What a frame counts besides its payload. */
  readonly overheadBytes: number;
  /** Whether what waits is still there when the same place is opened again. */
  readonly isLasting: boolean;
  /** Empty, in a place of its own that goes with the test. */
  open(settings: JournalSettings, t: TestContext): Journal | Promise<Journal>;
}

const ORIGIN = new Uint8Array([1, 2, 3]);
const PAYLOAD_BYTES = 10;
/** How many random lives of a journal are tried. */
const RUNS = Math.min(10_000, Number(process.env['AODE_FUZZ_RUNS'] ?? 300));

function frame(given: Partial<Frame> = {}): Frame {
  return {
    signal: 'traces',
    priority: 0,
    recordCount: 2,
    payload: new Uint8Array(PAYLOAD_BYTES),
    ...given,
  };
}

const sequencesOf = (frames: readonly JournalFrame[]): number[] => frames.map(({ sequence }) => sequence);
const waiting = (journal: Journal): number[] => sequencesOf(journal.read(0, Infinity));

interface Opened {
  readonly journal: Journal;
  readonly dropped: { readonly sequence: number; readonly reason: DropReason }[];
}

interface Suite {
  readonly under: JournalUnderTest;
  readonly check: (name: string, framesMax: number, run: (opened: Opened) => void) => void;
}

/** Registers the suite for one journal. */
export function journalContract(under: JournalUnderTest): void {
  const check: Suite['check'] = (name, framesMax, run) =>
    test(name, async (t) => {
      const dropped: Opened['dropped'] = [];
      const journal = await under.open(
        {
          bytesMax: framesMax * (PAYLOAD_BYTES + under.overheadBytes),
          origin: ORIGIN,
          onDropped: ({ sequence }, reason) => dropped.push({ sequence, reason }),
        },
        t,
      );
      run({ journal, dropped });
      journal.close();
    });
  const suite: Suite = { under, check };
  describe(`${under.name}: appending and reading`, () => reads(suite));
  describe(`${under.name}: acknowledging`, () => acknowledges(suite));
  describe(`${under.name}: the bound`, () => givesWay(suite));
  describe(`${under.name}: what is under way`, () => holds(suite));
  describe(`${under.name}: closing`, () => closes(suite));
  test(`${under.name}: does what a plain list does, and the sums add up after every call`, (t) =>
    likeTheModel(under, t));
}

function reads({ check, under }: Suite): void {
  check('sequences count from 1, frames come back as they were, oldest first', 10, ({ journal }) => {
    assert.equal(journal.appended, 0);
    assert.deepEqual(journal.read(0, 100), []);
    const frames = [
      frame({ signal: 'logs', priority: 3, recordCount: 0, payload: new Uint8Array([1, 255]) }),
      frame({ signal: 'metrics', priority: 0, recordCount: 7, payload: new Uint8Array() }),
      frame({ priority: 255 }),
    ];
    assert.deepEqual(
      frames.map((one) => journal.append(one)),
      [1, 2, 3],
    );
    assert.equal(journal.appended, 3);
    assert.deepEqual(
      journal.read(0, 1000),
      frames.map((one, i) => ({ ...one, form: 'otlp', sequence: i + 1 })),
    );
    assert.deepEqual(journal.usage(), {
      frameCount: 3,
      recordCount: 9,
      bytes: 12 + 3 * under.overheadBytes,
    });
  });

  check('the origin stays', 1, ({ journal }) => {
    assert.deepEqual(journal.origin, ORIGIN);
  });

  check('up to a number of bytes, from a place on, and at least one frame', 10, ({ journal }) => {
    for (let i = 0; i < 4; i += 1) journal.append(frame({ priority: i % 2 }));
    assert.deepEqual(sequencesOf(journal.read(0, 20)), [1, 2]);
    assert.deepEqual(sequencesOf(journal.read(0, 29)), [1, 2]);
    assert.deepEqual(sequencesOf(journal.read(0, 30)), [1, 2, 3]);
    assert.deepEqual(sequencesOf(journal.read(2, 1000)), [3, 4]);
    assert.deepEqual(sequencesOf(journal.read(2, 0)), [3]);
    assert.deepEqual(journal.read(4, 1000), []);
    assert.deepEqual(waiting(journal), [1, 2, 3, 4], 'reading changes nothing');
  });
}

function acknowledges({ check, under }: Suite): void {
  check('that frame and all before are gone, and their room is back', 3, ({ journal, dropped }) => {
    for (let i = 0; i < 3; i += 1) journal.append(frame());
    journal.acknowledge(2);
    assert.equal(journal.acknowledged, 2);
    assert.deepEqual(waiting(journal), [3]);
    assert.deepEqual(journal.usage(), {
      frameCount: 1,
      recordCount: 2,
      bytes: PAYLOAD_BYTES + under.overheadBytes,
    });
    assert.equal(journal.append(frame()), 4);
    assert.equal(journal.append(frame()), 5);
    assert.deepEqual(dropped, []);
    assert.deepEqual(waiting(journal), [3, 4, 5]);
  });

  check('twice is once; backwards and beyond the newest is a bug', 3, ({ journal }) => {
    journal.append(frame());
    journal.append(frame());
    journal.acknowledge(2);
    journal.acknowledge(2);
    assert.throws(() => journal.acknowledge(1), /^InvariantError: BUG/);
    assert.throws(() => journal.acknowledge(3), /^InvariantError: BUG/);
    assert.equal(journal.acknowledged, 2);
  });
}

function givesWay({ check, under }: Suite): void {
  check('the last byte that fits, the first that does not', 1, ({ journal }) => {
    assert.equal(journal.append(frame({ payload: new Uint8Array(PAYLOAD_BYTES + 1) })), undefined);
    assert.equal(journal.append(frame({ payload: new Uint8Array(PAYLOAD_BYTES) })), 1);
    assert.equal(journal.usage().bytes, PAYLOAD_BYTES + under.overheadBytes);
  });

  check('among equals the oldest gives way to the newest', 2, ({ journal, dropped }) => {
    for (let i = 0; i < 4; i += 1) journal.append(frame());
    assert.deepEqual(dropped, [
      { sequence: 1, reason: 'journal_full' },
      { sequence: 2, reason: 'journal_full' },
    ]);
    assert.deepEqual(waiting(journal), [3, 4]);
  });

  check('the least important first, however young', 4, ({ journal, dropped }) => {
    for (const priority of [2, 1, 0, 1]) journal.append(frame({ priority }));
    journal.append(frame({ priority: 2 }));
    journal.append(frame({ priority: 2 }));
    journal.append(frame({ priority: 2 }));
    assert.deepEqual(
      dropped.map(({ sequence }) => sequence),
      [3, 2, 4],
    );
    assert.deepEqual(waiting(journal), [1, 5, 6, 7]);
  });

  check('less important than everything there: refused, and no sequence is spent', 2, (opened) => {
    const { journal, dropped } = opened;
    journal.append(frame({ priority: 1 }));
    journal.append(frame({ priority: 1 }));
    assert.equal(journal.append(frame({ priority: 0 })), undefined);
    assert.deepEqual(dropped, []);
    assert.equal(journal.append(frame({ priority: 1 })), 3);
  });

  check('nobody gives way in vain', 3, ({ journal, dropped }) => {
    for (const priority of [0, 1, 1]) journal.append(frame({ priority }));
    const large = new Uint8Array(PAYLOAD_BYTES + 1);
    assert.equal(journal.append(frame({ priority: 0, payload: large })), undefined);
    assert.deepEqual(dropped, []);
    assert.deepEqual(waiting(journal), [1, 2, 3]);
  });
}

function holds({ check }: Suite): void {
  check('it does not give way, not even to something more important', 2, ({ journal, dropped }) => {
    journal.append(frame());
    journal.append(frame());
    journal.hold(1);
    assert.equal(journal.append(frame({ priority: 9 })), 3);
    assert.deepEqual(dropped, [{ sequence: 2, reason: 'journal_full' }]);
    journal.hold(3);
    assert.equal(journal.append(frame({ priority: 9 })), undefined);
    assert.deepEqual(waiting(journal), [1, 3], 'it can still be read');
    assert.deepEqual(sequencesOf(journal.read(1, 0)), [3]);
    journal.acknowledge(3);
    assert.equal(journal.usage().frameCount, 0);
  });

  check('released, it waits in its old place', 3, ({ journal, dropped }) => {
    for (const priority of [1, 0, 0]) journal.append(frame({ priority }));
    journal.hold(2);
    journal.release();
    assert.deepEqual(waiting(journal), [1, 2, 3]);
    journal.append(frame({ priority: 1 }));
    assert.deepEqual(dropped, [{ sequence: 2, reason: 'journal_full' }]);
    assert.deepEqual(waiting(journal), [1, 3, 4]);
  });
}

function closes({ check, under }: Suite): void {
  check('refuses what comes, and what is acknowledged then', 3, ({ journal }) => {
    journal.append(frame());
    journal.close();
    assert.equal(journal.append(frame()), undefined);
    journal.acknowledge(1);
    assert.deepEqual(journal.read(0, 1000), []);
    journal.close();
  });

  check('what waits, under way or not, is dropped by a journal that does not last', 3, (opened) => {
    const { journal, dropped } = opened;
    for (let i = 0; i < 3; i += 1) journal.append(frame());
    journal.acknowledge(1);
    journal.hold(2);
    journal.close();
    const all = [2, 3].map((sequence) => ({ sequence, reason: 'journal_closed' as const }));
    assert.deepEqual(dropped, under.isLasting ? [] : all);
    if (!under.isLasting) assert.deepEqual(journal.usage(), { frameCount: 0, recordCount: 0, bytes: 0 });
  });
}

async function likeTheModel(under: JournalUnderTest, t: TestContext): Promise<void> {
  const scenario = fc.record({
    bytesMax: fc.nat(8 * (under.overheadBytes + 20)),
    calls: fc.array(CALL, { maxLength: 80 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ bytesMax, calls }) => {
      const ledger = { appended: 0, acknowledged: 0, dropped: 0 };
      const dropped: number[] = [];
      const journal = await under.open(
        {
          bytesMax,
          origin: ORIGIN,
          onDropped: ({ sequence, recordCount }) => {
            dropped.push(sequence);
            ledger.dropped += recordCount;
          },
        },
        t,
      );
      const model = createModel(bytesMax, under.overheadBytes);
      for (const call of calls) {
        const before = journal.usage().recordCount;
        const given = ledger.dropped;
        apply(call, { journal, model, ledger });
        if (call.kind === 'acknowledge') ledger.acknowledged += before - journal.usage().recordCount;
        if (call.kind !== 'append') assert.equal(ledger.dropped, given, 'only appending drops');
        const { recordCount, bytes } = journal.usage();
        assert.equal(ledger.appended, ledger.acknowledged + ledger.dropped + recordCount);
        assert.ok(bytes <= bytesMax);
        assert.deepEqual(journal.usage(), model.usage());
        assert.deepEqual(dropped, model.dropped);
        assert.deepEqual(waiting(journal), sequencesOf(model.read(0, Infinity)));
        assert.equal(journal.appended, model.appended);
        assert.equal(journal.acknowledged, model.acknowledged);
        assert.equal(journal.oldest, model.read(0, 0)[0]?.sequence);
      }
      journal.close();
    }),
    { numRuns: RUNS },
  );
}

interface Both {
  readonly journal: Journal;
  readonly model: ReturnType<typeof createModel>;
  readonly ledger: { appended: number };
}

function apply(call: Call, { journal, model, ledger }: Both): void {
  const at = (part: number): number =>
    journal.acknowledged + Math.round(part * (journal.appended - journal.acknowledged));
  switch (call.kind) {
    case 'append': {
      const sequence = journal.append(call.frame);
      assert.equal(sequence, model.append(call.frame));
      if (sequence !== undefined) ledger.appended += call.frame.recordCount;
      break;
    }
    case 'read': {
      const after = at(call.part);
      assert.deepEqual(journal.read(after, call.bytesMax), model.read(after, call.bytesMax));
      break;
    }
    case 'hold': {
      const sequence = at(call.part);
      journal.hold(sequence);
      model.hold(sequence);
      break;
    }
    case 'release':
      journal.release();
      model.release();
      break;
    case 'acknowledge': {
      const sequence = at(call.part);
      journal.acknowledge(sequence);
      model.acknowledge(sequence);
      break;
    }
  }
}
