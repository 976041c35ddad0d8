/**
 * The frame around the records of a request, the same for all signals: resources, in them scopes, in them records
 * (fields 1, 2, 3 are the description, the list, the schema URL). A resource or scope is given out before what it
 * holds, even where a sender wrote it behind: each level is passed over once to find it.
 */
import type { ByteReader } from '@aode/base';
import { messageReader, readTag, skipField } from './decode-field.ts';
import { type AttributeScan, AttributePlaces } from './scan-attribute.ts';
import { FieldPlaces } from './scan-list.ts';
import { TextPlace } from './scan-text.ts';
import { walkMessage } from './scan-walk.ts';

/** A Resource under scan; void once the next one is given out. */
export interface ResourceScan {
  readonly attributes: AttributeScan;
  /** A value nests deeper than VALUE_DEPTH_MAX: it cannot be decoded, nothing of this resource should be kept. */
  readonly tooDeep: boolean;
  /** The bytes of the Resource message, for `decodeResource`; a view onto the request. */
  raw(): Uint8Array;
  schemaUrl(): string;
}

/** An InstrumentationScope under scan; void once the next one is given out. */
export interface ScopeScan extends ResourceScan {
  name(): string;
  version(): string;
}

/** Takes what the scan finds, in the order resource, scope, records of that scope, next scope, next resource. */
export interface EnvelopeSink {
  resource(resource: ResourceScan): void;
  scope(scope: ScopeScan): void;
}

/** Walks a request. `record` is called with the reader at each length-delimited record, which it must pass over. */
export function scanEnvelope(source: Uint8Array, sink: EnvelopeSink, newRecord: NewRecord): void {
  const reader = messageReader(source);
  const record = newRecord(reader);
  const parts = { resource: new PartPlaces(reader, RESOURCE), scope: new PartPlaces(reader, SCOPE) };
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) scanResource(reader, sink, parts, record);
    else skipField(reader, tag);
  }
}

/** Makes what scans the records of a request, once a request. */
export type NewRecord = (reader: ByteReader) => ScanRecord;
export type ScanRecord = (reader: ByteReader) => void;

interface Parts {
  readonly resource: PartPlaces;
  readonly scope: PartPlaces;
}

function scanResource(reader: ByteReader, sink: EnvelopeSink, parts: Parts, record: ScanRecord): void {
  const outer = reader.enter();
  parts.resource.scan(reader);
  sink.resource(parts.resource);
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === LIST) scanScope(reader, sink, parts, record);
    else skipField(reader, tag);
  }
  reader.leave(outer);
}

function scanScope(reader: ByteReader, sink: EnvelopeSink, parts: Parts, record: ScanRecord): void {
  const outer = reader.enter();
  parts.scope.scan(reader);
  sink.scope(parts.scope);
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === LIST) record(reader);
    else skipField(reader, tag);
  }
  reader.leave(outer);
}

/** Tags of the frame. */
const DESCRIPTION = 0x0a;
const LIST = 0x12;
const SCHEMA_URL = 0x1a;

/** What tells Resource from InstrumentationScope; 0 stands for a field that it does not have. */
interface PartTags {
  readonly attributes: number;
  readonly name: number;
  readonly version: number;
  /** A repeated message that has to be walked too. */
  readonly entityRefs: number;
}
const RESOURCE: PartTags = { attributes: 0x0a, name: 0, version: 0, entityRefs: 0x1a };
const SCOPE: PartTags = { attributes: 0x1a, name: 0x0a, version: 0x12, entityRefs: 0 };

/** No tag: field number 0 never passes `readTag`. */
const NO_ATTRIBUTES = 0;

class PartPlaces implements ScopeScan {
  readonly attributes: AttributePlaces;
  readonly #source: Buffer;
  readonly #tags: PartTags;
  readonly #schemaUrl: TextPlace;
  readonly #name: TextPlace;
  readonly #version: TextPlace;
  /** The contents of the message, without tag and length: joined, they are the merged message. */
  readonly #contents: FieldPlaces;

  constructor(reader: ByteReader, tags: PartTags) {
    this.attributes = new AttributePlaces(reader.source);
    this.#source = reader.source;
    this.#tags = tags;
    this.#schemaUrl = new TextPlace(reader);
    this.#name = new TextPlace(reader);
    this.#version = new TextPlace(reader);
    this.#contents = new FieldPlaces(this.#source);
  }

  get tooDeep(): boolean {
    return this.attributes.tooDeep;
  }

  /** Scans ahead through the frame at whose beginning `reader` stands, and returns there. */
  scan(reader: ByteReader): void {
    this.attributes.clear();
    this.#schemaUrl.clear();
    this.#name.clear();
    this.#version.clear();
    this.#contents.clear();
    const start = reader.at;
    while (reader.at < reader.limit) {
      const tag = readTag(reader);
      if (tag === DESCRIPTION) this.#scanContents(reader);
      else if (tag === SCHEMA_URL) this.#schemaUrl.scan(reader);
      else skipField(reader, tag);
    }
    reader.seek(start, reader.limit);
  }

  raw(): Uint8Array {
    return this.#contents.raw();
  }

  schemaUrl(): string {
    return this.#schemaUrl.name();
  }

  name(): string {
    return this.#name.name();
  }

  version(): string {
    return this.#version.name();
  }

  #scanContents(reader: ByteReader): void {
    const { attributes, name, version, entityRefs } = this.#tags;
    const outer = reader.enter();
    const from = reader.at;
    while (reader.at < reader.limit) {
      const start = reader.at;
      const tag = readTag(reader);
      if (tag === attributes) this.attributes.scan(reader, start);
      else if (tag === name) this.#name.scan(reader);
      else if (tag === version) this.#version.scan(reader);
      else if (tag === entityRefs) walkMessage(reader, NO_ATTRIBUTES);
      else skipField(reader, tag);
    }
    this.#contents.add(from, reader.at);
    reader.leave(outer);
  }
}
