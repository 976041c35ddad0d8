/**
 * A service that logs an error naming another known service has said whose fault it is: its odd path in that trace is
 * explained, and is not counted for or against it.
 */
import { ERROR_SEVERITY_MIN } from './log-observation.ts';
import { type Excused, excuseKey } from './observation.ts';
import type { WindowLog } from './window.ts';

const NO_NAME = /[^\w.-]+/;

export function excusedBy(logs: readonly WindowLog[], services: ReadonlySet<string>): Excused {
  const excused = new Set<string>();
  for (const { severityNumber, body, service, traceId } of logs) {
    if (severityNumber < ERROR_SEVERITY_MIN) continue;
    const names = body.split(NO_NAME).some((word) => word !== service && services.has(word));
    if (names) excused.add(excuseKey(traceId, service));
  }
  return excused;
}
