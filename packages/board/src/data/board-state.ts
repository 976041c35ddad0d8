/**
 * Everything that a link carries: range, service, filters, selection. Read from the query string and written back so
 * that a default leaves no trace in it. Unreadable parts are ignored: an old link opens the rest of its view.
 */
import { fixedRange, type Range, RANGE_DEFAULT } from './range.ts';

export interface BoardState {
  readonly range: Range;
  readonly service: string | null;
  readonly operation: string | null;
  readonly minNano: number | null;
  readonly maxNano: number | null;
  readonly error: boolean | null;
  /** `key=value`, all must hold. */
  readonly attributes: readonly string[];
  readonly text: string | null;
  /** Least OTLP severity number. */
  readonly severity: number | null;
  readonly traceId: string | null;
  /** Selected span and log line of the trace page. */
  readonly span: string | null;
  readonly log: string | null;
  /** Opened SDK instance. */
  readonly instance: string | null;
}

export const STATE_EMPTY: BoardState = {
  range: RANGE_DEFAULT,
  service: null,
  operation: null,
  minNano: null,
  maxNano: null,
  error: null,
  attributes: [],
  text: null,
  severity: null,
  traceId: null,
  span: null,
  log: null,
  instance: null,
};

/** One year in minutes: longer is a typing error. */
const LAST_MINUTES_MAX = 527_040;

export function readState(query: string): BoardState {
  const params = new URLSearchParams(query);
  const severity = Number(params.get('severity'));
  const error = params.get('error');
  return {
    range: readRange(params),
    service: textOf(params, 'service'),
    operation: textOf(params, 'operation'),
    minNano: readDuration(params.get('minDuration') ?? ''),
    maxNano: readDuration(params.get('maxDuration') ?? ''),
    error: error === 'true' ? true : error === 'false' ? false : null,
    attributes: params.getAll('attribute').filter((pair) => pair.indexOf('=') > 0),
    text: textOf(params, 'text'),
    severity: Number.isInteger(severity) && severity >= 1 && severity <= 24 ? severity : null,
    traceId: textOf(params, 'traceId'),
    span: textOf(params, 'span'),
    log: textOf(params, 'log'),
    instance: textOf(params, 'instance'),
  };
}

/** The query string with its `?`, or nothing when all is default. */
export function writeState(state: BoardState): string {
  const params = new URLSearchParams();
  if (state.range.kind === 'fixed') {
    params.set('start', String(state.range.startMs));
    params.set('end', String(state.range.endMs));
  } else if (state.range.minutes !== (RANGE_DEFAULT.kind === 'last' ? RANGE_DEFAULT.minutes : 0)) {
    params.set('last', `${state.range.minutes}m`);
  }
  for (const name of ['service', 'operation'] as const) put(params, name, state[name]);
  put(params, 'minDuration', state.minNano === null ? null : durationText(state.minNano));
  put(params, 'maxDuration', state.maxNano === null ? null : durationText(state.maxNano));
  put(params, 'error', state.error === null ? null : String(state.error));
  for (const pair of state.attributes) params.append('attribute', pair);
  put(params, 'severity', state.severity === null ? null : String(state.severity));
  for (const name of ['text', 'traceId', 'span', 'log', 'instance'] as const) put(params, name, state[name]);
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}

const UNIT_NANO: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
};

/** `500ms`, `1.5s`, `80us`; a bare number is milliseconds. Null when it is none of them. */
export function readDuration(text: string): number | null {
  const parts = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|min)?$/.exec(text.trim());
  if (parts === null) return null;
  const nano = Number(parts[1]) * (UNIT_NANO[parts[2] ?? 'ms'] ?? 1);
  // Beyond it a number of nanoseconds is not exact; it is 104 days.
  return nano <= Number.MAX_SAFE_INTEGER ? Math.round(nano) : null;
}

/** The shortest form that `readDuration` reads back to the same number. */
export function durationText(nano: number): string {
  if (nano % 1e9 === 0) return `${nano / 1e9}s`;
  if (nano % 1e6 === 0) return `${nano / 1e6}ms`;
  if (nano % 1e3 === 0) return `${nano / 1e3}us`;
  return `${nano}ns`;
}

function readRange(params: URLSearchParams): Range {
  const start = momentOf(params.get('start'));
  const end = momentOf(params.get('end'));
  if (start !== null && end !== null && end > start) return fixedRange(start, end);
  const last = /^(\d+)([mhd])$/.exec(params.get('last') ?? '');
  if (last === null) return RANGE_DEFAULT;
  const minutes = Number(last[1]) * (last[2] === 'd' ? 1440 : last[2] === 'h' ? 60 : 1);
  return minutes >= 1 && minutes <= LAST_MINUTES_MAX ? { kind: 'last', minutes } : RANGE_DEFAULT;
}

/** A calendar ends there (ECMA-262, time values); a second less leaves room for the least range. */
const MOMENT_MAX = 8.64e15 - 1_000;

/** Whole milliseconds since 1970; null when they are not. */
function momentOf(text: string | null): number | null {
  if (text === null || !/^\d{1,16}$/.test(text)) return null;
  const ms = Number(text);
  return ms <= MOMENT_MAX ? ms : null;
}

function textOf(params: URLSearchParams, name: string): string | null {
  const text = params.get(name);
  return text === null || text === '' ? null : text;
}

function put(params: URLSearchParams, name: string, value: string | null): void {
  if (value !== null && value !== '') params.set(name, value);
}
