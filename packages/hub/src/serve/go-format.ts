/** Durations and times as Go's time package prints them, for the texts that Jaeger's users see. */

const SECOND = 1_000_000_000n;

/** time.Duration.String(): `1h59m59.9505s`, `-255ms`, `1.5µs`, `0s`. */
export function goDuration(nano: bigint): string {
  if (nano === 0n) return '0s';
  const sign = nano < 0n ? '-' : '';
  const n = nano < 0n ? -nano : nano;
  if (n < 1000n) return `${sign}${n}ns`;
  if (n < 1_000_000n) return `${sign}${decimal(n, 1000n)}µs`;
  if (n < SECOND) return `${sign}${decimal(n, 1_000_000n)}ms`;
  const hours = n / (3600n * SECOND);
  const minutes = (n / (60n * SECOND)) % 60n;
  const seconds = `${decimal(n % (60n * SECOND), SECOND)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** n / unit with as many decimals as it takes. */
function decimal(n: bigint, unit: bigint): string {
  const fraction = (n % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${n / unit}` : `${n / unit}.${fraction}`;
}

/** time.Time.String() in UTC: `2026-01-15 12:00:20.000000001 +0000 UTC`. */
export function goTime(unixNano: bigint): string {
  const date = new Date(Number(unixNano / 1_000_000n)).toISOString();
  const fraction = (unixNano % SECOND).toString().padStart(9, '0').replace(/0+$/, '');
  return `${date.slice(0, 10)} ${date.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}
