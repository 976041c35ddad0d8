/** Spans and lines of every kind for tests of the pool, and what is to be read back of them. */
import {
  type Attribute,
  isValueMap,
  type LogRecord,
  logRecordOf,
  type SpanEvent,
  type SpanLink,
  type Value,
} from '@aode/wire';
import fc from 'fast-check';
import { type LineHead, type LogLine, writtenLineOf } from '../log/log-line.ts';
import { keysOf, pathOf } from '../pool/key-path.ts';
import type { RecordVisitor } from '../pool/pool-reader.ts';
import type { HeldValue } from '../pool/record-writer.ts';
import type { ReadSpan, SpanFields } from '../pool/span-record.ts';
import { otlpValue } from '../trace/attribute-value.ts';
import { spanIdText } from '../trace/span-identity.ts';

/** Objects as the reader makes them: with a prototype. */
const PLAIN = { noNullPrototype: true };

/** UTF-8 has no lone surrogates: each is read back as U+FFFD. */
export const stored = (text: string): string => text.toWellFormed();

const SECONDS = fc.nat(0xffff_ffff);
const NANOS = fc.nat(999_999_999);
const WORD = fc.nat(0xffff_ffff);
const COUNT = fc.nat(1000);

/** Any UTF-16 units, lone surrogates among them; common short ones, so that the text table has hits; and long ones. */
const TEXT: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'GET', 'http.route', '/a/b', 'ü', '\ud800', '\0\r\n\u2028') },
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 120, size: 'max' }) },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.nat(0xffff), { maxLength: 60, size: 'max' })
      .map((units) => String.fromCharCode(...units)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'ä', '漢', '😀', '\udfff'), fc.nat(64 * 1024))
      .map(([unit, length]) => unit.repeat(length).slice(0, length)),
  },
);

const BYTES = fc.uint8Array({ maxLength: 300 });
const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** In OTLP's form, as events, links and compound values hold them. */
const VALUE: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    TEXT,
    fc.boolean(),
    fc.double(),
    INT64,
    BYTES,
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 6 }),
    fc
      .array(fc.record({ key: TEXT, value: tie('value') }, PLAIN), { maxLength: 4 })
      .map((entries) => ({ entries })),
  ),
})).value;

/** As a span holds it: numbers as the application gave them. */
const HELD: fc.Arbitrary<HeldValue> = fc.oneof(
  VALUE,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, -(2 ** 53)),
);

const ATTRIBUTES: fc.Arbitrary<Attribute[]> = fc.array(fc.record({ key: TEXT, value: VALUE }, PLAIN), {
  maxLength: 5,
});

/** Of any length up to the limit of a span. */
const HELD_ATTRIBUTES: fc.Arbitrary<(readonly [string, HeldValue])[]> = fc.oneof(
  { weight: 8, arbitrary: fc.array(fc.tuple(TEXT, HELD), { maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(fc.string({ maxLength: 20 }), fc.string({ maxLength: 200 })), {
      minLength: 120,
      maxLength: 128,
    }),
  },
);

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .array(fc.nat(15), { minLength: digits, maxLength: digits })
    .map((list) => list.map((d) => d.toString(16)).join(''))
    .map((text) => (/^0+$/.test(text) ? '' : text));

const time = fc.tuple(SECONDS, NANOS).map(([sec, nano]) => BigInt(sec) * 1_000_000_000n + BigInt(nano));

const EVENT: fc.Arbitrary<SpanEvent> = fc.record(
  { timeUnixNano: time, name: TEXT, attributes: ATTRIBUTES, droppedAttributesCount: COUNT },
  PLAIN,
);
const LINK: fc.Arbitrary<SpanLink> = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    traceState: TEXT,
    attributes: ATTRIBUTES,
    droppedAttributesCount: COUNT,
    flags: WORD,
  },
  PLAIN,
);
const SCOPE = fc
  .tuple(TEXT, TEXT)
  .map(([name, version]) => ({ name, version, attributes: [], droppedAttributesCount: 0 }));

export const anySpan: fc.Arbitrary<SpanFields> = fc
  .record(
    {
      scope: SCOPE,
      idHi: WORD,
      idLo: fc.integer({ min: 1, max: 0xffff_ffff }),
      parentHi: WORD,
      parentLo: WORD,
      flags: WORD,
      traceStateText: TEXT,
      name: TEXT,
      kind: fc.nat(5),
      startSec: SECONDS,
      startNano: NANOS,
      endSec: SECONDS,
      endNano: NANOS,
      attributes: HELD_ATTRIBUTES,
      droppedAttributesCount: COUNT,
      events: fc.array(EVENT, { maxLength: 4 }),
      droppedEventsCount: COUNT,
      links: fc.array(LINK, { maxLength: 4 }),
      droppedLinksCount: COUNT,
      statusCode: fc.nat(2),
      statusMessage: TEXT,
    },
    PLAIN,
  )
  .map(({ attributes, ...fields }) => ({ ...fields, ...held(attributes) }));

