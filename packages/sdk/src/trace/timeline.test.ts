import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { manualClock } from '@aode/base/manual-clock';
import { errorAt, leftAt, statusAt } from '../clock/clock-state.ts';
import { FusedClock } from '../clock/fused-clock.ts';
import { newTimeMemory, SharedTime } from '../clock/shared-time.ts';
import { Timeline } from './timeline.ts';

test('without any source: the first look at the wall clock and monotonic time, whatever the wall clock does', () => {
  const clock = manualClock();
  const timeline = new Timeline(clock);
  const start = timeline.now();
  assert.equal(start, 1_700_000_000_000_000_000n);
  clock.setWall(5n);
  clock.advance(5000.000_001);
  assert.equal(timeline.now() - start, 5_000_000_001n);
  const { utc, errorMs, status } = timeline.reading();
  assert.deepEqual(
    [utc - start, errorMs, status],
    [5_000_000_002n, Number.POSITIVE_INFINITY, 'unsynchronised'],
  );
});

test('a published course is followed at once, through its bends', () => {
  const clock = manualClock();
  const shared = new SharedTime(newTimeMemory(clock));
  const timeline = new Timeline(clock, shared);
  const start = timeline.now();
  const fused = new FusedClock({ sourceCount: 1, rateMax: 0.001, drift: 200e-6, leadMs: 10 }, shared.read());
  fused.sample({ source: 'one', askedAt: 0, at: 0, offsetMs: 1, errorMs: 1, nextMs: 10 }, false);
  shared.publish(fused.state);
  const after = (ms: number): number => {
    clock.advance(ms);
    return Number(timeline.now() - start);
  };
  assert.equal(after(5), 5_000_000);
  assert.equal(after(5), 10_000_000);
  assert.equal(after(500), 510_500_000);
  assert.equal(timeline.reading().status, 'holdover');
  assert.equal(after(500), 1_011_000_000);
  assert.equal(after(500), 1_511_000_000);
});

test('what a reading is worth is what the state says of that moment', () => {
  const ms = fc.integer({ min: -3000, max: 3000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, fc.nat(1000), fc.nat(5000))), (samples) => {
      const clock = manualClock();
      const shared = new SharedTime(newTimeMemory(clock));
      const timeline = new Timeline(clock, shared);
      const fused = new FusedClock({ sourceCount: 1, rateMax: 0.01, drift: 200e-6, leadMs: 10 });
      for (const [offsetMs, errorMs, waitMs] of samples) {
        const at = clock.ticks();
        fused.sample({ source: 'one', askedAt: at, at, offsetMs, errorMs, nextMs: 1000 }, false);
        shared.publish(fused.state);
        for (const part of [0, 0.5, 0.5]) {
          clock.advance(waitMs * part);
          const { errorMs: error, status } = timeline.reading();
          const now = clock.ticks();
          assert.ok(Math.abs(error - errorAt(fused.state, now)) < 1e-6);
          if (Math.abs(Math.abs(leftAt(fused.state, now)) - 1) > 1e-6)
            assert.equal(status, statusAt(fused.state, now));
        }
      }
    }),
  );
});

test('nanoseconds are those of the seconds, for any moment', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 4_000_000_000n), fc.bigInt(0n, 999_999_999n), (sec, nano) => {
      const start = sec * 1_000_000_000n + nano;
      assert.equal(new Timeline(manualClock(start)).now(), start);
    }),
  );
});
