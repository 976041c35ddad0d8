/** Resource, EntityRef (opentelemetry/proto/resource/v1) and InstrumentationScope; read twice, they are merged. */
import type { ByteReader } from '@aode/base';
import type { EntityRef, Resource, Scope } from './model.ts';
import type { Mutable } from './mutable.ts';
import { readTag, skipField } from './decode-field.ts';
import { readAttribute } from './decode-value.ts';

export const emptyResource = (): Mutable<Resource> => ({
  attributes: [],
  droppedAttributesCount: 0,
  entityRefs: [],
});

export const emptyScope = (): Mutable<Scope> => ({
  name: '',
  version: '',
  attributes: [],
  droppedAttributesCount: 0,
});

/** Reads a length-delimited Resource into `into`. */
export function readResource(reader: ByteReader, into: Mutable<Resource>): void {
  const outer = reader.enter();
  readResourceFields(reader, into);
  reader.leave(outer);
}

/** Reads the fields of a Resource up to the limit. */
export function readResourceFields(reader: ByteReader, into: Mutable<Resource>): void {
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // attributes = 1
        into.attributes.push(readAttribute(reader, 1));
        break;
      case 0x10: // dropped_attributes_count = 2
        into.droppedAttributesCount = reader.uint32();
        break;
      case 0x1a: // entity_refs = 3
        into.entityRefs.push(readEntityRef(reader));
        break;
      default:
        skipField(reader, tag);
    }
  }
}

function readEntityRef(reader: ByteReader): EntityRef {
  const ref: Mutable<EntityRef> = { schemaUrl: '', type: '', idKeys: [], descriptionKeys: [] };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // schema_url = 1
        ref.schemaUrl = reader.name();
        break;
      case 0x12: // type = 2
        ref.type = reader.name();
        break;
      case 0x1a: // id_keys = 3
        ref.idKeys.push(reader.name());
        break;
      case 0x22: // description_keys = 4
        ref.descriptionKeys.push(reader.name());
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return ref;
}

/** Reads a length-delimited InstrumentationScope into `into`. */
export function readScope(reader: ByteReader, into: Mutable<Scope>): void {
  const outer = reader.enter();
  readScopeFields(reader, into);
  reader.leave(outer);
}

/** Reads the fields of an InstrumentationScope up to the limit. */
export function readScopeFields(reader: ByteReader, into: Mutable<Scope>): void {
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // name = 1
        into.name = reader.name();
        break;
      case 0x12: // version = 2
        into.version = reader.name();
        break;
      case 0x1a: // attributes = 3
        into.attributes.push(readAttribute(reader, 1));
        break;
      case 0x20: // dropped_attributes_count = 4
        into.droppedAttributesCount = reader.uint32();
        break;
      default:
        skipField(reader, tag);
    }
  }
}
