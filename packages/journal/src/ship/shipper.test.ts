import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { seededRandom, systemClock } from '@aode/base';
import { decodeTraces, encodeResource } from '@aode/wire';
import fc from 'fast-check';
import { createMemoryJournal, FRAME_OVERHEAD_BYTES } from '../memory-journal.ts';
import { openReceiver } from '../otlp-receiver.ts';
import { DONE, namesIn, SCHEMA_URL, shipBench } from '../testing/ship-bench.ts';
import { frameOf, RESOURCE } from '../testing/telemetry.ts';
import { createPoster, POST_DEFAULTS } from './create-poster.ts';
import type { PostResult } from './otlp-post.ts';
import { createShipper, type Settled } from './shipper.ts';

const run = promisify(execFile);
const again = (afterMs?: number): PostResult => ({ kind: 'again', why: 'status 503', afterMs });
const traces = (...names: readonly string[]) => frameOf('traces', names);
const logs = (...names: readonly string[]) => frameOf('logs', names);

describe('what is sent', () => {
  test('frames of one signal that follow each other share a request with the origin around them', () => {
    const { shipper, posts, append } = shipBench();
    append(traces('a', 'b'), traces('c'));
    shipper.wake();
    assert.equal(posts.length, 1);
    const [request] = decodeTraces(posts[0]?.body ?? new Uint8Array());
    assert.deepEqual(request?.resource, RESOURCE);
    assert.equal(request?.schemaUrl, SCHEMA_URL);
    assert.deepEqual(posts.flatMap(namesIn), ['a', 'b', 'c']);
  });

  test('another signal starts another request, one at a time, in the order of the journal', async () => {
    const { shipper, posts, append } = shipBench();
    append(traces('a'), logs('b', 'c'), frameOf('metrics', ['d']), traces('e'));
    shipper.wake();
    shipper.wake();
    for (const index of [0, 1, 2, 3]) {
      assert.equal(posts.length, index + 1);
      await posts[index]?.answer(DONE);
    }
    assert.equal(posts.length, 4);
    assert.deepEqual(
      posts.map((post) => [post.signal, ...namesIn(post)]),
      [
        ['traces', 'a'],
        ['logs', 'b', 'c'],
        ['metrics', 'd'],
        ['traces', 'e'],
      ],
    );
    assert.ok(shipper.isIdle);
  });

  test('payloads of 1 000 000 bytes fit into one request, no byte more; a larger frame goes alone', async () => {
    const frame = (bytes: number) => ({ ...traces(), recordCount: 1, payload: new Uint8Array(bytes) });
    const sizes = async (...bytes: readonly number[]): Promise<number[]> => {
      const { shipper, posts, append } = shipBench();
      append(...bytes.map(frame));
      shipper.wake();
      for (let i = 0; i < posts.length; i += 1) await posts[i]?.answer(DONE);
      return posts.map(({ body }) => Math.floor(body.length / 100_000));
    };
    assert.deepEqual(await sizes(500_000, 500_000), [10]);
    assert.deepEqual(await sizes(500_000, 500_001), [5, 5]);
    assert.deepEqual(await sizes(100_000, 2_000_000, 100_000), [1, 20, 1]);
  });

  test('8192 records fit into one request, one more does not', async () => {
    const { shipper, posts, append, settled } = shipBench();
    const frame = { ...traces(), payload: new Uint8Array(), recordCount: 4096 };
    append(frame, frame, { ...frame, recordCount: 1 });
    shipper.wake();
    await posts[0]?.answer(DONE);
    await posts[1]?.answer(DONE);
    assert.deepEqual(
      settled.map(({ delivered }) => delivered),
      [8192, 1],
    );
  });

  test('nothing there: nothing sent', () => {
    const { shipper, posts, clock } = shipBench();
    shipper.wake();
    assert.equal(posts.length, 0);
    assert.equal(clock.timerCount, 0);
    assert.ok(shipper.isIdle);
  });
});

