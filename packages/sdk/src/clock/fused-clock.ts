/**
 * The clock as a state machine: monotonic time, and a distance from it that is steered by what sources say. Pure; all
 * times are milliseconds of one monotonic clock, all offsets distances of UTC from it.
 *
 * What holds: a reading never goes back. It is off the monotonic clock by no more than `rateMax`, except that it jumps
 * forward where time has passed that the monotonic clock has not counted (the machine slept) or where a slew would
 * take hours; each of the latter begins an epoch. The wall clock is watched, never followed. The true time is inside
 * the bound as long as most of the sources are honest, the oscillator keeps to `drift`, and the machine has not slept
 * since the last look.
 */
import { type Bound, type ClockState, errorAt, leftAt, UNBOUND } from './clock-state.ts';
import { advanced, type Aim, type Course, slewed, straightCourse } from './course.ts';
import { DRIFT_MAX } from './drift.ts';
import { RateHistory } from './rate-history.ts';
import { type ClockSample, SourceHistory } from './source-history.ts';
import { agree, type Agreement, type Interval, liarsMax, within } from './sources/agreement.ts';

export interface FusedClockOptions {
  /** How many sources are asked: most of so many are trusted, not most of those who happen to answer. */
  readonly sourceCount: number;
  /** As a share: 0.0005 for 500 ppm. */
  readonly rateMax: number;
  readonly drift: number;
  readonly leadMs: number;
  /** Before the first reading the clock is set to no less; none where nothing is known of times before. */
  readonly leastMs?: number;
}

/** More is no slew but a wait: 10 s at 500 ppm take five and a half hours. */
export const SLEW_MS_MAX = 10_000;

/** RFC 5905, MAXDIST: a source that is less certain says nothing. */
export const ERROR_MS_MAX = 1500;

/** What the wall clock may part from the monotonic one between two looks, beyond the resolution of both. */
const STEP_MS = 10;

/** Uptime has a resolution of 10 ms and is read at another moment. */
const SLEEP_MS = 100;

/** Some machines know how long they slept to the second only. */
const SLEEP_ERROR_MS = 1000;

/** So often must a time be heard that contradicts all that was known, before it is believed. */
const CONFIRMATIONS = 4;

