/** What one source has said lately, and which of it is worth most: the least uncertain, as RFC 5905 § 10 filters. */
import type { Interval } from './sources/agreement.ts';

/** Of monotonic milliseconds; `offsetMs` is the distance of the true time from the monotonic clock. */
export interface ClockSample {
  readonly source: string;
  /** When the question was asked, and when the answer was here: the sample is of that moment. */
  readonly askedAt: number;
  readonly at: number;
  readonly offsetMs: number;
  /** The time is within so much of `offsetMs`, if the source is honest. */
  readonly errorMs: number;
  /** When the next one is to be expected. */
  readonly nextMs: number;
}

/** Answers of a source that are compared (RFC 5905 § 10, the clock filter's shift register). */
const SAMPLES_MAX = 8;

export interface Ageing {
  readonly drift: number;
  readonly rate: number;
  readonly errorMax: number;
}

export class SourceHistory {
  #samples: readonly ClockSample[] = [];

  /** One that contradicts what the same source has said before stands alone: its source was set. */
  add(sample: ClockSample, drift: number): void {
    const isSame = this.#samples.every((one) => {
      const most = one.errorMs + sample.errorMs + drift * (sample.at - one.at);
      return Math.abs(one.offsetMs - sample.offsetMs) <= most;
    });
    this.#samples = isSame ? [sample, ...this.#samples].slice(0, SAMPLES_MAX) : [sample];
  }

  /**
   * What it says of `now`; undefined when nothing of it is narrower than `errorMax`. `rate` is what the monotonic clock
   * has probably lost since: without it the guess of who was heard of last would stand against those of long ago.
   */
  intervalAt(now: number, { drift, rate, errorMax }: Ageing): Interval | undefined {
    let best: Interval | undefined;
    let least = errorMax;
    for (const { at, offsetMs, errorMs } of this.#samples) {
      const error = errorMs + drift * (now - at);
      if (error > least) continue;
      least = error;
      const point = offsetMs + rate * (now - at);
      best = { low: offsetMs - error, high: offsetMs + error, point };
    }
    return best;
  }
}