describe('answers', () => {
  test('taken: acknowledged and delivered, and not before', async () => {
    const { shipper, journal, posts, settled, append } = shipBench();
    append(traces('a', 'b'));
    shipper.wake();
    assert.equal(journal.acknowledged, 0);
    assert.equal(shipper.isIdle, false);
    await posts[0]?.answer(DONE);
    assert.equal(journal.acknowledged, 1);
    assert.deepEqual(settled, [{ signal: 'traces', delivered: 2, dropped: undefined }]);
  });

  test('taken in part: the rest is dropped, whatever sense the number makes', async () => {
    const dropped = async (rejectedCount: number, errorMessage = 'bad ids'): Promise<unknown> => {
      const { shipper, posts, settled, append } = shipBench();
      append(logs('a', 'b', 'c'));
      shipper.wake();
      await posts[0]?.answer({ kind: 'done', rejectedCount, errorMessage });
      return settled.map((one) => [one.delivered, one.dropped]);
    };
    const rejected = (count: number) => ({ reason: 'rejected', count, why: 'bad ids' });
    assert.deepEqual(await dropped(1), [[2, rejected(1)]]);
    assert.deepEqual(await dropped(3), [[0, rejected(3)]]);
    assert.deepEqual(await dropped(4), [[0, rejected(3)]]);
    assert.deepEqual(await dropped(-1), [[3, undefined]]);
    const unsaid = { ...rejected(1), why: 'the receiver does not say why' };
    assert.deepEqual(await dropped(1, ''), [[2, unsaid]]);
  });

  test('refused: dropped, acknowledged, and the next one goes', async () => {
    const { shipper, journal, posts, settled, append } = shipBench();
    append(traces('a', 'b'), logs('c'));
    shipper.wake();
    await posts[0]?.answer({ kind: 'never', why: 'status 400' });
    assert.deepEqual(settled, [
      { signal: 'traces', delivered: 0, dropped: { reason: 'refused', count: 2, why: 'status 400' } },
    ]);
    assert.equal(journal.acknowledged, 1);
    assert.deepEqual(posts.slice(1).flatMap(namesIn), ['c']);
  });
});

describe('a receiver that is not there', () => {
  test('is asked again with growing pauses, by the same bytes, whatever came meanwhile', async () => {
    const { shipper, posts, clock, delayed, append } = shipBench();
    append(traces('a'));
    shipper.wake();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      assert.equal(posts.length, attempt + 1);
      await posts[attempt]?.answer(again());
      append(traces(`later ${attempt}`));
      shipper.wake();
      clock.advance(249);
      assert.equal(posts.length, attempt + 1, 'not at once');
      clock.advance((delayed.at(-1)?.delayMs ?? 0) - 249);
    }
    await posts[6]?.answer(DONE);
    for (const { body } of posts.slice(1, 7)) assert.deepEqual(body, posts[0]?.body);
    assert.equal(posts.length, 8);
    assert.deepEqual(posts.slice(7).flatMap(namesIn).length, 6);
    for (const [i, { attempt, delayMs, why, recordsWaiting }] of delayed.entries()) {
      assert.equal(attempt, i + 1);
      assert.equal(why, 'status 503');
      assert.equal(recordsWaiting, i + 1);
      assert.ok(delayMs >= 250 && delayMs < 250 + Math.min(10_000, 500 * 2 ** i), `${delayMs}`);
    }
    assert.ok(delayed.some(({ delayMs }) => delayMs > 1000));
  });
});

