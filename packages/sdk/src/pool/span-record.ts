/**
 * An ended span as a record of the pool. The trace id stands in the head of its chunk.
 *
 *   u8 kind of span · u8 status code · u16 zero · 2 × u32 span id · 2 × u32 parent's · u32 flags
 *   u32 seconds, u32 nanoseconds of the start · the same of the end · name · scope's name, version · tracestate
 *   u32 dropped attributes · attributes · status message
 *   u32 events, u32 dropped · of each: time · name · u32 dropped · attributes
 *   u32 links, u32 dropped · of each: 4 × u32 trace id · 2 × u32 span id · u32 flags · tracestate · u32 dropped ·
 * attributes
 */
import type { Scope, Span, SpanEvent, SpanLink } from '@aode/wire';
import { wordOfHex } from './hex-word.ts';
import type { KeyPath } from './key-path.ts';
import type { RecordReader } from './record-reader.ts';
import type { HeldValue, RecordWriter } from './record-writer.ts';

/** What a span is when it ends. */
export interface SpanFields {
  readonly scope: Scope;
  readonly idHi: number;
  readonly idLo: number;
  /** Zero for a root. */
  readonly parentHi: number;
  readonly parentLo: number;
  readonly flags: number;
  readonly traceStateText: string;
  readonly name: string;
  readonly kind: number;
  readonly startSec: number;
  readonly startNano: number;
  readonly endSec: number;
  readonly endNano: number;
  /** The keys of its attributes, and their values in the same order. */
  readonly keys: KeyPath;
  readonly values: readonly HeldValue[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly statusCode: number;
  readonly statusMessage: string;
}

export function writeSpan(w: RecordWriter, span: SpanFields): void {
  w.spanHead(span);
  w.name(span.name);
  w.scope(span.scope);
  w.text(span.traceStateText);
  w.word(span.droppedAttributesCount);
  w.attributes(span.keys, span.values);
  w.text(span.statusMessage);
  writeEvents(w, span);
  writeLinks(w, span);
}

function writeEvents(w: RecordWriter, { events, droppedEventsCount }: SpanFields): void {
  w.word(events.length);
  w.word(droppedEventsCount);
  for (const event of events) {
    w.word(Number(event.timeUnixNano / SECOND));
    w.word(Number(event.timeUnixNano % SECOND));
    w.name(event.name);
    writeList(w, event);
  }
}

const SECOND = 1_000_000_000n;

function writeLinks(w: RecordWriter, { links, droppedLinksCount }: SpanFields): void {
  w.word(links.length);
  w.word(droppedLinksCount);
  for (const link of links) {
    writeId(w, link.traceId, 4);
    writeId(w, link.spanId, 2);
    w.word(link.flags);
    w.text(link.traceState);
    writeList(w, link);
  }
}

function writeList(w: RecordWriter, from: Pick<SpanEvent, 'attributes' | 'droppedAttributesCount'>): void {
  w.word(from.droppedAttributesCount);
  w.attributeList(from.attributes);
}

/** Hex digits as big-endian bytes, zeros for ''. */
export function writeId(w: RecordWriter, text: string, words: 2 | 4): void {
  for (let i = 0; i < words; i += 1) w.word(text === '' ? 0 : wordOfHex(text, i * 8));
}

export interface ReadSpan {
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly span: Span;
}

export function readSpan(r: RecordReader, traceId: string): ReadSpan {
  const kind = r.byte();
  const code = r.byte();
  r.at += 2;
  const spanId = r.id(2);
  const parentSpanId = r.id(2);
  const flags = r.word();
  const startTimeUnixNano = r.time();
  const endTimeUnixNano = r.time();
  const name = r.text();
  const scopeName = r.text();
  const scopeVersion = r.text();
  const traceState = r.text();
  const droppedAttributesCount = r.word();
  const attributes = r.attributes();
  const message = r.text();
  const eventCount = r.word();
  const droppedEventsCount = r.word();
  const events = Array.from({ length: eventCount }, () => readEvent(r));
  const linkCount = r.word();
  const droppedLinksCount = r.word();
  const links = Array.from({ length: linkCount }, () => readLink(r));
  const span: Span = {
    traceId,
    spanId,
    traceState,
    parentSpanId,
    flags,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes,
    droppedAttributesCount,
    events,
    droppedEventsCount,
    links,
    droppedLinksCount,
    status: { code, message },
  };
  return { scopeName, scopeVersion, span };
}

function readEvent(r: RecordReader): SpanEvent {
  const timeUnixNano = r.time();
  const name = r.text();
  const droppedAttributesCount = r.word();
  return { timeUnixNano, name, attributes: r.attributes(), droppedAttributesCount };
}

function readLink(r: RecordReader): SpanLink {
  const traceId = r.id(4);
  const spanId = r.id(2);
  const flags = r.word();
  const traceState = r.text();
  const droppedAttributesCount = r.word();
  return { traceId, spanId, traceState, attributes: r.attributes(), droppedAttributesCount, flags };
}
