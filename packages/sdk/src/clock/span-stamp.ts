/**
 * What a span says of the clock. Its times stay as they were measured; these attributes say what they are worth and in
 * which order cause and effect are, for whoever shows them (docs/adr).
 */
import type { Span } from '@opentelemetry/api';
import { placeOfKey } from '../pool/key-path.ts';
import { RecordingSpan } from '../trace/span.ts';
import { logicalText } from './hybrid-logical.ts';
import type { ClockStamp } from './logical-clock.ts';

/** The hybrid logical clock when it sent, or received; 16 hex digits. */
export const CLOCK_LOGICAL = 'aode.clock.hlc';
/** How far its times may be off, milliseconds; absent where nobody knows. */
const CLOCK_ERROR = 'aode.clock.error_ms';
/** The caller's clock was ahead by so many milliseconds, and was not followed. */
export const CLOCK_REFUSED = 'aode.clock.remote_ahead_ms';

/** Only the first: what a span has caused later comes later still. */
export function stampSpan(
  span: Span | undefined,
  { logical, errorMs, refusedMs }: ClockStamp & { readonly refusedMs?: number | undefined },
): void {
  if (!(span instanceof RecordingSpan) || !span.isRecording()) return;
  if (placeOfKey(span.keys, CLOCK_LOGICAL) >= 0) return;
  span.setAttribute(CLOCK_LOGICAL, logicalText(logical));
  if (errorMs !== undefined) span.setAttribute(CLOCK_ERROR, Math.round(errorMs * 1000) / 1000);
  if (refusedMs !== undefined) span.setAttribute(CLOCK_REFUSED, Math.round(refusedMs));
}
