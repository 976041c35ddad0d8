/** Spans that nobody ends, and spans that are ended twice. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext, runInThisContext } from 'node:vm';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import type { Tracer } from '@opentelemetry/api';
import { recordInto, type RecorderOptions, type Recording } from '../testing/recorder.ts';
import { createTracerProvider } from './tracer.ts';
import { endAllOpen, endOverdue } from './unfinished.ts';

interface Bench extends Recording {
  readonly clock: ManualClock;
  readonly tracer: Tracer;
}

function bench(options: RecorderOptions = {}): Bench {
  const clock = manualClock();
  const recording = recordInto(clock, options);
  const tracer = createTracerProvider({ recorder: recording.recorder, dye: [] }).getTracer('t');
  return { ...recording, clock, tracer };
}

/** From a file that is not of this package, whose frames are not the user's. */
const startElsewhere = runInThisContext('(tracer, name) =>\n  tracer.startSpan(name)', {
  filename: '/app/pool.js',
}) as (tracer: Tracer, name: string) => void;

const DEADLINE_MS = 10_000;

function overdue({ recorder, clock }: Bench): { readonly found: string[] } & Disposable {
  const found: string[] = [];
  const watch = endOverdue({
    recorder,
    clock,
    deadlineMs: DEADLINE_MS,
    onUnfinished: ({ name }) => void found.push(name),
  });
  return { found, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

describe('a span that is not ended', () => {
  test('within its deadline is; one that ends in time is as ever', () => {
    const one = bench();
    using watch = overdue(one);
    const slow = one.tracer.startSpan('slow');
    const never = one.tracer.startSpan('never').setAttribute('a', 1);
    one.clock.advance(1000);
    one.clock.advance(8000);
    slow.end();
    for (let i = 0; i < 3; i += 1) one.clock.advance(1000);
    assert.deepEqual(watch.found, ['never']);
    assert.equal(never.isRecording(), false);
    const [first, second] = one.spans;
    assert.equal(attributesOf(first ?? { attributes: [] })['aode.span.incomplete'], undefined);
    assert.deepEqual(attributesOf(second ?? { attributes: [] }), {
      a: 1n,
      'aode.span.incomplete': 'deadline',
      'aode.keep.reason': 'incomplete',
    });
    assert.deepEqual([one.recorder.open.count, one.recorder.watched.count], [0, 0]);
  });

  test('when the process ends is then, old or new', () => {
    const one = bench();
    using watch = overdue(one);
    const old = one.tracer.startSpan('old');
    one.clock.advance(1000);
    const young = one.tracer.startSpan('young');
    assert.deepEqual([one.recorder.open.count, one.recorder.watched.count], [1, 1]);
    assert.equal(endAllOpen(one.recorder, 'exit'), 2);
    assert.deepEqual([old.isRecording(), young.isRecording(), watch.found], [false, false, []]);
    for (const span of one.spans) assert.equal(attributesOf(span)['aode.span.incomplete'], 'exit');
  });

  test('and that nobody holds any more is found by the garbage collector', async () => {
    const one = bench();
    using watch = overdue(one);
    let lost: object | undefined = one.tracer.startSpan('lost').setAttribute('a', 1);
    one.clock.advance(1000);
    (lost as ReturnType<Tracer['startSpan']>).setAttribute('b', 2);
    lost = undefined;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    while (one.spans.length === 0) {
      collect();
      await new Promise((turn) => setImmediate(turn));
    }
    assert.deepEqual(attributesOf(one.spans[0] ?? { attributes: [] }), {
      a: 1n,
      b: 2n,
      'aode.span.incomplete': 'collected',
    });
    assert.deepEqual([one.recorder.watched.count, watch.found], [0, []]);
  });
});

describe('the place where it was started', () => {
  test('is said when it was noted', () => {
    const one = bench({ placeEvery: 1 });
    startElsewhere(one.tracer, 'x');
    endAllOpen(one.recorder, 'exit');
    const place = attributesOf(one.spans[0] ?? { attributes: [] })['aode.span.started_at'];
    assert.match(String(place), /^\/app\/pool\.js:2:\d+$/);
  });

  test('is noted of its like from then on, so that the next one says it', () => {
    const one = bench();
    for (let i = 0; i < 2; i += 1) {
      startElsewhere(one.tracer, 'x');
      one.tracer.startSpan('y').end();
      endAllOpen(one.recorder, 'exit');
    }
    const places = one.spans
      .filter(({ name }) => name === 'x')
      .map((span) => typeof attributesOf(span)['aode.span.started_at']);
    assert.deepEqual(places, ['undefined', 'string']);
  });
});

test('a span that has ended: ending or writing it again is counted, and changes nothing', () => {
  const one = bench();
  const span = one.tracer.startSpan('x');
  span.end();
  span.end();
  span.setAttribute('late', 1).setAttributes({ late: 1 });
  assert.deepEqual(one.misuses, ['end', 'write', 'write']);
  assert.deepEqual([one.spans.length, one.spans[0]?.attributes], [1, []]);
});
