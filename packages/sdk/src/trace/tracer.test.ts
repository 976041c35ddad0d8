import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  context as contextApi,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { HOSTILE } from '../testing/hostile.ts';
import { startRecorder } from '../testing/recorder.ts';
import { MemberState } from './member-state.ts';

const REMOTE: SpanContext = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: TraceFlags.NONE,
  isRemote: true,
  traceState: new MemberState([['vendor', 'x']]),
};

describe('tracer, behind the API', () => {
  test('a root has an own trace, sampled and random; a child is of its parent', () => {
    using recorder = startRecorder();
    const tracer = trace.getTracer('t', '1');
    tracer.startActiveSpan('outer', (outer) => {
      assert.equal(trace.getActiveSpan(), outer);
      tracer.startSpan('inner').end();
      tracer.startSpan('alone', { root: true }).end();
      outer.end();
    });
    assert.equal(trace.getActiveSpan(), undefined);
    const [inner, alone, outer] = recorder.spans;
    assert.ok(inner !== undefined && alone !== undefined && outer !== undefined);
    assert.equal(outer.flags, 0x103);
    assert.equal(outer.parentSpanId, '');
    assert.equal(inner.traceId, outer.traceId);
    assert.equal(inner.parentSpanId, outer.spanId);
    assert.equal(inner.flags, 0x103);
    assert.notEqual(alone.traceId, outer.traceId);
    assert.equal(alone.parentSpanId, '');
  });

  test('a remote parent: its trace, its state, its flags as they are, and recorded in any case', () => {
    using recorder = startRecorder();
    const at = (traceFlags: number) => trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceFlags });
    for (const flags of [0, 1, 2, 3]) trace.getTracer('t').startSpan('s', {}, at(flags)).end();
    assert.deepEqual(
      recorder.spans.map(({ traceId, parentSpanId, flags, traceState }) => [
        traceId,
        parentSpanId,
        flags,
        traceState,
      ]),
      [0x300, 0x301, 0x302, 0x303].map((flags) => [REMOTE.traceId, REMOTE.spanId, flags, 'vendor=x']),
    );
  });

  test('what the headers say of the trace is for the first span only: not below it, not for a root of its own', () => {
    using recorder = startRecorder();
    const tracer = trace.getTracer('t');
    const arrived = recorder.propagator.extract(
      ROOT_CONTEXT,
      { 'x-trace-id': 'a'.repeat(32) },
      defaultTextMapGetter,
    );
    const first = tracer.startSpan('first', {}, arrived);
    const below = trace.setSpan(arrived, first);
    tracer.startSpan('child', {}, below).end();
    tracer.startSpan('alone', { root: true }, below).end();
    tracer.startSpan('alone', { root: true }, arrived).end();
    first.end();
    const [child, alone, again, outer] = recorder.spans;
    assert.equal(outer?.traceId, 'a'.repeat(32));
    assert.deepEqual([child?.traceId, child?.traceState], [outer.traceId, outer.traceState]);
    for (const other of [alone, again]) {
      assert.notEqual(other?.traceId, outer.traceId);
      assert.deepEqual([other?.traceState, other?.flags], ['ot=th:0', 0x103]);
    }
  });

  test('a parent without valid ids is none', () => {
    using recorder = startRecorder();
    const bad = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, spanId: '0'.repeat(16) });
    trace.getTracer('t').startSpan('s', {}, bad).end();
    assert.equal(recorder.spans[0]?.parentSpanId, '');
    assert.notEqual(recorder.spans[0]?.traceId, REMOTE.traceId);
  });
});

describe('what a tracer is called with', () => {
  test('startActiveSpan: three forms, the value of the work, and its error as it is', () => {
    using recorder = startRecorder();
    const tracer = trace.getTracer('t');
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceFlags: TraceFlags.SAMPLED });
    assert.equal(
      tracer.startActiveSpan('a', (span) => (span.end(), 1)),
      1,
    );
    assert.equal(
      tracer.startActiveSpan('b', { kind: SpanKind.PRODUCER }, (span) => (span.end(), 2)),
      2,
    );
    assert.equal(
      tracer.startActiveSpan('c', {}, parent, (span) => (span.end(), 3)),
      3,
    );
    const mine = new Error('mine');
    assert.throws(
      () =>
        tracer.startActiveSpan('d', () => {
          throw mine;
        }),
      mine,
    );
    assert.deepEqual(
      recorder.spans.map(({ name, kind }) => [name, kind]),
      [
        ['a', 1],
        ['b', 4],
        ['c', 1],
      ],
    );
    assert.equal(recorder.spans[2]?.parentSpanId, REMOTE.spanId);
  });

  test('equal name and version: the same tracer; more names than are kept still record', () => {
    using recorder = startRecorder();
    const { provider } = recorder;
    assert.equal(provider.getTracer('a', '1'), provider.getTracer('a', '1'));
    assert.notEqual(provider.getTracer('a', '1'), provider.getTracer('a', '2'));
    for (let i = 0; i < 1100; i += 1) provider.getTracer(`t${i}`);
    provider.getTracer('beyond').startSpan('s').end();
    assert.equal(recorder.spans.length, 1);
    assert.notEqual(provider.getTracer('beyond'), provider.getTracer('beyond'), 'not kept');
  });

  test('whatever it is given: a span comes back and nothing throws', () => {
    using recorder = startRecorder();
    for (const value of HOSTILE) {
      const bad = value as never;
      const tracer = recorder.provider.getTracer(bad, bad, bad);
      tracer.startSpan(bad, bad, bad).end();
      tracer.startSpan('s', { kind: bad, attributes: bad, links: bad, startTime: bad, root: bad }).end();
      assert.equal(
        tracer.startActiveSpan(bad, bad, undefined as never, () => 5),
        5,
      );
    }
    assert.equal(recorder.spans.length, 2 * HOSTILE.length);
    assert.equal(contextApi.active(), ROOT_CONTEXT);
  });
});

test('MemberState: immutable, a changed member moves to the front, what cannot be sent is not taken', () => {
  const state = new MemberState([
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.equal(state.get('b'), '2');
  assert.equal(state.get('c'), undefined);
  assert.equal(state.set('b', '3').serialize(), 'b=3,a=1');
  assert.equal(state.set('c', '3').serialize(), 'c=3,a=1,b=2');
  assert.equal(state.unset('a').serialize(), 'b=2');
  assert.equal(state.serialize(), 'a=1,b=2');
  for (const [key, value] of [
    ['A', '1'],
    ['a', ''],
    ['a', '1,x=2'],
    ['a', 'line\nbreak'],
  ] as const)
    assert.equal(state.set(key, value), state);
});
