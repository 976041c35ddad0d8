/**
 * The way of a line from any logger to the sink: what its request is known by, read when the line is written, its time,
 * and its count on the span that was active. Nothing of it throws. Hot path: bench/log.bench.ts.
 */
import { type Clock, durationMs } from '@aode/base';
import { type LineValue, siteText } from '@aode/wire';
import { type Context, isSpanContextValid, type Span, type SpanContext, trace } from '@opentelemetry/api';
import { dyeOf } from '../context/dye.ts';
import { type RequestContext, requestOf } from '../context/request-context.ts';
import type { Losses } from '../losses.ts';
import { RecordingSpan } from '../trace/span.ts';
import type { Timeline } from '../trace/timeline.ts';
import { type LineHead, type LineSink, type LogLine, BEGINNING, ORIGINAL_CHARS } from './log-line.ts';

export interface LineParts {
  /** Of the thread: lines and spans are of one clock. */
  readonly timeline: Pick<Timeline, 'ticks' | 'at' | 'sec' | 'nano'>;
  readonly clock: Pick<Clock, 'timer'>;
  readonly losses: Losses;
  readonly activeContext: () => Context;
  /** Undefined when lines get their ids but are not sent. */
  readonly sink: LineSink | undefined;
  /** Keys of baggage that each line shows. */
  readonly dye: readonly string[];
  /** Longer lines are cut, in UTF-16 units. */
  readonly charsMax: number;
  /** Told of lines that belong to no trace. */
  readonly outside?: () => void;
}

/** What a line says of its request. One object for all lines of a span, but where dye is shown. */
export interface LineOrigin {
  /** Undefined outside of a trace. */
  readonly ids: SpanContext | undefined;
  /** What was active. */
  readonly span: Span | undefined;
  /** Empty where there is none. */
  readonly requestId: string;
  /** `trace_id`, `span_id`, `request_id`, `correlation_id` and dye, as far as they are there; undefined for none. */
  readonly fields: Readonly<Record<string, string>> | undefined;
  /** The same as members of a JSON object, each with a comma before it. */
  readonly members: string;
  /** Of these what a line does not carry anyway: all but the ids of span, trace and request. */
  readonly extraMembers: string;
}

/** Outside of everything. */
export const NOWHERE: LineOrigin = Object.freeze({
  ids: undefined,
  span: undefined,
  requestId: '',
  fields: undefined,
  members: '',
  extraMembers: '',
});

const NO_HEAD: LineHead = {
  scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0 },
  severityNumber: 0,
  severityText: '',
  messageKey: '',
  errorKey: '',
};

/** So long at most is a context held because of a line in it: a span that nobody can end any more is to be found. */
const HELD_MS = 200;

export class LineWriter {
  readonly #parts: LineParts;
  /** Of the line before: most are of the same context, or at least of the same span and the same request. */
  #context: Context | undefined = undefined;
  #span: SpanContext | undefined = undefined;
  #request: RequestContext | undefined = undefined;
  #latest = NOWHERE;
  #isHeld = false;

  /** The line that is being handed over: one object for all of them. */
  readonly #written: { -readonly [K in keyof LogLine]: LogLine[K] } = {
    head: NO_HEAD,
    sec: 0,
    nano: 0,
    text: '',
    traceId: '',
    spanId: '',
    traceFlags: 0,
    requestId: '',
    values: undefined,
  };

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  /** Of the running code, or of `given`; undefined, counted, where its context holds something strange. */
  origin(given?: Context): LineOrigin | undefined {
    const { activeContext, dye } = this.#parts;
    try {
      const context = given ?? activeContext();
      // Nothing of a context ever changes.
      if (context === this.#context) return this.#latest;
      const span = trace.getSpanContext(context);
      const request = requestOf(context);
      if (span !== this.#span || request !== this.#request) {
        this.#latest = newOrigin(context, span, request);
        // Not of this one yet: where dye is shown, `latest` is not what its lines say.
        this.#context = undefined;
        this.#span = span;
        this.#request = request;
        this.#hold();
      }
      const shown = dyeOf(context, dye);
      if (shown !== undefined) return newOrigin(context, span, request, shown);
      this.#context = context;
      return this.#latest;
    } catch {
      this.failed();
      return undefined;
    }
  }

  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#parts.clock.timer(durationMs(HELD_MS), () => {
      this.#isHeld = false;
      this.#context = undefined;
      this.#span = undefined;
      this.#request = undefined;
      this.#latest = NOWHERE;
    });
  }

  /** The span of the running code, or of `given`. */
  span(given?: Context): Span | undefined {
    try {
      return trace.getSpan(given ?? this.#parts.activeContext());
    } catch {
      return undefined; // Counted by `origin`.
    }
  }

  /** Counted: a text was longer than it may be. */
  cut(): void {
    this.#parts.losses.add('line_cut', 1);
  }

  /** False when it could not be handed over, which is counted. */
  write(head: LineHead, text: string, origin: LineOrigin, span: Span | undefined = origin.span): boolean {
    const { sink, outside } = this.#parts;
    try {
      if (origin.ids === undefined) outside?.();
      if (sink === undefined && span === undefined) return true;
      const line = this.#line(head, text, origin);
      count(span, head.severityNumber, line);
      sink?.line(line);
      return true;
    } catch {
      return this.failed();
    }
  }

  /** A line of a call site, whose head says what the values are. */
  writeValues(head: LineHead, values: readonly LineValue[], origin: LineOrigin): void {
    const { sink, outside, charsMax } = this.#parts;
    if (charsOf(values) > charsMax) {
      const { site, messageKey } = head;
      if (site !== undefined) this.write(head, siteText(site, messageKey, values), origin);
      return;
    }
    try {
      if (origin.ids === undefined) outside?.();
      const line = this.#line(head, '', origin, values);
      count(origin.span, head.severityNumber, line);
      sink?.line(line);
    } catch {
      this.failed();
    }
  }

  /** A line that its logger does not write: kept if its trace is. */
  writeBelow(head: LineHead, text: string, origin: LineOrigin): void {
    const { sink } = this.#parts;
    const { span } = origin;
    try {
      const line = this.#line(head, text, origin);
      count(span, head.severityNumber, line);
      sink?.below(span, line);
    } catch {
      this.failed();
    }
  }

  /** Counts a record that somebody else hands over for the span of its context. */
  countIn(context: Context, severity: number, timeUnixNano: bigint): void {
    count(this.span(context), severity, {
      sec: Number(timeUnixNano / SECOND),
      nano: Number(timeUnixNano % SECOND),
    });
  }

  /** Counted: something of a logger could not be made sense of. */
  failed(): false {
    this.#parts.losses.add('boundary_failed', 1);
    return false;
  }

  #line(
    head: LineHead,
    given: string,
    { ids, requestId }: LineOrigin,
    values?: readonly LineValue[],
  ): LogLine {
    const { timeline, charsMax } = this.#parts;
    let text = given;
    if (text.length > charsMax) {
      this.cut();
      text = cutLine(head, text, charsMax);
    }
    timeline.at(timeline.ticks());
    const line = this.#written;
    line.head = head;
    line.sec = timeline.sec;
    line.nano = timeline.nano;
    line.text = text;
    line.traceId = ids?.traceId ?? '';
    line.spanId = ids?.spanId ?? '';
    line.traceFlags = ids?.traceFlags ?? 0;
    line.requestId = requestId;
    line.values = values;
    return line;
  }
}

