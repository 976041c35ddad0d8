/**
 * Time as a parameter: whoever reads a clock or sets a timer is given a `Clock`, so that tests and simulations own
 * the time. This file and no other touches the clocks and timers of the platform.
 */
// Asked of this module and not of the global of that name, which is a getter.
import { performance } from 'node:perf_hooks';
import { type DurationMs, type MonoNs, type UnixNs, monoNs, unixNs } from './units.ts';

export interface Clock {
  /** Wall clock. May step in either direction. */
  now(): UnixNs;
  /** Monotonic clock, for durations. */
  mono(): MonoNs;
  /** The same monotonic clock in milliseconds with fractions, from another zero: a number, for hot paths. */
  ticks(): number;
  /** Calls `run` once, `after` has passed, unless disposed before. Does not keep the process alive. */
  timer(after: DurationMs, run: () => void): Disposable;
}

/**
 * The clocks of the platform. `now()` advances with the monotonic clock from one reading of the wall clock, which
 * gives it a resolution below the millisecond that `Date.now()` stops at, and takes a new anchor when the two have
 * parted by more than `ANCHOR_DRIFT_NS` (the wall clock was set, or the machine slept).
 */
export const systemClock: Clock = createSystemClock();

/** 2 ms: above the 1 ms granularity of `Date.now()`, below anything that a waterfall would show. */
const ANCHOR_DRIFT_NS = 2_000_000n;

function createSystemClock(): Clock {
  let anchorWall = BigInt(Date.now()) * 1_000_000n;
  let anchorMono = process.hrtime.bigint();
  return {
    now() {
      const mono = process.hrtime.bigint();
      const fused = anchorWall + (mono - anchorMono);
      const wall = BigInt(Date.now()) * 1_000_000n;
      const drift = fused - wall;
      if (drift < ANCHOR_DRIFT_NS && drift > -ANCHOR_DRIFT_NS) return unixNs(fused);
      anchorWall = wall;
      anchorMono = mono;
      return unixNs(wall);
    },
    mono: () => monoNs(process.hrtime.bigint()),
    ticks: () => performance.now(),
    timer(after, run) {
      const handle = setTimeout(run, after);
      handle.unref();
      return {
        [Symbol.dispose]() {
          // Of timers that hold no event loop Node.js keeps the list, and wakes for it when the timer would have come.
          handle.ref();
          clearTimeout(handle);
        },
      };
    },
  };
}
