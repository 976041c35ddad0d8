/** `chronyc -c tracking`: one line of comma-separated values (chronyc(1), § tracking). */
import { decimal, finiteReading, type HostCommand, type HostReading, STRATUM_MAX } from './host-command.ts';

const FIELDS = 14;

/** While chronyd learns of a step its residual frequency goes wild, and its offset lies between before and after. */
const RESIDUAL_PPM_MAX = 1000;

/**
 * The offset has a sign that its text form hides in a word: positive when the wall clock is slow of NTP time, negative
 * when it is fast, so it is what has to be added.
 */
export function readTracking(output: string): HostReading {
  const fields = output.trim().split(',');
  if (fields.length !== FIELDS) return 'malformed';
  const at = (i: number): number => decimal(fields[i]);
  const stratum = at(2);
  const leap = fields[13]?.trim();
  if (!Number.isInteger(stratum)) return 'malformed';
  if (stratum < 1 || stratum > STRATUM_MAX || leap === 'Not synchronised') return 'server_unsynchronised';
  if (!(Math.abs(at(8)) <= RESIDUAL_PPM_MAX)) return Number.isNaN(at(8)) ? 'malformed' : 'step';
  const offset = at(4);
  const delay = at(10);
  const dispersion = at(11);
  return finiteReading(offset * 1000, (Math.abs(offset) + dispersion + delay / 2) * 1000);
}

export const chrony: HostCommand = {
  name: 'chrony',
  file: 'chronyc',
  args: ['-n', '-c', 'tracking'],
  read: readTracking,
};
