/** Processes with clocks that are wrong, and the messages between them: cause and effect as their spans tell it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, type ManualClock } from '@aode/base/manual-clock';
import type { Span } from '@aode/wire';
import {
  type Context,
  context as contextApi,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { AsyncContext } from '../context/async-context.ts';
import { carry } from '../context/carry.ts';
import { createPropagator, type Propagator } from '../context/propagator.ts';
import { createLosses, type Losses } from '../losses.ts';
import { recordInto } from '../testing/recorder.ts';
import { createTracerProvider } from '../trace/tracer.ts';
import { answerClock, heedClock } from './answer-clock.ts';
import { createLogicalClock, type LogicalClock, openRunningClock } from './logical-clock.ts';
import { parseStamp } from './own-member.ts';
import { newTimeMemory, SharedTime } from './shared-time.ts';
import { CLOCK_LOGICAL, CLOCK_REFUSED } from './span-stamp.ts';

const TRUE_NS = 1_700_000_000_000_000_000n;

interface Process {
  readonly clock: ManualClock;
  readonly tracer: Tracer;
  readonly propagator: Propagator;
  readonly spans: readonly Span[];
  readonly losses: Losses;
  readonly logical: LogicalClock;
}

function processOff(offMs: number, offsetMsMax = 10_000): Process {
  const clock = manualClock(TRUE_NS + BigInt(offMs) * 1_000_000n);
  const { recorder, spans } = recordInto(clock);
  const losses = createLosses();
  const logical = createLogicalClock({
    shared: new SharedTime(newTimeMemory(clock)),
    timeline: recorder.timeline,
    offsetMsMax,
    onRefused: () => losses.add('clock_remote_refused', 1),
  });
  const propagator = createPropagator(['tracecontext'], { losses, baggageAllow: [], logical });
  const tracer = createTracerProvider({ recorder, dye: [] }).getTracer('test');
  return { clock, tracer, propagator, spans, losses, logical };
}

/** `work` in a span of `process`, below what `headers` say. */
function serve(process: Process, headers: object, work: (context: Context) => void): void {
  const above = process.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const span = process.tracer.startSpan('server', { kind: SpanKind.SERVER }, above);
  work(trace.setSpan(above, span));
  span.end();
}

function call(process: Process, context: Context, server: (headers: Record<string, string>) => void): void {
  const span = process.tracer.startSpan('client', { kind: SpanKind.CLIENT }, context);
  const headers: Record<string, string> = {};
  process.propagator.inject(trace.setSpan(context, span), headers, defaultTextMapSetter);
  server(headers);
  span.end();
}

function attributeOf(span: Span | undefined, key: string): string {
  const value = span?.attributes.find((one) => one.key === key)?.value;
  return typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? value : '';
}

const named = ({ spans }: Process, name: string): Span | undefined => spans.find((one) => one.name === name);

for (const [a, b, c] of [
  [0, 0, 0],
  [3000, -3000, 3000],
  [-3000, 3000, -3000],
  [-3000, 0, 3000],
] as const) {
  test(`clocks off by ${a}, ${b} and ${c} ms: each effect has the larger number, and measured times stay`, () => {
    const [first, second, third] = [processOff(a), processOff(b), processOff(c)];
    serve(first, {}, (context) =>
      call(first, context, (headers) => {
        assert.match(headers['tracestate'] ?? '', /^aode=h:[0-9a-f]{16}/);
        for (const { clock } of [first, second, third]) clock.advance(1);
        serve(second, headers, (inner) => call(second, inner, (more) => serve(third, more, () => undefined)));
      }),
    );
    const chain = [
      named(first, 'client'),
      named(second, 'server'),
      named(second, 'client'),
      named(third, 'server'),
    ];
    // The server's own call is an event of its own.
    const numbers = chain.map((span) => attributeOf(span, CLOCK_LOGICAL));
    assert.deepEqual(numbers, numbers.toSorted());
    assert.equal(new Set(numbers).size, numbers.length);
    assert.ok(numbers.every((number) => /^[0-9a-f]{16}$/.test(number)));
    const start = named(second, 'server')?.startTimeUnixNano ?? 0n;
    assert.equal(start / 1_000_000n, TRUE_NS / 1_000_000n + BigInt(b) + 1n);
    // It is of the message: no span carries it along.
    assert.equal(named(second, 'server')?.traceState, 'ot=th:0');
  });
}

test('a caller that is too far ahead is not followed, counted, and said on the span', () => {
  const [ahead, here] = [processOff(60_000), processOff(0)];
  serve(ahead, {}, (context) => call(ahead, context, (headers) => serve(here, headers, () => undefined)));
  const server = named(here, 'server');
  assert.equal(attributeOf(server, CLOCK_REFUSED), '60000');
  assert.ok(attributeOf(server, CLOCK_LOGICAL) < attributeOf(named(ahead, 'client'), CLOCK_LOGICAL));
  assert.deepEqual(here.losses.counts(), { clock_remote_refused: 1 });
});

