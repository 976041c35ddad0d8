/**
 * Aode's own messages about itself. They go to standard error, one line each, at most one a second per code and
 * reason with the number that was held back and the sum of what was lost, and never throw: a broken pipe must not
 * become the application's problem.
 */
import type { Clock } from './clock.ts';
import { AodeError, errorLine } from './errors.ts';
import type { MonoNs } from './units.ts';

export interface Diag {
  /** Something is wrong and the user should know. */
  warn(error: AodeError): void;
}

const INTERVAL_NS = 1_000_000_000n;

/** What was held back of one kind since its last line. */
interface Held {
  at: MonoNs;
  count: number;
  /** Sum of what they say was lost. */
  lost: number;
}

/** Writes `aode: CODE: what — what to do` through `write`. */
export function createDiag(clock: Clock, write: (line: string) => void): Diag {
  const seen = new Map<string, Held>();
  return {
    warn(error) {
      const now = clock.mono();
      const { code, detail } = error;
      const { reason, lost } = detail;
      const kind = typeof reason === 'string' ? `${code} ${reason}` : code;
      const last = seen.get(kind);
      if (last !== undefined && now - last.at < INTERVAL_NS) {
        last.count += 1;
        if (typeof lost === 'number') last.lost += lost;
        return;
      }
      seen.set(kind, { at: now, count: 0, lost: 0 });
      const { count = 0, lost: lostBefore = 0 } = last ?? {};
      const summed = typeof lost === 'number' ? { ...detail, lost: lost + lostBefore } : detail;
      try {
        const line = errorLine(new AodeError(code, summed));
        write(`aode: ${line}${count > 0 ? ` (and ${count} more like it)` : ''}\n`);
      } catch {
        // Nobody is left to tell.
      }
    },
  };
}
