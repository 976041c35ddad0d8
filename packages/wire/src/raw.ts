/**
 * Pieces of OTLP messages as the scan hands them out and a store keeps them, back into records. A raw list
 * (attributes, events, links) is a sequence of length-delimited fields whatever their number, so that it can be cut out
 * of any message and joined with others; a raw resource, scope or value is the bytes of that message.
 *
 * All throw AODE_OTLP_PROTOBUF_INVALID and AODE_OTLP_LIMIT; for what a scan has passed they never do.
 */
import { type ByteReader, byteWriter } from '@aode/base';
import { messageReader, readTag, skipField, WIRE_BYTES } from './decode-field.ts';
import { emptyResource, emptyScope, readResourceFields, readScopeFields } from './decode-resource.ts';
import { readEvent, readLink } from './decode-trace.ts';
import { readAttribute, readValueFields } from './decode-value.ts';
import { writeAttributes, writeResource } from './encode-value.ts';
import type { Attribute, Resource, Scope, SpanEvent, SpanLink, Value } from './model.ts';

/** A raw list of KeyValues. */
export function decodeAttributes(raw: Uint8Array): Attribute[] {
  return readList(raw, (reader) => readAttribute(reader, 1));
}

/** A raw list of Span.Events. */
export function decodeEvents(raw: Uint8Array): SpanEvent[] {
  return readList(raw, readEvent);
}

/** A raw list of Span.Links. */
export function decodeLinks(raw: Uint8Array): SpanLink[] {
  return readList(raw, readLink);
}

function readList<T>(raw: Uint8Array, read: (reader: ByteReader) => T): T[] {
  const reader = messageReader(raw);
  const list: T[] = [];
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if ((tag & 7) === WIRE_BYTES) list.push(read(reader));
    else skipField(reader, tag);
  }
  return list;
}

/** The bytes of a Resource. */
export function decodeResource(raw: Uint8Array): Resource {
  const resource = emptyResource();
  readResourceFields(messageReader(raw), resource);
  return resource;
}

/** A Resource as its bytes. */
export function encodeResource(resource: Resource): Uint8Array<ArrayBuffer> {
  const writer = byteWriter(512);
  writeResource(writer, resource);
  return writer.finish();
}

/** The bytes of an InstrumentationScope. */
export function decodeScope(raw: Uint8Array): Scope {
  const scope = emptyScope();
  readScopeFields(messageReader(raw), scope);
  return scope;
}

/** The bytes of an AnyValue. */
export function decodeValue(raw: Uint8Array): Value {
  return readValueFields(messageReader(raw), 1, null);
}

/** Attributes as a raw list. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array<ArrayBuffer> {
  const writer = byteWriter(256);
  writeAttributes(writer, 0x0a, attributes);
  return writer.finish();
}
