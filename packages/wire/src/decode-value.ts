/**
 * opentelemetry.proto.common.v1 and resource.v1 from protobuf: AnyValue, KeyValue, InstrumentationScope, Resource.
 *
 * How all decoders here read a message: a loop over tags, compared whole (field number and wire type), so that a known
 * field of a wrong wire type counts as unknown and is passed over, as protobuf libraries do. A field that comes twice
 * overwrites, or is merged where it is a message, as protobuf demands.
 */
import { AodeError, type ByteReader, VALUE_DEPTH_MAX } from '@aode/base';
import type { Attribute, EntityRef, Resource, Scope, Value } from './model.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Passes over a field that is not known, or not of the wire type that is. */
export function skipField(r: ByteReader, tag: number): void {
  if (tag >>> 3 === 0) r.fail('field number 0');
  r.skip(tag & 7);
}

/**
 * Reads the message that stands here with its length in front: `read` is called with the reader's end set to that of
 * the message.
 */
export function within<T, C>(r: ByteReader, context: C, read: (r: ByteReader, context: C) => T): T {
  const to = r.lengthEnd();
  const outer = r.end;
  r.end = to;
  const result = read(r, context);
  r.end = outer;
  return result;
}

/** KeyValue. */
export function readAttribute(r: ByteReader, depth: number): Attribute {
  let key = '';
  let value: Value = null;
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) key = r.string();
    else if (tag === 0x12) value = within(r, depth, readValue);
    else skipField(r, tag);
  }
  return { key, value };
}

/** AnyValue, whose own bytes are [r.at, r.end). `depth` counts the values around it. */
export function readValue(r: ByteReader, depth: number): Value {
  if (depth > VALUE_DEPTH_MAX)
    throw new AodeError('AODE_OTLP_LIMIT', { depthMax: VALUE_DEPTH_MAX, offset: r.at });
  let value: Value = null;
  while (r.at < r.end) {
    const tag = r.varint32();
    switch (tag) {
      case 0x0a:
        value = r.string();
        break;
      case 0x10:
        value = r.varint64() !== 0n;
        break;
      case 0x18:
        value = r.int64();
        break;
      case 0x21:
        value = r.double();
        break;
      case 0x2a:
        value = within(r, depth + 1, readArray);
        break;
      case 0x32:
        value = { entries: within(r, depth + 1, readAttributeList) };
        break;
      case 0x3a:
        value = r.slice().slice();
        break;
      default:
        skipField(r, tag);
    }
  }
  return value;
}

function readArray(r: ByteReader, depth: number): Value[] {
  const values: Value[] = [];
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) values.push(within(r, depth, readValue));
    else skipField(r, tag);
  }
  return values;
}

/** KeyValueList: KeyValues as field 1. Stored attribute bytes have this form too. */
export function readAttributeList(r: ByteReader, depth: number): Attribute[] {
  const entries: Attribute[] = [];
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) entries.push(within(r, depth, readAttribute));
    else skipField(r, tag);
  }
  return entries;
}

export const newResource = (): Mutable<Resource> & { attributes: Attribute[]; entityRefs: EntityRef[] } => ({
  attributes: [],
  droppedAttributesCount: 0,
  entityRefs: [],
});

/** Resource, merged into `into`. */
export function readResource(r: ByteReader, into: ReturnType<typeof newResource>): void {
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) into.attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x10) into.droppedAttributesCount = r.varint32();
    else if (tag === 0x1a) into.entityRefs.push(within(r, 0, readEntityRef));
    else skipField(r, tag);
  }
}

function readEntityRef(r: ByteReader): EntityRef {
  const ref = { schemaUrl: '', type: '', idKeys: [] as string[], descriptionKeys: [] as string[] };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) ref.schemaUrl = r.string();
    else if (tag === 0x12) ref.type = r.string();
    else if (tag === 0x1a) ref.idKeys.push(r.string());
    else if (tag === 0x22) ref.descriptionKeys.push(r.string());
    else skipField(r, tag);
  }
  return ref;
}

export const newScope = (): Mutable<Scope> & { attributes: Attribute[] } => ({
  name: '',
  version: '',
  attributes: [],
  droppedAttributesCount: 0,
});

/** InstrumentationScope, merged into `into`. */
export function readScope(r: ByteReader, into: ReturnType<typeof newScope>): void {
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) into.name = r.string();
    else if (tag === 0x12) into.version = r.string();
    else if (tag === 0x1a) into.attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x20) into.droppedAttributesCount = r.varint32();
    else skipField(r, tag);
  }
}
