/**
 * That a trace is kept, told to the neighbours: downstream by a member of the tracestate, upstream by a header of the
 * response while that is unsent. Both are shortcuts; the hub tells everybody.
 */
import type { Span, TraceState } from '@opentelemetry/api';
import { BASELINE } from '../pool/pool-writer.ts';
import { hasItem, KEEP, OWN_MEMBER } from '../clock/own-member.ts';
import { MemberState } from './member-state.ts';
import { RecordingSpan } from './span.ts';

export const VERDICT_HEADER = 'aode-verdict';

export function hasVerdict(traceState: TraceState | undefined): boolean {
  return hasItem(traceState?.get(OWN_MEMBER), KEEP);
}

/** The state with our word in it. */
export function withVerdict(traceState: TraceState | undefined): TraceState {
  return (traceState ?? new MemberState([])).set(OWN_MEMBER, KEEP);
}

/** Whether the trace of this span is kept for a reason that others cannot see for themselves. */
export function isKeptByTrigger(span: Span | undefined): boolean {
  if (!(span instanceof RecordingSpan)) return false;
  const { keptFor } = span.trace;
  return keptFor !== undefined && keptFor !== BASELINE;
}

/** Whether a response says so. */
export function isVerdict(header: unknown): boolean {
  return header === KEEP;
}

export const VERDICT_VALUE: string = KEEP;
