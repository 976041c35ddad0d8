/**
 * opentelemetry.proto.common.v1 and resource.v1 to protobuf. As proto3 asks, a field that has its default is left out,
 * except inside a oneof, where its presence is the message.
 */
import type { ByteWriter } from '@aode/base';
import { type Attribute, type EntityRef, isValueMap } from './model.ts';
import type { Resource, Scope, Value, ValueMap } from './model.ts';

/** A string field, left out when empty. */
export function writeText(w: ByteWriter, tag: number, text: string): void {
  if (text === '') return;
  w.varint(tag);
  w.string(text);
}

/** A uint32 or enum field, left out when 0. A negative enum takes ten bytes. */
export function writeCount(w: ByteWriter, tag: number, count: number): void {
  if (count === 0) return;
  w.varint(tag);
  if (count < 0) w.varint64(BigInt(count));
  else w.varint(count);
}

/** A fixed64 field, left out when 0. */
export function writeFixed64(w: ByteWriter, tag: number, value: bigint): void {
  if (value === 0n) return;
  w.varint(tag);
  w.fixed64(value);
}

/** A fixed32 field, left out when 0. */
export function writeFixed32(w: ByteWriter, tag: number, value: number): void {
  if (value === 0) return;
  w.varint(tag);
  w.fixed32(value);
}

/** An id as bytes, left out when ''. */
export function writeId(w: ByteWriter, tag: number, id: string): void {
  if (id === '') return;
  w.varint(tag);
  w.hex(id);
}

/** KeyValues as a repeated field. */
export function writeAttributes(w: ByteWriter, tag: number, attributes: readonly Attribute[]): void {
  for (const attribute of attributes) {
    w.varint(tag);
    const mark = w.open();
    writeText(w, 0x0a, attribute.key);
    w.byte(0x12);
    writeValue(w, attribute.value);
    w.close(mark);
  }
}

/** An AnyValue with its length in front. */
export function writeValue(w: ByteWriter, value: Value): void {
  const mark = w.open();
  switch (typeof value) {
    case 'string':
      w.byte(0x0a);
      w.string(value);
      break;
    case 'boolean':
      w.byte(0x10);
      w.byte(value ? 1 : 0);
      break;
    case 'bigint':
      w.byte(0x18);
      w.varint64(value);
      break;
    case 'number':
      w.byte(0x21);
      w.double(value);
      break;
    default:
      writeComposite(w, value);
  }
  w.close(mark);
}

function writeComposite(w: ByteWriter, value: Uint8Array | null | readonly Value[] | ValueMap): void {
  if (value === null) return;
  if (value instanceof Uint8Array) {
    w.byte(0x3a);
    w.bytes(value);
    return;
  }
  if (isValueMap(value)) {
    w.byte(0x32);
    const mark = w.open();
    writeAttributes(w, 0x0a, value.entries);
    w.close(mark);
    return;
  }
  w.byte(0x2a);
  const mark = w.open();
  for (const item of value) {
    w.byte(0x0a);
    writeValue(w, item);
  }
  w.close(mark);
}

/** The fields of a Resource, without its length. */
export function writeResource(w: ByteWriter, resource: Resource): void {
  writeAttributes(w, 0x0a, resource.attributes);
  writeCount(w, 0x10, resource.droppedAttributesCount);
  for (const ref of resource.entityRefs) {
    w.byte(0x1a);
    const mark = w.open();
    writeEntityRef(w, ref);
    w.close(mark);
  }
}

function writeEntityRef(w: ByteWriter, ref: EntityRef): void {
  writeText(w, 0x0a, ref.schemaUrl);
  writeText(w, 0x12, ref.type);
  for (const key of ref.idKeys) {
    w.byte(0x1a);
    w.string(key);
  }
  for (const key of ref.descriptionKeys) {
    w.byte(0x22);
    w.string(key);
  }
}

/** The fields of an InstrumentationScope, without its length. */
export function writeScope(w: ByteWriter, scope: Scope): void {
  writeText(w, 0x0a, scope.name);
  writeText(w, 0x12, scope.version);
  writeAttributes(w, 0x1a, scope.attributes);
  writeCount(w, 0x20, scope.droppedAttributesCount);
}
