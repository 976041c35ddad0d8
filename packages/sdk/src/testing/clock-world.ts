/**
 * A machine with a crystal that drifts, a wall clock that is set, servers of which some lie, and a network with delays
 * that are not the same both ways: what a clock is to find its way in. One seed, one history.
 */
import { type Random, seededRandom } from '@aode/base';
import type { ClockStatus } from '../clock/clock-reading.ts';
import { errorAt, statusAt } from '../clock/clock-state.ts';
import { offsetAt } from '../clock/course.ts';
import { DRIFT_MAX } from '../clock/drift.ts';
import { FusedClock, newClockState } from '../clock/fused-clock.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly steps: number;
  readonly stepMs: number;
  readonly servers: number;
  /** The first so many lie. */
  readonly liars: number;
  readonly lie: (seconds: number, random: Random) => number;
  /** Most of one way, beside half a millisecond. */
  readonly delayMs: number;
  /** That the way out takes longer, always. */
  readonly asymmetryMs: number;
  readonly lossPercent: number;
  /** Polls begin at 16 s, also after something was seen, and become as seldom as this. */
  readonly pollMsMax: number;
  /** Most that the crystal is off, in ppm; it wanders. */
  readonly driftPpm: number;
  /** Sleeps and steps come once in so many steps; 0 for never. */
  readonly sleepEvery: number;
  readonly wallStepEvery: number;
  readonly rateMax: number;
  /** What the wall clock was off when the process began: nobody may set the clock back afterwards. */
  readonly startOffMs: number;
}

export interface WorldResult {
  readonly backward: number;
  readonly outsideBound: number;
  readonly outsideBoundBy: number;
  /** Of readings that say they are synchronised. */
  readonly worstSynchronisedMs: number;
  readonly byStatus: Readonly<Record<ClockStatus, number>>;
  readonly worstRate: number;
  readonly sleeps: number;
  readonly steps: number;
  readonly epochs: number;
}

const MS_MAX_OF_SLEEP = 3_600_000;
const WALL_STEP_MS = 800;
const POLL_MS = 16_000;

export function liveThrough(options: WorldOptions): WorldResult {
  const world = new World(options);
  for (let i = 0; i < options.steps; i += 1) world.step(i);
  return world.result();
}

class World {
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #clock: FusedClock;
  /** True time and monotonic clock, in milliseconds; the wall clock is off the true time by `wallOff`. */
  #true = 1_000_000;
  #mono = 0;
  #wallOff = 0;
  #drift = 0;
  #lastReading = Number.NEGATIVE_INFINITY;
  readonly #nextPoll: number[];
  #pollMs = POLL_MS;
  readonly #byStatus = { unsynchronised: 0, converging: 0, synchronised: 0, holdover: 0, suspect: 0 };
  #backward = 0;
  #outside = 0;
  #outsideBy = 0;
  #worst = 0;
  #worstRate = 0;
  #sleeps = 0;
  #wallSteps = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#drift = this.#uniform(-1, 1) * options.driftPpm * 1e-6;
    const { servers, rateMax } = options;
    const start = newClockState(this.#true + options.startOffMs);
    this.#clock = new FusedClock({ sourceCount: servers, rateMax, drift: DRIFT_MAX, leadMs: 10 }, start);
    this.#nextPoll = Array.from({ length: servers }, () => this.#true + this.#uniform(0, POLL_MS));
  }

  #uniform(low: number, high: number): number {
    return low + (this.#random.next() / 2 ** 32) * (high - low);
  }

  step(i: number): void {
    const { stepMs, sleepEvery, wallStepEvery, driftPpm } = this.#options;
    // The crystal wanders slowly, and stays within its bound.
    const most = driftPpm * 1e-6;
    this.#drift = Math.max(-most, Math.min(most, this.#drift + this.#uniform(-1, 1) * most * 0.0005));
    const hasSlept = sleepEvery > 0 && this.#random.below(sleepEvery) === 0;
    if (hasSlept) this.#sleep();
    if (wallStepEvery > 0 && this.#random.below(wallStepEvery) === 0) this.#setWall();
    const length = this.#uniform(0.5, 1.5) * stepMs;
    this.#true += length;
    const monoLength = length * (1 + this.#drift);
    this.#mono += monoLength;
    if (hasSlept || i % 20 === 0) this.#look();
    this.#nextPoll.forEach((at, server) => {
      if (this.#true >= at) this.#poll(server);
    });
    this.#read(monoLength);
  }

  #sleep(): void {
    this.#true += this.#uniform(500, MS_MAX_OF_SLEEP);
    this.#sleeps += 1;
  }

  #setWall(): void {
    this.#wallOff = this.#wallOff === 0 ? (this.#random.below(2) === 0 ? 1 : -1) * WALL_STEP_MS : 0;
    this.#wallSteps += 1;
  }

  #look(): void {
    const look = { at: this.#mono, wallMs: this.#true + this.#wallOff, bootMs: this.#true };
    if (this.#clock.watch(look) === undefined) return;
    this.#pollMs = POLL_MS;
    this.#nextPoll.fill(this.#true);
  }

  #poll(server: number): void {
    const { delayMs, asymmetryMs, lossPercent, pollMsMax, liars, lie } = this.#options;
    this.#pollMs = Math.min(pollMsMax, this.#pollMs * 1.05);
    const nextMs = this.#pollMs;
    this.#nextPoll[server] = this.#true + nextMs;
    if (this.#random.below(100) < lossPercent) return;
    const out = 0.5 + asymmetryMs + this.#uniform(0, delayMs);
    const back = 0.5 + this.#uniform(0, delayMs);
    const round = out + back;
    const wrong = server < liars ? lie(this.#true / 1000, this.#random) : this.#uniform(-0.2, 0.2);
    // The answer is of the moment in the middle, as the client takes it; the server looked when the question came.
    const offsetMs = this.#true - this.#mono + (out - back) / 2 + wrong;
    this.#clock.sample(
      {
        source: `server ${server}`,
        askedAt: this.#mono - round,
        at: this.#mono,
        offsetMs,
        errorMs: round / 2 + 0.2 + DRIFT_MAX * round,
        nextMs,
      },
      false,
    );
  }

  #read(monoLength: number): void {
    const { state } = this.#clock;
    const reading = this.#mono + offsetAt(state.course, this.#mono);
    const off = reading - this.#true;
    const error = errorAt(state, this.#mono);
    const status = statusAt(state, this.#mono);
    this.#byStatus[status] += 1;
    if (reading <= this.#lastReading) this.#backward += 1;
    if (Math.abs(off) > error + 1e-6) {
      this.#outside += 1;
      this.#outsideBy = Math.max(this.#outsideBy, Math.abs(off) - error);
    }
    if (status === 'synchronised') this.#worst = Math.max(this.#worst, Math.abs(off));
    const rate = (reading - this.#lastReading) / monoLength - 1;
    if (Number.isFinite(rate)) this.#worstRate = Math.min(rate, this.#worstRate);
    this.#lastReading = reading;
  }

  result(): WorldResult {
    return {
      backward: this.#backward,
      outsideBound: this.#outside,
      outsideBoundBy: this.#outsideBy,
      worstSynchronisedMs: this.#worst,
      byStatus: this.#byStatus,
      worstRate: this.#worstRate,
      sleeps: this.#sleeps,
      steps: this.#wallSteps,
      epochs: this.#clock.state.epoch,
    };
  }
}
