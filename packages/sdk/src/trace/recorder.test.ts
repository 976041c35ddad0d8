/** Which traces are kept, by whom, and who is told. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { manualClock } from '@aode/base/manual-clock';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Recorder, startRecorder } from '../testing/recorder.ts';

/** Nothing is in the sample: what is kept, a trigger keeps. */
const NONE = { sampling: { probability: 0 } };
const ERROR = { code: SpanStatusCode.ERROR };
const REMOTE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0, isRemote: true };

const names = ({ spans }: Recorder): string[] => spans.map(({ name }) => name);

function below(parent: { spanContext(): typeof REMOTE } | ReturnType<typeof trace.getSpan>, name: string) {
  assert.ok(parent !== undefined);
  return trace.getTracer('t').startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, parent as never));
}

describe('what fails is kept', () => {
  test('with all that was recorded before, and all that comes', () => {
    using recorder = startRecorder(manualClock(), NONE);
    const root = trace.getTracer('t').startSpan('root');
    below(root, 'early').end();
    assert.deepEqual(names(recorder), []);
    root.setStatus(ERROR).end();
    below(root, 'late').end();
    assert.deepEqual(names(recorder), ['early', 'root', 'late']);
    const { traceId } = root.spanContext();
    assert.deepEqual(recorder.asks, [[traceId, 'error']], 'everybody is told, once');
    assert.deepEqual(
      recorder.spans.map((span) => attributesOf(span)['aode.keep.reason']),
      [undefined, 'error', undefined],
      'and one span says it',
    );
    for (const { flags, traceState } of recorder.spans) {
      assert.equal(flags & 1, 0, 'it was not sampled');
      assert.equal(traceState, '', 'and has no threshold to be counted by');
    }
  });

  test('a trace of the sample that fails keeps its threshold, and everybody is told', () => {
    using recorder = startRecorder(manualClock(), { sampling: { probability: 1 } });
    const root = trace.getTracer('t').startSpan('root');
    root.setStatus(ERROR).end();
    assert.equal(recorder.spans[0]?.traceState, 'ot=th:0');
    assert.equal(recorder.asks.length, 1);
  });

  const triggers: Readonly<Record<string, (recorder: Recorder) => string>> = {
    'a response of 500': () => {
      trace
        .getTracer('t')
        .startSpan('x', { kind: SpanKind.SERVER, attributes: { 'http.response.status_code': 500 } })
        .end();
      return 'http_status';
    },
    'a gRPC code': () => {
      trace
        .getTracer('t')
        .startSpan('x', { attributes: { 'rpc.grpc.status_code': 13 } })
        .end();
      return 'grpc_status';
    },
    'a server span with an error': () => {
      const context = trace.setSpanContext(ROOT_CONTEXT, REMOTE);
      trace.getTracer('t').startSpan('x', { kind: SpanKind.SERVER }, context).setStatus(ERROR).end();
      return 'error';
    },
  };
  for (const [what, run] of Object.entries(triggers)) {
    test(what, () => {
      using recorder = startRecorder(manualClock(), NONE);
      const reason = run(recorder);
      assert.deepEqual([names(recorder), recorder.asks[0]?.[1]], [['x'], reason]);
    });
  }

  test('what an inner span has handled is not', () => {
    using recorder = startRecorder(manualClock(), NONE);
    const root = trace.getTracer('t').startSpan('root');
    below(root, 'inner').setStatus(ERROR).end();
    trace
      .getTracer('t')
      .startSpan('x', { attributes: { 'http.response.status_code': 404 } })
      .end();
    root.end();
    assert.deepEqual([names(recorder), recorder.asks], [[], []]);
  });
});

