/** Processes with clocks that are wrong, and the messages between them: cause and effect as their spans tell it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, type ManualClock } from '@aode/base/manual-clock';
import type { Span } from '@aode/wire';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { createPropagator, type Propagator } from '../context/propagator.ts';
import { createLosses, type Losses } from '../losses.ts';
import { recordInto } from '../testing/recorder.ts';
import { createTracerProvider } from '../trace/tracer.ts';
import { createLogicalClock } from './logical-clock.ts';
import { newTimeMemory, SharedTime } from './shared-time.ts';
import { CLOCK_LOGICAL, CLOCK_REFUSED } from './span-stamp.ts';

const TRUE_NS = 1_700_000_000_000_000_000n;

interface Process {
  readonly clock: ManualClock;
  readonly tracer: Tracer;
  readonly propagator: Propagator;
  readonly spans: readonly Span[];
  readonly losses: Losses;
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
  return { clock, tracer, propagator, spans, losses };
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
