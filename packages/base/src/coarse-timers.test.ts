import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from './clock.ts';
import { withCoarseTimers } from './coarse-timers.ts';
import { manualClock } from './manual-clock.ts';
import { durationMs } from './units.ts';

/** How often the timers below have fired, and what has run, as `name at`. */
function bench() {
  const clock = manualClock();
  const ran: string[] = [];
  let wakes = 0;
  const below: Clock = {
    ...clock,
    timer: (after, run) =>
      clock.timer(after, () => {
        wakes += 1;
        run();
      }),
  };
  const coarse = withCoarseTimers(below);
  const set = (name: string, ms: number): Disposable =>
    coarse.timer(durationMs(ms), () => void ran.push(`${name} ${clock.ticks()}`));
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i += 1) clock.advance(1);
  };
  return { clock, coarse, ran, set, pass, wakes: () => wakes };
}

test('a short timer is on time, a long one two seconds late at most', () => {
  const { ran, set, pass } = bench();
  set('short', 4999);
  set('long', 5000);
  pass(10_000);
  assert.deepEqual(ran, ['short 4999', 'long 7000']);
});

test('what is due comes with whatever else wakes the thread, in its order', () => {
  const { ran, set, pass, wakes } = bench();
  set('second', 5500);
  set('first', 5200);
  set('later', 6001);
  pass(2000);
  set('short', 4000);
  pass(4000);
  assert.deepEqual([ran, wakes()], [['short 6000', 'first 6000', 'second 6000'], 1]);
  pass(2001);
  assert.deepEqual(ran.slice(3), ['later 8001']);
});

test('beside a beat of two seconds long timers wake nobody', () => {
  const { clock, coarse, ran, set, pass, wakes } = bench();
  const beat = (): void => void coarse.timer(durationMs(2000), beat);
  beat();
  const again = (name: string, ms: number): void => {
    const one = coarse.timer(durationMs(ms), () => {
      one[Symbol.dispose]();
      ran.push(name);
      again(name, ms);
    });
  };
  again('a', 5000);
  again('b', 15_000);
  again('c', 45_000);
  set('d', 61_001);
  pass(120_000);
  assert.equal(wakes(), 60);
  assert.equal(ran.filter((name) => name === 'b').length, 7);
  // The beat, and an alarm for the first of the long ones.
  assert.equal(clock.timerCount, 2);
});

test('a timer that is disposed of does not come, and leaves nothing behind', () => {
  const { clock, ran, set, pass } = bench();
  const one = set('one', 5000);
  const two = set('two', 4000);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
  one[Symbol.dispose]();
  assert.equal(clock.timerCount, 0);
  pass(8000);
  assert.deepEqual(ran, []);
});