const LINE_HEAD: fc.Arbitrary<LineHead> = fc.record(
  { scope: SCOPE, severityNumber: fc.nat(24), severityText: TEXT, messageKey: TEXT, errorKey: TEXT },
  PLAIN,
);

export const anyLine: fc.Arbitrary<LogLine> = fc.record(
  {
    head: LINE_HEAD,
    sec: SECONDS,
    nano: NANOS,
    text: TEXT,
    traceId: hex(32),
    spanId: hex(16),
    traceFlags: fc.nat(255),
    // Of no meaning in the pool.
    requestId: fc.constant(''),
  },
  PLAIN,
);

/** Whole numbers are int64. */
function storedValue(value: HeldValue): Value {
  if (typeof value === 'number') return otlpValue(value) as Value;
  if (typeof value === 'string') return stored(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (!isValueMap(value)) return value.map(storedValue);
  return { entries: value.entries.map(storedAttribute) };
}

const storedAttribute = ({ key, value }: { key: string; value: HeldValue }): Attribute => ({
  key: stored(key),
  value: storedValue(value),
});

function held(attributes: readonly (readonly [string, HeldValue])[]): Pick<SpanFields, 'keys' | 'values'> {
  return { keys: pathOf(attributes.map(([key]) => key)), values: attributes.map(([, value]) => value) };
}

const heldAttributes = ({ keys, values }: SpanFields): Attribute[] =>
  keysOf(keys).map((key, i) => storedAttribute({ key, value: values[i] as HeldValue }));

/** What the reader is to make of it. */
export function readBack(span: SpanFields, traceId: string): ReadSpan {
  const at = (sec: number, nano: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nano);
  const hasParent = span.parentHi !== 0 || span.parentLo !== 0;
  return {
    scopeName: stored(span.scope.name),
    scopeVersion: stored(span.scope.version),
    span: {
      traceId,
      spanId: spanIdText(span.idHi, span.idLo),
      traceState: stored(span.traceStateText),
      parentSpanId: hasParent ? spanIdText(span.parentHi, span.parentLo) : '',
      flags: span.flags,
      name: stored(span.name),
      kind: span.kind,
      startTimeUnixNano: at(span.startSec, span.startNano),
      endTimeUnixNano: at(span.endSec, span.endNano),
      attributes: heldAttributes(span),
      droppedAttributesCount: span.droppedAttributesCount,
      events: span.events.map((event) => ({
        ...event,
        name: stored(event.name),
        attributes: event.attributes.map(storedAttribute),
      })),
      droppedEventsCount: span.droppedEventsCount,
      links: span.links.map((link) => ({
        ...link,
        traceState: stored(link.traceState),
        attributes: link.attributes.map(storedAttribute),
      })),
      droppedLinksCount: span.droppedLinksCount,
      status: { code: span.statusCode, message: stored(span.statusMessage) },
    },
  };
}

export function readBackLine(line: LogLine): LogLine {
  const { scope, severityNumber, severityText, messageKey, errorKey } = line.head;
  const head = {
    scope: { ...scope, name: stored(scope.name), version: stored(scope.version) },
    severityNumber,
    severityText: stored(severityText),
    messageKey: stored(messageKey),
    errorKey: stored(errorKey),
  };
  return { ...line, head, text: stored(line.text) };
}

/** A small span; its name tells it from all others. */
export function spanNamed(name: string, attributes: Readonly<Record<string, string>> = {}): SpanFields {
  return {
    scope: { name: 't', version: '', attributes: [], droppedAttributesCount: 0 },
    idHi: 1,
    idLo: 1,
    parentHi: 0,
    parentLo: 0,
    flags: 0,
    traceStateText: '',
    name,
    kind: 1,
    startSec: 1,
    startNano: 0,
    endSec: 2,
    endNano: 0,
    ...held(Object.entries(attributes)),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
  };
}

export function lineNamed(text: string): LogLine {
  return {
    head: {
      scope: { name: 't', version: '', attributes: [], droppedAttributesCount: 0 },
      severityNumber: 9,
      severityText: 'info',
      messageKey: 'msg',
      errorKey: 'err',
    },
    sec: 0,
    nano: 1,
    text,
    traceId: '',
    spanId: '',
    traceFlags: 0,
    requestId: '',
  };
}

/** What a reader has seen, in order. */
export interface SeenRecords extends RecordVisitor {
  readonly spans: ReadSpan[];
  readonly lines: LogLine[];
  readonly asks: (readonly [traceId: string, reason: string])[];
}

export function seenRecords(): SeenRecords {
  const spans: ReadSpan[] = [];
  const lines: LogLine[] = [];
  const asks: (readonly [string, string])[] = [];
  return {
    spans,
    lines,
    asks,
    span: (span) => void spans.push(span),
    line(line) {
      if (!('record' in line)) lines.push(line);
    },
    ask: (traceId, reason) => void asks.push([traceId, reason]),
    taken: () => undefined,
    damaged: (spanCount, lineCount, why) => {
      throw new Error(`${spanCount} spans, ${lineCount} lines damaged: ${why}`);
    },
  };
}

/** As it is sent. */
export const recordOf = (line: LogLine): LogRecord => logRecordOf(writtenLineOf(line));