const SECOND = 1_000_000_000n;

function charsOf(values: readonly LineValue[]): number {
  let chars = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value === 'string') chars += value.length;
  }
  return chars;
}

/** On the span, if it is one of ours. */
function count(span: Span | undefined, severity: number, { sec, nano }: Pick<LogLine, 'sec' | 'nano'>): void {
  if (span instanceof RecordingSpan) span.wroteLine(severity, sec, nano);
}

/**
 * A line again: the message of the one that was too long and what stands behind it, where they can be found, and its
 * beginning as it stood there; of another one the beginning is the message.
 */
function cutLine({ messageKey }: LineHead, text: string, charsMax: number): string {
  const member = `"${messageKey}":`;
  const members = membersFrom(member, text, charsMax) ?? firstMember(member, text, charsMax);
  if (members === undefined)
    return JSON.stringify({ [messageKey]: text.slice(0, charsMax), [ORIGINAL_CHARS]: text.length });
  const beginning = text.slice(0, Math.max(0, charsMax - JSON.stringify(members).length));
  return JSON.stringify({ ...members, [BEGINNING]: beginning, [ORIGINAL_CHARS]: text.length });
}

/**
 * What stands from the last `member` on in a line of JSON, if that is one of the line itself: a brace before it makes
 * JSON of the rest then, and of no other place that looks like it.
 */
function membersFrom(member: string, text: string, charsMax: number): object | undefined {
  const at = text.lastIndexOf(member);
  return at < 0 || text.length - at >= charsMax ? undefined : objectOf(`{${text.slice(at)}`);
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;

/** A text that a line begins with. */
function firstMember(member: string, text: string, charsMax: number): object | undefined {
  if (!text.startsWith(`{${member}`)) return undefined;
  STRING.lastIndex = member.length + 1;
  const [value] = STRING.exec(text.slice(0, charsMax)) ?? [];
  return value === undefined ? undefined : objectOf(`{${member}${value}}`);
}

function objectOf(json: string): object | undefined {
  try {
    return JSON.parse(json) as object;
  } catch {
    return undefined;
  }
}

function membersOf(fields: Readonly<Record<string, string>>): string {
  let members = '';
  for (const [key, value] of Object.entries(fields)) {
    members += `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
  }
  return members;
}

/** Ours come last: of two members of one name a reader takes the last. */
function newOrigin(
  context: Context,
  span: SpanContext | undefined,
  request: RequestContext | undefined,
  dye?: Readonly<Record<string, string>>,
): LineOrigin {
  const ids = span !== undefined && isSpanContextValid(span) ? span : undefined;
  const { requestId, correlationId } = request ?? {};
  const fields: Record<string, string> = { ...dye };
  if (ids !== undefined) {
    fields['trace_id'] = ids.traceId;
    fields['span_id'] = ids.spanId;
  }
  if (requestId !== undefined) fields['request_id'] = requestId;
  if (correlationId !== undefined) fields['correlation_id'] = correlationId;
  const members = membersOf(fields);
  if (members === '') return NOWHERE;
  const extraMembers = membersOf({
    ...dye,
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
  });
  return {
    ids,
    span: trace.getSpan(context),
    requestId: requestId ?? '',
    fields,
    members,
    extraMembers,
  };
}
