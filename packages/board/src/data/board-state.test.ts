import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BoardState,
  durationText,
  readDuration,
  readState,
  STATE_EMPTY,
  writeState,
} from './board-state.ts';
import { fixedRange, type Range, RANGE_DEFAULT } from './range.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1 }).map((each) => each.toWellFormed());
const orNull = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null });
const nano = orNull(fc.maxSafeNat());
const moment = fc.integer({ min: 0, max: 8.6e15 });
const range: fc.Arbitrary<Range> = fc.oneof(
  fc.integer({ min: 1, max: 527_040 }).map((minutes): Range => ({ kind: 'last', minutes })),
  fc
    .tuple(moment, fc.integer({ min: 0, max: 1e12 }))
    .map(([start, length]) => fixedRange(start, start + length)),
);
const state: fc.Arbitrary<BoardState> = fc.record(
  {
    range,
    service: orNull(text),
    operation: orNull(text),
    minNano: nano,
    maxNano: nano,
    error: orNull(fc.boolean()),
    attributes: fc.array(
      fc
        .tuple(
          text.filter((key) => !key.includes('=')),
          text,
        )
        .map(([key, value]) => `${key}=${value}`),
    ),
    text: orNull(text),
    severity: orNull(fc.integer({ min: 1, max: 24 })),
    traceId: orNull(text),
    span: orNull(text),
    log: orNull(text),
    instance: orNull(text),
  },
  { noNullPrototype: true },
);

test('a link opens the view that it was made from', () => {
  fc.assert(
    fc.property(state, (each) => {
      assert.deepEqual(readState(writeState(each)), each);
    }),
    { numRuns: 500 },
  );
});

test('defaults leave no trace in the address', () => {
  assert.equal(writeState(STATE_EMPTY), '');
  assert.deepEqual(readState(''), STATE_EMPTY);
});

test('any query is read, and what is read is written and read again the same', () => {
  const query = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'start',
            'end',
            'last',
            'error',
            'minDuration',
            'severity',
            'attribute',
            'span',
            'text',
          ),
          fc.oneof(
            fc.string(),
            fc.double().map(String),
            fc.constantFrom('1e300', '-1', '9e15', '15m', '7d', 'true'),
          ),
        ),
      )
      .map((pairs) => pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')),
  );
  fc.assert(
    fc.property(query, (each) => {
      const read = readState(each);
      assert.deepEqual(readState(writeState(read)), read);
      const shown = read.range;
      // A moment beyond the calendar would throw wherever it is formatted.
      if (shown.kind === 'fixed') assert.ok(!Number.isNaN(new Date(shown.endMs).getTime()));
    }),
    { numRuns: 500 },
  );
});

test('an unreadable part is ignored, the rest of the link holds', () => {
  const read = readState(
    '?start=x&end=5&service=pay&error=perhaps&severity=99&minDuration=soon&attribute=novalue',
  );
  assert.deepEqual(read, { ...STATE_EMPTY, service: 'pay' });
  assert.deepEqual(readState('?start=9&end=3').range, RANGE_DEFAULT);
  assert.deepEqual(readState('?start=1&end=1e300').range, RANGE_DEFAULT);
  assert.deepEqual(readState('?last=0m').range, RANGE_DEFAULT);
  assert.deepEqual(readState('?last=527041m').range, RANGE_DEFAULT);
  assert.deepEqual(readState('?last=366d').range, { kind: 'last', minutes: 527_040 });
  assert.deepEqual(readState('?last=3h').range, { kind: 'last', minutes: 180 });
});

test('durations are read with their unit, milliseconds without one', () => {
  assert.equal(readDuration('500ms'), 5e8);
  assert.equal(readDuration('1.5 s'), 1.5e9);
  assert.equal(readDuration('80µs'), 80_000);
  assert.equal(readDuration('80us'), 80_000);
  assert.equal(readDuration('2min'), 120e9);
  assert.equal(readDuration('7'), 7e6);
  for (const none of ['', 'ms', '-5ms', '1e3ms', '5 fortnights', '1.', '9'.repeat(400)]) {
    assert.equal(readDuration(none), null, none.slice(0, 20));
  }
});

test('the longest duration is the last that a double counts exactly', () => {
  assert.equal(readDuration(`${Number.MAX_SAFE_INTEGER}ns`), Number.MAX_SAFE_INTEGER);
  assert.equal(readDuration(`${Number.MAX_SAFE_INTEGER + 2}ns`), null);
});

test('a duration is written in its largest unit without a rest', () => {
  assert.equal(durationText(2e9), '2s');
  assert.equal(durationText(1_500e6), '1500ms');
  assert.equal(durationText(1_500), '1500ns');
  assert.equal(durationText(2_000), '2us');
});
