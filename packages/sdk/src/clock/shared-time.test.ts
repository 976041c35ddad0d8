import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { systemClock } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import type { TurnOrder } from '../testing/clock-thread.ts';
import { Timeline } from '../trace/timeline.ts';
import type { ClockState } from './clock-state.ts';
import { FusedClock, newClockState } from './fused-clock.ts';
import { frameOf, newTimeMemory, SharedTime, ticksAhead } from './shared-time.ts';

const STATE: ClockState = {
  course: { from: 1, offsetBefore: 2, rateBefore: 3, offset: 4, rate: 5, until: 6, rateAfter: 7 },
  bound: { at: 8, low: 9, high: 10 },
  aim: { at: 11, offset: 12, rate: 13 },
  isSuspect: true,
  staleAt: 14,
  epoch: 15,
  drift: 16,
};

test('a state comes back as it was, with and without an aim', () => {
  const shared = new SharedTime(newTimeMemory(manualClock()));
  assert.deepEqual(shared.read(), newClockState(0));
  shared.publish(STATE);
  assert.deepEqual(shared.read(), STATE);
  const none = { ...STATE, aim: undefined, isSuspect: false };
  shared.publish(none);
  assert.deepEqual(new SharedTime(shared.words.buffer).read(), none);
});

test('once a reading was handed out nobody sets the clock', () => {
  const shared = new SharedTime(newTimeMemory(manualClock()));
  const asked: boolean[] = [];
  shared.setWhileUnread((isUnread) => asked.push(isUnread));
  shared.setWhileUnread((isUnread) => asked.push(isUnread));
  shared.handOut();
  shared.setWhileUnread((isUnread) => asked.push(isUnread));
  assert.deepEqual(asked, [true, true, false]);
});

test('a writer that was terminated while it set the clock keeps nobody waiting', () => {
  const shared = new SharedTime(newTimeMemory(manualClock()));
  shared.setWhileUnread(() => {
    shared.handOut();
  });
  shared.setWhileUnread((isUnread) => assert.equal(isUnread, false));
});

test('a process begins at the bound of the one before, a second ahead at most', () => {
  const clock = manualClock(5_000_000_000n);
  const begin = (bound: bigint): SharedTime =>
    new SharedTime(newTimeMemory(clock, { bounds: [bound], rateMax: 500e-6 }));
  assert.equal(begin(5_900_000_000n).zeroNs, 5_900_000_000n);
  const far = begin(6_000_000_001n);
  assert.deepEqual([far.zeroNs, far.read().epoch], [5_000_000_000n, 1]);
});

test('one that begins ahead of the wall clock goes back to it at the pace of a correction', () => {
  const clock = manualClock(5_000_000_000n);
  const shared = new SharedTime(newTimeMemory(clock, { bounds: [5_500_000_000n], rateMax: 500e-6 }));
  const timeline = new Timeline(clock, shared);
  assert.equal(timeline.now(), 5_500_000_000n);
  clock.advance(500_000);
  assert.equal(Number(timeline.now() - clock.now()) / 1e6, 250);
  clock.advance(500_000);
  assert.ok(Math.abs(Number(timeline.now() - clock.now())) < 1000);
  clock.advance(3_600_000);
  assert.ok(Math.abs(Number(timeline.now() - clock.now())) < 1000);
});

test('what a report says', () => {
  const clock = manualClock();
  const shared = new SharedTime(newTimeMemory(clock));
  shared.refused('forged');
  shared.refused('forged');
  shared.refused('no such reason');
  shared.saw('step');
  assert.deepEqual(shared.report(0), {
    status: 'unsynchronised',
    errorMs: undefined,
    leftMs: 0,
    epoch: 0,
    steps: 1,
    sleeps: 0,
    refused: { invalid: 1, forged: 2 },
  });
  shared.publish({
    ...newClockState(0),
    bound: { at: 0, low: -2, high: 3 },
    aim: { at: 0, offset: 1, rate: 0 },
  });
  const { errorMs, leftMs } = shared.report(0);
  assert.deepEqual([errorMs, leftMs], [3, 1]);
});

test('the zero of a thread is found by the clock that all threads share', () => {
  const clock = manualClock();
  clock.advance(1234.5);
  const shared = new SharedTime(newTimeMemory(clock));
  assert.equal(ticksAhead(clock, shared), -1234.5);
  assert.equal(frameOf(shared, clock).now(), 0);
  const real = new SharedTime(newTimeMemory(systemClock));
  const frame = frameOf(real, systemClock);
  const before = Number(systemClock.mono() - real.monoZero) / 1e6;
  const now = frame.now();
  const after = Number(systemClock.mono() - real.monoZero) / 1e6;
  assert.ok(before - 0.001 <= now && now <= after + 0.001);
});

const TURNS = 20_000;

test('threads that hear of each other never read less, while the clock slews this way and that', async () => {
  const time = newTimeMemory(systemClock);
  const shared = new SharedTime(time);
  const order = { time, turns: new SharedArrayBuffer(8), newest: new SharedArrayBuffer(8), count: TURNS };
  const words = new Int32Array(order.turns);
  const workers = [0, 1].map(
    (mine) =>
      new Worker(new URL('../testing/clock-thread.ts', import.meta.url), {
        workerData: { ...order, mine } satisfies TurnOrder,
        execArgv: ['--conditions=@aode/source'],
      }),
  );
  const ends = workers.map((worker) => once(worker, 'exit'));
  const frame = frameOf(shared, systemClock);
  const fused = new FusedClock({ sourceCount: 1, rateMax: 0.1, drift: 200e-6, leadMs: 10 });
  let i = 0;
  while (Atomics.load(words, 0) < TURNS) {
    const at = frame.now();
    i += 1;
    fused.sample(
      { source: 'one', askedAt: at, at, offsetMs: i % 2 === 0 ? 50 : -50, errorMs: 1000, nextMs: 1 },
      false,
    );
    shared.publish(fused.state);
    await setTimeout(1);
  }
  await Promise.all(ends);
  assert.equal(Atomics.load(words, 1), 0);
  assert.ok(i > 5);
});

test('the moments of a thread strictly increase, on a clock that stands still too', () => {
  const clock = manualClock();
  const timeline = new Timeline(clock);
  const first = timeline.now();
  assert.deepEqual([timeline.now(), timeline.now()], [first + 1n, first + 2n]);
  clock.advance(0.000_002);
  assert.equal(timeline.now(), first + 3n);
  clock.advance(1000);
  assert.equal(timeline.now(), first + 1_000_000_002n);
});
