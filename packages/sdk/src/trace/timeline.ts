/**
 * Moments as seconds and nanoseconds since 1970, from one cheap reading of the monotonic clock each, along the course
 * that the process's clock follows (clock/shared-time.ts). Moments of one thread strictly increase. Bench:
 * bench/span.bench.ts, bench/clock.bench.ts.
 */
import { type Clock, type UnixNs, unixNs } from '@aode/base';
import type { ClockReading, ClockStatus } from '../clock/clock-reading.ts';
import { type ClockState, CONVERGED_MS, leftAt } from '../clock/clock-state.ts';
import { lineAt } from '../clock/course.ts';
import { newTimeMemory, SharedTime, ticksAhead } from '../clock/shared-time.ts';

const SECOND_NS = 1e9;

export class Timeline {
  readonly #clock: Clock;
  readonly #shared: SharedTime;
  readonly #words: Int32Array;
  readonly #ahead: number;
  #state: ClockState;
  #sequence = -1;
  /** The straight part of the course that holds until `#lineEnd`: its moment at `#lineTicks`, its slope. */
  #lineTicks = 0;
  #lineEnd = Number.NEGATIVE_INFINITY;
  #lineSec = 0;
  #lineNano = 0;
  #nanoPerTick = 1e6;
  /** By how much a reading is before the latest and behind the earliest possible time, and what it has to gain. */
  #earlyMs = 0;
  #earlyRate = 0;
  #lateMs = 0;
  #lateRate = 0;
  #leftMs = 0;
  #leftRate = 0;
  #staleAfter = 0;
  /** None was handed out: the first may be any. */
  #lastSec = 0;
  #lastNano = -1;
  #isHandedOut = false;
  /** Of the moment that was asked for last. */
  sec = 0;
  nano = 0;

  constructor(clock: Clock, shared: SharedTime = new SharedTime(newTimeMemory(clock))) {
    this.#clock = clock;
    this.#shared = shared;
    this.#words = shared.words;
    this.#ahead = ticksAhead(clock, shared);
    this.#state = shared.read();
  }

  /** Milliseconds of the monotonic clock, with fractions. */
  ticks(): number {
    const ticks = this.#clock.ticks();
    // The first word counts up with each new state.
    if (ticks >= this.#lineEnd || this.#words[0] !== this.#sequence) this.#load(ticks);
    return ticks;
  }

  /** Sets `sec` and `nano` to the moment of `ticks`, or to the one after that which was asked for before. */
  at(ticks: number): void {
    const nano = this.#lineNano + Math.round((ticks - this.#lineTicks) * this.#nanoPerTick);
    const carry = Math.floor(nano / SECOND_NS);
    const sec = this.#lineSec + carry;
    // Known to be a small number, which takes no memory of its own.
    const rest = (nano - carry * SECOND_NS) | 0;
    if (sec < this.#lastSec || (sec === this.#lastSec && rest <= this.#lastNano)) this.#follow();
    else {
      this.#lastSec = sec;
      this.#lastNano = rest;
    }
    this.sec = this.#lastSec;
    this.nano = this.#lastNano;
  }

  #follow(): void {
    const isFull = this.#lastNano === SECOND_NS - 1;
    this.#lastSec += isFull ? 1 : 0;
    this.#lastNano = isFull ? 0 : this.#lastNano + 1;
  }

  /** This moment, as spans that start now have it. */
  now(): UnixNs {
    this.at(this.ticks());
    return unixNs(nanosecondsOf(this.sec, this.nano));
  }

  /** This moment, and what it is worth. */
  reading(): ClockReading {
    const ticks = this.ticks();
    this.at(ticks);
    const passed = ticks - this.#lineTicks;
    const early = this.#earlyMs + this.#earlyRate * passed;
    const late = this.#lateMs + this.#lateRate * passed;
    const utc = unixNs(nanosecondsOf(this.sec, this.nano));
    return { utc, errorMs: early > late ? early : late, status: this.#statusAt(passed) };
  }

  /** As `statusAt`, along the line. */
  #statusAt(passed: number): ClockStatus {
    const { isSuspect, aim } = this.#state;
    if (isSuspect) return 'suspect';
    if (aim === undefined) return 'unsynchronised';
    if (passed > this.#staleAfter) return 'holdover';
    const left = this.#leftMs + this.#leftRate * passed;
    return left > CONVERGED_MS || left < -CONVERGED_MS ? 'converging' : 'synchronised';
  }

  /** Sets them to a moment of the wall clock. */
  atUnix(ns: bigint): void {
    this.sec = Number(ns / 1_000_000_000n);
    this.nano = Number(ns % 1_000_000_000n);
  }

  #load(ticks: number): void {
    if (!this.#isHandedOut) {
      this.#isHandedOut = true;
      this.#shared.handOut();
    }
    this.#sequence = this.#shared.sequence;
    this.#state = this.#shared.read();
    const at = ticks + this.#ahead;
    const line = lineAt(this.#state.course, at);
    const offset = line.offset + line.rate * (at - line.at);
    const zero = this.#shared.zeroNs;
    const ms = at + offset;
    const seconds = Math.floor(ms / 1000);
    this.#lineTicks = ticks;
    this.#lineEnd = line.end - this.#ahead;
    this.#lineSec = Number(zero / 1_000_000_000n) + seconds;
    this.#lineNano = Number(zero % 1_000_000_000n) + (ms - seconds * 1000) * 1e6;
    this.#nanoPerTick = 1e6 * (1 + line.rate);
    this.#judge(at, offset, line.rate);
  }

  /** What a reading is worth changes evenly along the line, so that it need not be worked out at each. */
  #judge(at: number, offset: number, rate: number): void {
    const { bound, drift, aim, staleAt } = this.#state;
    const grown = drift * (at - bound.at);
    this.#earlyMs = bound.high + grown - offset;
    this.#earlyRate = drift - rate;
    this.#lateMs = offset - bound.low + grown;
    this.#lateRate = drift + rate;
    this.#staleAfter = staleAt - at;
    this.#leftMs = leftAt(this.#state, at);
    this.#leftRate = (aim?.rate ?? 0) - rate;
  }
}

/** Two words that are read as one of 64 bits: several times as fast as arithmetic on large integers. */
const words = new Uint32Array(2);
const long = new BigInt64Array(words.buffer);
const WORD = 2 ** 32;
const isLittle = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function nanosecondsOf(sec: number, nano: number): bigint {
  const low = (Math.imul(sec, SECOND_NS) + nano) >>> 0;
  // The product is off by some hundreds, which does not matter once the low half is taken away.
  const high = Math.round((sec * SECOND_NS + nano - low) / WORD);
  words[isLittle ? 0 : 1] = low;
  words[isLittle ? 1 : 0] = high;
  return long[0] ?? 0n;
}
