/** Log severities: names and OTLP numbers (OpenTelemetry, Logs Data Model, § Severity Fields). */

/** Each of the six ranges has four steps; the plain name is the first. */
const RANGES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** 'trace' 1, 'trace2' 2, … 'fatal4' 24; 'unspecified' 0. */
export const SEVERITY: Readonly<Record<string, number>> = Object.freeze({
  unspecified: 0,
  ...Object.fromEntries(
    RANGES.flatMap((name, range) =>
      [1, 2, 3, 4].map((step) => [step === 1 ? name : `${name}${step}`, range * 4 + step] as const),
    ),
  ),
});

export type SeverityRange = (typeof RANGES)[number];

/** The range that a severity number lies in; undefined for 0 and what is no severity. */
export function severityRange(severityNumber: number): SeverityRange | undefined {
  return severityNumber < 1 || severityNumber > 24 ? undefined : RANGES[(severityNumber - 1) >> 2];
}
