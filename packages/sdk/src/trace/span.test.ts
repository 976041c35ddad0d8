import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { decodeTraces, encodeTraces, type Span as SpanRecord, STATUS_CODE } from '@aode/wire';
import {
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TimeInput,
  trace,
} from '@opentelemetry/api';
import { knownStep, NO_KEYS } from '../pool/key-path.ts';
import { SHARED_CHARS_MAX } from '../pool/shared-text.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { recordInto } from '../testing/recorder.ts';
import { createTracerProvider } from './tracer.ts';

const CONTEXT: SpanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 3 };
const OTHER: SpanContext = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 };
const SCOPE = { name: 't', version: '', attributes: [], droppedAttributesCount: 0 };
const START_NS = 1_700_000_000_000_000_000n;

interface Recording {
  readonly span: Span;
  readonly clock: ManualClock;
  /** Ends it and gives what is read from the pool. */
  readonly record: () => SpanRecord;
  readonly records: readonly SpanRecord[];
}

interface Given extends SpanOptions {
  readonly name?: string;
  readonly parent?: SpanContext;
}

function start({ name = 'work', parent, ...options }: Given = {}): Recording {
  const clock = manualClock(START_NS);
  // Room for a span of several texts of the greatest length.
  const { recorder, spans } = recordInto(clock, { poolBytes: 8 * 1024 * 1024 });
  const tracer = createTracerProvider({ recorder, dye: [] }).getTracer('t');
  const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const span = tracer.startSpan(name, options, context);
  return {
    span,
    clock,
    records: spans,
    record() {
      span.end();
      const [record] = spans;
      assert.ok(record !== undefined);
      return record;
    },
  };
}

test('what was set is in the record, what comes after the end is not', () => {
  const { span, clock, record, records } = start({
    kind: SpanKind.CLIENT,
    parent: { ...OTHER, isRemote: true },
  });
  assert.equal(span.isRecording(), true);
  span
    .setAttribute('a', 1)
    .setAttributes({ b: 'x', c: [true] })
    .updateName('better');
  clock.advance(5);
  const ended = record();
  assert.equal(span.isRecording(), false);
  span.setAttribute('late', 1).updateName('late').addEvent('late').setStatus({ code: SpanStatusCode.ERROR });
  span.addLink({ context: OTHER }).end();
  assert.equal(records.length, 1);
  assert.equal(ended.name, 'better');
  assert.equal(ended.kind, 3);
  assert.equal(ended.traceId, OTHER.traceId);
  assert.equal(ended.spanId, span.spanContext().spanId);
  assert.equal(ended.parentSpanId, OTHER.spanId);
  assert.equal(ended.flags, 0x301, 'sampled, parent known and remote');
  assert.deepEqual(attributesOf(ended), { a: 1n, b: 'x', c: [true] });
  assert.equal(ended.startTimeUnixNano, START_NS);
  assert.equal(ended.endTimeUnixNano, START_NS + 5_000_000n);
  assert.equal(ended.events.length + ended.links.length, 0);
});

describe('status', () => {
  const after = (...codes: readonly SpanStatusCode[]): SpanRecord['status'] => {
    const { span, record } = start();
    for (const code of codes) span.setStatus({ code, message: `m${code}` });
    return record().status;
  };
  const { UNSET, OK, ERROR } = SpanStatusCode;
  const error = { code: STATUS_CODE.error, message: 'm2' };
  const ok = { code: STATUS_CODE.ok, message: '' };
  test('unset at first, and unset changes nothing', () => {
    assert.deepEqual(after(), { code: 0, message: '' });
    assert.deepEqual(after(ERROR, UNSET), error);
  });
  test('error carries its message, ok none', () => {
    assert.deepEqual(after(ERROR), error);
    assert.deepEqual(after(OK), ok);
  });
  test('ok wins over error and is final', () => {
    assert.deepEqual(after(ERROR, OK), ok);
    assert.deepEqual(after(OK, ERROR), ok);
    assert.deepEqual(after(OK, UNSET), ok);
  });
});

describe('limits: the 128th is kept, the 129th counted', () => {
  test('attributes; a known key may still be set', () => {
    const { span, record } = start();
    for (let i = 0; i < 129; i += 1) span.setAttribute(`k${i}`, i);
    span.setAttribute('k0', 'again');
    const ended = record();
    assert.equal(ended.attributes.length, 128);
    assert.equal(ended.droppedAttributesCount, 1);
    assert.equal(attributesOf(ended)['k0'], 'again');
  });
  test('events', () => {
    const { span, record } = start();
    for (let i = 0; i < 129; i += 1) span.addEvent(`e${i}`);
    const ended = record();
    assert.equal(ended.events.length, 128);
    assert.equal(ended.droppedEventsCount, 1);
  });
  test('links', () => {
    const { span, record } = start({ links: [{ context: OTHER }] });
    span.addLinks(Array.from({ length: 128 }, () => ({ context: OTHER })));
    const ended = record();
    assert.equal(ended.links.length, 128);
    assert.equal(ended.droppedLinksCount, 1);
  });
});

test('events: attributes, time, both', () => {
  const { span, clock, record } = start();
  clock.advance(1);
  span
    .addEvent('plain')
    .addEvent('with', { a: 1 })
    .addEvent('at', [1, 2])
    .addEvent('both', { b: 2 }, new Date(3));
  assert.deepEqual(
    record().events.map((event) => [event.name, event.timeUnixNano, attributesOf(event)]),
    [
      ['plain', START_NS + 1_000_000n, {}],
      // Of one moment, and yet in their order.
      ['with', START_NS + 1_000_001n, { a: 1n }],
      ['at', 1_000_000_002n, {}],
      ['both', 3_000_000n, { b: 2n }],
    ],
  );
});