export const REFUSALS = ['invalid', 'distance', 'slept', 'contradiction'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** The clocks of the machine at one moment. */
export interface ClockLook {
  readonly at: number;
  readonly wallMs: number;
  /** Time since the machine was started, with that in which it slept; undefined where nobody knows. */
  readonly bootMs: number | undefined;
}

export type Sighting = 'step' | 'sleep' | undefined;

interface Doubt extends Bound {
  readonly point: number;
  readonly confirmations: number;
}

export class FusedClock {
  readonly #options: FusedClockOptions;
  readonly #histories = new Map<string, SourceHistory>();
  readonly #rates = new RateHistory();
  #course: Course;
  #bound: Bound;
  /** Of the bound before the newest sample. */
  #width = Number.POSITIVE_INFINITY;
  #aim: Aim | undefined;
  #epoch: number;
  #staleAt: number;
  /** Something was seen that a sample has not explained yet. */
  #isShaken: boolean;
  /** Sources do not agree. */
  #isDisputed = false;
  /** A time that contradicts what is known. */
  #doubt: Doubt | undefined;
  #look: ClockLook | undefined;
  /** What the wall clock was set by while there was nobody else to ask. */
  #steppedMs = 0;
  #sleptAt = Number.NEGATIVE_INFINITY;

  /** `state` is that of a clock that went before this one, in the same process. */
  constructor(options: FusedClockOptions, state: ClockState = newClockState(0, options.drift)) {
    this.#options = options;
    this.#course = state.course;
    this.#bound = state.bound;
    this.#aim = state.aim;
    this.#epoch = state.epoch;
    this.#staleAt = state.staleAt;
    this.#isShaken = state.aim !== undefined && state.isSuspect;
  }

  get state(): ClockState {
    const isLost = this.#aim === undefined && Math.abs(this.#steppedMs) > STEP_MS;
    return {
      course: this.#course,
      bound: this.#doubt === undefined ? this.#bound : hullOf(this.#bound, this.#doubt, this.#options.drift),
      aim: this.#aim,
      isSuspect: this.#isShaken || this.#isDisputed || this.#doubt !== undefined || isLost,
      staleAt: this.#staleAt,
      epoch: this.#epoch,
      drift: this.#options.drift,
    };
  }

  /** `isUnread`: nobody has read this clock yet, so that it may be set either way. Says why a sample was refused. */
  sample(sample: ClockSample, isUnread: boolean): Refusal | undefined {
    const { at, askedAt, offsetMs, errorMs } = sample;
    const { drift, sourceCount } = this.#options;
    if (!Number.isFinite(offsetMs) || !(errorMs >= 0) || !(at >= askedAt)) return 'invalid';
    if (errorMs > ERROR_MS_MAX) return 'distance';
    if (askedAt <= this.#sleptAt) return 'slept';
    this.#historyOf(sample.source).add(sample, drift);
    const ageing = { drift, rate: this.#aim?.rate ?? 0, errorMax: ERROR_MS_MAX };
    const intervals = [...this.#histories.values()]
      .map((one) => one.intervalAt(at, ageing))
      .filter((one): one is Interval => one !== undefined);
    const agreement = agree(intervals, liarsMax(sourceCount));
    if (agreement === undefined) return undefined;
    this.#isDisputed = !agreement.isMajority;
    if (this.#contradicts(agreement, at)) return 'contradiction';
    this.#narrow(agreement, at);
    // Half of the sources say one thing and half another: nobody knows yet where to go.
    if (this.#isDisputed) return undefined;
    this.#follow(agreement, at, isUnread);
    this.#isShaken = false;
    this.#staleAt = at + STALE_AFTER * sample.nextMs;
    return undefined;
  }

  #historyOf(source: string): SourceHistory {
    const known = this.#histories.get(source);
    if (known !== undefined) return known;
    const made = new SourceHistory();
    this.#histories.set(source, made);
    return made;
  }

  /** Both may be right only if they overlap. A new time is believed when it is heard again and again. */
  #contradicts(agreement: Agreement, at: number): boolean {
    const { drift } = this.#options;
    if (overlap(grown(this.#bound, at, drift), agreement)) {
      this.#doubt = undefined;
      return false;
    }
    const doubt = this.#doubt;
    const isSame = doubt !== undefined && overlap(grown(doubt, at, drift), agreement);
    const confirmations = isSame ? doubt.confirmations + 1 : 0;
    const { low, high, point } = agreement;
    this.#doubt = { at, low, high, point, confirmations };
    if (confirmations < CONFIRMATIONS) return true;
    this.#doubt = undefined;
    this.#forget();
    return false;
  }

  #forget(): void {
    this.#bound = UNBOUND;
    this.#rates.clear();
  }

  #narrow(agreement: Agreement, at: number): void {
    const known = grown(this.#bound, at, this.#options.drift);
    this.#width = known.high - known.low;
    this.#bound = {
      at,
      low: Math.max(known.low, agreement.low),
      high: Math.min(known.high, agreement.high),
    };
  }

  #follow(agreement: Agreement, at: number, isUnread: boolean): void {
    const { drift, rateMax, leastMs = Number.NEGATIVE_INFINITY } = this.#options;
    const point = within(this.#blend(agreement, at), this.#bound);
    this.#rates.add(at, agreement.point);
    this.#aim = { at, offset: point, rate: this.#rates.rate(Math.min(drift, rateMax / 2)) };
    if (isUnread) this.#course = straightCourse(Math.max(point, leastMs - at));
    this.#steer(at);
  }

  /** The old guess weighs as much more as its bound is narrower. */
  #blend(agreement: Agreement, at: number): number {
    const aim = this.#aim;
    const width = this.#width;
    if (aim === undefined || !Number.isFinite(width)) return agreement.point;
    const share = width / (width + (agreement.high - agreement.low) + TINY_MS);
    const before = aim.offset + aim.rate * (at - aim.at);
    return before + share * (agreement.point - before);
  }

  #steer(now: number): void {
    const aim = this.#aim;
    if (aim === undefined) return;
    const { leadMs, rateMax } = this.#options;
    const left = leftAt(this.state, now);
    if (left > SLEW_MS_MAX) {
      this.#course = advanced(this.#course, now, left);
      this.#epoch += 1;
    }
    this.#course = slewed(this.#course, aim, { now, leadMs, rateMax });
  }

  /** Looks whether the wall clock was set or the machine has slept; says which. */
  watch(look: ClockLook): Sighting {
    const last = this.#look;
    this.#look = look;
    if (last === undefined) return undefined;
    const passed = look.at - last.at;
    const isKnown = look.bootMs !== undefined && last.bootMs !== undefined;
    const boot = isKnown ? (look.bootMs ?? 0) - (last.bootMs ?? 0) - passed : 0;
    const slept = boot > SLEEP_MS ? boot : 0;
    const stepped = look.wallMs - last.wallMs - passed - slept;
    if (slept > 0) this.#slept(look.at, slept);
    // The wall clock tells how long it slept as well as the uptime does, which is what the difference is then.
    const isStep = Math.abs(stepped) > (slept > 0 ? SLEEP_ERROR_MS : STEP_MS);
    if (isStep) this.#stepped(look.at, stepped, isKnown);
    return slept > 0 ? 'sleep' : isStep ? 'step' : undefined;
  }

  /** Time has passed that the monotonic clock has not counted. Nothing of before says anything of it. */
  #slept(now: number, sleptMs: number): void {
    this.#sleptAt = now;
    this.#histories.clear();
    this.#rates.clear();
    this.#doubt = undefined;
    this.#course = advanced(this.#course, now, sleptMs);
    if (sleptMs > SLEW_MS_MAX) this.#epoch += 1;
    const aim = this.#aim;
    if (aim === undefined) return;
    const { at, low, high } = grown(this.#bound, now, this.#options.drift);
    this.#bound = { at, low: low + sleptMs - SLEEP_ERROR_MS, high: high + sleptMs + SLEEP_ERROR_MS };
    this.#aim = { ...aim, offset: aim.offset + sleptMs };
    this.#isShaken = true;
    this.#steer(now);
  }

  /** With sources it says only that they are to be asked. Without, large steps forward begin an epoch. */
  #stepped(now: number, byMs: number, isAwake: boolean): void {
    if (this.#aim !== undefined) {
      this.#isShaken = true;
      // It may have slept, where nobody can tell.
      if (!isAwake && byMs > 0) this.#bound = { ...this.#bound, high: this.#bound.high + byMs };
      return;
    }
    this.#steppedMs += byMs;
    if (this.#steppedMs <= SLEW_MS_MAX) return;
    this.#course = advanced(this.#course, now, this.#steppedMs);
    this.#steppedMs = 0;
    this.#epoch += 1;
  }

  /** Error bound of a reading, for tests and reports. */
  errorAt(at: number): number {
    return errorAt(this.state, at);
  }
}

/** A sample is missing when three were to be expected. */
const STALE_AFTER = 3;
/** Keeps a share from being 0 / 0. */
const TINY_MS = 1e-6;

/** Nothing is known; readings are off the monotonic clock by `offset`. */
export function newClockState(offset: number, drift: number = DRIFT_MAX): ClockState {
  return {
    course: straightCourse(offset),
    bound: UNBOUND,
    aim: undefined,
    isSuspect: false,
    staleAt: 0,
    epoch: 0,
    drift,
  };
}

function grown({ at, low, high }: Bound, now: number, drift: number): Bound {
  const more = drift * Math.abs(now - at);
  return { at: now, low: low - more, high: high + more };
}

function hullOf(bound: Bound, doubt: Bound, drift: number): Bound {
  const known = grown(bound, doubt.at, drift);
  return { at: doubt.at, low: Math.min(known.low, doubt.low), high: Math.max(known.high, doubt.high) };
}

const overlap = (a: { low: number; high: number }, b: { low: number; high: number }): boolean =>
  a.low <= b.high && b.low <= a.high;
