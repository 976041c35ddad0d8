/**
 * Where a logger's destination finds the SDK of this process, also that of another installed copy of this package, and
 * one that is started after the destination was made.
 */
import type { LineWriter } from './line-writer.ts';

export interface LineDoor {
  /** Whose loggers are handed over already where they are patched. */
  readonly writer: Pick<LineWriter, 'origin' | 'write' | 'writeValues' | 'writeBelow' | 'failed'>;
  /** Severity from which on lines are of use that their logger does not write. */
  readonly belowFrom: number;
  /** Whether they are to the running code. */
  readonly wantsBelow: () => boolean;
  /** Resolves once everything recorded so far survives the end of the process, or will not in time. */
  readonly durable: () => Promise<boolean>;
  /** Has what waits be taken at once. */
  readonly hurry: () => void;
}

/** `off`: the SDK is there, and switched off by who runs the process. */
export type DoorState = LineDoor | 'off' | undefined;

const DOOR = Symbol.for('aode.line-door');
const threadWide = globalThis as { [DOOR]?: DoorState };

export function lineDoor(): DoorState {
  return threadWide[DOOR];
}

/** Until disposed of. */
export function openLineDoor(door: LineDoor | 'off'): Disposable {
  threadWide[DOOR] = door;
  return {
    [Symbol.dispose]() {
      if (threadWide[DOOR] === door) threadWide[DOOR] = undefined;
    },
  };
}
