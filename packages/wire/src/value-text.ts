/** The one text form of an attribute value: what a search for `key=value` compares and `attributeHash` hashes. */
import { isValueMap, type Value } from './model.ts';

/**
 * Strings as they are; true, false; whole numbers in decimal; doubles as JavaScript prints them, so that 200 is "200"
 * whether it came as an int or as a double; bytes in base64; lists and maps as JSON of these; no value as ''.
 */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return base64(value);
  return JSON.stringify(plainOf(value));
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');

/** What JSON has no number for becomes text: whole numbers beyond 2^53, NaN, infinities. */
function plainOf(value: Value): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return base64(value);
  if (isValueMap(value)) {
    return Object.fromEntries(value.entries.map((entry) => [entry.key, plainOf(entry.value)]));
  }
  return value.map(plainOf);
}
