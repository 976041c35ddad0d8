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
    const isOther = (word: string): boolean => word !== service && services.has(word);
    // The full stop of a sentence is no part of the name before it.
    const words = body.split(NO_NAME);
    if (words.some((word) => isOther(word) || (word.endsWith('.') && isOther(word.slice(0, -1)))))
      excused.add(excuseKey(traceId, service));
  }
  return excused;
}
