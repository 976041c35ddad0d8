/**
 * A bound above all readings of a process, kept where a restart finds it, so that a process does not begin before the
 * one that it replaces. It is written ahead of time: a crash never finds a reading above it.
 */

/** Given by whoever has a disk. Both may fail in their own way, and must not throw. */
export interface BoundKeeper {
  /** Nanoseconds since 1970; undefined where nothing is kept. */
  read(): bigint | undefined;
  /** No reading will be above `ns` before this is called again. */
  persist(ns: bigint): void;
}

/** What is written lies so far ahead of the readings. */
const AHEAD_NS = 1_000_000_000n;

/** It is written again when only so much of that is left. */
const REFRESH_NS = 500_000_000n;

export interface Beginning {
  readonly reading: bigint;
  /** The bound was too far ahead to go on from: times of before and of now may overlap. */
  readonly isNewEpoch: boolean;
}

/** Where a clock begins whose wall clock says `wall`: at most a second ahead of it. */
export function beginAfter(wall: bigint, bound: bigint | undefined): Beginning {
  if (bound === undefined || bound <= wall) return { reading: wall, isNewEpoch: false };
  if (bound - wall > AHEAD_NS) return { reading: wall, isNewEpoch: true };
  return { reading: bound, isNewEpoch: false };
}

/** The bound that is to be persisted now that a reading is `reading`; undefined while that of before will do. */
export function boundAfter(reading: bigint, persisted: bigint | undefined): bigint | undefined {
  if (persisted !== undefined && persisted - reading >= REFRESH_NS) return undefined;
  return reading + AHEAD_NS;
}
