/** `--since` and `--until`: a length of time before now (`15m`), or a moment as ISO 8601. */
import { AodeError, type Clock, unixMs } from '@aode/base';

export interface TimeOptions {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Milliseconds since 1970, end exclusive. */
export interface MsRange {
  readonly startMs: number;
  readonly endMs: number;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** What `--since` means where it is not given. */
const SINCE_DEFAULT = '15m';

/** Throws AODE_CLI_USAGE for what is neither form, and for a range that ends before it starts. */
export function timeRange(options: TimeOptions, clock: Clock): MsRange {
  const nowMs = unixMs(clock.now());
  const endMs = options.until === undefined ? nowMs : momentOf('--until', options.until, nowMs);
  const startMs = momentOf('--since', options.since ?? SINCE_DEFAULT, nowMs);
  if (startMs >= endMs) throw new AodeError('AODE_CLI_USAGE', { why: '--since is not before --until' });
  return { startMs, endMs };
}

/** Milliseconds of a length of time such as `15m`, more than none. Throws AODE_CLI_USAGE. */
export function lengthMsOf(flag: string, text: string): number {
  const length = lengthOf(text);
  if (length !== undefined && length > 0) return length;
  throw new AodeError('AODE_CLI_USAGE', {
    why: `${flag} takes a length of time such as 12h or 30d, not '${text}'`,
  });
}

function lengthOf(text: string): number | undefined {
  const length = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text);
  return length === null ? undefined : Math.round(Number(length[1]) * (UNIT_MS[length[2] ?? ''] ?? 0));
}

function momentOf(flag: string, text: string, nowMs: number): number {
  const length = lengthOf(text);
  if (length !== undefined) return nowMs - length;
  const moment = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(moment)) return moment;
  throw new AodeError('AODE_CLI_USAGE', {
    why: `${flag} takes a length of time such as 15m, 2h, 1d, or a moment such as 2026-03-01T14:00Z, not '${text}'`,
  });
}
