/**
 * Timers that wake a thread seldom: a long one may come a little late, and so comes with whatever else wakes the thread
 * by then. Short ones are what they were.
 */
import type { Clock } from './clock.ts';
import { type DurationMs, durationMs } from './units.ts';

/** From here on a timer is long: nobody who waits for that long minds `LATE_MS`. */
const LONG_MS = 5000;
const LATE_MS = 2000;

/** `clock` with such timers; all parts of a thread that share wake-ups have to be given the same one. */
export function withCoarseTimers(clock: Clock): Clock {
  const timers = new CoarseTimers(clock);
  return {
    now: () => clock.now(),
    mono: () => clock.mono(),
    ticks: () => clock.ticks(),
    timer: (after, run) => timers.add(after, run),
  };
}

interface Waiting {
  readonly dueAt: number;
  readonly run: () => void;
}

class CoarseTimers {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  /** Set for the moment at which the first of those that wait is as late as it may be. */
  #alarm: Disposable | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(after: DurationMs, run: () => void): Disposable {
    if (after < LONG_MS) {
      return this.#clock.timer(after, () => {
        run();
        this.#runDue();
      });
    }
    const one = { dueAt: this.#clock.ticks() + after, run };
    this.#waiting.add(one);
    this.#setAlarm();
    return {
      [Symbol.dispose]: () => {
        if (this.#waiting.delete(one)) this.#setAlarm();
      },
    };
  }

  /** The thread is awake. */
  #runDue(): void {
    const now = this.#clock.ticks();
    // In the order in which they were to come; what they add is not due yet.
    const due = [...this.#waiting].filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    for (const one of due) if (this.#waiting.delete(one)) one.run();
    this.#setAlarm();
  }

  #setAlarm(): void {
    let at = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#waiting) at = Math.min(at, dueAt + LATE_MS);
    if (at === this.#alarmAt) return;
    this.#alarm?.[Symbol.dispose]();
    this.#alarmAt = at;
    this.#alarm =
      at === Number.POSITIVE_INFINITY
        ? undefined
        : this.#clock.timer(durationMs(Math.max(0, Math.ceil(at - this.#clock.ticks()))), () => {
            this.#alarmAt = Number.POSITIVE_INFINITY;
            this.#runDue();
          });
  }
}
