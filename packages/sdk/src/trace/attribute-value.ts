/**
 * Attribute values of the OpenTelemetry API as OTLP values. What the application hands over may be anything: nothing
 * here throws, whatever its getters and proxies do.
 */
import { VALUE_DEPTH_MAX } from '@aode/base';
import type { Attribute, Value } from '@aode/wire';
import { isInt64 } from '../pool/int64.ts';

/** Attributes beyond this many a span, event or link are dropped and counted (OpenTelemetry's default). */
export const ATTRIBUTES_MAX = 128;

/** Texts are cut to this many UTF-16 units, bytes likewise: no value may be larger than a whole usual request. */
export const VALUE_CHARS_MAX: number = 64 * 1024;

/** Values within one, at all depths; more than a thousand are data and no description. */
export const ITEMS_MAX = 1024;

/** A text as it may be stored; '' for what is none. */
export function textOf(text: unknown): string {
  if (typeof text !== 'string') return '';
  return text.length > VALUE_CHARS_MAX ? text.slice(0, VALUE_CHARS_MAX) : text;
}

/**
 * Undefined for what is no attribute value (OpenTelemetry specification, § AnyValue): functions, symbols, undefined,
 * and objects that are no plain ones. Whole numbers are int64, as other OpenTelemetry SDKs for JavaScript send them.
 */
export function otlpValue(value: unknown): Value | undefined {
  if (typeof value !== 'object') return scalar(value);
  if (value === null) return null;
  try {
    return compound(value, { itemsLeft: ITEMS_MAX, depthLeft: VALUE_DEPTH_MAX - 1 });
  } catch {
    return undefined; // A getter or a proxy has thrown.
  }
}

function scalar(value: unknown): Value | undefined {
  switch (typeof value) {
    case 'string':
      return textOf(value);
    case 'number':
      return isInt64(value) ? BigInt(value) : value;
    case 'boolean':
      return value;
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? value : textOf(String(value));
    default:
      return undefined;
  }
}

/** What is left to be taken of one value; it ends cycles too. */
interface Room {
  itemsLeft: number;
  depthLeft: number;
}

function compound(value: object, room: Room): Value | undefined {
  if (value instanceof Uint8Array) return bytesOf(value);
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) return undefined;
  if (room.depthLeft === 0) return null;
  room.depthLeft -= 1;
  const taken = isArray ? itemsOf(value, room) : { entries: entriesOf(value, room) };
  room.depthLeft += 1;
  return taken;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** An item that is no value becomes null, so that the others keep their places. */
function itemsOf(array: readonly unknown[], room: Room): Value[] {
  const taken: Value[] = [];
  for (let i = 0; i < array.length && room.itemsLeft > 0; i += 1) taken.push(within(array[i], room) ?? null);
  return taken;
}

function entriesOf(value: object, room: Room): Attribute[] {
  const taken: Attribute[] = [];
  for (const [key, raw] of readEntries(value).entries) {
    if (room.itemsLeft === 0) break;
    const one = within(raw, room);
    if (one !== undefined) taken.push({ key: textOf(key), value: one });
  }
  return taken;
}

function within(value: unknown, room: Room): Value | undefined {
  room.itemsLeft -= 1;
  if (value === null) return null;
  return typeof value === 'object' ? compound(value, room) : scalar(value);
}

/** A copy: the application may go on using its buffer. */
function bytesOf(value: Uint8Array): Value {
  return new Uint8Array(value.subarray(0, VALUE_CHARS_MAX));
}

/** Own enumerable entries of whatever was given; `unreadable` counts those that could not be read. */
export function readEntries(from: unknown): {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly unreadable: number;
} {
  if (typeof from !== 'object' || from === null) return { entries: [], unreadable: 0 };
  try {
    return { entries: Object.entries(from), unreadable: 0 };
  } catch {
    return readOneByOne(from as Readonly<Record<string, unknown>>);
  }
}

function readOneByOne(from: Readonly<Record<string, unknown>>): ReturnType<typeof readEntries> {
  const entries: [string, unknown][] = [];
  let unreadable = 0;
  try {
    for (const key of Object.keys(from)) {
      try {
        entries.push([key, from[key]]);
      } catch {
        unreadable += 1;
      }
    }
  } catch {
    unreadable += 1; // Not even its keys can be asked for.
  }
  return { entries, unreadable };
}

/** The items of whatever was given as a list; none when it cannot be read. */
export function readItems(from: unknown): readonly unknown[] {
  try {
    return Array.isArray(from) ? Array.from(from as readonly unknown[]) : [];
  } catch {
    return [];
  }
}

/** A new list from an object of attributes; `dropped` counts what was beyond the limit or could not be read. */
export function otlpAttributes(from: unknown): {
  readonly attributes: Attribute[];
  readonly dropped: number;
} {
  const { entries, unreadable } = readEntries(from);
  const attributes: Attribute[] = [];
  let dropped = unreadable;
  for (const [key, raw] of entries) {
    const value = key === '' ? undefined : otlpValue(raw);
    if (value === undefined) continue;
    if (attributes.length < ATTRIBUTES_MAX) attributes.push({ key: textOf(key), value });
    else dropped += 1;
  }
  return { attributes, dropped };
}
