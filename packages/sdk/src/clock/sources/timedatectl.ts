/** systemd-timesyncd by `timedatectl timesync-status`: lines of `Name: value`, spans of time with their units. */
import { DRIFT_MAX } from '../drift.ts';
import { decimal, finiteReading, type HostCommand, type HostReading, STRATUM_MAX } from './host-command.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * The offset is that of the last answer, which may be as old as the poll interval and has been slewed away since: so
 * nothing is added, and the whole of it is uncertain.
 */
export function readTimesync(output: string): HostReading {
  const values = new Map<string, string>();
  for (const line of output.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const stratum = decimal(values.get('Stratum'));
  if (!Number.isInteger(stratum)) return values.has('Server') ? 'server_unsynchronised' : 'malformed';
  const isKnown = stratum >= 1 && stratum <= STRATUM_MAX && values.get('Leap') !== 'not synchronized';
  if (!isKnown) return 'server_unsynchronised';
  const span = (name: string): number => spanMs((values.get(name) ?? '').replace(/\(.*$/, ''));
  const pollMs = span('Poll interval');
  const error = Math.abs(span('Offset')) + span('Delay') / 2 + span('Root distance') + DRIFT_MAX * pollMs;
  return finiteReading(0, error);
}

/** As systemd writes it: `34min 8s`, `-1.234ms`. NaN for what is none. */
function spanMs(text: string): number {
  const parts = text.trim().split(/\s+/);
  let sum = 0;
  for (const part of parts) {
    const match = /^([+-]?\d+(?:\.\d+)?)([a-z]+)$/.exec(part);
    sum += decimal(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  }
  return sum;
}

export const timedatectl: HostCommand = {
  name: 'timedatectl',
  file: 'timedatectl',
  args: ['timesync-status', '--no-pager'],
  read: readTimesync,
};
