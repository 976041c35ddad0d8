/** What a clock does with what its sources say; whole histories of a machine are in clock-history.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorAt, leftAt, statusAt } from './clock-state.ts';
import { offsetAt } from './course.ts';
import { ERROR_MS_MAX, FusedClock, newClockState, SLEW_MS_MAX } from './fused-clock.ts';
import type { ClockSample } from './source-history.ts';

const OPTIONS = { sourceCount: 1, rateMax: 500e-6, drift: 200e-6, leadMs: 10 };

const sample = (at: number, offsetMs: number, more: Partial<ClockSample> = {}): ClockSample => ({
  source: 'one',
  askedAt: at - 1,
  at,
  offsetMs,
  errorMs: 2,
  nextMs: 16_000,
  ...more,
});

const offset = (clock: FusedClock, at: number): number => offsetAt(clock.state.course, at);
const status = (clock: FusedClock, at: number): string => statusAt(clock.state, at);

test('no source at all is normal: monotonic time, and nothing is known of its error', () => {
  const clock = new FusedClock(OPTIONS, newClockState(1000));
  assert.equal(offset(clock, 1e9), 1000);
  assert.equal(status(clock, 1e9), 'unsynchronised');
  assert.equal(clock.errorAt(1e9), Number.POSITIVE_INFINITY);
});

test('before anything was read the clock is set, later it slews by no more than it may', () => {
  const set = new FusedClock(OPTIONS, newClockState(0));
  assert.equal(set.sample(sample(100, -800), true), undefined);
  assert.equal(offset(set, 100), -800);
  assert.equal(status(set, 100), 'synchronised');

  const slewing = new FusedClock(OPTIONS, newClockState(0));
  slewing.sample(sample(100, -800), false);
  assert.equal(offset(slewing, 110), 0);
  assert.equal(status(slewing, 120), 'converging');
  assert.ok(Math.abs(offset(slewing, 1110) + 0.5) < 1e-9);
  assert.ok(errorAt(slewing.state, 110) >= 800, 'what is left to correct is part of the bound');
  assert.ok(Math.abs(offset(slewing, 110 + 1_600_000) + 800) < 1e-9);
  assert.ok(Math.abs(offset(slewing, 110 + 9_600_000) + 800) < 1e-9);
});

test('it is not set below what a process before it has let out: the rest is slewed', () => {
  const clock = new FusedClock({ ...OPTIONS, leastMs: -300 }, newClockState(0));
  clock.sample(sample(100, -800), true);
  assert.equal(offset(clock, 100), -400);
  assert.equal(status(clock, 100), 'converging');
  assert.ok(Math.abs(offset(clock, 2e6) + 800) < 1e-9);
});

test('the bound grows with age, and a source that falls silent is said', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.sample(sample(0, 0), true);
  assert.equal(clock.errorAt(0), 2);
  assert.ok(Math.abs(clock.errorAt(10_000) - 4) < 1e-9);
  assert.equal(status(clock, 48_000), 'synchronised');
  assert.equal(status(clock, 48_001), 'holdover');
});

test('too far for a slew: forward it is a new epoch, backward it takes its time', () => {
  const ahead = new FusedClock(OPTIONS, newClockState(0));
  ahead.sample(sample(0, SLEW_MS_MAX), false);
  assert.equal(ahead.state.epoch, 0);
  const forward = new FusedClock(OPTIONS, newClockState(0));
  forward.sample(sample(0, SLEW_MS_MAX + 1), false);
  assert.equal(forward.state.epoch, 1);
  assert.equal(offset(forward, 0), SLEW_MS_MAX + 1);
  const back = new FusedClock(OPTIONS, newClockState(0));
  back.sample(sample(0, -60_000), false);
  assert.equal(back.state.epoch, 0);
  assert.equal(offset(back, 5), 0);
  assert.equal(leftAt(back.state, 5), -60_000);
});

test('what cannot be is refused', () => {
  const clock = new FusedClock(OPTIONS);
  assert.equal(clock.sample(sample(0, Number.NaN), false), 'invalid');
  assert.equal(clock.sample(sample(0, 0, { errorMs: -1 }), false), 'invalid');
  assert.equal(clock.sample(sample(0, 0, { askedAt: 1 }), false), 'invalid');
  assert.equal(clock.sample(sample(0, 0, { errorMs: ERROR_MS_MAX + 1 }), false), 'distance');
  assert.equal(clock.sample(sample(0, 0, { errorMs: ERROR_MS_MAX }), false), undefined);
});

test('the only source steps: both times are inside the bound until the new one was heard again and again', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.sample(sample(0, 0), true);
  for (let i = 1; i <= 4; i += 1) {
    assert.equal(clock.sample(sample(i * 1000, 800), false), 'contradiction');
    assert.equal(status(clock, i * 1000), 'suspect');
    assert.ok(clock.errorAt(i * 1000) >= 800);
    assert.equal(leftAt(clock.state, i * 1000), 0);
  }
  assert.equal(clock.sample(sample(5000, 800), false), undefined);
  assert.equal(status(clock, 5000), 'converging');
  assert.ok(Math.abs(leftAt(clock.state, 5000) - 800) < 1);
});

test('a source that was wrong once is forgiven', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.sample(sample(0, 0), true);
  assert.equal(clock.sample(sample(1000, 800), false), 'contradiction');
  assert.equal(clock.sample(sample(2000, 0), false), undefined);
  assert.equal(status(clock, 2000), 'synchronised');
});

test('two sources of two that contradict each other: nobody is followed', () => {
  const clock = new FusedClock({ ...OPTIONS, sourceCount: 2 }, newClockState(0));
  clock.sample(sample(0, 0), true);
  clock.sample(sample(10, 800, { source: 'two' }), false);
  assert.equal(status(clock, 10), 'suspect');
  assert.equal(offset(clock, 1e6), 0);
});

test('one of three is not enough to know anything', () => {
  const clock = new FusedClock({ ...OPTIONS, sourceCount: 3 }, newClockState(0));
  assert.equal(clock.sample(sample(0, 800), true), undefined);
  assert.equal(status(clock, 0), 'unsynchronised');
  clock.sample(sample(10, 0, { source: 'two' }), true);
  assert.equal(status(clock, 10), 'suspect');
  assert.equal(offset(clock, 10), 0);
  assert.ok(clock.errorAt(10) >= 800);
  clock.sample(sample(20, 1, { source: 'three' }), true);
  assert.equal(status(clock, 20), 'synchronised');
});

test('the wall clock is set: readings do not follow, and it is said until a source has spoken', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.sample(sample(0, 0), true);
  assert.equal(clock.watch({ at: 0, wallMs: 5000, bootMs: 70_000 }), undefined);
  assert.equal(clock.watch({ at: 1000, wallMs: 6009, bootMs: 71_000 }), undefined);
  assert.equal(clock.watch({ at: 2000, wallMs: 6209, bootMs: 72_000 }), 'step');
  assert.equal(status(clock, 2000), 'suspect');
  assert.equal(offset(clock, 2000), 0);
  clock.sample(sample(3000, 0), false);
  assert.equal(status(clock, 3000), 'synchronised');
});

test('the wall clock is set and there is nobody to ask: said until it is back, never followed', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.watch({ at: 0, wallMs: 0, bootMs: 0 });
  clock.watch({ at: 1000, wallMs: 200, bootMs: 1000 });
  assert.equal(status(clock, 1000), 'suspect');
  assert.equal(offset(clock, 1e6), 0);
  clock.watch({ at: 2000, wallMs: 2000, bootMs: 2000 });
  assert.equal(status(clock, 2000), 'unsynchronised');
});

test('nobody to ask and the wall clock goes far ahead: it begins anew, but never back', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.watch({ at: 0, wallMs: 0, bootMs: 0 });
  clock.watch({ at: 1000, wallMs: -90_000, bootMs: 1000 });
  assert.deepEqual([clock.state.epoch, offset(clock, 1000)], [0, 0]);
  clock.watch({ at: 2000, wallMs: 2000 + SLEW_MS_MAX, bootMs: 2000 });
  assert.deepEqual([clock.state.epoch, offset(clock, 2000)], [0, 0]);
  clock.watch({ at: 3000, wallMs: 3001 + SLEW_MS_MAX, bootMs: 3000 });
  clock.watch({ at: 4000, wallMs: 34_000, bootMs: 4000 });
  assert.deepEqual([clock.state.epoch, offset(clock, 4000)], [1, 29_999]);
});

test('the machine has slept: readings go on where the time is, and answers from before do not count', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.sample(sample(0, 0), true);
  clock.watch({ at: 0, wallMs: 0, bootMs: 0 });
  assert.equal(clock.watch({ at: 1000, wallMs: 3_601_000, bootMs: 3_601_000 }), 'sleep');
  assert.equal(offset(clock, 1000), 3_600_000);
  assert.deepEqual([clock.state.epoch, status(clock, 1000)], [1, 'suspect']);
  assert.ok(clock.errorAt(1000) >= 1000);
  assert.equal(clock.sample(sample(1001, 0, { askedAt: 1000 }), false), 'slept');
  assert.equal(clock.sample(sample(1100, 3_600_000, { askedAt: 1050 }), false), undefined);
  assert.equal(status(clock, 1100), 'synchronised');
});

test('nobody knows the uptime: a step forward may have been a sleep, and the bound holds both', () => {
  const clock = new FusedClock(OPTIONS, newClockState(0));
  clock.sample(sample(0, 0), true);
  clock.watch({ at: 0, wallMs: 0, bootMs: undefined });
  assert.equal(clock.watch({ at: 1000, wallMs: 9000, bootMs: undefined }), 'step');
  assert.ok(clock.errorAt(1000) >= 8000);
});

test('a clock goes on from the state of the one before it', () => {
  const first = new FusedClock(OPTIONS, newClockState(0));
  first.sample(sample(0, 300), false);
  const second = new FusedClock(OPTIONS, first.state);
  for (const at of [0, 10, 1000, 700_000]) assert.equal(offset(second, at), offset(first, at));
  assert.equal(second.errorAt(1000), first.errorAt(1000));
});