test('one that is allowed nothing follows nobody that is ahead', () => {
  const [ahead, here] = [processOff(2), processOff(0, 0)];
  serve(ahead, {}, (context) => call(ahead, context, (headers) => serve(here, headers, () => undefined)));
  assert.deepEqual(here.losses.counts(), { clock_remote_refused: 1 });
});

test('a span that sends twice keeps the first number, which is below all that it has caused', () => {
  const process = processOff(0);
  const span = process.tracer.startSpan('twice');
  const context = trace.setSpan(ROOT_CONTEXT, span);
  const sent = [0, 1].map(() => {
    const headers: Record<string, string> = {};
    process.propagator.inject(context, headers, defaultTextMapSetter);
    return headers['tracestate'] ?? '';
  });
  span.end();
  assert.ok((sent[0] ?? '') < (sent[1] ?? ''));
  assert.equal(sent[0], `aode=h:${attributeOf(named(process, 'twice'), CLOCK_LOGICAL)},ot=th:0`);
});

/** How far apart clocks may be that follow each other. */
const offs = fc.integer({ min: -4900, max: 4900 });

test('whoever calls and is answered: each event has a larger number than all that it comes after', () => {
  const calls = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(20)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(fc.tuple(offs, offs, offs, offs), calls, (apart, steps) => {
      const all = apart.map((offMs) => processOff(offMs));
      /** The largest number that a process knows of. */
      const known = all.map(() => 0n);
      const event = (which: number, number: bigint, cause = 0n): void => {
        assert.ok(number > (known[which] ?? 0n) && number > cause);
        known[which] = number;
      };
      for (const [from, to, ms] of steps) {
        const [caller, callee] = [all[from] ?? assert.fail(), all[to] ?? assert.fail()];
        for (const { clock } of all) clock.advance(ms);
        const sent = caller.logical.send();
        event(from, sent.logical);
        const received = callee.logical.receive(sent);
        assert.equal(received.refusedMs, undefined);
        event(to, received.logical, sent.logical);
        const header = answerClock(callee.logical);
        const answered = parseStamp(header)?.logical ?? assert.fail();
        event(to, answered);
        const span = caller.tracer.startSpan('call');
        heedClock(span, header, caller.logical);
        event(from, caller.logical.send().logical, answered);
        assert.deepEqual(caller.losses.counts(), {});
      }
    }),
    { numRuns: 30 },
  );
});

test('an answer that cannot be read says nothing, whatever stands there', () => {
  const process = processOff(0);
  const span = process.tracer.startSpan('call');
  const before = process.logical.send().logical;
  for (const text of ['', 'h:', 'h:1', 'e:5', 'h:00000000000000011', 'H:ffffffffffffffff']) {
    heedClock(span, text, process.logical);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      heedClock(span, text, process.logical);
    }),
  );
  heedClock(span, 'h:ffffffffffffffff;e:9999999', process.logical);
  assert.deepEqual(process.losses.counts(), { clock_remote_refused: 1 });
  assert.ok(process.logical.send().logical < before + 0x10000n);
});

test('a message by carry: what it causes is after it, with clocks apart', () => {
  const [here, there] = [processOff(3000), processOff(-3000)];
  const inProcess = <T>({ logical }: Process, work: () => T): T => {
    using _ = openRunningClock(logical);
    return work();
  };
  using _ = activeContexts();
  const span = here.tracer.startSpan('sends');
  const message = inProcess(here, () =>
    contextApi.with(trace.setSpan(ROOT_CONTEXT, span), () => carry.toMessage()),
  );
  span.end();
  assert.match(message.tracestate ?? '', /^aode=h:[0-9a-f]{16}/);
  inProcess(there, () =>
    carry.fromMessage(message, () => there.tracer.startSpan('receives', { kind: SpanKind.CONSUMER }).end()),
  );
  const [sent, received] = [named(here, 'sends'), named(there, 'receives')].map((one) =>
    attributeOf(one, CLOCK_LOGICAL),
  );
  assert.ok(sent !== undefined && received !== undefined && sent !== '' && sent < received);
  assert.equal(named(there, 'receives')?.traceState, 'ot=th:0');
  // One from the wrong year is not followed, and one without a clock is read all the same.
  const ahead = { ...message, tracestate: 'aode=h:ffffffffffffffff' };
  inProcess(there, () => carry.fromMessage(ahead, () => there.tracer.startSpan('far').end()));
  assert.deepEqual(there.losses.counts(), { clock_remote_refused: 1 });
  const bare = { traceparent: message.traceparent ?? assert.fail() };
  inProcess(there, () => carry.fromMessage(bare, () => there.tracer.startSpan('bare').end()));
  assert.equal(attributeOf(named(there, 'bare'), CLOCK_LOGICAL), '');
});

function activeContexts(): Disposable {
  contextApi.setGlobalContextManager(new AsyncContext());
  return { [Symbol.dispose]: () => contextApi.disable() };
}
