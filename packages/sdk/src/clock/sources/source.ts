/** What asks for the time: a server, or a daemon of this host. Asks by itself, may fail for ever, and harms nobody. */
import type { ClockSample } from '../source-history.ts';

/** Monotonic milliseconds of one process: all its threads count from the same moment. */
export interface ClockFrame {
  /** What the clock read at 0, nanoseconds since 1970: offsets are distances from it. */
  readonly zeroNs: bigint;
  now(): number;
}

export interface TimeSource extends Disposable {
  readonly name: string;
  start(): void;
  /** Something was seen that only a new answer explains. */
  hurry(): void;
  /** Told now and then: while it `isIdle` nobody records anything, and answers may be few. */
  rest(isIdle: boolean): void;
}

export interface SourceEvents {
  readonly onSample: (sample: ClockSample) => void;
  /** An answer, or the lack of one, that was of no use. Reasons are few and known. */
  readonly onRefused: (reason: string) => void;
}
