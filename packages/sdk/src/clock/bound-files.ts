/**
 * The bounds of a service's processes on this host, beside their journals: empty files, each with its bound as its
 * name. What counts is the greatest, so that nobody waits for anybody: a process puts its own to a higher name, and
 * takes any away only when a higher one is there. A name is changed as a whole, so none is ever torn.
 *
 * A bound survives the end of the process, whatever ends it. It is not synced, and may not survive that of the machine.
 */
import { closeSync, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@aode/base';
import { makeDirectory } from '@aode/journal';
import type { ClockSettings } from './clock-keeper.ts';
import { frameOf, newTimeMemory, type SharedTime } from './shared-time.ts';
import type { ClockFrame } from './sources/source.ts';
import { boundAfter, boundName, outdated, parseBoundName } from './time-bound.ts';

/** The clock of a process that begins now, after all that others of its service have let out. */
export function beginTime(
  clock: Clock,
  { slewPpm }: Pick<ClockSettings, 'slewPpm'>,
  directory: string | undefined,
): SharedArrayBuffer {
  return newTimeMemory(clock, { bounds: takeBounds(directory, clock.now()), rateMax: slewPpm * 1e-6 });
}

/**
 * Bounds of processes before, and of those that run beside this one; none where nothing is kept. Those that say nothing
 * any more once a clock has begun by them are removed: whoever still lives makes his own again.
 */
function takeBounds(directory: string | undefined, wall: bigint): readonly bigint[] {
  if (directory === undefined) return [];
  try {
    const bounds = readdirSync(directory)
      .map(parseBoundName)
      .filter((bound) => bound !== undefined);
    for (const bound of outdated(wall, bounds)) remove(join(directory, boundName(bound)));
    return bounds;
  } catch {
    return []; // The first process of its service, or a directory that may not be read.
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Its process has put it to a higher name meanwhile, or it may not be removed.
  }
}

/** Of whoever lets times leave the process. */
export interface BoundKeeper {
  /** No reading that was taken before leaves before this returns. Never throws. */
  extend(): void;
}

export interface BoundParts {
  readonly directory: string;
  readonly shared: SharedTime;
  readonly clock: Clock;
  /** It cannot be kept; said once. */
  readonly onTrouble: (error: unknown) => void;
}

export class BoundFile implements BoundKeeper {
  readonly #parts: BoundParts;
  readonly #frame: ClockFrame;
  #bound: bigint | undefined;
  #path: string | undefined;
  #isTroubled = false;

  constructor(parts: BoundParts) {
    this.#parts = parts;
    this.#frame = frameOf(parts.shared, parts.clock);
  }

  extend(): void {
    const { directory, shared, onTrouble } = this.#parts;
    const bound = boundAfter(shared.readingAt(this.#frame.now()), this.#bound);
    if (bound === undefined) return;
    // Also when it fails: it is tried again with the next one.
    this.#bound = bound;
    try {
      this.#put(directory, join(directory, boundName(bound)));
    } catch (error) {
      if (!this.#isTroubled) onTrouble(error);
      this.#isTroubled = true;
    }
  }

  #put(directory: string, path: string): void {
    const before = this.#path;
    this.#path = undefined;
    if (before === undefined || !isMoved(before, path)) {
      makeDirectory(directory);
      closeSync(openSync(path, 'a', 0o600));
    }
    this.#path = path;
  }
}

/** False when a process that has begun since has removed it. */
function isMoved(path: string, newPath: string): boolean {
  try {
    renameSync(path, newPath);
    return true;
  } catch {
    return false;
  }
}