describe('pauses', () => {
  test('start small again after an answer', async () => {
    const { shipper, posts, clock, delayed, append } = shipBench();
    append(traces('a'), logs('b'));
    shipper.wake();
    for (const index of [0, 1, 2, 3]) {
      await posts[index]?.answer(again());
      clock.advance(10_250);
    }
    await posts[4]?.answer(DONE);
    await posts[5]?.answer(again());
    assert.equal(delayed.at(-1)?.attempt, 1);
  });

  test('the first is 250 ms and up to 500 more by chance', async () => {
    for (const [drawn, delayMs] of [
      [0, 250],
      [0xffff_ffff, 749],
    ] as const) {
      const random = { ...seededRandom(1), next: () => drawn };
      const { shipper, posts, delayed, append } = shipBench(10_000, random);
      append(traces('a'));
      shipper.wake();
      await posts[0]?.answer(again());
      assert.equal(delayed[0]?.delayMs, delayMs);
    }
  });

  test('Retry-After is obeyed to the millisecond, 0 is a pause as well', async () => {
    for (const [afterMs, pauseMs] of [
      [7000, 7000],
      [0, 250],
    ] as const) {
      const { shipper, posts, clock, append } = shipBench();
      append(traces('a'));
      shipper.wake();
      await posts[0]?.answer(again(afterMs));
      append(traces('b'));
      shipper.wake();
      clock.advance(pauseMs - 1);
      assert.equal(posts.length, 1);
      clock.advance(1);
      assert.equal(posts.length, 2);
    }
  });
});

test('what is under way does not give way, what waits does, and both are counted once', async () => {
  const frame = (signal: 'traces' | 'logs') => ({ ...frameOf(signal, ['x']), payload: new Uint8Array() });
  const { shipper, posts, clock, ledger, journal, append } = shipBench(2 * FRAME_OVERHEAD_BYTES);
  append(frame('traces'));
  shipper.wake();
  await posts[0]?.answer(again());
  append(frame('logs'), frame('logs'), frame('logs'));
  assert.deepEqual(ledger.dropped, { journal_full: 2 });
  clock.advance(1000);
  await posts[1]?.answer(DONE);
  await posts[2]?.answer(DONE);
  assert.deepEqual(ledger, { appended: 4, delivered: 2, dropped: { journal_full: 2 } });
  assert.equal(journal.acknowledged, 4);
});

test('disposed: nothing is sent, late answers are ignored, flushes end, the journal may let go', async () => {
  const { shipper, posts, settled, clock, ledger, append } = shipBench(FRAME_OVERHEAD_BYTES);
  const frame = { ...traces('x'), payload: new Uint8Array() };
  append(frame);
  const flushed = shipper.flush(1000);
  shipper[Symbol.dispose]();
  assert.equal(await flushed, false);
  await posts[0]?.answer(DONE);
  shipper.wake();
  assert.equal(await shipper.flush(1000), false);
  assert.deepEqual(settled, []);
  assert.equal(posts.length, 1);
  assert.equal(clock.timerCount, 0);
  append(frame);
  assert.deepEqual(ledger.dropped, { journal_full: 1 });
});

test('whatever the receiver answers: no record twice, none lost unsaid, order kept', async () => {
  const answer: fc.Arbitrary<PostResult> = fc.oneof(
    fc.nat(3).map((rejectedCount) => ({ kind: 'done' as const, rejectedCount, errorMessage: '' })),
    fc.constantFrom(again(), again(1000), { kind: 'never' as const, why: 'status 400' }),
  );
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ frame: fc.constantFrom('traces', 'logs'), priority: fc.nat(2) }) },
    { weight: 3, arbitrary: fc.record({ answer }) },
    { weight: 1, arbitrary: fc.record({ advanceMs: fc.nat(3000) }) },
    { weight: 1, arbitrary: fc.record({ flushMs: fc.nat(3000) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { shipper, journal, posts, clock, ledger, append } = shipBench(6 * (FRAME_OVERHEAD_BYTES + 80));
      let answered = 0;
      const taken: number[] = [];
      const reply = async (result: PostResult): Promise<void> => {
        const post = posts[answered];
        if (post === undefined) return;
        answered += 1;
        if (result.kind === 'done') taken.push(...namesIn(post).map(Number));
        await post.answer(result);
      };
      const sum = (): number => Object.values(ledger.dropped).reduce((a, b) => a + b, ledger.delivered);
      let name = 0;
      for (const one of steps) {
        if ('frame' in one) {
          append(frameOf(one.frame, [String(name++), String(name++)], one.priority));
          shipper.wake();
        } else if ('answer' in one) await reply(one.answer);
        else if ('advanceMs' in one) clock.advance(one.advanceMs);
        else void shipper.flush(one.flushMs);
        assert.equal(ledger.appended, sum() + journal.usage().recordCount);
        assert.ok(posts.length - answered <= 1, 'one request under way');
      }
      for (let i = 0; i < 200 && !shipper.isIdle; i += 1) {
        clock.advance(11_000);
        await reply(DONE);
      }
      assert.ok(shipper.isIdle);
      assert.equal(ledger.appended, sum());
      assert.deepEqual(
        taken,
        [...new Set(taken)].sort((a, b) => a - b),
      );
      assert.equal(clock.timerCount, 0);
    }),
    { numRuns: 150 },
  );
});

