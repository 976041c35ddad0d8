/**
 * A span while it is open. Once ended it is written into its thread's pool and takes no more; what is kept and sent is
 * not decided here. Hot path: bench/span.bench.ts.
 */
import type { Random } from '@aode/base';
import { type Scope, type SpanEvent, type SpanLink, SPAN_KIND, STATUS_CODE } from '@aode/wire';
import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  type TraceState,
} from '@opentelemetry/api';
import { type KeyPath, knownStep, newStep, NO_KEYS, placeOfKey } from '../pool/key-path.ts';
import type { PoolTrace } from '../pool/pool-trace.ts';
import type { HeldValue } from '../pool/record-writer.ts';
import type { SpanFields } from '../pool/span-record.ts';
import {
  ATTRIBUTES_MAX,
  otlpAttributes,
  otlpValue,
  readItems,
  textOf,
  VALUE_CHARS_MAX,
} from './attribute-value.ts';
import { exceptionAttributes } from './exception-attributes.ts';
import { LineCounts } from './line-counts.ts';
import type { Listed } from './open-spans.ts';
import { spanIdText } from './span-identity.ts';
import { remoteFlags, spanLinkOf, stateText } from './span-link.ts';
import { isTimeInput, timeOf } from './time-input.ts';
import type { Timeline } from './timeline.ts';
import type { ForgottenSpan } from './watched-spans.ts';

/** Events and links beyond this many are dropped and counted (OpenTelemetry's default). */
const EVENTS_MAX = 128;
const LINKS_MAX = 128;

/** Where spans are recorded. Nothing of it throws or blocks. */
export interface SpanSink {
  readonly timeline: Timeline;
  readonly random: Random;
  started(span: RecordingSpan): void;
  ended(span: RecordingSpan): void;
  /** Whether `attribute` wants to hear of all keys, and not only of those that are telling. */
  readonly asksForEachAttribute: boolean;
  /** A number of an attribute: response codes say whether a request has failed. */
  attribute(span: RecordingSpan, key: string, value: unknown): void;
  keep(trace: PoolTrace, reason: string): void;
  /** A span that has ended already is used as if it had not. */
  misused(span: RecordingSpan, how: 'end' | 'write'): void;
}

/** What a span begins below: another of this process, or what is known of a remote one, or nothing. */
export interface SpanAbove {
  readonly trace: PoolTrace;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
  /** Zero when there is none. */
  readonly idHi: number;
  readonly idLo: number;
  /** Whether it is in another process: OTLP's bits beside the trace flags. */
  readonly parentFlags: number;
}

/** Who makes spans. */
export interface SpanMaker {
  readonly scope: Scope;
  readonly sink: SpanSink;
}

/** The API counts kinds from internal = 0, OTLP from unspecified = 0. */
export const KINDS: readonly number[] = [
  SPAN_KIND.internal,
  SPAN_KIND.server,
  SPAN_KIND.client,
  SPAN_KIND.producer,
  SPAN_KIND.consumer,
];

/** It is known that no parent is elsewhere: it is here, or there is none (OTLP, span flags). */
export const LOCAL_PARENT: number = remoteFlags({ isRemote: false });

const NO_EVENTS: SpanEvent[] = [];
const NO_LINKS: SpanLink[] = [];

/** None of its methods throws, whatever it is given. */
export class RecordingSpan implements Span, SpanFields, SpanAbove, Listed<RecordingSpan> {
  readonly scope: Scope;
  readonly trace: PoolTrace;
  readonly kind: number;
  readonly traceFlags: number;
  readonly flags: number;
  readonly idHi: number;
  readonly idLo: number;
  readonly parentHi: number;
  readonly parentLo: number;
  readonly traceState: TraceState | undefined;
  keys: KeyPath = NO_KEYS;
  readonly values: HeldValue[] = [];
  name: string;
  startSec: number;
  startNano: number;
  endSec = 0;
  endNano = 0;
  events: SpanEvent[] = NO_EVENTS;
  links: SpanLink[] = NO_LINKS;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  statusCode = 0;
  statusMessage = '';
  olderOpen: RecordingSpan | undefined = undefined;
  newerOpen: RecordingSpan | undefined = undefined;
  /** Set when it has been open for so long that it is watched instead of held. */
  forgotten: ForgottenSpan | undefined = undefined;
  /** Of the lines that were written in it. */
  lines: LineCounts | undefined = undefined;
  readonly #sink: SpanSink;
  readonly #startTicks: number;
  readonly #hasStartTime: boolean;
  /** As it was at the start; asked once, because the answer is some steps away. */
  readonly #isAsked: boolean;
  #context: SpanContext | undefined;
  #isEnded = false;

