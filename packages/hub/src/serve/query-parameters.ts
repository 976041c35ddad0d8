/** Query strings of the API, parsed into what the store takes. Every fault is AODE_QUERY_INVALID with the parameter. */
import { AodeError } from '@aode/base';
import type { LogQuery, TimeRange, TraceQuery } from '../store/store.ts';

/** As fastify gives it: a repeated parameter is an array. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const RANGE_DEFAULT_MS = 15 * 60_000;
const TRACES_DEFAULT = 50;
const TRACES_MAX = 1000;
const LOGS_DEFAULT = 200;
const LOGS_MAX = 2000;
const ATTRIBUTES_MAX = 16;
/** The last millisecond of year 9999. */
const UNIX_MS_MAX = 253_402_300_799_999;

function invalid(parameter: string, why: string): never {
  throw new AodeError('AODE_QUERY_INVALID', { parameter, why });
}

/** A parameter that comes at most once; undefined when missing or empty. */
export function text(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : invalid(name, 'given more than once');
}

interface Whole {
  readonly min: number;
  readonly max: number;
}

export function whole(query: Query, name: string, { min, max }: Whole): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,16}$/.test(value)) return invalid(name, 'not a whole number');
  const number = Number(value);
  if (number < min || number > max) return invalid(name, `not between ${min} and ${max}`);
  return number;
}

export function flag(query: Query, name: string): boolean | undefined {
  const value = text(query, name);
  if (value === undefined || value === 'true' || value === 'false') {
    return value === undefined ? undefined : value === 'true';
  }
  return invalid(name, 'neither true nor false');
}

const INSTANT = { min: 0, max: UNIX_MS_MAX };

/** `start` and `end` in milliseconds; the last 15 minutes where neither is given. */
export function range(query: Query, nowMs: number): TimeRange {
  // One more than now, because `end` is exclusive and the newest data are of this very millisecond.
  const endMs = whole(query, 'end', INSTANT) ?? nowMs + 1;
  const startMs = whole(query, 'start', INSTANT) ?? Math.max(0, endMs - RANGE_DEFAULT_MS);
  if (startMs >= endMs) invalid('start', 'not before end');
  return { startMs, endMs };
}

function attributes(query: Query): { key: string; value: string }[] {
  const given = query['attribute'];
  const list = given === undefined ? [] : typeof given === 'string' ? [given] : given;
  if (list.length > ATTRIBUTES_MAX) invalid('attribute', `more than ${ATTRIBUTES_MAX}`);
  return list.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) return invalid('attribute', 'not of the form key=value');
    return { key: pair.slice(0, at), value: pair.slice(at + 1) };
  });
}

/** Leaves out what is undefined, so that absent stays absent. */
function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const DURATION = { min: 0, max: Number.MAX_SAFE_INTEGER };

export function traceQuery(query: Query, nowMs: number): TraceQuery {
  return {
    ...range(query, nowMs),
    attributes: attributes(query),
    limit: Math.min(
      whole(query, 'limit', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? TRACES_DEFAULT,
      TRACES_MAX,
    ),
    ...defined<
      Pick<TraceQuery, 'service' | 'operation' | 'minDurationNano' | 'maxDurationNano' | 'error' | 'cursor'>
    >({
      service: text(query, 'service'),
      operation: text(query, 'operation'),
      minDurationNano: whole(query, 'minDuration', DURATION),
      maxDurationNano: whole(query, 'maxDuration', DURATION),
      error: flag(query, 'error'),
      cursor: text(query, 'cursor'),
    }),
  };
}

export function logQuery(query: Query, nowMs: number): LogQuery {
  return {
    ...range(query, nowMs),
    attributes: attributes(query),
    limit: Math.min(
      whole(query, 'limit', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? LOGS_DEFAULT,
      LOGS_MAX,
    ),
    ...defined<Pick<LogQuery, 'service' | 'severityMin' | 'text' | 'traceId' | 'spanId' | 'cursor'>>({
      service: text(query, 'service'),
      severityMin: whole(query, 'severity', { min: 0, max: 24 }),
      text: text(query, 'text'),
      traceId: text(query, 'traceId'),
      spanId: text(query, 'spanId'),
      cursor: text(query, 'cursor'),
    }),
  };
}

/** Interval of a series in seconds, 1 second to a day. */
export function stepSeconds(query: Query): number {
  return whole(query, 'step', { min: 1, max: 86_400 }) ?? 60;
}
