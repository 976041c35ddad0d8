/** What waits is pushed: by who asks for it, and by who takes it over. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FRAME_OVERHEAD_BYTES } from '../memory-journal.ts';
import { DONE, namesIn, shipBench } from '../testing/ship-bench.ts';
import { frameOf } from '../testing/telemetry.ts';
import type { PostResult } from './otlp-post.ts';

const again = (afterMs?: number): PostResult => ({ kind: 'again', why: 'status 503', afterMs });
const traces = (...names: readonly string[]) => frameOf('traces', names);
const logs = (...names: readonly string[]) => frameOf('logs', names);

describe('flush', () => {
  test('true once what was appended before it is settled, whatever came after', async () => {
    const { shipper, posts, clock, append } = shipBench();
    append(traces('before'));
    const flushed = shipper.flush(1000);
    append(traces('after'));
    await posts[0]?.answer(DONE);
    assert.equal(await flushed, true);
    assert.equal(shipper.isIdle, false);
    assert.equal(clock.timerCount, 0);
  });

  test('true as well when it was refused: that is settled', async () => {
    const { shipper, posts, append } = shipBench();
    append(traces('a'));
    const flushed = shipper.flush(1000);
    await posts[0]?.answer({ kind: 'never', why: 'status 400' });
    assert.equal(await flushed, true);
  });

  test('false at its deadline', async () => {
    const { shipper, clock, append } = shipBench();
    append(traces('a'));
    const flushed = shipper.flush(300);
    clock.advance(300);
    assert.equal(await flushed, false);
    assert.equal(clock.timerCount, 0);
  });

  test('nothing to do: true, and no timer stays', async () => {
    const { shipper, clock } = shipBench();
    assert.equal(await shipper.flush(300), true);
    assert.equal(clock.timerCount, 0);
  });

  test('cuts a pause short that the receiver has not asked for', async () => {
    const { shipper, posts, append } = shipBench();
    append(traces('a'));
    shipper.wake();
    await posts[0]?.answer(again());
    const flushed = shipper.flush(1000);
    assert.equal(posts.length, 2);
    await posts[1]?.answer(DONE);
    assert.equal(await flushed, true);
  });

  test('does not ask a receiver that wants longer patience than there is time: false at once', async () => {
    const { shipper, posts, clock, append } = shipBench();
    append(traces('a'));
    shipper.wake();
    await posts[0]?.answer(again(5000));
    assert.equal(await shipper.flush(5000), false);
    assert.equal(posts.length, 1);
    const flushed = shipper.flush(5001);
    clock.advance(4999);
    assert.equal(posts.length, 1, 'nor one that wants less, before its time');
    clock.advance(1);
    assert.equal(posts.length, 2);
    await posts[1]?.answer(DONE);
    assert.equal(await flushed, true);
  });

  test('ends when the receiver asks for more patience while it waits', async () => {
    const { shipper, posts, clock, append } = shipBench();
    append(traces('a'));
    const short = shipper.flush(1000);
    const long = shipper.flush(60_000);
    await posts[0]?.answer(again(5000));
    assert.equal(await short, false);
    clock.advance(5000);
    await posts[1]?.answer(DONE);
    assert.equal(await long, true);
    assert.equal(clock.timerCount, 0);
  });
});

const ALL = { timeoutMs: 1000, bytesMax: Infinity };

describe('taking over', () => {
  test('everything not answered, in order, the one under way first and as it was sent', async () => {
    const { shipper, posts, settled, clock, ledger, append } = shipBench();
    append(traces('a'));
    shipper.wake();
    append(traces('b'), logs('c', 'd'));
    const taken = shipper.takeOver(ALL);
    assert.deepEqual(taken.requests.map(namesIn), [['a'], ['b'], ['c', 'd']]);
    assert.deepEqual(
      taken.requests.map(({ recordCount }) => recordCount),
      [1, 1, 2],
    );
    assert.deepEqual(taken.requests[0]?.body, posts[0]?.body);
    await posts[0]?.answer(DONE);
    assert.equal(settled.length, 0, 'the answer comes too late');
    shipper.wake();
    assert.equal(posts.length, 1);
    taken.settle(new Set([0, 2]), 'no answer');
    assert.deepEqual(ledger, { appended: 4, delivered: 3, dropped: { exit_timeout: 1 } });
    assert.equal(settled[1]?.dropped?.why, 'no answer');
    assert.ok(shipper.isIdle);
    assert.equal(clock.timerCount, 0);
  });

  test('in a pause as well; what comes after it stays, and goes on after settling', async () => {
    const { shipper, posts, clock, ledger, append } = shipBench();
    append(traces('a'));
    shipper.wake();
    await posts[0]?.answer(again());
    const taken = shipper.takeOver(ALL);
    append(traces('late'));
    clock.advance(20_000);
    assert.equal(posts.length, 1);
    const flushed = shipper.flush(1000);
    taken.settle(new Set([0]), '');
    shipper.wake();
    assert.deepEqual(posts.slice(1).map(namesIn), [['late']]);
    await posts[1]?.answer(DONE);
    assert.equal(await flushed, true);
    assert.deepEqual(ledger, { appended: 2, delivered: 2, dropped: {} });
    assert.throws(() => taken.settle(new Set(), ''), /BUG/);
  });

  test('what was taken does not give way to what comes', () => {
    const frame = { ...traces('x'), payload: new Uint8Array() };
    const { shipper, ledger, append } = shipBench(FRAME_OVERHEAD_BYTES);
    append(frame);
    const taken = shipper.takeOver(ALL);
    append(frame);
    taken.settle(new Set([0]), '');
    assert.deepEqual(ledger, { appended: 2, delivered: 1, dropped: { no_room: 1 } });
  });

  test('nothing there', () => {
    const { shipper } = shipBench();
    const taken = shipper.takeOver(ALL);
    assert.deepEqual(taken.requests, []);
    taken.settle(new Set(), '');
  });
});

describe('taking over within bounds', () => {
  test('no more than was asked for: the rest stays, or is counted, but for what came later', () => {
    for (const why of [undefined, 'no room']) {
      const { shipper, ledger, append } = shipBench();
      append(traces('a'), logs('b'), traces('c', 'd'));
      const taken = shipper.takeOver({ timeoutMs: 1000, bytesMax: 1 });
      assert.deepEqual(taken.requests.map(namesIn), [['a']]);
      append(traces('late'));
      taken.settle(new Set([0]), why);
      const dropped = why === undefined ? {} : { exit_timeout: 3 };
      assert.deepEqual(ledger, { appended: 5, delivered: 1, dropped });
      const next = shipper.takeOver(ALL).requests.map(namesIn);
      assert.deepEqual(next, why === undefined ? [['b'], ['c', 'd', 'late']] : [['late']]);
    }
  });

  test('no time: nothing is packed', () => {
    const { shipper, append } = shipBench();
    append(traces('a'));
    assert.deepEqual(shipper.takeOver({ ...ALL, timeoutMs: 0 }).requests, []);
  });
});
