/**
 * Traces for a store, without materialising them: the request is walked once, each span is shown in one reused view,
 * and what is to be kept stays bytes. All of the message is checked as strictly as `decodeTraces` checks it, so what
 * is kept decodes later. Bench: bench/codec.bench.ts.
 *
 *   scanTraces(body, {
 *     resource: (resource) => { resourceId = catalog.resource(resource.raw(), resource.schemaUrl()); },
 *     scope: (scope) => { scopeId = catalog.scope(scope.raw(), scope.schemaUrl()); },
 *     span(span) {
 *       const { attributes } = span;
 *       for (let i = 0; i < attributes.count; i += 1) hashes.push(attributes.hash(i));
 *       const method = attributes.indexOf('http.request.method');
 *       rows.push(span.spanId.low(), span.name(), method < 0 ? null : attributes.text(method), attributes.raw());
 *     },
 *   });
 *   // Later: decodeAttributes(row.attributes), decodeEvents(row.events), decodeLinks(row.links).
 */
import type { ByteReader } from '@aode/base';
import { readTag, skipField } from './decode-field.ts';
import { type AttributeScan, AttributePlaces } from './scan-attribute.ts';
import { type EnvelopeSink, type ScanRecord, scanEnvelope } from './scan-envelope.ts';
import { type IdScan, IdPlace } from './scan-id.ts';
import { FieldPlaces, type RawList } from './scan-list.ts';
import { TextPlace } from './scan-text.ts';
import { walkMessage } from './scan-walk.ts';

/** A Span under scan: numbers are read, all else is made when asked for. Void once the sink has returned. */
export interface SpanScan {
  readonly traceId: IdScan;
  readonly spanId: IdScan;
  readonly parentSpanId: IdScan;
  readonly flags: number;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly statusCode: number;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly attributes: AttributeScan;
  /** For `decodeEvents`. */
  readonly events: RawList;
  /** For `decodeLinks`. */
  readonly links: RawList;
  /** A value of the span nests deeper than VALUE_DEPTH_MAX and cannot be decoded: refuse the span. */
  readonly tooDeep: boolean;
  name(): string;
  traceState(): string;
  statusMessage(): string;
}

export interface TraceSink extends EnvelopeSink {
  span(span: SpanScan): void;
}

/**
 * Scans an ExportTraceServiceRequest. Throws AODE_OTLP_PROTOBUF_INVALID where it is damaged, which may be behind spans
 * that the sink was given already: it drops them then. Where `decodeTraces` would throw AODE_OTLP_LIMIT, `tooDeep` is
 * set instead.
 */
export function scanTraces(source: Uint8Array, sink: TraceSink): void {
  scanEnvelope(source, sink, (reader): ScanRecord => {
    const span = new SpanPlaces(reader);
    return (at) => {
      span.scan(at);
      sink.span(span);
    };
  });
}

class SpanPlaces implements SpanScan {
  readonly traceId: IdPlace;
  readonly spanId: IdPlace;
  readonly parentSpanId: IdPlace;
  flags = 0;
  kind = 0;
  startTimeUnixNano = 0n;
  endTimeUnixNano = 0n;
  statusCode = 0;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  readonly attributes: AttributePlaces;
  readonly events: FieldPlaces;
  readonly links: FieldPlaces;
  readonly #name: TextPlace;
  readonly #traceState: TextPlace;
  readonly #statusMessage: TextPlace;
  #tooDeep = false;

  constructor(reader: ByteReader) {
    const { source } = reader;
    this.traceId = new IdPlace(source);
    this.spanId = new IdPlace(source);
    this.parentSpanId = new IdPlace(source);
    this.attributes = new AttributePlaces(source);
    this.events = new FieldPlaces(source);
    this.links = new FieldPlaces(source);
    this.#name = new TextPlace(reader);
    this.#traceState = new TextPlace(reader);
    this.#statusMessage = new TextPlace(reader);
  }

  get tooDeep(): boolean {
    return this.#tooDeep || this.attributes.tooDeep;
  }

  name(): string {
    return this.#name.name();
  }

  traceState(): string {
    return this.#traceState.name();
  }

  statusMessage(): string {
    return this.#statusMessage.text();
  }

  /** Scans the length-delimited Span at which `reader` stands. */
  scan(reader: ByteReader): void {
    this.#clear();
    const outer = reader.enter();
    while (reader.at < reader.limit) {
      const start = reader.at;
      const tag = readTag(reader);
      switch (tag) {
        case 0x0a: // trace_id = 1
          this.traceId.scan(reader);
          break;
        case 0x12: // span_id = 2
          this.spanId.scan(reader);
          break;
        case 0x22: // parent_span_id = 4
          this.parentSpanId.scan(reader);
          break;
        case 0x2a: // name = 5
          this.#name.scan(reader);
          break;
        case 0x30: // kind = 6
          this.kind = reader.int32();
          break;
        case 0x39: // start_time_unix_nano = 7
          this.startTimeUnixNano = reader.fixed64();
          break;
        case 0x41: // end_time_unix_nano = 8
          this.endTimeUnixNano = reader.fixed64();
          break;
        case 0x4a: // attributes = 9
          this.attributes.scan(reader, start);
          break;
        case 0x7a: // status = 15
          this.#scanStatus(reader);
          break;
        default:
          this.#scanRareField(reader, tag, start);
      }
    }
    reader.leave(outer);
  }

  #scanRareField(reader: ByteReader, tag: number, start: number): void {
    switch (tag) {
      case 0x1a: // trace_state = 3
        this.#traceState.scan(reader);
        break;
      case 0x50: // dropped_attributes_count = 10
        this.droppedAttributesCount = reader.uint32();
        break;
      case 0x5a: // events = 11
        this.#tooDeep = walkMessage(reader, 0x1a) || this.#tooDeep;
        this.events.add(start, reader.at);
        break;
      case 0x60: // dropped_events_count = 12
        this.droppedEventsCount = reader.uint32();
        break;
      case 0x6a: // links = 13
        this.#tooDeep = walkMessage(reader, 0x22) || this.#tooDeep;
        this.links.add(start, reader.at);
        break;
      case 0x70: // dropped_links_count = 14
        this.droppedLinksCount = reader.uint32();
        break;
      case 0x85: // flags = 16
        this.flags = reader.fixed32();
        break;
      default:
        skipField(reader, tag);
    }
  }

  #scanStatus(reader: ByteReader): void {
    const outer = reader.enter();
    while (reader.at < reader.limit) {
      const tag = readTag(reader);
      if (tag === 0x12) this.#statusMessage.scan(reader);
      else if (tag === 0x18) this.statusCode = reader.int32();
      else skipField(reader, tag);
    }
    reader.leave(outer);
  }

  #clear(): void {
    this.traceId.clear();
    this.spanId.clear();
    this.parentSpanId.clear();
    this.flags = 0;
    this.kind = 0;
    this.startTimeUnixNano = 0n;
    this.endTimeUnixNano = 0n;
    this.statusCode = 0;
    this.droppedAttributesCount = 0;
    this.droppedEventsCount = 0;
    this.droppedLinksCount = 0;
    this.attributes.clear();
    this.events.clear();
    this.links.clear();
    this.#name.clear();
    this.#traceState.clear();
    this.#statusMessage.clear();
    this.#tooDeep = false;
  }
}
