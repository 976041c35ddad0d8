/** Durations, counts, sizes and moments as people read and write them. */
import { AodeError, unixMs, type UnixNs } from '@aode/base';

const STEPS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

/** `1.84 s`, `325 ms`, `12.5 µs`: three significant digits; minutes from 100 s on. */
export function durationText(nanos: number): string {
  if (nanos >= 100e9) {
    const seconds = Math.round(nanos / 1e9);
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  for (const [size, unit] of STEPS) {
    if (nanos >= size) return `${significant(nanos / size)} ${unit}`;
  }
  return `${Math.round(nanos)} ns`;
}

/** `1 234`, the thousands parted by a thin mark that every terminal shows. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 span`, `2 spans`. */
export function manyText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Time of day with milliseconds, as this machine has it. */
export function timeText(at: UnixNs): string {
  const date = new Date(unixMs(at));
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Date and time of day with milliseconds, as this machine has it. */
export function dateText(at: UnixNs): string {
  const date = new Date(unixMs(at));
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${timeText(at)}`;
}

function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `500MB`, `20 GB`, `1.5t`, in powers of ten as disks are sold. Throws AODE_CLI_USAGE, also for nothing at all. */
export function bytesOf(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?(?:([kmgt])?b?)$/i.exec(text);
  const bytes = Math.round(Number(match?.[1]) * (SIZE_UNITS[match?.[2]?.toLowerCase() ?? ''] ?? 1));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new AodeError('AODE_CLI_USAGE', { why: `${flag} takes a size such as 500MB or 20GB, not '${text}'` });
}
