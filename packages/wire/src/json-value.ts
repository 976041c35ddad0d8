/**
 * OTLP/JSON: what all signals share, both directions (OTLP specification, § JSON Protobuf Encoding).
 *
 * Ids are hex in any case, enums integers, 64-bit integers numbers or decimal strings, bytes base64, keys are
 * lowerCamelCase only, unknown keys ignored; null counts as absent. Doubles may be "NaN", "Infinity", "-Infinity". A
 * JSON number above 2^53 has already lost its low digits when it arrives here; senders that care write strings, as the
 * specification asks.
 */
import { AodeError, VALUE_DEPTH_MAX } from '@aode/base';
import {
  type Attribute,
  type EntityRef,
  isValueMap,
  type Resource,
  type Scope,
  type Value,
} from './model.ts';

/** A JSON object whose keys are read with `Object.hasOwn`, so that a key `__proto__` is a key like any other. */
export type Json = Readonly<Record<string, unknown>>;

const U64_MAX = 2n ** 64n - 1n;
const I64_MAX = 2n ** 63n - 1n;
const I64_MIN = -(2n ** 63n);
const U32_MAX = 2 ** 32 - 1;
const DECIMAL = /^-?\d{1,20}$/;
const HEX = /^(?:[0-9a-f]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function invalid(why: string, key: string): never {
  throw new AodeError('AODE_OTLP_JSON_INVALID', { why, key });
}

/** The text of a request as a JSON object. */
export function parseJson(text: string): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new AodeError('AODE_OTLP_JSON_INVALID', { why: 'not JSON' }, cause);
  }
  return asObject(parsed, 'request');
}

function asObject(value: unknown, key: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) invalid('not an object', key);
  return value as Json;
}

/** The value of a key of the object's own; null counts as absent. */
export function get(from: Json, key: string): unknown {
  return Object.hasOwn(from, key) ? (from[key] ?? undefined) : undefined;
}

/** A message field; an absent one is an empty message. */
export function object(from: Json, key: string): Json {
  const value = get(from, key);
  return value === undefined ? {} : asObject(value, key);
}

/** A repeated message field. */
export function list<T>(from: Json, key: string, read: (item: Json) => T): T[] {
  return items(from, key).map((item) => read(asObject(item, key)));
}

export function items(from: Json, key: string): readonly unknown[] {
  const value = get(from, key);
  if (value === undefined) return [];
  if (!Array.isArray(value)) invalid('not an array', key);
  return value as readonly unknown[];
}

export function text(from: Json, key: string): string {
  const value = get(from, key) ?? '';
  if (typeof value !== 'string') invalid('not a string', key);
  return value.toWellFormed();
}

export function bool(from: Json, key: string): boolean {
  const value = get(from, key) ?? false;
  if (typeof value !== 'boolean') invalid('not a boolean', key);
  return value;
}

/** Hex of any case, lower-case here. */
export function id(from: Json, key: string): string {
  const value = text(from, key).toLowerCase();
  if (!HEX.test(value)) invalid('not hex', key);
  return value;
}

function integer(value: unknown, key: string): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && DECIMAL.test(value)) return BigInt(value);
  return invalid('not an integer', key);
}

function integerWithin(value: unknown, key: string, range: readonly [bigint, bigint]): bigint {
  const result = integer(value ?? 0, key);
  if (result < range[0] || result > range[1]) invalid('out of range', key);
  return result;
}

/** uint64 and fixed64: times and counts. */
export function uint64(from: Json, key: string): bigint {
  return integerWithin(get(from, key), key, [0n, U64_MAX]);
}

/** int64 and sfixed64. */
export function int64(value: unknown, key: string): bigint {
  return integerWithin(value, key, [I64_MIN, I64_MAX]);
}

/** uint32: dropped counts and flags. */
export function uint32(from: Json, key: string): number {
  return Number(integerWithin(get(from, key), key, [0n, BigInt(U32_MAX)]));
}

/**
 * An enum. OTLP/JSON writes integers; generic protobuf libraries write names, and the OpenTelemetry Collector takes
 * both, so this does too. `names` are those of opentelemetry.proto; an unknown integer stays as it is.
 */
export function enumeration(from: Json, key: string, names: Readonly<Record<string, number>>): number {
  const value = get(from, key);
  if (typeof value === 'string' && Object.hasOwn(names, value)) return names[value] ?? 0;
  return int32(from, key);
}

