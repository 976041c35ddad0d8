import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  logicalOfMs,
  logicalText,
  msOfLogical,
  nextEvent,
  parseLogical,
  receivedEvent,
} from './hybrid-logical.ts';

const NOW = 1_700_000_000_000;

test('physical time when it is ahead, else one more', () => {
  const first = nextEvent(0n, NOW);
  assert.equal(first, BigInt(NOW) << 16n);
  assert.equal(nextEvent(first, NOW + 0.9), first + 1n);
  assert.equal(nextEvent(first, NOW - 800), first + 1n);
  assert.equal(nextEvent(first + 7n, NOW + 1), BigInt(NOW + 1) << 16n);
});

test('a counter that is full borrows the next millisecond', () => {
  const full = logicalOfMs(NOW) + 0xffffn;
  const next = nextEvent(full, NOW);
  assert.equal(next, logicalOfMs(NOW + 1));
  assert.equal(msOfLogical(next), NOW + 1);
});

test('a remote clock is followed as far as is allowed, to the millisecond, and no further', () => {
  const last = logicalOfMs(NOW);
  const remote = logicalOfMs(NOW + 500);
  assert.deepEqual(receivedEvent(last, { remote, nowMs: NOW, aheadMsMax: 500 }), {
    logical: remote + 1n,
    refusedMs: undefined,
  });
  assert.deepEqual(receivedEvent(last, { remote, nowMs: NOW, aheadMsMax: 499 }), {
    logical: last + 1n,
    refusedMs: 500,
  });
  const behind = logicalOfMs(NOW - 60_000);
  assert.equal(receivedEvent(last, { remote: behind, nowMs: NOW, aheadMsMax: 0 }).logical, last + 1n);
});

test('texts come back, sort as their numbers do, and nothing else is one', () => {
  const number = fc.bigInt(0n, 2n ** 64n - 1n);
  fc.assert(
    fc.property(number, number, (a, b) => {
      assert.equal(parseLogical(logicalText(a)), a);
      assert.equal(logicalText(a) < logicalText(b), a < b);
    }),
  );
  for (const text of ['', '1', 'g'.repeat(16), 'A'.repeat(16), '0'.repeat(17), ' '.repeat(16)]) {
    assert.equal(parseLogical(text), undefined);
  }
});

/** What happens to one of some processes: its clock runs on or is set, it does something, or hears of another. */
type Happening =
  | { readonly kind: 'run'; readonly who: number; readonly ms: number }
  | { readonly kind: 'set'; readonly who: number; readonly ms: number }
  | { readonly kind: 'event'; readonly who: number }
  | { readonly kind: 'message'; readonly who: number; readonly from: number };

const PROCESSES = 4;
const SKEW_MS = 3000;

const who = fc.nat(PROCESSES - 1);
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), who, ms: fc.nat(50) }),
  fc.record({ kind: fc.constant('set' as const), who, ms: fc.integer({ min: -SKEW_MS, max: SKEW_MS }) }),
  fc.record({ kind: fc.constant('event' as const), who }),
  fc.record({ kind: fc.constant('message' as const), who, from: who }),
);

test('e before f: hlc(e) < hlc(f), with clocks that are off by 3 s and set to and fro; never far ahead', () => {
  fc.assert(
    fc.property(fc.array(happenings, { maxLength: 200 }), (history) => {
      let trueMs = NOW;
      const processes = Array.from({ length: PROCESSES }, () => ({ offMs: 0, last: 0n }));
      for (const one of history) {
        const process = processes[one.who];
        assert.ok(process !== undefined);
        const before = process.last;
        switch (one.kind) {
          case 'run':
            trueMs += one.ms;
            break;
          case 'set':
            process.offMs = one.ms;
            break;
          case 'event':
            process.last = nextEvent(before, trueMs + process.offMs);
            assert.ok(process.last > before);
            break;
          default: {
            const sender = processes[one.from];
            assert.ok(sender !== undefined);
            const nowMs = trueMs + process.offMs;
            const arrived = { remote: sender.last, nowMs, aheadMsMax: 2 * SKEW_MS + 1 };
            const { logical, refusedMs } = receivedEvent(before, arrived);
            assert.equal(refusedMs, undefined);
            process.last = logical;
            assert.ok(logical > before && (logical > arrived.remote || sender === process));
          }
        }
        // No further ahead of the true time than the worst clock was, and a millisecond of borrowed counter.
        assert.ok(msOfLogical(process.last) <= trueMs + SKEW_MS + 1);
      }
    }),
    { numRuns: 500 },
  );
});

test('one that lies about its clock takes nobody along', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (remote) => {
      const { logical, refusedMs } = receivedEvent(0n, { remote, nowMs: NOW, aheadMsMax: 10_000 });
      assert.ok(msOfLogical(logical) <= NOW + 10_001);
      assert.equal(refusedMs !== undefined, msOfLogical(remote) - NOW > 10_000);
    }),
  );
});
