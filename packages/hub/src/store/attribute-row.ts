/**
 * Attribute values in the two forms in which they leave the hub: the JSON rows of the API and the plain text that a
 * search compares. Also the 32-bit hash under which a key with its text is indexed.
 */
import type { Attribute, Value, ValueMap } from '@aode/wire';
import type { AttributeJson, AttributeRow } from '@aode/wire/hub-api';

/** Attributes as rows of the hub API, in order, repeated keys included. */
export function attributeRows(attributes: readonly Attribute[]): readonly AttributeRow[] {
  return attributes.map(attributeRow);
}

function attributeRow({ key, value }: Attribute): AttributeRow {
  return { key, type: typeOf(value), value: jsonOf(value) };
}

const isMap = (value: Value): value is ValueMap =>
  typeof value === 'object' &&
  value !== null &&
  'entries' in value &&
  !Array.isArray(value) &&
  !isBytes(value);
const isBytes = (value: Value): value is Uint8Array => value instanceof Uint8Array;

function typeOf(value: Value): AttributeRow['type'] {
  if (value === null) return 'empty';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (isBytes(value)) return 'bytes';
  return isMap(value) ? 'kvlist' : 'array';
}

/** A value as JSON: int64 as decimal text, bytes as base64, doubles that JSON cannot write as text. */
function jsonOf(value: Value): AttributeJson {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (isBytes(value)) return Buffer.from(value).toString('base64');
  if (isMap(value)) return value.entries.map((entry) => ({ ...attributeRow(entry) }));
  return value.map(jsonOf);
}

/** A value as the text that people type to find it: strings as they are, the rest as JSON without quotes around it. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (isBytes(value)) return Buffer.from(value).toString('base64');
  return JSON.stringify(plainOf(value));
}

function plainOf(value: Value): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value === null || typeof value !== 'object' || isBytes(value)) return jsonOf(value);
  if (isMap(value))
    return Object.fromEntries(value.entries.map((entry) => [entry.key, plainOf(entry.value)]));
  return value.map(plainOf);
}

/**
 * 32-bit FNV-1a over the UTF-16 units of `key`, a zero and `text`, finished with murmur3's mixer. A hit is verified
 * against the value itself, so 32 bits are enough: one false hit in 400 million attributes, and half the disk.
 */
export function attributeHash(key: string, text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h, 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