/** `{ PREFIX_KEY: number }` for a table of ours with the keys in lower case. */
export function enumNames(prefix: string, table: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [prefix + name.toUpperCase(), value]),
  );
}

/** int32. */
export function int32(from: Json, key: string): number {
  return Number(integerWithin(get(from, key), key, [-(2n ** 31n), 2n ** 31n - 1n]));
}

/** A double, also in proto3's words for what JSON has no number for. */
export function double(value: unknown, key: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  return invalid('not a number', key);
}

export function optionalDouble(from: Json, key: string): number | undefined {
  const value = get(from, key);
  return value === undefined ? undefined : double(value, key);
}

export function readAttributes(from: Json, key = 'attributes', depth = 1): Attribute[] {
  return list(from, key, (item) => ({
    key: text(item, 'key'),
    value: readValue(object(item, 'value'), depth),
  }));
}

/** AnyValue: the first of the oneof's keys that is there. `depth` is 1 for an attribute or a body. */
export function readValue(from: Json, depth: number): Value {
  if (depth > VALUE_DEPTH_MAX) throw new AodeError('AODE_OTLP_LIMIT', { depthMax: VALUE_DEPTH_MAX });
  if (get(from, 'stringValue') !== undefined) return text(from, 'stringValue');
  if (get(from, 'boolValue') !== undefined) return bool(from, 'boolValue');
  if (get(from, 'intValue') !== undefined) return int64(get(from, 'intValue'), 'intValue');
  if (get(from, 'doubleValue') !== undefined) return double(get(from, 'doubleValue'), 'doubleValue');
  if (get(from, 'arrayValue') !== undefined) {
    return list(object(from, 'arrayValue'), 'values', (item) => readValue(item, depth + 1));
  }
  if (get(from, 'kvlistValue') !== undefined) {
    return { entries: readAttributes(object(from, 'kvlistValue'), 'values', depth + 1) };
  }
  if (get(from, 'bytesValue') !== undefined) return base64(from, 'bytesValue');
  return null;
}

function base64(from: Json, key: string): Uint8Array {
  const value = text(from, key);
  if (!BASE64.test(value)) invalid('not base64', key);
  return new Uint8Array(Buffer.from(value, 'base64'));
}

export function readResource(from: Json): Resource {
  return {
    attributes: readAttributes(from),
    droppedAttributesCount: uint32(from, 'droppedAttributesCount'),
    entityRefs: list(from, 'entityRefs', readEntityRef),
  };
}

function readEntityRef(from: Json): EntityRef {
  const keys = (key: string): string[] =>
    items(from, key).map((item) => (typeof item === 'string' ? item : invalid('not a string', key)));
  return {
    schemaUrl: text(from, 'schemaUrl'),
    type: text(from, 'type'),
    idKeys: keys('idKeys'),
    descriptionKeys: keys('descriptionKeys'),
  };
}

export function readScope(from: Json): Scope {
  return {
    name: text(from, 'name'),
    version: text(from, 'version'),
    attributes: readAttributes(from),
    droppedAttributesCount: uint32(from, 'droppedAttributesCount'),
  };
}

/** Leaves out what has its default, as proto3's JSON form does. */
export function present(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== '' &&
        value !== 0 &&
        value !== '0' &&
        value !== false &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** A double as JSON writes it: a number, or a word. -0 becomes "-0", which `double` reads back. */
export function doubleJson(value: number): number | string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

export function attributesJson(attributes: readonly Attribute[]): Json[] {
  return attributes.map(({ key, value }) => ({ key, value: valueJson(value) }));
}

export function valueJson(value: Value): Json {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: doubleJson(value) };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (isValueMap(value)) return { kvlistValue: { values: attributesJson(value.entries) } };
  return { arrayValue: { values: value.map(valueJson) } };
}

export function resourceJson(resource: Resource): Json {
  return present({
    attributes: attributesJson(resource.attributes),
    droppedAttributesCount: resource.droppedAttributesCount,
    entityRefs: resource.entityRefs.map((ref) => present({ ...ref })),
  });
}

export function scopeJson(scope: Scope): Json {
  return present({ ...scope, attributes: attributesJson(scope.attributes) });
}
