/**
 * The baseline sample: the threshold for the next root. While few traces begin, all of them are in it; above
 * `tracesPerSecondMin` a second its probability is halved step by step, down to `probability` and never below.
 *
 * The step depends on how many roots began before this one, and on nothing of this one. So R and T are independent, the
 * sum of 1 / p over the sample is unbiased, and `th` says what each trace stands for. Steps are halves, so that their
 * thresholds are few and made beforehand; `tracesPerSecondMin` to twice as many a second are sampled where the steps
 * decide. Per root a comparison and an addition: bench `sampling`.
 */
import { type Threshold, thresholdOf } from './threshold.ts';

export interface BaselineSettings {
  /** 0, or from 2^-56 to 1. */
  readonly probability: number;
  /** A whole number of traces; 0 for the probability alone. */
  readonly tracesPerSecondMin: number;
}

export interface Baseline {
  /** The threshold of a root that begins now, by a monotonic clock; counts it. */
  next(nowMs: number): Threshold;
  /** Takes effect at the next root. */
  adjust(settings: BaselineSettings): void;
}

export function createBaseline(settings: BaselineSettings): Baseline {
  return new SteppedBaseline(settings);
}

const SECOND_MS = 1000;
/** 2^-56 is the last half that has a threshold. */
const HALVES_MAX = 56;

class SteppedBaseline implements Baseline {
  /** Step k is for 2^k to 2^(k + 1) times `#min` roots a second; never empty. */
  #steps: readonly Threshold[] = [];
  #min = 0;
  #step = 0;
  /** Roots of this second so far, and the count at which the next step begins. */
  #count = 0;
  #stepEnd = 0;
  #secondAt = Number.NEGATIVE_INFINITY;

  constructor(settings: BaselineSettings) {
    this.adjust(settings);
  }

  adjust({ probability, tracesPerSecondMin }: BaselineSettings): void {
    this.#steps = stepsOf(probability, tracesPerSecondMin);
    this.#min = tracesPerSecondMin;
    this.#enter(this.#count);
  }

  next(nowMs: number): Threshold {
    const passed = nowMs - this.#secondAt;
    if (passed >= SECOND_MS) this.#turn(nowMs, passed);
    if (this.#count >= this.#stepEnd) this.#enter(this.#count);
    this.#count += 1;
    return this.#steps[this.#step] as Threshold;
  }

  /** What the last second saw is expected of this one. */
  #turn(nowMs: number, passed: number): void {
    this.#enter(passed < 2 * SECOND_MS ? this.#count - 1 : 0);
    this.#count = 0;
    this.#secondAt = passed < 2 * SECOND_MS ? this.#secondAt + SECOND_MS : nowMs;
  }

  /** The step for a root that so many stand before, within a second. */
  #enter(count: number): void {
    const last = this.#steps.length - 1;
    let step = 0;
    let end = 2 * this.#min;
    while (step < last && count >= end) {
      step += 1;
      end *= 2;
    }
    this.#step = step;
    this.#stepEnd = step === last ? Number.POSITIVE_INFINITY : end;
  }
}

function stepsOf(probability: number, tracesPerSecondMin: number): readonly Threshold[] {
  const steps: Threshold[] = [];
  if (tracesPerSecondMin > 0) {
    for (let k = 0; k <= HALVES_MAX && 2 ** -k > probability; k += 1) steps.push(thresholdOf(2 ** -k));
  }
  return [...steps, thresholdOf(probability)];
}
