/** `@aode/sdk/pino`: with `const log = pino(aode())` lines go to Aode instead of standard output. */
import {
  type AodeDestination,
  type AodeDestinationOptions,
  createDestination,
} from './log/pino-destination.ts';
import type { LineOutput } from './log/quiet-write.ts';

export type { AodeDestination, AodeDestinationOptions, LineOutput };

/** Never throws, whether the SDK runs or not: what it cannot take is written to standard output. */
export function aode(options: AodeDestinationOptions = {}): AodeDestination {
  return createDestination(options, process);
}
