/** opentelemetry.proto.trace.v1 from protobuf. */
import { ByteReader } from '@aode/base';
import {
  type Mutable,
  newResource,
  newScope,
  readAttribute,
  readResource,
  readScope,
  skipField,
  within,
} from './decode-value.ts';
import type { Attribute, ResourceSpans, ScopeSpans, Span, SpanEvent, SpanLink, Status } from './model.ts';

/**
 * An ExportTraceServiceRequest (or TracesData, which has the same form) as records.
 * Throws AODE_OTLP_PROTOBUF_INVALID, AODE_OTLP_LIMIT.
 */
export function decodeTraces(bytes: Uint8Array): ResourceSpans[] {
  const r = new ByteReader(bytes);
  const all: ResourceSpans[] = [];
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) all.push(within(r, undefined, readResourceSpans));
    else skipField(r, tag);
  }
  return all;
}

function readResourceSpans(r: ByteReader): ResourceSpans {
  const resource = newResource();
  const scopeSpans: ScopeSpans[] = [];
  let schemaUrl = '';
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) within(r, resource, readResource);
    else if (tag === 0x12) scopeSpans.push(within(r, undefined, readScopeSpans));
    else if (tag === 0x1a) schemaUrl = r.string();
    else skipField(r, tag);
  }
  return { resource, schemaUrl, scopeSpans };
}

function readScopeSpans(r: ByteReader): ScopeSpans {
  const scope = newScope();
  const spans: Span[] = [];
  let schemaUrl = '';
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) within(r, scope, readScope);
    else if (tag === 0x12) spans.push(within(r, undefined, readSpan));
    else if (tag === 0x1a) schemaUrl = r.string();
    else skipField(r, tag);
  }
  return { scope, schemaUrl, spans };
}

type SpanDraft = Mutable<Span> & {
  attributes: Attribute[];
  events: SpanEvent[];
  links: SpanLink[];
  status: Mutable<Status>;
};

const newSpan = (): SpanDraft => ({
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
  status: { code: 0, message: '' },
});

function readSpan(r: ByteReader): Span {
  const span = newSpan();
  while (r.at < r.end) {
    const tag = r.varint32();
    if (!readSpanIdentity(r, tag, span) && !readSpanLists(r, tag, span)) skipField(r, tag);
  }
  return span;
}

/** What identifies and measures a span. Returns false for other tags. */
function readSpanIdentity(r: ByteReader, tag: number, span: SpanDraft): boolean {
  switch (tag) {
    case 0x0a:
      span.traceId = r.hex();
      return true;
    case 0x12:
      span.spanId = r.hex();
      return true;
    case 0x1a:
      span.traceState = r.string();
      return true;
    case 0x22:
      span.parentSpanId = r.hex();
      return true;
    case 0x2a:
      span.name = r.string();
      return true;
    case 0x30:
      span.kind = r.varint32() | 0;
      return true;
    case 0x39:
      span.startTimeUnixNano = r.fixed64();
      return true;
    case 0x41:
      span.endTimeUnixNano = r.fixed64();
      return true;
    default:
      return false;
  }
}

/** Attributes, events, links, their dropped counts, status, flags. Returns false for other tags. */
function readSpanLists(r: ByteReader, tag: number, span: SpanDraft): boolean {
  switch (tag) {
    case 0x4a:
      span.attributes.push(within(r, 0, readAttribute));
      return true;
    case 0x50:
      span.droppedAttributesCount = r.varint32();
      return true;
    case 0x5a:
      span.events.push(within(r, undefined, readEvent));
      return true;
    case 0x60:
      span.droppedEventsCount = r.varint32();
      return true;
    case 0x6a:
      span.links.push(within(r, undefined, readLink));
      return true;
    case 0x70:
      span.droppedLinksCount = r.varint32();
      return true;
    case 0x7a:
      within(r, span.status, readStatus);
      return true;
    case 0x85:
      span.flags = r.fixed32();
      return true;
    default:
      return false;
  }
}

function readStatus(r: ByteReader, into: Mutable<Status>): void {
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x12) into.message = r.string();
    else if (tag === 0x18) into.code = r.varint32() | 0;
    else skipField(r, tag);
  }
}

/** Span.Event. */
export function readEvent(r: ByteReader): SpanEvent {
  const event = { timeUnixNano: 0n, name: '', attributes: [] as Attribute[], droppedAttributesCount: 0 };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x09) event.timeUnixNano = r.fixed64();
    else if (tag === 0x12) event.name = r.string();
    else if (tag === 0x1a) event.attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x20) event.droppedAttributesCount = r.varint32();
    else skipField(r, tag);
  }
  return event;
}

/** Span.Link. */
export function readLink(r: ByteReader): SpanLink {
  const link = {
    traceId: '',
    spanId: '',
    traceState: '',
    attributes: [] as Attribute[],
    droppedAttributesCount: 0,
    flags: 0,
  };
  while (r.at < r.end) {
    const tag = r.varint32();
    if (tag === 0x0a) link.traceId = r.hex();
    else if (tag === 0x12) link.spanId = r.hex();
    else if (tag === 0x1a) link.traceState = r.string();
    else if (tag === 0x22) link.attributes.push(within(r, 0, readAttribute));
    else if (tag === 0x28) link.droppedAttributesCount = r.varint32();
    else if (tag === 0x35) link.flags = r.fixed32();
    else skipField(r, tag);
  }
  return link;
}
