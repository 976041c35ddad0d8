/** Rough sizes of records that wait, for the bound of the queue: their texts, and a flat sum for all the rest. */
import type { Attribute, Span, Value } from '@aode/wire';
import type { LogLine } from '../log/log-line.ts';

/** What a record and an attribute take besides their texts, on the heap and encoded. */
const RECORD_BYTES = 256;
const ATTRIBUTE_BYTES = 64;

export function spanBytes({ name, status, attributes, events, links }: Span): number {
  let bytes = RECORD_BYTES + name.length + status.message.length + attributesBytes(attributes);
  for (const event of events) bytes += RECORD_BYTES + event.name.length + attributesBytes(event.attributes);
  for (const link of links) bytes += RECORD_BYTES + attributesBytes(link.attributes);
  return bytes;
}

export function lineBytes({ text }: LogLine): number {
  return RECORD_BYTES + text.length;
}

function attributesBytes(attributes: readonly Attribute[]): number {
  let bytes = 0;
  for (const { key, value } of attributes) bytes += ATTRIBUTE_BYTES + key.length + valueBytes(value);
  return bytes;
}

function valueBytes(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (!Array.isArray(value)) return 0;
  let bytes = 0;
  for (const item of value as readonly Value[]) bytes += 8 + valueBytes(item);
  return bytes;
}
