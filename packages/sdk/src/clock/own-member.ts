/**
 * Aode's member of the tracestate: items joined by semicolons, in any order, those that are not known passed over.
 *
 *   aode=keep;h:018bcfe568000001;e:12
 *
 * `keep`: the trace is kept, see trace/verdict.ts. `h:` the sender's hybrid logical clock when it sent this, 16 hex
 * digits; `e:` how far its clock may be off, whole milliseconds. What is of the clock is of one message and goes no
 * further than the process that receives it. An answer has these two in a header of its own, see answer-clock.ts.
 */
import type { TraceState } from '@opentelemetry/api';
import { MemberState } from '../trace/member-state.ts';
import { logicalText, parseLogical } from './hybrid-logical.ts';
import type { ClockStamp } from './logical-clock.ts';

export const OWN_MEMBER = 'aode';
export const KEEP = 'keep';

/** Whether the text of our member has this item. */
export function hasItem(text: string | undefined, item: string): boolean {
  return text !== undefined && (text === item || text.split(';').includes(item));
}

/** Undefined when there is none, or one that cannot be read. */
export function stampOf(traceState: TraceState | undefined): ClockStamp | undefined {
  const text = traceState?.get(OWN_MEMBER);
  return text === undefined || text === KEEP ? undefined : parseStamp(text);
}

/** Undefined for what holds none. */
export function parseStamp(text: string): ClockStamp | undefined {
  const logical = parseLogical(valueOf(text, 'h:'));
  if (logical === undefined) return undefined;
  const error = valueOf(text, 'e:');
  return { logical, errorMs: /^\d{1,7}$/.test(error) ? Number(error) : undefined };
}

/** Of the first item that begins with `key`; '' when there is none. */
function valueOf(text: string, key: string): string {
  const at = text.startsWith(key) ? 0 : text.indexOf(`;${key}`) + 1;
  if (at === 0 && !text.startsWith(key)) return '';
  const end = text.indexOf(';', at);
  return text.slice(at + key.length, end < 0 ? undefined : end);
}

/** The same state as it is within a process; undefined when nothing is left of it. */
export function withoutStamp(traceState: TraceState | undefined): TraceState | undefined {
  const text = traceState?.get(OWN_MEMBER);
  if (traceState === undefined || text === undefined || text === KEEP) return traceState;
  if (hasItem(text, KEEP)) return traceState.set(OWN_MEMBER, KEEP);
  const rest = traceState.unset(OWN_MEMBER);
  return rest instanceof MemberState && rest.isEmpty ? undefined : rest;
}

/** The state with the stamp in our member; as it was where that would push out a member of somebody else. */
export function withStamp(traceState: TraceState | undefined, stamp: ClockStamp): TraceState | undefined {
  if (traceState !== undefined && !(traceState instanceof MemberState)) return traceState;
  const state = traceState ?? EMPTY;
  const text = stampText(stamp);
  const isKept = hasItem(state.get(OWN_MEMBER), KEEP);
  return state.with(OWN_MEMBER, isKept ? `${KEEP};${text}` : text) ?? traceState;
}

/** Without an error bound that nobody knows. */
export function stampText({ logical, errorMs }: ClockStamp): string {
  const text = `h:${logicalText(logical)}`;
  return errorMs !== undefined && errorMs <= ERROR_MS_MAX ? `${text};e:${Math.ceil(errorMs)}` : text;
}

const EMPTY = new MemberState([]);

/** Seven digits, an hour and more: a worse clock has nothing to say. */
const ERROR_MS_MAX = 9_999_999;