test('a real receiver that is busy at first gets everything once, in order', async () => {
  await using receiver = await openReceiver();
  let busyFor = 2;
  receiver.answer = (_, response) => {
    if (busyFor === 0) return false;
    busyFor -= 1;
    response.writeHead(503).end();
    return true;
  };
  const poster = createPoster({ ...POST_DEFAULTS, endpoints: [receiver.endpoint], compression: 'gzip' });
  const journal = createMemoryJournal({
    bytesMax: 1_000_000,
    origin: encodeResource(RESOURCE),
    onDropped: () => assert.fail('there is room'),
  });
  const settled: Settled[] = [];
  const shipper = createShipper({
    journal,
    poster,
    clock: systemClock,
    random: seededRandom(1),
    schemaUrl: SCHEMA_URL,
    onSettled: (one) => void settled.push(one),
    // A flush cuts the pause short, so that no time has to pass.
    onDelayed: () => void setImmediate(() => void shipper.flush(10_000)),
  });
  poster.keepAlive(true);
  const frames = [traces('a', 'b'), traces('c'), logs('d'), frameOf('metrics', ['e']), traces('f')];
  for (const frame of frames) journal.append(frame);
  assert.equal(await shipper.flush(10_000), true);
  assert.equal(receiver.requests.length, 6);
  assert.deepEqual(
    receiver.spans.map(({ name }) => name),
    ['a', 'b', 'c', 'f'],
  );
  assert.deepEqual(
    receiver.logs.map(({ body }) => body),
    ['d'],
  );
  assert.deepEqual(
    receiver.metrics.map(({ name }) => name),
    ['e'],
  );
  assert.deepEqual(receiver.resources, Array(4).fill(RESOURCE));
  assert.equal(
    settled.reduce((sum, { delivered }) => sum + delivered, 0),
    6,
  );
  shipper[Symbol.dispose]();
  poster.close();
});

test('nothing keeps the process alive, neither a request under way nor a pause', async () => {
  await using receiver = await openReceiver();
  for (const answer of ['silent', 'busy']) {
    receiver.answer = (_, response) => {
      if (answer === 'busy') response.writeHead(503, { 'retry-after': '3600' }).end();
      return true;
    };
    const { stdout } = await run(process.execPath, [
      '--conditions=@aode/source',
      '--input-type=module',
      '--eval',
      `import { createMemoryJournal, createPoster, createShipper } from '${import.meta.resolve('../index.ts')}';
      import { POST_DEFAULTS } from '${import.meta.resolve('../index.ts')}';
      import { systemClock, systemRandom } from '${import.meta.resolve('@aode/base')}';
      const journal = createMemoryJournal({ bytesMax: 10_000, origin: new Uint8Array(), onDropped() {} });
      const poster = createPoster({ ...POST_DEFAULTS, endpoints: ['${receiver.endpoint}'], timeoutMs: 60_000 });
      const shipper = createShipper({
        journal, poster, clock: systemClock, random: systemRandom, schemaUrl: '',
        onSettled() {}, onDelayed: ({ delayMs }) => console.log(delayMs),
      });
      journal.append({ signal: 'logs', priority: 0, recordCount: 1, payload: new Uint8Array() });
      poster.keepAlive('${answer}' === 'busy');
      shipper.wake();`,
    ]);
    assert.equal(stdout, answer === 'busy' ? '3600000\n' : '');
  }
});
