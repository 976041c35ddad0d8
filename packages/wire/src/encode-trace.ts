/** opentelemetry.proto.trace.v1 to protobuf. */
import { type ByteWriter, byteWriter } from '@aode/base';
import {
  writeAttributes,
  writeCount,
  writeFixed32,
  writeFixed64,
  writeId,
  writeResource,
  writeScope,
  writeText,
} from './encode-value.ts';
import type { ResourceSpans, ScopeSpans, Span, SpanEvent, SpanLink } from './model.ts';

/** An ExportTraceServiceRequest. */
export function encodeTraces(traces: readonly ResourceSpans[]): Uint8Array<ArrayBuffer> {
  const w = byteWriter();
  for (const resourceSpans of traces) {
    w.byte(0x0a);
    const mark = w.open();
    writeResourceSpans(w, resourceSpans);
    w.close(mark);
  }
  return w.finish();
}

/** The repeated field `scope_spans` of a ResourceSpans alone; runs of it may be joined. */
export function encodeScopeSpans(list: readonly ScopeSpans[]): Uint8Array<ArrayBuffer> {
  const w = byteWriter();
  writeScopeSpansList(w, list);
  return w.finish();
}

function writeResourceSpans(w: ByteWriter, { resource, scopeSpans, schemaUrl }: ResourceSpans): void {
  w.byte(0x0a);
  const mark = w.open();
  writeResource(w, resource);
  w.close(mark);
  writeScopeSpansList(w, scopeSpans);
  writeText(w, 0x1a, schemaUrl);
}

function writeScopeSpansList(w: ByteWriter, list: readonly ScopeSpans[]): void {
  for (const one of list) {
    w.byte(0x12);
    const mark = w.open();
    writeScopeSpans(w, one);
    w.close(mark);
  }
}

function writeScopeSpans(w: ByteWriter, { scope, spans, schemaUrl }: ScopeSpans): void {
  w.byte(0x0a);
  const mark = w.open();
  writeScope(w, scope);
  w.close(mark);
  for (const span of spans) {
    w.byte(0x12);
    const inner = w.open();
    writeSpan(w, span);
    w.close(inner);
  }
  writeText(w, 0x1a, schemaUrl);
}

/** The fields of a Span, without its length. */
function writeSpan(w: ByteWriter, span: Span): void {
  writeId(w, 0x0a, span.traceId);
  writeId(w, 0x12, span.spanId);
  writeText(w, 0x1a, span.traceState);
  writeId(w, 0x22, span.parentSpanId);
  writeText(w, 0x2a, span.name);
  writeCount(w, 0x30, span.kind);
  writeFixed64(w, 0x39, span.startTimeUnixNano);
  writeFixed64(w, 0x41, span.endTimeUnixNano);
  writeAttributes(w, 0x4a, span.attributes);
  writeCount(w, 0x50, span.droppedAttributesCount);
  for (const event of span.events) {
    w.byte(0x5a);
    const mark = w.open();
    writeEvent(w, event);
    w.close(mark);
  }
  writeCount(w, 0x60, span.droppedEventsCount);
  for (const link of span.links) {
    w.byte(0x6a);
    const mark = w.open();
    writeLink(w, link);
    w.close(mark);
  }
  writeCount(w, 0x70, span.droppedLinksCount);
  const { code, message } = span.status;
  if (code !== 0 || message !== '') {
    w.byte(0x7a);
    const mark = w.open();
    writeText(w, 0x12, message);
    writeCount(w, 0x18, code);
    w.close(mark);
  }
  writeFixed32(w, 0x85, span.flags);
}

function writeEvent(w: ByteWriter, event: SpanEvent): void {
  writeFixed64(w, 0x09, event.timeUnixNano);
  writeText(w, 0x12, event.name);
  writeAttributes(w, 0x1a, event.attributes);
  writeCount(w, 0x20, event.droppedAttributesCount);
}

function writeLink(w: ByteWriter, link: SpanLink): void {
  writeId(w, 0x0a, link.traceId);
  writeId(w, 0x12, link.spanId);
  writeText(w, 0x1a, link.traceState);
  writeAttributes(w, 0x22, link.attributes);
  writeCount(w, 0x28, link.droppedAttributesCount);
  writeFixed32(w, 0x35, link.flags);
}
