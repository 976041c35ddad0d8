import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { STATUS_CODE } from '@aode/wire';
import { trace } from '@opentelemetry/api';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { openSpan, withSpan } from './with-span.ts';

let recorder: Recorder;
beforeEach(() => {
  recorder = startRecorder();
});
afterEach(() => recorder[Symbol.dispose]());

const mine = new Error('mine');

describe('withSpan', () => {
  test('a call: the result, the span active meanwhile, those within below it', async () => {
    const result = withSpan('outer', (span) => {
      assert.equal(trace.getActiveSpan(), span);
      return withSpan('inner', () => 7, { attributes: { a: 1 } });
    });
    assert.equal(result, 7);
    assert.equal(trace.getActiveSpan(), undefined);
    const [inner, outer] = await recorder.ended(2);
    assert.deepEqual([inner?.name, outer?.name], ['inner', 'outer']);
    assert.equal(inner?.parentSpanId, outer?.spanId);
    assert.deepEqual(attributesOf(inner ?? { attributes: [] }), { a: 1n });
    assert.equal(outer?.status.code, STATUS_CODE.unset);
  });

  test('a promise: ends when it settles', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const result = withSpan('work', () => promise);
    assert.equal(recorder.spans.length, 0);
    resolve(7);
    assert.equal(await result, 7);
    await recorder.ended(1);
  });

  test('what is thrown or rejected is recorded, and thrown on', async () => {
    const thrower = (): never => {
      throw mine;
    };
    assert.throws(() => withSpan('thrown', thrower), mine);
    await assert.rejects(
      withSpan('rejected', async () => thrower()),
      mine,
    );
    for (const span of await recorder.ended(2)) {
      assert.equal(span.status.code, STATUS_CODE.error);
      assert.equal(attributesOf(span.events[0] ?? { attributes: [] })['exception.message'], 'mine');
    }
  });
});

test('openSpan: ends with its block, once, and is not active', async () => {
  {
    using span = openSpan('block');
    assert.notEqual(trace.getActiveSpan(), span);
    using ended = openSpan('ended within');
    ended.end();
  }
  const spans = await recorder.ended(2);
  assert.deepEqual(spans.map(({ name }) => name).toSorted(), ['block', 'ended within']);
});

test('without a running SDK the work is done all the same', () => {
  recorder[Symbol.dispose]();
  assert.equal(
    withSpan('work', () => 7),
    7,
  );
  using span = openSpan('block');
  assert.equal(span.isRecording(), false);
});
