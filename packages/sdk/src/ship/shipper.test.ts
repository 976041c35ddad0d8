import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDiag, seededRandom } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import type { Poster, PostResult, ShippedSignal } from '@aode/journal';
import { decodeLogs, decodeTraces, type Span } from '@aode/wire';
import type { LogLine } from '../log/log-line.ts';
import { createLosses, type Losses } from '../losses.ts';
import { Shipper, type ShipperParts } from './shipper.ts';

const SCOPE = { name: 't', version: '1', attributes: [], droppedAttributesCount: 0 };
const DONE: PostResult = { kind: 'done', rejectedCount: 0, errorMessage: '' };

function span(name: string, given: Partial<Span> = {}): Span {
  return {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceState: '',
    parentSpanId: '',
    flags: 0,
    name,
    kind: 1,
    startTimeUnixNano: 1n,
    endTimeUnixNano: 2n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: '' },
    ...given,
  };
}

function line(text: string): LogLine {
  return {
    scope: SCOPE,
    timeUnixNano: 1n,
    text,
    severityNumber: 9,
    severityText: 'info',
    messageKey: 'msg',
    errorKey: 'err',
    traceId: '',
    spanId: '',
    traceFlags: 0,
  };
}

interface Post {
  readonly signal: ShippedSignal;
  readonly body: Uint8Array;
  answer(result: PostResult): void;
}

interface Bench {
  readonly shipper: Shipper;
  readonly clock: ManualClock;
  readonly losses: Losses;
  readonly said: string[];
  /** Requests so far; each waits for its answer. */
  readonly posts: Post[];
  /** Lets promises go on. */
  readonly settle: () => Promise<void>;
}

function bench(given: Partial<ShipperParts> = {}): Bench {
  const clock = manualClock();
  const losses = createLosses();
  const said: string[] = [];
  const posts: Post[] = [];
  const poster: Poster = {
    post: (signal, body) => new Promise((answer) => posts.push({ signal, body, answer })),
    keepAlive: () => undefined,
    close: () => undefined,
  };
  const shipper = new Shipper({
    resource: { attributes: [], droppedAttributesCount: 0, entityRefs: [] },
    poster,
    clock,
    random: seededRandom(1),
    losses,
    diag: createDiag(clock, (text) => void said.push(text)),
    queueBytesMax: 1_000_000,
    flushIntervalMs: 500,
    ...given,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { shipper, clock, losses, said, posts, settle };
}

const namesIn = ({ body }: Post): string[] =>
  decodeTraces(body).flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );

describe('when it sends', () => {
  test('after the interval, spans and lines in one request each', () => {
    const { shipper, clock, posts } = bench();
    shipper.span(span('a'), SCOPE);
    clock.advance(499);
    shipper.span(span('b'), { ...SCOPE, name: 'other' });
    shipper.line(line('{"msg":"hello"}\n'));
    assert.equal(posts.length, 0);
    clock.advance(1);
    assert.equal(posts.length, 1);
    const [first] = posts;
    assert.ok(first !== undefined);
    assert.deepEqual(namesIn(first), ['a', 'b']);
    assert.equal(decodeTraces(first.body)[0]?.scopeSpans.length, 2);
  });

  test('at once with the 512th record', () => {
    const { shipper, posts } = bench();
    for (let i = 0; i < 511; i += 1) shipper.span(span('s'), SCOPE);
    assert.equal(posts.length, 0);
    shipper.span(span('s'), SCOPE);
    assert.equal(posts.length, 1);
  });

  test('one after the other, in order; nothing is sent twice', async () => {
    const { shipper, posts, settle } = bench({ flushIntervalMs: 0 });
    shipper.span(span('a'), SCOPE);
    shipper.line(line('{"msg":"one"}'));
    const flushed = shipper.flush(1000);
    assert.equal(posts.length, 1);
    posts[0]?.answer(DONE);
    await settle();
    assert.equal(posts.length, 2);
    assert.equal(posts[1]?.signal, 'logs');
    assert.equal(decodeLogs(posts[1]?.body ?? new Uint8Array())[0]?.scopeLogs[0]?.logRecords[0]?.body, 'one');
    assert.equal(shipper.isEmpty, false);
    posts[1]?.answer(DONE);
    assert.equal(await flushed, true);
    assert.equal(shipper.isEmpty, true);
    assert.equal(posts.length, 2);
  });
});

describe('flush', () => {
  test('true once what was there is answered, whatever came after the call', async () => {
    const { shipper, posts, settle } = bench();
    shipper.span(span('before'), SCOPE);
    const flushed = shipper.flush(1000);
    shipper.span(span('after'), SCOPE);
    posts[0]?.answer(DONE);
    assert.equal(await flushed, true);
    await settle();
    assert.equal(shipper.isEmpty, false);
  });

  test('false at its deadline', async () => {
    const { shipper, clock } = bench();
    shipper.span(span('a'), SCOPE);
    const flushed = shipper.flush(300);
    clock.advance(300);
    assert.equal(await flushed, false);
  });

  test('nothing to do: true, and no timer stays', async () => {
    const { shipper, clock } = bench();
    assert.equal(await shipper.flush(300), true);
    assert.equal(clock.timerCount, 0);
  });
});

describe('a receiver that does not take it', () => {
  test('again: tried later with growing pauses, said once, delivered in the end', async () => {
    const { shipper, clock, posts, said, losses, settle } = bench();
    shipper.span(span('a'), SCOPE);
    clock.advance(500);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      assert.equal(posts.length, attempt + 1);
      posts[attempt]?.answer({ kind: 'again', why: 'connect ECONNREFUSED', afterMs: undefined });
      await settle();
      clock.advance(249);
      assert.equal(posts.length, attempt + 1, 'not at once');
      clock.advance(10_250);
    }
    posts[5]?.answer(DONE);
    await settle();
    assert.equal(shipper.isEmpty, true);
    assert.deepEqual(said.length, 1);
    assert.match(said[0] ?? '', /^aode: AODE_EXPORT_FAILED: .*connect ECONNREFUSED, waiting 1/);
    assert.deepEqual(losses.counts(), {});
    assert.deepEqual(new Set(posts.flatMap(namesIn)), new Set(['a']));
  });

  test('Retry-After is obeyed to the millisecond, new records wait behind it', async () => {
    const { shipper, clock, posts, settle } = bench();
    shipper.span(span('a'), SCOPE);
    clock.advance(500);
    posts[0]?.answer({ kind: 'again', why: 'status 503', afterMs: 7000 });
    await settle();
    shipper.span(span('b'), SCOPE);
    clock.advance(6999);
    assert.equal(posts.length, 1);
    clock.advance(1);
    assert.equal(posts.length, 2);
    posts[1]?.answer(DONE);
    await settle();
    assert.deepEqual(posts.slice(1).map(namesIn), [['a'], ['b']]);
  });

  test('never: counted and said, the next batch goes on', async () => {
    const { shipper, posts, said, losses, settle } = bench();
    shipper.span(span('a'), SCOPE);
    shipper.span(span('b'), SCOPE);
    const flushed = shipper.flush(1000);
    posts[0]?.answer({ kind: 'never', why: 'status 400' });
    assert.equal(await flushed, true);
    await settle();
    assert.deepEqual(losses.counts(), { refused: 2 });
    assert.match(said[0] ?? '', /reason refused, status 400, lost 2/);
  });

  test('a part rejected: counted and said with the reason', async () => {
    const { shipper, posts, said, losses, settle } = bench();
    shipper.span(span('a'), SCOPE);
    void shipper.flush(1000);
    posts[0]?.answer({ kind: 'done', rejectedCount: 1, errorMessage: 'zero\nid' });
    await settle();
    assert.deepEqual(losses.counts(), { rejected: 1 });
    assert.match(said[0] ?? '', /^aode: [^\n]*zero\\x0aid, lost 1[^\n]*\n$/);
  });
});

