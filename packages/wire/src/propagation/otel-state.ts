/**
 * OpenTelemetry's member of the tracestate, `ot=` (specification, § TraceState: OpenTelemetry list members): sub-keys
 * `key:value` joined by semicolons.
 *
 *   ot=th:c;rv:6e6d1a75832a2f
 *
 * `th` is the threshold below which this trace was not sampled, 1 to 14 hex digits without trailing zeros; `rv` the
 * trace's randomness, exactly 14, in place of the last 14 digits of its id. What else is there is passed on.
 */
import { type TraceStateMembers } from './tracestate.ts';

const MEMBER = 'ot';
/** Longest value of the member; sub-keys that would make it longer are not added. */
const CHARS_MAX = 256;

const SUB_KEY = /^[a-z][a-z0-9]*$/;
const SUB_VALUE = /^[A-Za-z0-9._-]*$/;
const THRESHOLD = /^[0-9a-f]{1,14}$/;
const RANDOMNESS = /^[0-9a-f]{14}$/;

export interface OtelState {
  /** Undefined when there is none, or one that cannot be. */
  readonly th: string | undefined;
  readonly rv: string | undefined;
  /** The other sub-keys as they came, in their order. */
  readonly others: readonly (readonly [key: string, value: string])[];
}

/** Undefined when the value is no such list, or a sub-key comes twice. */
export function parseOtelState(value: string): OtelState | undefined {
  if (value.length > CHARS_MAX) return undefined;
  const seen = new Map<string, string>();
  for (const part of value.split(';')) {
    const at = part.indexOf(':');
    const key = part.slice(0, Math.max(0, at));
    const text = part.slice(at + 1);
    if (!SUB_KEY.test(key) || !SUB_VALUE.test(text) || seen.has(key)) return undefined;
    seen.set(key, text);
  }
  const th = seen.get('th');
  const rv = seen.get('rv');
  return {
    th: th !== undefined && THRESHOLD.test(th) ? th : undefined,
    rv: rv !== undefined && RANDOMNESS.test(rv) ? rv : undefined,
    others: [...seen].filter(([key]) => key !== 'th' && key !== 'rv'),
  };
}

/** The value of the member, '' when it would be empty; what does not fit is left out from the end. */
export function formatOtelState({ th, rv, others }: OtelState): string {
  let value = '';
  const add = (key: string, text: string | undefined): void => {
    if (text === undefined || value.length + key.length + text.length + 2 > CHARS_MAX) return;
    value += `${value === '' ? '' : ';'}${key}:${text}`;
  };
  add('th', th);
  add('rv', rv);
  for (const [key, text] of others) add(key, text);
  return value;
}

/** OpenTelemetry's part of a tracestate; undefined when there is none that can be read. */
export function otelStateOf(members: TraceStateMembers): OtelState | undefined {
  const value = members.find(([key]) => key === MEMBER)?.[1];
  return value === undefined ? undefined : parseOtelState(value);
}

/** The members with `th` and `rv` as given, undefined for none; the changed member comes first (W3C § 3.5). */
export function withOtelState(
  members: TraceStateMembers,
  { th, rv }: Pick<OtelState, 'th' | 'rv'>,
): TraceStateMembers {
  const value = formatOtelState({ th, rv, others: otelStateOf(members)?.others ?? [] });
  const rest = members.filter(([key]) => key !== MEMBER);
  return value === '' ? rest : [[MEMBER, value], ...rest];
}
