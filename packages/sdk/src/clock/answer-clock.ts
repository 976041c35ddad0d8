/**
 * The logical clock on the way back: a server answers a caller that has sent it its clock by its own, so that what the
 * caller does afterwards comes after what the server did. A header of our own, because the `traceresponse` of Trace
 * Context has no place for it, and no tracestate goes back.
 *
 *   aode-clock: h:018bcfe568000001;e:12
 */
import type { Span } from '@opentelemetry/api';
import type { LogicalClock } from './logical-clock.ts';
import { parseStamp, stampText } from './own-member.ts';
import { CLOCK_REFUSED } from './span-stamp.ts';

export const CLOCK_HEADER = 'aode-clock';

export const answerClock = (logical: LogicalClock): string => stampText(logical.send());

/** Follows what an answer says, once `span` has asked. What cannot be read says nothing. */
export function heedClock(span: Span, header: string, logical: LogicalClock): void {
  const stamp = parseStamp(header);
  if (stamp === undefined) return;
  const { refusedMs } = logical.receive(stamp);
  if (refusedMs !== undefined) span.setAttribute(CLOCK_REFUSED, Math.round(refusedMs));
}
