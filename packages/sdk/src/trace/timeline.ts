/**
 * Moments as seconds and nanoseconds since 1970, from one cheap reading of the monotonic clock each. The distance to
 * the wall clock is looked at once a second and taken anew only when it has changed, so that within a trace no span
 * begins before its parent. Bench: bench/span.bench.ts.
 */
import { type Clock, type UnixNs, unixNs } from '@aode/base';

const CHECK_MS = 1000;

/** Less is the time between the two readings, when the thread was not running. */
const DRIFT_NS = 1_000_000;

const SECOND_NS = 1e9;

export class Timeline {
  readonly #clock: Clock;
  #anchorSec = 0;
  #anchorNano = 0;
  #checkAt = -Infinity;
  /** Of the moment that was asked for last. */
  sec = 0;
  nano = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds of the monotonic clock, with fractions. */
  ticks(): number {
    const ticks = this.#clock.ticks();
    if (ticks >= this.#checkAt) this.#check(ticks);
    return ticks;
  }

  /** Sets `sec` and `nano` to the moment of `ticks`. */
  at(ticks: number): void {
    const nano = this.#anchorNano + Math.round(ticks * 1e6);
    const carry = Math.floor(nano / SECOND_NS);
    this.sec = this.#anchorSec + carry;
    // Known to be a small number, which takes no memory of its own.
    this.nano = (nano - carry * SECOND_NS) | 0;
  }

  /** This moment, as spans that start now have it. */
  now(): UnixNs {
    this.at(this.ticks());
    return unixNs(BigInt(this.sec) * 1_000_000_000n + BigInt(this.nano));
  }

  /** Sets them to a moment of the wall clock. */
  atUnix(ns: bigint): void {
    this.sec = Number(ns / 1_000_000_000n);
    this.nano = Number(ns % 1_000_000_000n);
  }

  #check(ticks: number): void {
    this.#checkAt = ticks + CHECK_MS;
    const wall = this.#clock.now();
    this.at(ticks);
    const drift = Number(wall - (BigInt(this.sec) * 1_000_000_000n + BigInt(this.nano)));
    if (Math.abs(drift) < DRIFT_NS) return;
    const zero = wall - BigInt(Math.round(ticks * 1e6));
    this.#anchorSec = Number(zero / 1_000_000_000n);
    this.#anchorNano = Number(zero % 1_000_000_000n);
  }
}
