/** OTLP/JSON traces, both directions. */
import {
  attributesJson,
  enumeration,
  enumNames,
  id,
  type Json,
  list,
  object,
  parseJson,
  present,
  readAttributes,
  readResource,
  readScope,
  resourceJson,
  scopeJson,
  text,
  uint32,
  uint64,
} from './json-value.ts';
import {
  type ResourceSpans,
  type ScopeSpans,
  SPAN_KIND,
  type Span,
  type SpanEvent,
  type SpanLink,
  STATUS_CODE,
} from './model.ts';

const KINDS = enumNames('SPAN_KIND_', SPAN_KIND);
const CODES = enumNames('STATUS_CODE_', STATUS_CODE);

/** An ExportTraceServiceRequest from OTLP/JSON. Throws AODE_OTLP_JSON_INVALID, AODE_OTLP_LIMIT. */
export function decodeTracesJson(json: string): ResourceSpans[] {
  return list(parseJson(json), 'resourceSpans', (from) => ({
    resource: readResource(object(from, 'resource')),
    schemaUrl: text(from, 'schemaUrl'),
    scopeSpans: list(from, 'scopeSpans', readScopeSpans),
  }));
}

function readScopeSpans(from: Json): ScopeSpans {
  return {
    scope: readScope(object(from, 'scope')),
    schemaUrl: text(from, 'schemaUrl'),
    spans: list(from, 'spans', readSpan),
  };
}

function readSpan(from: Json): Span {
  const status = object(from, 'status');
  return {
    traceId: id(from, 'traceId'),
    spanId: id(from, 'spanId'),
    traceState: text(from, 'traceState'),
    parentSpanId: id(from, 'parentSpanId'),
    flags: uint32(from, 'flags'),
    name: text(from, 'name'),
    kind: enumeration(from, 'kind', KINDS),
    startTimeUnixNano: uint64(from, 'startTimeUnixNano'),
    endTimeUnixNano: uint64(from, 'endTimeUnixNano'),
    attributes: readAttributes(from),
    droppedAttributesCount: uint32(from, 'droppedAttributesCount'),
    events: list(from, 'events', readEvent),
    droppedEventsCount: uint32(from, 'droppedEventsCount'),
    links: list(from, 'links', readLink),
    droppedLinksCount: uint32(from, 'droppedLinksCount'),
    status: { code: enumeration(status, 'code', CODES), message: text(status, 'message') },
  };
}

function readEvent(from: Json): SpanEvent {
  return {
    timeUnixNano: uint64(from, 'timeUnixNano'),
    name: text(from, 'name'),
    attributes: readAttributes(from),
    droppedAttributesCount: uint32(from, 'droppedAttributesCount'),
  };
}

function readLink(from: Json): SpanLink {
  return {
    traceId: id(from, 'traceId'),
    spanId: id(from, 'spanId'),
    traceState: text(from, 'traceState'),
    attributes: readAttributes(from),
    droppedAttributesCount: uint32(from, 'droppedAttributesCount'),
    flags: uint32(from, 'flags'),
  };
}

/** An ExportTraceServiceRequest as OTLP/JSON. */
export function encodeTracesJson(traces: readonly ResourceSpans[]): string {
  const resourceSpans = traces.map((one) =>
    present({
      resource: resourceJson(one.resource),
      schemaUrl: one.schemaUrl,
      scopeSpans: one.scopeSpans.map(({ scope, schemaUrl, spans }) =>
        present({ scope: scopeJson(scope), schemaUrl, spans: spans.map(spanJson) }),
      ),
    }),
  );
  return JSON.stringify({ resourceSpans });
}

function spanJson(span: Span): Json {
  const { code, message } = span.status;
  return present({
    ...span,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: attributesJson(span.attributes),
    events: span.events.map((event) =>
      present({
        ...event,
        timeUnixNano: String(event.timeUnixNano),
        attributes: attributesJson(event.attributes),
      }),
    ),
    links: span.links.map((link) => present({ ...link, attributes: attributesJson(link.attributes) })),
    status: code === 0 && message === '' ? undefined : present({ code, message }),
  });
}