test('links: ids, state, flags; without ids only for what they say', () => {
  const { span, record } = start();
  span.addLink({ context: { ...OTHER, isRemote: true }, attributes: { why: 'batch' } });
  const none = { traceId: '', spanId: 'zz', traceFlags: 0 };
  span.addLink({ context: none, attributes: { why: 'said' } }).addLink({ context: none });
  const { links, droppedLinksCount } = record();
  assert.deepEqual(
    links.map((link) => [link.traceId, link.spanId, link.flags, attributesOf(link)]),
    [
      [OTHER.traceId, OTHER.spanId, 0x301, { why: 'batch' }],
      ['', '', 0x100, { why: 'said' }],
    ],
  );
  assert.equal(droppedLinksCount, 1);
});

test('recordException: an event with type, message and stack, whatever was thrown', () => {
  const { span, record } = start();
  const error = Object.assign(new TypeError('no'), { stack: 'at x' });
  span.recordException(error);
  span.recordException('text', 5);
  span.recordException({ name: 'Error', message: 'refused', code: 'ECONNREFUSED' });
  span.recordException({ code: 7 } as never);
  span.recordException(null as never);
  assert.deepEqual(
    record().events.map((event) => attributesOf(event)),
    [
      { 'exception.type': 'TypeError', 'exception.message': 'no', 'exception.stacktrace': 'at x' },
      { 'exception.message': 'text' },
      { 'exception.type': 'ECONNREFUSED', 'exception.message': 'refused' },
      { 'exception.type': '7' },
      { 'exception.message': 'null' },
    ],
  );
});

describe('times', () => {
  test('a step of the wall clock does not change a duration', () => {
    const { clock, record } = start();
    clock.setWall(5n);
    clock.advance(7);
    const { startTimeUnixNano, endTimeUnixNano } = record();
    assert.equal(endTimeUnixNano - startTimeUnixNano, 7_000_000n);
  });
  test('each form of time, given as the start', () => {
    const at = (startTime: TimeInput): bigint => start({ startTime }).record().startTimeUnixNano;
    assert.equal(at(1_600_000_000_000.5), 1_600_000_000_000_500_000n);
    assert.equal(at(new Date(1_600_000_000_000)), 1_600_000_000_000_000_000n);
    assert.equal(at([1_600_000_000, 7]), 1_600_000_000_000_000_007n);
    assert.equal(
      at(10),
      BigInt(Math.round((performance.timeOrigin + 10) * 1000)) * 1000n,
      'performance.now()',
    );
  });
  test('an end before the start is the start', () => {
    const { span, records } = start({ startTime: [100, 0] });
    span.end([99, 0]);
    assert.equal(records[0]?.endTimeUnixNano, 100_000_000_000n);
  });
  test('nonsense is now', () => {
    for (const startTime of [
      Number.NaN,
      Infinity,
      new Date(Number.NaN),
      [1, Infinity],
      [-1, 0],
      [2 ** 40, 0],
    ]) {
      assert.equal(start({ startTime: startTime as never }).record().startTimeUnixNano, START_NS);
    }
  });
});

test('keys are cut as values are', () => {
  const long = 'k'.repeat(70_000);
  const { span, record } = start();
  span.setAttribute(long, 1).addEvent('e', { [long]: 1 });
  const { attributes, events } = record();
  assert.equal(attributes[0]?.key.length, 64 * 1024);
  assert.equal(events[0]?.attributes[0]?.key.length, 64 * 1024);
});

test('a span whose options throw when they are read is not left open', () => {
  const { recorder, spans } = recordInto(manualClock(START_NS));
  const tracer = createTracerProvider({ recorder, dye: [] }).getTracer('t');
  const options = Object.defineProperty({}, 'attributes', {
    get() {
      throw new Error('mine');
    },
  });
  tracer.startSpan('work', options, ROOT_CONTEXT).end();
  assert.equal(recorder.open.count, 0);
  assert.equal(spans.length, 1);
});

test('long keys are held by their spans only', () => {
  const key = 'k'.repeat(SHARED_CHARS_MAX + 1);
  const { span, record } = start();
  span.setAttribute(key, 1).setAttribute('after', 2).setAttribute(key, 3);
  assert.deepEqual(attributesOf(record()), { [key]: 3n, after: 2n });
  assert.equal(knownStep(NO_KEYS, key), undefined);
});

test('whatever it is given: nothing throws, and the record can be sent', () => {
  for (const value of HOSTILE) {
    const bad = value as never;
    const { span, record } = start({
      name: bad,
      kind: bad,
      startTime: bad,
      attributes: bad,
      links: bad,
      parent: { ...CONTEXT, isRemote: true, traceState: bad },
    });
    // Of these the recorder wants to know the value.
    span.setAttribute('http.route', bad).setAttribute('http.response.status_code', bad);
    span.setAttribute(bad, bad).setAttribute('a', bad).setAttributes(bad).setAttributes({ bad });
    span.addEvent(bad, bad, bad).addEvent('e', { bad }, bad).addLink(bad).addLinks(bad).addLinks([bad]);
    span.addLink({ context: OTHER, attributes: bad } satisfies Link);
    span.setStatus(bad);
    span.setStatus({ code: SpanStatusCode.ERROR, message: bad }).updateName(bad);
    span.recordException(bad, bad);
    span.end(bad);
    const resource = { attributes: [], droppedAttributesCount: 0, entityRefs: [] };
    const sent = encodeTraces([
      { resource, schemaUrl: '', scopeSpans: [{ scope: SCOPE, schemaUrl: '', spans: [record()] }] },
    ]);
    assert.equal(decodeTraces(sent)[0]?.scopeSpans[0]?.spans[0]?.traceId, CONTEXT.traceId);
  }
});
