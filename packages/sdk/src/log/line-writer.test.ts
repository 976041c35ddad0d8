import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '@aode/base/manual-clock';
import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { createLosses } from '../losses.ts';
import { recordLines } from '../testing/line-recorder.ts';
import { Timeline } from '../trace/timeline.ts';
import { LineWriter } from './line-writer.ts';

test('a context is remembered for its next lines, and forgotten soon', () => {
  const clock = manualClock();
  const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
  const context = trace.setSpan(ROOT_CONTEXT, span);
  const writer = new LineWriter({
    timeline: new Timeline(clock),
    clock,
    losses: createLosses(),
    activeContext: () => context,
    sink: undefined,
    dye: [],
    charsMax: 1000,
  });
  const origin = writer.origin();
  assert.equal(origin?.span, span);
  clock.advance(199);
  assert.equal(writer.origin(), origin);
  clock.advance(1);
  const again = writer.origin();
  assert.deepEqual([again !== origin, again?.span], [true, span]);
  clock.advance(200);
  assert.notEqual(writer.origin(), again, 'it is forgotten each time');
});

test('a line whose baggage is shown leaves the next line of another request its own ids', () => {
  const shown = recordLines(ROOT_CONTEXT, { dye: ['tenant'] });
  const of = (digit: string): Context =>
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId: digit.repeat(32),
      spanId: digit.repeat(16),
      traceFlags: 1,
    });
  const plain = of('a');
  const dyed = propagation.setBaggage(of('b'), propagation.createBaggage({ tenant: { value: 'x' } }));
  const ids = [plain, dyed, plain, dyed].map((context) => shown.writer.origin(context)?.ids?.traceId[0]);
  assert.deepEqual(ids, ['a', 'b', 'a', 'b']);
});