  constructor(name: string, { kind, startTime }: SpanOptions, above: SpanAbove, { scope, sink }: SpanMaker) {
    const { timeline, random } = sink;
    this.#sink = sink;
    this.scope = scope;
    this.trace = above.trace;
    this.kind = kindOf(kind);
    this.traceFlags = above.traceFlags;
    this.flags = above.traceFlags | above.parentFlags;
    this.traceState = above.traceState;
    this.parentHi = above.idHi;
    this.parentLo = above.idLo;
    // As signed words, which take no memory beside the span. Never all zero.
    this.idHi = random.next() | 0;
    this.idLo = random.next() | 0 || 1;
    this.name = textOf(name);
    this.#isAsked = sink.asksForEachAttribute;
    this.#startTicks = timeline.ticks();
    this.#hasStartTime = startTime !== undefined;
    if (startTime === undefined) timeline.at(this.#startTicks);
    else timeline.atUnix(timeOf(startTime, timeline));
    this.startSec = timeline.sec;
    this.startNano = timeline.nano;
    sink.started(this);
  }

  /** Of spans below this one. */
  get parentFlags(): number {
    return LOCAL_PARENT;
  }

  /** As it is recorded; text, because a tracestate is of whoever made it. */
  get traceStateText(): string {
    return this.traceState === undefined ? '' : stateText(this.traceState);
  }

  /** Milliseconds of the monotonic clock at its start. */
  get startTicks(): number {
    return this.#startTicks;
  }

  spanContext(): SpanContext {
    return (this.#context ??= this.#newContext());
  }

  #newContext(): SpanContext {
    const { traceFlags, traceState } = this;
    const traceId = this.trace.text;
    const spanId = spanIdText(this.idHi, this.idLo);
    return traceState === undefined
      ? { traceId, spanId, traceFlags }
      : { traceId, spanId, traceFlags, traceState };
  }

  isRecording(): boolean {
    return !this.#isEnded;
  }

  setAttribute(given: string, value: AttributeValue): this {
    if (this.#isEnded) {
      this.#sink.misused(this, 'write');
      return this;
    }
    if (typeof given !== 'string' || given === '') return this;
    const key = given.length > VALUE_CHARS_MAX ? textOf(given) : given;
    const held = heldValue(value);
    if (held === undefined) return this;
    // What code sets, it mostly sets in the same order; then the span does not have the key yet.
    const { keys } = this;
    const step = keys.nextKey === key ? keys.next : undefined;
    if (step === undefined || keys.length >= ATTRIBUTES_MAX) {
      this.#setElsewhere(key, value, held);
      return this;
    }
    this.#add(step, held);
    if (step.isTelling || this.#isAsked) this.#sink.attribute(this, key, value);
    return this;
  }

  /** A key that the span has already, or that has seldom come in this place before. */
  #setElsewhere(key: string, value: AttributeValue, held: HeldValue): void {
    const { keys } = this;
    const known = knownStep(keys, key);
    const place = known === undefined ? placeOfKey(keys, key) : -1;
    if (place >= 0) this.values[place] = held;
    else if (keys.length >= ATTRIBUTES_MAX) {
      this.droppedAttributesCount += 1;
      return;
    } else this.#add(known ?? newStep(keys, key), held);
    this.#sink.attribute(this, key, value);
  }

  #add(step: KeyPath, held: HeldValue): void {
    this.keys = step;
    this.values.push(held);
    if (this.forgotten !== undefined) this.forgotten.keys = step;
  }

  /** What the recorder says of it, also after its end and beyond what it may have. */
  note(key: string, value: HeldValue): void {
    const place = placeOfKey(this.keys, key);
    if (place >= 0) this.values[place] = value;
    else this.#add(knownStep(this.keys, key) ?? newStep(this.keys, key), value);
  }

