/** What is known of the time at a moment, and what follows from it for any later one. Pure. */
import type { ClockStatus } from './clock-reading.ts';
import { type Aim, type Course, offsetAt } from './course.ts';

/** Where the distance of the true time from the monotonic clock is at `at`; wider with each moment before and after. */
export interface Bound {
  readonly at: number;
  readonly low: number;
  readonly high: number;
}

export const UNBOUND: Bound = { at: 0, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

export interface ClockState {
  readonly course: Course;
  readonly bound: Bound;
  /** Undefined while nothing is known. */
  readonly aim: Aim | undefined;
  readonly isSuspect: boolean;
  /** A sample was to be expected until then. */
  readonly staleAt: number;
  /** Counts up whenever readings have jumped forward instead of slewing. */
  readonly epoch: number;
  /** Most that the monotonic clock gains or loses, as a share. */
  readonly drift: number;
}

/** Below this a reading is what was agreed upon: a tenth of what is promised. */
export const CONVERGED_MS = 1;

export function statusAt(state: ClockState, at: number): ClockStatus {
  const { aim, isSuspect, staleAt } = state;
  if (isSuspect) return 'suspect';
  if (aim === undefined) return 'unsynchronised';
  if (at > staleAt) return 'holdover';
  return Math.abs(leftAt(state, at)) > CONVERGED_MS ? 'converging' : 'synchronised';
}

/** What a reading still has to gain, in milliseconds; 0 while nothing is known. */
export function leftAt({ aim, course }: ClockState, at: number): number {
  return aim === undefined ? 0 : aim.offset + aim.rate * (at - aim.at) - offsetAt(course, at);
}

/** The true time is within so many milliseconds of a reading; infinite while nothing is known. */
export function errorAt({ bound, course, drift }: ClockState, at: number): number {
  const grown = drift * Math.abs(at - bound.at);
  const offset = offsetAt(course, at);
  return Math.max(bound.high + grown - offset, offset - bound.low + grown);
}