describe('the bound', () => {
  test('beyond it new records are dropped, counted and said; later there is room again', async () => {
    const { shipper, posts, losses, said, settle } = bench({ queueBytesMax: 1000 });
    for (let i = 0; i < 5; i += 1) shipper.span(span('s'), SCOPE);
    assert.deepEqual(losses.counts(), { queue_full: 2 });
    assert.match(said.join(''), /reason queue_full, bytesMax 1000/);
    void shipper.flush(1000);
    posts[0]?.answer(DONE);
    await settle();
    shipper.span(span('s'), SCOPE);
    assert.deepEqual(losses.counts(), { queue_full: 2 });
  });

  test('texts of attributes, events and lines count, not only their number', () => {
    const text = 'x'.repeat(2000);
    const heavy: readonly Span[] = [
      span('s', { attributes: [{ key: 'k', value: text }] }),
      span('s', { attributes: [{ key: 'k', value: [text] }] }),
      span('s', { attributes: [{ key: 'k', value: new Uint8Array(2000) }] }),
      span('s', { attributes: [{ key: text, value: 1n }] }),
      span('s', { status: { code: 2, message: text } }),
      span(text),
      span('s', { events: [{ timeUnixNano: 1n, name: text, attributes: [], droppedAttributesCount: 0 }] }),
    ];
    const { shipper, losses } = bench({ queueBytesMax: 1500 });
    for (const one of heavy) shipper.span(one, SCOPE);
    shipper.line(line(text));
    assert.deepEqual(losses.counts(), { queue_full: heavy.length + 1 });
  });

  test('what waits for an answer counts as well', async () => {
    const { shipper, posts, losses } = bench({ queueBytesMax: 1200 });
    shipper.span(span('x'.repeat(900)), SCOPE);
    void shipper.flush(1000);
    assert.equal(posts.length, 1);
    shipper.span(span('s'), SCOPE);
    assert.deepEqual(losses.counts(), { queue_full: 1 });
  });
});

test('a record that cannot be encoded costs its batch, counted and said', async () => {
  const { shipper, posts, losses, said } = bench();
  shipper.span(span('a', { traceId: 'no hex' }), SCOPE);
  shipper.line(line('{"msg":"fine"}'));
  void shipper.flush(1000);
  assert.deepEqual(losses.counts(), { encode_failed: 1 });
  assert.match(said[0] ?? '', /reason encode_failed/);
  assert.equal(posts[0]?.signal, 'logs');
});

test('takeAll: everything that is not answered, and what was under way is not counted twice', async () => {
  const { shipper, posts, losses, clock, settle } = bench();
  shipper.span(span('a'), SCOPE);
  clock.advance(500);
  shipper.span(span('b'), SCOPE);
  const all = shipper.takeAll();
  assert.deepEqual(
    all.map(({ signal, count }) => [signal, count]),
    [
      ['traces', 1],
      ['traces', 1],
    ],
  );
  assert.equal(shipper.isEmpty, true);
  posts[0]?.answer({ kind: 'never', why: 'status 400' });
  await settle();
  assert.deepEqual(losses.counts(), {});
  assert.equal(clock.timerCount, 0);
});
