/** What the clock of a process says of a moment, and of itself. */
import type { UnixNs } from '@aode/base';

/**
 * - `unsynchronised`: no source has said anything; readings go on from the first look at the wall clock. Normal.
 * - `converging`: the time is known, and readings slew towards it.
 * - `synchronised`: readings are what the sources agree upon.
 * - `holdover`: they were, and no source has spoken for long; the bound grows.
 * - `suspect`: the wall clock was set, the machine slept, or sources contradict each other or themselves.
 */
export type ClockStatus = 'unsynchronised' | 'converging' | 'synchronised' | 'holdover' | 'suspect';

/** A moment, and what it is worth. */
export interface ClockReading {
  readonly utc: UnixNs;
  /** The true time is within so much of it; infinite while no source has said anything. */
  readonly errorMs: number;
  readonly status: ClockStatus;
}

/** How the clock of a process stands. */
export interface ClockReport {
  readonly status: ClockStatus;
  /** The true time is within so much of a reading; undefined while nobody knows. */
  readonly errorMs: number | undefined;
  /** What readings still have to gain to be what the sources say. */
  readonly leftMs: number;
  /** How often readings have jumped forward. */
  readonly epoch: number;
  /** How often the wall clock was set, and the machine has slept. */
  readonly steps: number;
  readonly sleeps: number;
  readonly refused: Readonly<Record<string, number>>;
}
