/** Attribute values of the OpenTelemetry API as OTLP values. */
import type { Attribute, Value } from '@aode/wire';

/** Attributes beyond this many a span, event or link are dropped and counted (OpenTelemetry's default). */
export const ATTRIBUTES_MAX = 128;

/** Strings are cut to this many UTF-16 units: no single value may be larger than a whole usual request. */
export const VALUE_CHARS_MAX: number = 64 * 1024;

/**
 * Undefined for what is no attribute value: functions, symbols, undefined. Whole numbers are int64, as other
 * OpenTelemetry SDKs for JavaScript send them.
 */
export function otlpValue(value: unknown): Value | undefined {
  switch (typeof value) {
    case 'string':
      return value.length > VALUE_CHARS_MAX ? value.slice(0, VALUE_CHARS_MAX) : value;
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
    case 'boolean':
      return value;
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? value : String(value);
    case 'object':
      return otlpObject(value);
    default:
      return undefined;
  }
}

function otlpObject(value: object | null): Value | undefined {
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return value.slice(0, VALUE_CHARS_MAX);
  if (Array.isArray(value)) return value.slice(0, VALUE_CHARS_MAX).map((item) => otlpValue(item) ?? null);
  return undefined;
}

/** A new list from an object of attributes; `dropped` counts what was beyond the limit. */
export function otlpAttributes(from: Readonly<Record<string, unknown>> | undefined): {
  readonly attributes: Attribute[];
  readonly dropped: number;
} {
  const attributes: Attribute[] = [];
  let dropped = 0;
  for (const [key, raw] of Object.entries(from ?? {})) {
    const value = key === '' ? undefined : otlpValue(raw);
    if (value === undefined) continue;
    if (attributes.length < ATTRIBUTES_MAX) attributes.push({ key, value });
    else dropped += 1;
  }
  return { attributes, dropped };
}
