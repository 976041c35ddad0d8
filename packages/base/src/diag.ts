/**
 * Aode's own messages about itself. They go to standard error, one line each, at most one a second per code with the
 * number that was held back, and never throw: a broken pipe must not become the application's problem.
 */
import type { Clock } from './clock.ts';
import { type AodeError, errorLine } from './errors.ts';
import type { MonoNs } from './units.ts';

export interface Diag {
  /** Something is wrong and the user should know. */
  warn(error: AodeError): void;
}

const INTERVAL_NS = 1_000_000_000n;

/** Writes `aode: CODE: what — what to do` through `write`. */
export function createDiag(clock: Clock, write: (line: string) => void): Diag {
  const seen = new Map<string, { at: MonoNs; held: number }>();
  return {
    warn(error) {
      const now = clock.mono();
      const last = seen.get(error.code);
      if (last !== undefined && now - last.at < INTERVAL_NS) {
        last.held += 1;
        return;
      }
      const held = last?.held ?? 0;
      seen.set(error.code, { at: now, held: 0 });
      try {
        write(`aode: ${errorLine(error)}${held > 0 ? ` (and ${held} more like it)` : ''}\n`);
      } catch {
        // Nobody is left to tell.
      }
    },
  };
}
