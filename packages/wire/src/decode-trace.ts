/** ExportTraceServiceRequest, opentelemetry/proto/trace/v1. Same field numbers as TracesData, so both decode here. */
import type { ByteReader } from '@aode/base';
import type { ResourceSpans, ScopeSpans, Span, SpanEvent, SpanLink, Status } from './model.ts';
import type { Mutable } from './mutable.ts';
import { messageReader, readTag, skipField } from './decode-field.ts';
import { emptyResource, emptyScope, readResource, readScope } from './decode-resource.ts';
import { readAttribute } from './decode-value.ts';

/**
 * Decodes an ExportTraceServiceRequest. Unknown fields are skipped, text that is not UTF-8 gets U+FFFD where it is
 * not, ids keep whatever length they came with. Throws AODE_OTLP_PROTOBUF_INVALID and AODE_OTLP_LIMIT.
 */
export function decodeTraces(source: Uint8Array): ResourceSpans[] {
  const reader = messageReader(source);
  const list: ResourceSpans[] = [];
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x0a) list.push(readResourceSpans(reader));
    else skipField(reader, tag);
  }
  return list;
}

function readResourceSpans(reader: ByteReader): ResourceSpans {
  const resource = emptyResource();
  const scopeSpans: ScopeSpans[] = [];
  let schemaUrl = '';
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // resource = 1
        readResource(reader, resource);
        break;
      case 0x12: // scope_spans = 2
        scopeSpans.push(readScopeSpans(reader));
        break;
      case 0x1a: // schema_url = 3
        schemaUrl = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { resource, schemaUrl, scopeSpans };
}

function readScopeSpans(reader: ByteReader): ScopeSpans {
  const scope = emptyScope();
  const spans: Span[] = [];
  let schemaUrl = '';
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // scope = 1
        readScope(reader, scope);
        break;
      case 0x12: // spans = 2
        spans.push(readSpan(reader));
        break;
      case 0x1a: // schema_url = 3
        schemaUrl = reader.name();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return { scope, schemaUrl, spans };
}

const emptySpan = (): Mutable<Span> => ({
  traceId: '',
  spanId: '',
  traceState: '',
  parentSpanId: '',
  flags: 0,
  name: '',
  kind: 0,
  startTimeUnixNano: 0n,
  endTimeUnixNano: 0n,
  attributes: [],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: UNSET,
});

const UNSET: Status = { code: 0, message: '' };

function readSpan(reader: ByteReader): Span {
  const span = emptySpan();
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // trace_id = 1
        span.traceId = reader.hex();
        break;
      case 0x12: // span_id = 2
        span.spanId = reader.hex();
        break;
      case 0x22: // parent_span_id = 4
        span.parentSpanId = reader.hex();
        break;
      case 0x2a: // name = 5
        span.name = reader.name();
        break;
      case 0x30: // kind = 6
        span.kind = reader.int32();
        break;
      case 0x39: // start_time_unix_nano = 7
        span.startTimeUnixNano = reader.fixed64();
        break;
      case 0x41: // end_time_unix_nano = 8
        span.endTimeUnixNano = reader.fixed64();
        break;
      case 0x4a: // attributes = 9
        span.attributes.push(readAttribute(reader, 1));
        break;
      case 0x7a: // status = 15
        span.status = readStatus(reader, span.status);
        break;
      default:
        readRareSpanField(reader, tag, span);
    }
  }
  reader.leave(outer);
  return span;
}

function readRareSpanField(reader: ByteReader, tag: number, span: Mutable<Span>): void {
  switch (tag) {
    case 0x1a: // trace_state = 3
      span.traceState = reader.name();
      break;
    case 0x50: // dropped_attributes_count = 10
      span.droppedAttributesCount = reader.uint32();
      break;
    case 0x5a: // events = 11
      span.events.push(readEvent(reader));
      break;
    case 0x60: // dropped_events_count = 12
      span.droppedEventsCount = reader.uint32();
      break;
    case 0x6a: // links = 13
      span.links.push(readLink(reader));
      break;
    case 0x70: // dropped_links_count = 14
      span.droppedLinksCount = reader.uint32();
      break;
    case 0x85: // flags = 16
      span.flags = reader.fixed32();
      break;
    default:
      skipField(reader, tag);
  }
}

function readStatus(reader: ByteReader, before: Status): Status {
  let { code, message } = before;
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    if (tag === 0x12) message = reader.string(); // message = 2
    else if (tag === 0x18) code = reader.int32(); // code = 3
    else skipField(reader, tag);
  }
  reader.leave(outer);
  return { code, message };
}

/** Reads a length-delimited Span.Event. */
export function readEvent(reader: ByteReader): SpanEvent {
  const event: Mutable<SpanEvent> = {
    timeUnixNano: 0n,
    name: '',
    attributes: [],
    droppedAttributesCount: 0,
  };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x09: // time_unix_nano = 1
        event.timeUnixNano = reader.fixed64();
        break;
      case 0x12: // name = 2
        event.name = reader.name();
        break;
      case 0x1a: // attributes = 3
        event.attributes.push(readAttribute(reader, 1));
        break;
      case 0x20: // dropped_attributes_count = 4
        event.droppedAttributesCount = reader.uint32();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return event;
}

/** Reads a length-delimited Span.Link. */
export function readLink(reader: ByteReader): SpanLink {
  const link: Mutable<SpanLink> = {
    traceId: '',
    spanId: '',
    traceState: '',
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
  };
  const outer = reader.enter();
  while (reader.at < reader.limit) {
    const tag = readTag(reader);
    switch (tag) {
      case 0x0a: // trace_id = 1
        link.traceId = reader.hex();
        break;
      case 0x12: // span_id = 2
        link.spanId = reader.hex();
        break;
      case 0x1a: // trace_state = 3
        link.traceState = reader.name();
        break;
      case 0x22: // attributes = 4
        link.attributes.push(readAttribute(reader, 1));
        break;
      case 0x28: // dropped_attributes_count = 5
        link.droppedAttributesCount = reader.uint32();
        break;
      case 0x35: // flags = 6
        link.flags = reader.fixed32();
        break;
      default:
        skipField(reader, tag);
    }
  }
  reader.leave(outer);
  return link;
}
