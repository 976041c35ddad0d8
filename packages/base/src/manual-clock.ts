/** A clock that stands still until a test moves it on, for whatever takes its time from a `Clock`. */
import type { Clock } from './clock.ts';
import { monoNs, unixNs } from './units.ts';

export interface ManualClock extends Clock {
  /** Moves both clocks on and runs what has come due, oldest first. */
  advance(ms: number): void;
  /** Sets the wall clock alone, as an administrator would. */
  setWall(ns: bigint): void;
  readonly timerCount: number;
}

/** Starts at `startNs` of the wall clock and 0 of the monotonic one. */
export function manualClock(startNs: bigint = 1_700_000_000_000_000_000n): ManualClock {
  let wall = startNs;
  let mono = 0n;
  const timers = new Set<{ readonly at: bigint; readonly run: () => void }>();
  return {
    now: () => unixNs(wall),
    mono: () => monoNs(mono),
    ticks: () => Number(mono) / 1e6,
    timer(after, run) {
      const timer = { at: mono + BigInt(Math.round(after * 1e6)), run };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    advance(ms) {
      const step = BigInt(Math.round(ms * 1e6));
      wall += step;
      mono += step;
      const due = [...timers].filter(({ at }) => at <= mono).sort((a, b) => Number(a.at - b.at));
      for (const timer of due) if (timers.delete(timer)) timer.run();
    },
    setWall(ns) {
      wall = ns;
    },
    get timerCount() {
      return timers.size;
    },
  };
}