describe('rules', () => {
  const keep = [
    { name: 'premium', baggage: { user_tier: 'premium' } },
    { name: 'pay', route: '/pay/*', limitPerSecond: 1 },
  ];

  test('by baggage, from the first span on', () => {
    using recorder = startRecorder(manualClock(), { sampling: { probability: 0, keep } });
    const baggage = propagation.createBaggage({ user_tier: { value: 'premium' } });
    const context = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, REMOTE), baggage);
    trace.getTracer('t').startSpan('x', {}, context).end();
    assert.deepEqual(recorder.asks, [[REMOTE.traceId, 'rule:premium']]);
    assert.deepEqual(names(recorder), ['x']);
  });

  test('by route, within their limit', () => {
    const clock = manualClock();
    using recorder = startRecorder(clock, { sampling: { probability: 0, keep } });
    const pay = (): void =>
      trace
        .getTracer('t')
        .startSpan('x', { attributes: { 'http.route': '/pay/:id' } })
        .end();
    pay();
    pay();
    assert.equal(recorder.spans.length, 1);
    clock.advance(1000);
    pay();
    assert.equal(recorder.spans.length, 2);
  });
});

describe('what others ask for', () => {
  test('a trace that is here is kept, and nobody is told again', () => {
    using recorder = startRecorder(manualClock(), NONE);
    const root = trace.getTracer('t').startSpan('root');
    below(root, 'a').end();
    recorder.recorder.asked(root.spanContext().traceId);
    root.end();
    assert.deepEqual([names(recorder), recorder.asks], [['a', 'root'], []]);
  });

  test('a trace that comes later is kept too, for five minutes', () => {
    const clock = manualClock();
    using recorder = startRecorder(clock, NONE);
    recorder.recorder.asked(REMOTE.traceId);
    clock.advance(5 * 60_000);
    const context = trace.setSpanContext(ROOT_CONTEXT, REMOTE);
    trace.getTracer('t').startSpan('late', {}, context).end();
    assert.deepEqual(names(recorder), ['late']);
    const other = { ...REMOTE, traceId: 'c'.repeat(32) };
    recorder.recorder.asked(other.traceId);
    clock.advance(5 * 60_000 + 1);
    trace.getTracer('t').startSpan('too late', {}, trace.setSpanContext(ROOT_CONTEXT, other)).end();
    assert.deepEqual(names(recorder), ['late']);
  });

  test('the word in the tracestate is heeded and passed on', () => {
    using recorder = startRecorder(manualClock(), NONE);
    const headers = { traceparent: `00-${REMOTE.traceId}-${REMOTE.spanId}-00`, tracestate: 'x=1,aode=keep' };
    const getter = {
      keys: (from: Record<string, string>) => Object.keys(from),
      get: (from: Record<string, string>, key: string) => from[key],
    };
    const context = recorder.propagator.extract(ROOT_CONTEXT, headers, getter);
    const span = trace.getTracer('t').startSpan('x', {}, context);
    const sent: Record<string, string> = {};
    const set = (_: unknown, name: string, value: string): void => void (sent[name] = value);
    recorder.propagator.inject(trace.setSpan(context, span), undefined, { set });
    span.end();
    assert.deepEqual([names(recorder), recorder.asks], [['x'], []]);
    assert.equal(sent['tracestate'], 'aode=keep,x=1');
    assert.match(sent['traceparent'] ?? '', /-00$/, 'it is not sampled, nevertheless');
  });

  test('what is kept by a trigger says so downstream, what is sampled does not', () => {
    using recorder = startRecorder(manualClock(), { sampling: { probability: 1 } });
    const stateSent = (context: typeof ROOT_CONTEXT): string | undefined => {
      const sent: Record<string, string> = {};
      recorder.propagator.inject(context, undefined, { set: (_, name, value) => void (sent[name] = value) });
      return sent['tracestate'];
    };
    const span = trace.getTracer('t').startSpan('x');
    const context = trace.setSpan(ROOT_CONTEXT, span);
    assert.equal(stateSent(context), 'ot=th:0');
    span.setAttribute('http.response.status_code', 503);
    assert.equal(stateSent(context), 'aode=keep,ot=th:0');
  });
});
