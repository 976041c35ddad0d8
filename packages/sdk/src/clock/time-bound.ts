/**
 * A bound above all readings that have left a process, kept where a restart finds it, so that a process does not begin
 * before the one that it replaces. Pure; the files are in bound-files.ts.
 *
 * It is as little ahead of the readings as can be: what begins at a bound hands its own on, and processes that are
 * started one after the other would get further and further ahead of the wall clock.
 */

/** How far ahead of the wall clock a bound may be for a process to begin there. */
const REACH_NS = 1_000_000_000n;

/** A reading may be so much above the agent's own: a thread that stood still for a second reads by the old course. */
const SLACK_NS = 1_000_000n;

export interface Beginning {
  readonly reading: bigint;
  /** Readings are not set below it; undefined where nothing is kept that can be gone on from. */
  readonly least: bigint | undefined;
  /** A bound is too far ahead to go on from: times of before and of now may overlap. */
  readonly isNewEpoch: boolean;
}

/** Where a clock begins whose wall clock says `wall`: at most a second ahead of it. */
export function beginAfter(wall: bigint, bounds: readonly bigint[]): Beginning {
  const least = greatest(bounds.filter((bound) => isWithinReach(wall, bound)));
  const reading = least !== undefined && least > wall ? least : wall;
  return { reading, least, isNewEpoch: bounds.some((bound) => !isWithinReach(wall, bound)) };
}

/** Of the bounds that are kept, those that say nothing any more once a clock has begun by all of them. */
export function outdated(wall: bigint, bounds: readonly bigint[]): readonly bigint[] {
  const { least } = beginAfter(wall, bounds);
  return bounds.filter((bound) => bound !== least);
}

const isWithinReach = (wall: bigint, bound: bigint): boolean => bound - wall <= REACH_NS;

const greatest = (bounds: readonly bigint[]): bigint | undefined =>
  bounds.reduce<bigint | undefined>(
    (most, bound) => (most === undefined || bound > most ? bound : most),
    undefined,
  );

/** The bound that is to be kept before a `reading` leaves; undefined while that of before will do. */
export function boundAfter(reading: bigint, kept: bigint | undefined): bigint | undefined {
  if (kept !== undefined && kept - reading >= SLACK_NS) return undefined;
  return reading + 2n * SLACK_NS;
}

const NAME = /^clock-(?<digits>[0-9a-f]{16})$/;

/** Nanoseconds since 1970 as the name of an empty file: it is there or not, and never there by half. */
export const boundName = (bound: bigint): string => `clock-${bound.toString(16).padStart(16, '0')}`;

/** Undefined for any other name. */
export function parseBoundName(name: string): bigint | undefined {
  const digits = NAME.exec(name)?.groups?.['digits'];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}
