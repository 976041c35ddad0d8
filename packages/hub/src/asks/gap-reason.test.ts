import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GapReason, TraceGap, TraceResponse } from '@aode/wire/hub-api';
import { Counters } from '../self/counters.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { spanIdOf, traceIdOf } from '../testing/records.ts';
import { NOON_MS } from '../testing/store-contract.ts';
import { AskDesk } from './ask-desk.ts';
import { RETAIN_MS } from './ask-log.ts';
import { LATE_MS, withReasons } from './gap-reason.ts';

const TRACE = traceIdOf(1);

/** A trace of one span that ends at noon and calls `pay`. */
function traceWith(reason: GapReason, service: string | null = 'pay'): TraceResponse {
  const gap: TraceGap = { spanId: spanIdOf(1), missing: 'callee', service, reason };
  const span = { spanId: spanIdOf(1), startUnixNano: `${NOON_MS - 100}000000`, durationNano: 100_000_000 };
  // Nothing else of a trace is looked at.
  return { traceId: TRACE, spans: [span], gaps: [gap] } as unknown as TraceResponse;
}

function openDesk(): { readonly desk: AskDesk; readonly pass: (ms: number) => void } {
  const clock = manualClock(NOON_MS);
  const desk = new AskDesk({ clock, counters: new Counters(), epoch: '00000000000000e1' });
  return { desk, pass: (ms) => clock.advance(ms) };
}

const reasons = (trace: TraceResponse): readonly GapReason[] => trace.gaps.map(({ reason }) => reason);

const silent = { wake: () => undefined, adjust: () => undefined, end: () => undefined };
const reader = { instance: 'a', service: 'pay', ...silent };

test('what is only late is not missing yet, what is lost is lost at once', () => {
  const { desk, pass } = openDesk();
  pass(LATE_MS - 1);
  assert.deepEqual(reasons(withReasons(traceWith('unknown'), desk)), []);
  assert.deepEqual(reasons(withReasons(traceWith('process_lost'), desk)), ['process_lost']);
  pass(1);
  assert.deepEqual(reasons(withReasons(traceWith('unknown'), desk)), ['unknown']);
});

test('an instance that has gone is the reason, until it comes again', () => {
  const { desk } = openDesk();
  assert.ok(desk.join(reader));
  desk.leave(reader);
  assert.deepEqual(reasons(withReasons(traceWith('unknown'), desk)), ['process_lost']);
  assert.deepEqual(reasons(withReasons(traceWith('not_sampled'), desk)), ['process_lost']);
  assert.deepEqual(reasons(withReasons(traceWith('unknown', null), desk)), []);
  assert.ok(desk.join(reader));
  assert.deepEqual(reasons(withReasons(traceWith('unknown'), desk)), []);
});

test('who listens for asks is not excused by its caller, who does not is', () => {
  const { desk, pass } = openDesk();
  pass(LATE_MS);
  assert.deepEqual(reasons(withReasons(traceWith('not_sampled'), desk)), ['not_sampled']);
  desk.join(reader);
  assert.deepEqual(reasons(withReasons(traceWith('not_sampled'), desk)), ['unknown']);
});

test('an ask that came when nobody remembered is the reason', () => {
  for (const [afterMs, reason] of [
    [RETAIN_MS, 'unknown'],
    [RETAIN_MS + 1, 'out_of_horizon'],
  ] as const) {
    const { desk, pass } = openDesk();
    pass(afterMs);
    desk.ask({ instance: '', asks: [{ traceId: TRACE, reason: 'person' }] }, 'person');
    assert.deepEqual(reasons(withReasons(traceWith('unknown'), desk)), [reason]);
  }
});
