/**
 * OpenTelemetry's member `ot` of a trace state: read for a decision, written where the decision changes it. The same
 * few texts come again and again, so what they mean is remembered: bench `sampling`.
 */
import { formatOtelState, type OtelState, parseOtelState, withOtelState } from '@aode/wire';
import type { TraceState } from '@opentelemetry/api';
import { MemberState } from '../trace/member-state.ts';
import type { Decision } from './threshold.ts';

const MEMBER = 'ot';

/** Texts with `rv` are as many as traces, and must not push the others out. */
const KNOWN_MAX = 256;
const stateByText = new Map<string, OtelState>();

/** Undefined when there is none, or one that cannot be read. */
export function readOtelState(traceState: TraceState | undefined): OtelState | undefined {
  const text = traceState?.get(MEMBER);
  return text === undefined ? undefined : meaningOf(text);
}

function meaningOf(text: string): OtelState | undefined {
  const known = stateByText.get(text);
  if (known !== undefined) return known;
  const state = parseOtelState(text);
  if (state !== undefined && state.rv === undefined && stateByText.size < KNOWN_MAX) {
    stateByText.set(text, state);
  }
  return state;
}

/**
 * The trace state that says `decision`: the same object where it does already, else one whose `th` is that of the
 * decision, or gone. `rv`, other sub-keys and other members stay; a member that cannot be read goes.
 */
export function withDecision(traceState: TraceState | undefined, { th }: Decision): TraceState | undefined {
  if (traceState === undefined) return th === undefined ? undefined : stateOfTh(th);
  const text = traceState.get(MEMBER);
  if (text === undefined) return th === undefined ? traceState : traceState.set(MEMBER, `th:${th}`);
  const state = meaningOf(text);
  // A threshold that cannot be is read as none, and yet stands there.
  const says = state?.th ?? (state !== undefined && !text.includes('th:') ? undefined : '');
  if (says === th) return traceState;
  const value = formatOtelState({ th, rv: state?.rv, others: state?.others ?? [] });
  return value === '' ? traceState.unset(MEMBER) : traceState.set(MEMBER, value);
}

/** A state is immutable, so all roots of one threshold share theirs. */
const stateByTh = new Map<string, TraceState>();

function stateOfTh(th: string): TraceState {
  const known = stateByTh.get(th);
  if (known !== undefined) return known;
  const made = new MemberState(withOtelState([], { th, rv: undefined }));
  if (stateByTh.size < KNOWN_MAX) stateByTh.set(th, made);
  return made;
}
