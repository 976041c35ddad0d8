/** What the time daemons of a host say about its wall clock, as their own tools print it. */

export interface HostClock {
  /** To be added to the wall clock. */
  readonly correctionMs: number;
  /** The time is within so much of that. */
  readonly errorMs: number;
}

/** A reason, where the tool runs and says nothing of use. */
export type HostReading = HostClock | 'malformed' | 'server_unsynchronised' | 'step';

export interface HostCommand {
  readonly name: 'chrony' | 'ntpq' | 'timedatectl';
  readonly file: string;
  readonly args: readonly string[];
  readonly read: (output: string) => HostReading;
}

export const STRATUM_MAX = 15;

/** NaN for what is not a plain decimal number. */
export function decimal(text: string | undefined): number {
  return text !== undefined && /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text.trim())
    ? Number(text)
    : Number.NaN;
}

export function finiteReading(correctionMs: number, errorMs: number): HostReading {
  return Number.isFinite(correctionMs) && Number.isFinite(errorMs) && errorMs >= 0
    ? { correctionMs, errorMs }
    : 'malformed';
}
