/** Attribute values in Jaeger's types. */
import type { Attribute, Value } from '@aode/wire';

export interface KeyValue {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'int64' | 'float64' | 'binary';
  readonly value: string | number | boolean;
}

/** A double that JSON has no word for; Jaeger answers 500 for such a trace, and so does its caller here. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

export function keyValue({ key, value }: Attribute): KeyValue {
  switch (typeof value) {
    case 'boolean':
      return { key, type: 'bool', value };
    case 'bigint':
      return { key, type: 'int64', value: safe(value) ? Number(value) : String(value) };
    case 'number':
      if (!Number.isFinite(value)) throw new NotJson(`json: unsupported value: ${goNumber(value)}`);
      return { key, type: 'float64', value };
    case 'object':
      if (value instanceof Uint8Array) return { key, type: 'binary', value: base64(value) };
      return { key, type: 'string', value: text(value) };
    default:
      return { key, type: 'string', value };
  }
}

const safe = (n: bigint): boolean =>
  n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function goNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** A value as text: strings as they are, the rest as compact JSON, as Go's collector writes it. */
export function text(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (value instanceof Uint8Array) return base64(value);
  // Go escapes what would matter inside HTML.
  return json(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function json(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(base64(value));
  if (typeof value !== 'object') return JSON.stringify(value);
  if ('entries' in value && typeof value.entries === 'object') {
    // A Go map: of a doubled key the last stays, and keys are written in order.
    const map = new Map(value.entries.map(({ key, value: inner }) => [key, inner]));
    const sorted = [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${json(inner)}`).join(',')}}`;
  }
  return `[${(value as readonly Value[]).map(json).join(',')}]`;
}
