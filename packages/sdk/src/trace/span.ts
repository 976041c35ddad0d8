/**
 * A span while it is open. Once ended it is handed to the sink as a record and takes no more; what is stored or sent is
 * not decided here.
 */
import type { Clock, UnixNs } from '@aode/base';
import {
  type Scope,
  type Span as SpanRecord,
  type SpanEvent,
  type SpanLink,
  SPAN_KIND,
  type Status,
  STATUS_CODE,
  type Value,
} from '@aode/wire';
import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import {
  ATTRIBUTES_MAX,
  otlpAttributes,
  otlpValue,
  readEntries,
  readItems,
  textOf,
} from './attribute-value.ts';
import { remoteFlags, spanLinkOf, stateText } from './span-link.ts';
import { isTimeInput, timeOf } from './time-input.ts';

/** Events and links beyond this many are dropped and counted (OpenTelemetry's default). */
const EVENTS_MAX = 128;
const LINKS_MAX = 128;

/** Takes ended spans. Must not throw and must not block. */
export interface SpanSink {
  span(record: SpanRecord, scope: Scope): void;
}

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startTime: TimeInput | undefined;
  /** Attributes that the application's own may overwrite. */
  readonly dye: Attributes | undefined;
  readonly attributes: Attributes | undefined;
  readonly links: readonly Link[] | undefined;
  readonly scope: Scope;
}

/** The API counts kinds from internal = 0, OTLP from unspecified = 0. */
const KINDS = [
  SPAN_KIND.internal,
  SPAN_KIND.server,
  SPAN_KIND.client,
  SPAN_KIND.producer,
  SPAN_KIND.consumer,
];

/** None of its methods throws, whatever it is given. */
export class RecordingSpan implements Span {
  readonly #start: SpanStart;
  readonly #clock: Clock;
  readonly #sink: SpanSink;
  readonly #startNs: UnixNs;
  readonly #startMono: bigint;
  readonly #attributes = new Map<string, Value>();
  #name: string;
  #status: Status = { code: 0, message: '' };
  #events: SpanEvent[] = [];
  #links: SpanLink[] = [];
  #dropped = { attributes: 0, events: 0, links: 0 };
  #ended = false;

  constructor(start: SpanStart, clock: Clock, sink: SpanSink) {
    this.#start = start;
    this.#clock = clock;
    this.#sink = sink;
    this.#name = textOf(start.name);
    this.#startNs = timeOf(start.startTime, clock);
    this.#startMono = clock.mono();
    if (start.dye !== undefined) this.setAttributes(start.dye);
    if (start.attributes !== undefined) this.setAttributes(start.attributes);
    if (start.links !== undefined) this.addLinks(start.links);
  }

  spanContext(): SpanContext {
    return this.#start.context;
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.#ended || typeof key !== 'string' || key === '') return this;
    const otlp = otlpValue(value);
    if (otlp === undefined) return this;
    if (this.#attributes.size < ATTRIBUTES_MAX || this.#attributes.has(key)) this.#attributes.set(key, otlp);
    else this.#dropped.attributes += 1;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (this.#ended) return this;
    const { entries, unreadable } = readEntries(attributes);
    for (const [key, value] of entries) this.setAttribute(key, value as AttributeValue);
    this.#dropped.attributes += unreadable;
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#ended) return this;
    if (this.#events.length >= EVENTS_MAX) {
      this.#dropped.events += 1;
      return this;
    }
    const isTime = isTimeInput(attributesOrTime);
    const { attributes, dropped } = otlpAttributes(isTime ? undefined : attributesOrTime);
    const timeUnixNano = timeOf(time ?? (isTime ? attributesOrTime : undefined), this.#clock);
    this.#events.push({ timeUnixNano, name: textOf(name), attributes, droppedAttributesCount: dropped });
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: readonly Link[]): this {
    if (this.#ended) return this;
    for (const one of readItems(links)) {
      const link = this.#links.length < LINKS_MAX ? spanLinkOf(one) : undefined;
      if (link === undefined) this.#dropped.links += 1;
      else this.#links.push(link);
    }
    return this;
  }

  /** Ok is final, and unset changes nothing (OpenTelemetry specification, § Set Status). */
  setStatus(status: SpanStatus): this {
    if (!this.#ended && this.#status.code !== STATUS_CODE.ok) this.#status = statusOf(status) ?? this.#status;
    return this;
  }

  updateName(name: string): this {
    if (!this.#ended) this.#name = textOf(name);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.addEvent('exception', exceptionAttributes(exception), time);
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.span(this.#record(this.#endNs(endTime)), this.#start.scope);
  }

  /** Without a given time the duration is that of the monotonic clock, whatever the wall clock did meanwhile. */
  #endNs(endTime: TimeInput | undefined): bigint {
    if (endTime === undefined && this.#start.startTime === undefined) {
      return this.#startNs + (this.#clock.mono() - this.#startMono);
    }
    const end = timeOf(endTime, this.#clock);
    return end < this.#startNs ? this.#startNs : end;
  }

  #record(endTimeUnixNano: bigint): SpanRecord {
    const { context, parent, kind } = this.#start;
    const remote = parent === undefined ? 0 : remoteFlags(parent);
    return {
      traceId: context.traceId,
      spanId: context.spanId,
      traceState: stateText(context),
      parentSpanId: parent?.spanId ?? '',
      flags: context.traceFlags | remote,
      name: this.#name,
      kind: (typeof kind === 'number' ? KINDS[kind] : undefined) ?? SPAN_KIND.internal,
      startTimeUnixNano: this.#startNs,
      endTimeUnixNano,
      attributes: Array.from(this.#attributes, ([key, value]) => ({ key, value })),
      droppedAttributesCount: this.#dropped.attributes,
      events: this.#events,
      droppedEventsCount: this.#dropped.events,
      links: this.#links,
      droppedLinksCount: this.#dropped.links,
      status: this.#status,
    };
  }
}

/** Undefined for what changes nothing. */
function statusOf(status: SpanStatus): Status | undefined {
  try {
    if (status.code === SpanStatusCode.OK) return { code: STATUS_CODE.ok, message: '' };
    if (status.code !== SpanStatusCode.ERROR) return undefined;
    return { code: STATUS_CODE.error, message: textOf(status.message) };
  } catch {
    return undefined; // It is none.
  }
}

/** `exception.*` of the semantic conventions, from whatever was thrown. */
function exceptionAttributes(exception: unknown): Record<string, string> {
  if (typeof exception !== 'object' || exception === null) {
    return { 'exception.message': textOf(typeof exception === 'string' ? exception : String(exception)) };
  }
  const read = (key: string): unknown => {
    try {
      return (exception as Readonly<Record<string, unknown>>)[key];
    } catch {
      return undefined;
    }
  };
  const type = read('code') ?? read('name');
  const message = read('message');
  const stack = read('stack');
  return {
    ...(typeof type === 'string' || typeof type === 'number' ? { 'exception.type': String(type) } : {}),
    ...(typeof message === 'string' ? { 'exception.message': message } : {}),
    ...(typeof stack === 'string' ? { 'exception.stacktrace': stack } : {}),
  };
}
