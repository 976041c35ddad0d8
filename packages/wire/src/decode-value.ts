/**
 * opentelemetry/proto/common/v1: AnyValue and KeyValue, the same for every signal.
 *
 * A singular message that arrives twice is merged, as protobuf demands: lists are appended, the last scalar wins, and
 * within AnyValue the member set last is the one that counts. String-table references (`string_value_strindex`,
 * `key_strindex`) belong to profiles; without their table they mean nothing and read as "no value" and "no key".
 */
import { AodeError, type ByteReader, VALUE_DEPTH_MAX } from '@aode/base';
import { type Attribute, isValueMap, type Value, type ValueMap } from './model.ts';
import type { Mutable } from './mutable.ts';
import { readTag, skipField } from './decode-field.ts';

/** Reads a length-delimited KeyValue. `depth` is the depth of its value: 1 for an attribute. */
export function readAttribute(reader: ByteReader, depth: number): Attribute {
  const outer = reader.enter();
  let key = '';
  let value: Value = null;
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) key = reader.name();
    else if (tag === 0x12) value = readValue(reader, depth, value);
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return { key, value };
}

/** Reads a length-delimited AnyValue and merges it into `before`. */
export function readValue(reader: ByteReader, depth: number, before: Value): Value {
  const outer = reader.enter();
  const value = readValueFields(reader, depth, before);
  reader.leave(outer);
  return value;
}

/** Reads the fields of an AnyValue up to the limit. */
export function readValueFields(reader: ByteReader, depth: number, before: Value): Value {
  if (depth > VALUE_DEPTH_MAX) throw new AodeError('AODE_OTLP_LIMIT', { depth, depthMax: VALUE_DEPTH_MAX });
  let value = before;
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // string_value = 1
        value = reader.string();
        break;
      case 0x10: // bool_value = 2
        value = reader.bool();
        break;
      case 0x18: // int_value = 3
        value = reader.int64();
        break;
      case 0x21: // double_value = 4
        value = reader.double();
        break;
      case 0x2a: // array_value = 5
        value = readArray(reader, depth, value);
        break;
      case 0x32: // kvlist_value = 6
        value = readMap(reader, depth, value);
        break;
      case 0x3a: // bytes_value = 7
        value = reader.bytes();
        break;
      case 0x40: // string_value_strindex = 8
        reader.int32();
        value = null;
        break;
      default:
        skipField(reader, tag);
    }
  }
  return value;
}

function readArray(reader: ByteReader, depth: number, before: Value): readonly Value[] {
  const values: Value[] = Array.isArray(before) ? before : [];
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) values.push(readValue(reader, depth + 1, null));
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return values;
}

function readMap(reader: ByteReader, depth: number, before: Value): ValueMap {
  const map: Mutable<ValueMap> = { entries: isValueMap(before) ? [...before.entries] : [] };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) map.entries.push(readAttribute(reader, depth + 1));
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return map;
}
