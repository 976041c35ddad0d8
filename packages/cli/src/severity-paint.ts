/** The colour of a level, by OpenTelemetry's severity numbers. */
import type { Paint } from './paint.ts';

const ERROR_SEVERITY = 17;
const WARN_SEVERITY = 13;

export function severityPaint(severity: number, paint: Paint): (text: string) => string {
  if (severity >= ERROR_SEVERITY) return paint.error;
  return severity >= WARN_SEVERITY ? paint.warn : paint.dim;
}
