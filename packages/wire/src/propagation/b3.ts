/**
 * B3 (openzipkin/b3-propagation): one header `b3`, or several `x-b3-*`.
 *
 *   b3: {16 or 32 hex}-{16 hex}[-{0|1|d}[-{16 hex, the parent}]]        or a decision alone: 0, 1, d
 *
 * Ids of 64 bits are padded. A decision that is not there is left to who receives the request. The parent's id is not
 * passed on, for the span that sends the request is a new one.
 */
import { isSpanId } from '@aode/base';
import { type RemoteTrace, spanIdOf, traceIdOf } from './remote-trace.ts';

/** The longest that the single header can be: 32, 16, 1 and 16 characters with three dashes. */
const CHARS_MAX = 68;

const DECISIONS: ReadonlyMap<string, Pick<RemoteTrace, 'sampled' | 'debug'>> = new Map([
  ['0', { sampled: false, debug: false }],
  ['1', { sampled: true, debug: false }],
  ['d', { sampled: true, debug: true }],
]);
const UNDECIDED = { sampled: undefined, debug: false } as const;
const NO_IDS = { traceId: undefined, spanId: undefined } as const;

export function parseB3(header: string): RemoteTrace | undefined {
  const alone = DECISIONS.get(header);
  if (alone !== undefined) return { ...NO_IDS, ...alone };
  if (header.length > CHARS_MAX) return undefined;
  const [trace = '', span = '', state, parent, ...more] = header.split('-');
  const ids = idsOf(trace, span);
  const decision = state === undefined ? UNDECIDED : DECISIONS.get(state);
  if (ids === undefined || decision === undefined || more.length > 0) return undefined;
  if (parent !== undefined && !isSpanId(parent)) return undefined;
  return { ...ids, ...decision };
}

export function formatB3({ traceId, spanId, sampled, debug }: RemoteTrace): string {
  const state = debug ? 'd' : sampled === undefined ? '' : sampled ? '1' : '0';
  if (traceId === undefined || spanId === undefined) return state;
  return state === '' ? `${traceId}-${spanId}` : `${traceId}-${spanId}-${state}`;
}

/** Values of the headers of several-header B3, undefined where there is none. */
export interface B3Headers {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** `0` or `1`; `true` and `false` are what old senders write. */
  readonly sampled: string | undefined;
  /** `1` for debug. */
  readonly flags: string | undefined;
}

/** Undefined also when none of the headers is there. */
export function parseB3Multi({ traceId, spanId, sampled, flags }: B3Headers): RemoteTrace | undefined {
  const decision = flags === '1' ? DECISIONS.get('d') : decisionOf(sampled);
  if (decision === undefined) return undefined;
  if (traceId === undefined && spanId === undefined) {
    return decision.sampled === undefined ? undefined : { ...NO_IDS, ...decision };
  }
  const ids = idsOf(traceId ?? '', spanId ?? '');
  return ids === undefined ? undefined : { ...ids, ...decision };
}

export function formatB3Multi({ traceId, spanId, sampled, debug }: RemoteTrace): B3Headers {
  return {
    traceId,
    spanId,
    // Debug implies that it is sampled, which is not said twice.
    sampled: debug || sampled === undefined ? undefined : sampled ? '1' : '0',
    flags: debug ? '1' : undefined,
  };
}

function decisionOf(sampled: string | undefined): Pick<RemoteTrace, 'sampled' | 'debug'> | undefined {
  if (sampled === undefined) return UNDECIDED;
  if (sampled === 'd') return undefined;
  return DECISIONS.get(sampled === 'true' ? '1' : sampled === 'false' ? '0' : sampled);
}

function idsOf(trace: string, span: string): Pick<RemoteTrace, 'traceId' | 'spanId'> | undefined {
  const traceId = trace.length === 32 || trace.length === 16 ? traceIdOf(trace) : undefined;
  const spanId = span.length === 16 ? spanIdOf(span) : undefined;
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}
