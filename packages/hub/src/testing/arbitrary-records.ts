/** Any record that OTLP can carry: odd ids, odd text, every type of value, numbers at their ends. */
import fc from 'fast-check';
import type { Attribute, LogRecord, Resource, Scope, Span, Value } from '@aode/wire';

/** Records with the prototype that literals have. */
export const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

const U64_MAX = 2n ** 64n - 1n;

/** Well-formed text of any kind, NUL and control characters among it. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\0', '\n', '\u001b', 'a', '%', '_', "'", '"', '\ufeff'), maxLength: 8 }),
);

const time: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: U64_MAX }),
  fc.constantFrom(0n, U64_MAX, 7_258_118_400_000_000_000n),
);
const count: fc.Arbitrary<number> = fc.oneof(fc.nat(5), fc.constant(2 ** 32 - 1));

const key: fc.Arbitrary<string> = fc.oneof(
  text,
  fc.constantFrom(
    'http.response.status_code',
    'http.request.method',
    'request_id',
    'error.type',
    '__proto__',
    'service.name',
  ),
);

/** A double that is not a NaN with a payload, which no engine promises to keep. */
const double: fc.Arbitrary<number> = fc.double();

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    fc.constantFrom<Value>('200', '0200', 200n, 200, null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    double,
    fc.uint8Array({ maxLength: 8 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(plain({ key, value: tie('value') }), { maxLength: 3 }).map((entries): Value => ({ entries })),
  ),
})).value;

/** Keys may repeat, as a careless sender repeats them. */
const attributes: fc.Arbitrary<Attribute[]> = fc.array(plain({ key, value }), { maxLength: 5 });

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((data) => Buffer.from(data).toString('hex'));

/** Valid, of zeros, absent, or too short. */
const spanId: fc.Arbitrary<string> = fc.oneof(hex(8), fc.constantFrom('0'.repeat(16), ''), hex(4));
const traceId: fc.Arbitrary<string> = fc.oneof(hex(16), fc.constantFrom('0'.repeat(32), ''), hex(8));

export const resource: fc.Arbitrary<Resource> = plain({
  attributes,
  droppedAttributesCount: count,
  entityRefs: fc.array(
    plain({
      schemaUrl: text,
      type: text,
      idKeys: fc.array(text, { maxLength: 2 }),
      descriptionKeys: fc.array(text, { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
});

export const scope: fc.Arbitrary<Scope> = plain({
  name: text,
  version: text,
  attributes,
  droppedAttributesCount: count,
});

/** A span that a store accepts, of a trace that the test names. */
export const span: fc.Arbitrary<Omit<Span, 'traceId'>> = plain({
  spanId: hex(8).filter((id) => id !== '0'.repeat(16)),
  traceState: text,
  parentSpanId: spanId,
  flags: count,
  name: text,
  kind: fc.oneof(fc.nat(5), fc.constantFrom(-1, 255, 256, 2 ** 31 - 1)),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  droppedAttributesCount: count,
  events: fc.array(plain({ timeUnixNano: time, name: text, attributes, droppedAttributesCount: count }), {
    maxLength: 2,
  }),
  droppedEventsCount: count,
  links: fc.array(
    plain({ traceId, spanId, traceState: text, attributes, droppedAttributesCount: count, flags: count }),
    { maxLength: 2 },
  ),
  droppedLinksCount: count,
  status: plain({ code: fc.oneof(fc.nat(2), fc.constantFrom(-1, 300)), message: text }),
});

/** A line of a trace that the test names. */
export const log: fc.Arbitrary<Omit<LogRecord, 'traceId'>> = plain({
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: fc.oneof(fc.nat(24), fc.constantFrom(-1, 256)),
  severityText: text,
  body: value,
  attributes,
  droppedAttributesCount: count,
  flags: count,
  spanId,
  eventName: text,
});
