import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAskCursor, askCursorText } from './ask-cursor.ts';
import { AskLog, type RetainedAsk } from './ask-log.ts';

const ask = (traceId: string): Pick<RetainedAsk, 'traceId' | 'reason' | 'instance'> => ({
  traceId,
  reason: 'error',
  instance: 'a',
});

interface Kept {
  readonly number: number;
  readonly traceId: string;
  readonly unixMs: number;
}

/** The same by a plain list. */
class Model {
  kept: Kept[] = [];
  overflows = 0;
  #last = 0;
  readonly #asksMax: number;
  readonly #retainMs: number;
  constructor(asksMax: number, retainMs: number) {
    this.#asksMax = asksMax;
    this.#retainMs = retainMs;
  }
  add(traceId: string, nowMs: number): boolean {
    this.kept = this.kept.filter(({ unixMs }) => nowMs - unixMs < this.#retainMs);
    if (this.kept.some((one) => one.traceId === traceId)) return false;
    if (this.kept.length === this.#asksMax) {
      this.kept.shift();
      this.overflows += 1;
    }
    this.#last += 1;
    this.kept.push({ number: this.#last, traceId, unixMs: nowMs });
    return true;
  }
}

test('the log keeps what a list would, whatever comes when', () => {
  const step = fc.record({ trace: fc.nat({ max: 12 }), waitMs: fc.nat({ max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 6 }), (steps, asksMax) => {
      let overflows = 0;
      const log = new AskLog({ asksMax, retainMs: 100, onOverflow: () => (overflows += 1) });
      const model = new Model(asksMax, 100);
      let nowMs = 0;
      for (const { trace, waitMs } of steps) {
        nowMs += waitMs;
        assert.equal(log.add(ask(`${trace}`), nowMs), model.add(`${trace}`, nowMs));
        assert.equal(log.size, model.kept.length);
        assert.deepEqual(
          log.after(0, 1000).map(({ number, traceId, unixMs }) => ({ number, traceId, unixMs })),
          model.kept,
        );
      }
      assert.equal(overflows, model.overflows);
    }),
  );
});

test('a place is kept while what follows it is, and is else before the oldest', () => {
  const log = new AskLog({ asksMax: 3, retainMs: 100, onOverflow: () => undefined });
  assert.deepEqual(log.place(0, 0), { number: 0, gap: false });
  for (let i = 1; i <= 5; i += 1) log.add(ask(`${i}`), i);
  assert.deepEqual(
    log.after(0, 2).map(({ traceId }) => traceId),
    ['3', '4'],
  );
  assert.deepEqual(log.place(5, 5), { number: 5, gap: false });
  assert.deepEqual(log.place(2, 5), { number: 2, gap: false });
  assert.deepEqual(log.place(1, 5), { number: 2, gap: true });
  assert.deepEqual(log.place(6, 5), { number: 2, gap: true });
  assert.equal(log.knows('5', 104), true);
  assert.equal(log.knows('5', 105), false);
  assert.deepEqual(log.place(5, 105), { number: 5, gap: false });
  assert.equal(log.add(ask('5'), 105), true);
});

test('cursors come back as they were, and nothing else is one', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{16}$/), fc.nat(), (epoch, number) => {
      assert.deepEqual(parseAskCursor(askCursorText({ epoch, number })), { epoch, number });
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const cursor = parseAskCursor(text);
      if (cursor !== undefined) assert.equal(askCursorText(cursor), text);
    }),
  );
  for (const text of ['', '-1', '0123456789abcdef-', '0123456789abcdef-01', '0123456789abcdef--1', 'x-1']) {
    assert.equal(parseAskCursor(text), undefined, text);
  }
});
