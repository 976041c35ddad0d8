/** The system variables of ntpd or ntpsec, by `ntpq -c rv`: `name=value` joined by commas (ntpq(8)). Milliseconds. */
import { decimal, finiteReading, type HostCommand, type HostReading, STRATUM_MAX } from './host-command.ts';

/** Two bits, printed as such. */
const LEAP_UNKNOWN: ReadonlySet<string> = new Set(['11', '3']);

/** `offset` is that of the servers against this host, so it is what has to be added. */
export function readVariables(output: string): HostReading {
  const values = new Map<string, string>();
  for (const part of output.split(/[,\n]/)) {
    const at = part.indexOf('=');
    if (at > 0) values.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const stratum = decimal(values.get('stratum'));
  if (!Number.isInteger(stratum)) return 'malformed';
  const leap = values.get('leap') ?? '';
  if (stratum < 1 || stratum > STRATUM_MAX || LEAP_UNKNOWN.has(leap)) return 'server_unsynchronised';
  const offset = decimal(values.get('offset'));
  const delay = decimal(values.get('rootdelay'));
  const dispersion = decimal(values.get('rootdisp'));
  return finiteReading(offset, Math.abs(offset) + dispersion + delay / 2);
}

export const ntpq: HostCommand = {
  name: 'ntpq',
  file: 'ntpq',
  args: ['-n', '-c', 'rv 0 leap,stratum,offset,rootdelay,rootdisp'],
  read: readVariables,
};