  /** A logger has written a line in it, at this time. */
  wroteLine(severity: number, sec: number, nano: number): void {
    if (this.#isEnded) return;
    if (this.lines === undefined) {
      this.lines = new LineCounts();
      if (this.forgotten !== undefined) this.forgotten.lines = this.lines;
    }
    this.lines.add(severity, sec, nano);
  }

  /** One by one, as they are read: a list of them would cost more than the span. */
  setAttributes(attributes: Attributes): this {
    if (this.#isEnded) {
      this.#sink.misused(this, 'write');
      return this;
    }
    if (typeof attributes !== 'object' || attributes === null) return this;
    try {
      for (const key in attributes) if (Object.hasOwn(attributes, key)) this.#read(attributes, key);
    } catch {
      this.droppedAttributesCount += 1; // A proxy that cannot even be asked for its keys.
    }
    return this;
  }

  #read(attributes: Attributes, key: string): void {
    let value: AttributeValue;
    try {
      value = attributes[key] as AttributeValue;
    } catch {
      this.droppedAttributesCount += 1;
      return;
    }
    this.setAttribute(key, value);
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#isEnded) return this;
    if (this.events.length >= EVENTS_MAX) {
      this.droppedEventsCount += 1;
      return this;
    }
    const isTime = isTimeInput(attributesOrTime);
    const { attributes, dropped } = otlpAttributes(isTime ? undefined : attributesOrTime);
    const timeUnixNano = timeOf(time ?? (isTime ? attributesOrTime : undefined), this.#sink.timeline);
    if (this.events === NO_EVENTS) this.events = [];
    this.events.push({ timeUnixNano, name: textOf(name), attributes, droppedAttributesCount: dropped });
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: readonly Link[]): this {
    if (this.#isEnded) return this;
    for (const one of readItems(links)) {
      const link = this.links.length < LINKS_MAX ? spanLinkOf(one) : undefined;
      if (link === undefined) this.droppedLinksCount += 1;
      else {
        if (this.links === NO_LINKS) this.links = [];
        this.links.push(link);
      }
    }
    return this;
  }

  /** Ok is final, and unset changes nothing (OpenTelemetry specification, § Set Status). */
  setStatus(status: SpanStatus): this {
    if (this.#isEnded || this.statusCode === STATUS_CODE.ok) return this;
    const next = statusOf(status);
    if (next !== undefined) {
      this.statusCode = next.code;
      this.statusMessage = next.message;
    }
    return this;
  }

  updateName(name: string): this {
    if (!this.#isEnded) this.name = textOf(name);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.addEvent('exception', exceptionAttributes(exception), time);
  }

  /** Its whole trace is kept, for this reason. */
  fail(reason: string): void {
    this.#sink.keep(this.trace, reason);
  }

  end(endTime?: TimeInput): void {
    if (this.#isEnded) {
      this.#sink.misused(this, 'end');
      return;
    }
    this.#isEnded = true;
    if (endTime === undefined && !this.#hasStartTime) this.#endAfter();
    else this.#endAt(endTime);
    this.#sink.ended(this);
  }

  /** Without a given time the duration is that of the monotonic clock, whatever the wall clock did meanwhile. */
  #endAfter(): void {
    const nano = this.startNano + Math.round((this.#sink.timeline.ticks() - this.#startTicks) * 1e6);
    const carry = Math.floor(nano / 1e9);
    this.endSec = this.startSec + carry;
    this.endNano = (nano - carry * 1e9) | 0;
  }

  #endAt(endTime: TimeInput | undefined): void {
    const { timeline } = this.#sink;
    timeline.atUnix(timeOf(endTime, timeline));
    const isBefore =
      timeline.sec < this.startSec || (timeline.sec === this.startSec && timeline.nano < this.startNano);
    this.endSec = isBefore ? this.startSec : timeline.sec;
    this.endNano = isBefore ? this.startNano : timeline.nano;
  }
}

/** Whatever it is: as an index an object would be asked for its text, and may throw. */
function kindOf(kind: unknown): number {
  return (typeof kind === 'number' ? KINDS[kind] : undefined) ?? SPAN_KIND.internal;
}

/** Scalars as they are, the rest in a form of its own that nobody can change any more. */
function heldValue(value: unknown): HeldValue | undefined {
  switch (typeof value) {
    case 'string':
      return value.length > VALUE_CHARS_MAX ? value.slice(0, VALUE_CHARS_MAX) : value;
    case 'number':
    case 'boolean':
      return value;
    default:
      return otlpValue(value);
  }
}

/** Undefined for what changes nothing. */
function statusOf(status: SpanStatus): { readonly code: number; readonly message: string } | undefined {
  try {
    if (status.code === SpanStatusCode.OK) return { code: STATUS_CODE.ok, message: '' };
    if (status.code !== SpanStatusCode.ERROR) return undefined;
    return { code: STATUS_CODE.error, message: textOf(status.message) };
  } catch {
    return undefined; // It is none.
  }
}
