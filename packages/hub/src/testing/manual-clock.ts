/** A clock that stands until it is moved; timers go off when it is moved past them. */
import { type Clock, monoNs, unixNsOfMs } from '@aode/base';

export interface ManualClock extends Clock {
  readonly ms: number;
  /** Moves the time on and calls what is due, in order. */
  advance(ms: number): void;
}

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export function manualClock(startMs: number): ManualClock {
  let ms = startMs;
  const timers = new Set<Timer>();
  return {
    get ms() {
      return ms;
    },
    now: () => unixNsOfMs(ms),
    mono: () => monoNs(BigInt(Math.round(ms * 1000)) * 1000n),
    ticks: () => ms,
    timer(after, run) {
      const timer = { atMs: ms + after, run };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    advance(by) {
      ms += by;
      for (const timer of [...timers].toSorted((a, b) => a.atMs - b.atMs)) {
        if (timer.atMs > ms || !timers.delete(timer)) continue;
        timer.run();
      }
    },
  };
}
