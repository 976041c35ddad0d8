/** Log records for a store, without materialising them; see scan-trace.ts, which works the same way. */
import type { ByteReader } from '@aode/base';
import { readTag, skipField } from './decode-field.ts';
import type { Value } from './model.ts';
import { decodeValue } from './raw.ts';
import { type AttributeScan, AttributePlaces } from './scan-attribute.ts';
import { type EnvelopeSink, type ScanRecord, scanEnvelope } from './scan-envelope.ts';
import { type IdScan, IdPlace } from './scan-id.ts';
import { FieldPlaces } from './scan-list.ts';
import { TextPlace } from './scan-text.ts';
import { walkValue } from './scan-walk.ts';

/** A LogRecord under scan: numbers are read, all else is made when asked for. Void once the sink has returned. */
export interface LogScan {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly flags: number;
  readonly droppedAttributesCount: number;
  readonly traceId: IdScan;
  readonly spanId: IdScan;
  readonly attributes: AttributeScan;
  /** A value of the record nests deeper than VALUE_DEPTH_MAX and cannot be decoded: refuse the record. */
  readonly tooDeep: boolean;
  severityText(): string;
  eventName(): string;
  body(): Value;
  /** The bytes of the body's AnyValue, for `decodeValue`; empty without a body. */
  rawBody(): Uint8Array;
}

export interface LogSink extends EnvelopeSink {
  logRecord(logRecord: LogScan): void;
}

/** Scans an ExportLogsServiceRequest; same rules and errors as `scanTraces`. */
export function scanLogs(source: Uint8Array, sink: LogSink): void {
  scanEnvelope(source, sink, (reader): ScanRecord => {
    const log = new LogPlaces(reader);
    return (at) => {
      log.scan(at);
      sink.logRecord(log);
    };
  });
}

class LogPlaces implements LogScan {
  timeUnixNano = 0n;
  observedTimeUnixNano = 0n;
  severityNumber = 0;
  flags = 0;
  droppedAttributesCount = 0;
  readonly traceId: IdPlace;
  readonly spanId: IdPlace;
  readonly attributes: AttributePlaces;
  readonly #severityText: TextPlace;
  readonly #eventName: TextPlace;
  /** The contents of the body, without tag and length: joined, they are the merged AnyValue. */
  readonly #body: FieldPlaces;
  #tooDeep = false;

  constructor(reader: ByteReader) {
    const { source } = reader;
    this.traceId = new IdPlace(source);
    this.spanId = new IdPlace(source);
    this.attributes = new AttributePlaces(source);
    this.#severityText = new TextPlace(reader);
    this.#eventName = new TextPlace(reader);
    this.#body = new FieldPlaces(source);
  }

  get tooDeep(): boolean {
    return this.#tooDeep || this.attributes.tooDeep;
  }

  severityText(): string {
    return this.#severityText.name();
  }

  eventName(): string {
    return this.#eventName.name();
  }

  body(): Value {
    return decodeValue(this.#body.raw());
  }

  rawBody(): Uint8Array {
    return this.#body.raw();
  }

  /** Scans the length-delimited LogRecord at which `reader` stands. */
  scan(reader: ByteReader): void {
    this.#clear();
    const outer = reader.enter();
    while (reader.at < reader.limit) {
      const start = reader.at;
      const tag = readTag(reader);
      switch (tag) {
        case 0x09: // time_unix_nano = 1
          this.timeUnixNano = reader.fixed64();
          break;
        case 0x10: // severity_number = 2
          this.severityNumber = reader.int32();
          break;
        case 0x1a: // severity_text = 3
          this.#severityText.scan(reader);
          break;
        case 0x2a: // body = 5
          this.#scanBody(reader);
          break;
        case 0x32: // attributes = 6
          this.attributes.scan(reader, start);
          break;
        case 0x4a: // trace_id = 9
          this.traceId.scan(reader);
          break;
        case 0x52: // span_id = 10
          this.spanId.scan(reader);
          break;
        case 0x59: // observed_time_unix_nano = 11
          this.observedTimeUnixNano = reader.fixed64();
          break;
        default:
          this.#scanRareField(reader, tag);
      }
    }
    reader.leave(outer);
  }

  #scanRareField(reader: ByteReader, tag: number): void {
    switch (tag) {
      case 0x38: // dropped_attributes_count = 7
        this.droppedAttributesCount = reader.uint32();
        break;
      case 0x45: // flags = 8
        this.flags = reader.fixed32();
        break;
      case 0x62: // event_name = 12
        this.#eventName.scan(reader);
        break;
      default:
        skipField(reader, tag);
    }
  }

  #scanBody(reader: ByteReader): void {
    const before = reader.at;
    const length = reader.length();
    const from = reader.at;
    reader.seek(before, reader.limit);
    this.#tooDeep = walkValue(reader, 1) || this.#tooDeep;
    this.#body.add(from, from + length);
  }

  #clear(): void {
    this.timeUnixNano = 0n;
    this.observedTimeUnixNano = 0n;
    this.severityNumber = 0;
    this.flags = 0;
    this.droppedAttributesCount = 0;
    this.traceId.clear();
    this.spanId.clear();
    this.attributes.clear();
    this.#severityText.clear();
    this.#eventName.clear();
    this.#body.clear();
    this.#tooDeep = false;
  }
}
