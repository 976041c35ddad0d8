import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { AskClient, type AskTransport } from './ask-client.ts';

const ID = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);

interface Opened {
  readonly after: string;
  readonly line: (value: unknown) => void;
  readonly end: (status?: number) => void;
}

interface Scripted {
  readonly clock: ManualClock;
  readonly client: AskClient;
  readonly posts: { readonly instance: string; readonly asks: { traceId: string; reason: string }[] }[];
  readonly opened: Opened[];
  readonly asked: string[][];
  readonly sampling: unknown[];
  readonly dropped: () => number;
  /** Of the posts to come, the last for ever. */
  statuses: (number | undefined)[];
}

function scripted(): Scripted {
  const clock = manualClock();
  const posts: Scripted['posts'] = [];
  const opened: Opened[] = [];
  const asked: string[][] = [];
  const sampling: unknown[] = [];
  let dropped = 0;
  const transport: AskTransport = {
    async post(body) {
      posts.push(JSON.parse(body) as Scripted['posts'][number]);
      return one.statuses.length > 1 ? one.statuses.shift() : one.statuses[0];
    },
    open(after, onLine, onEnd) {
      const end = (status?: number): void => onEnd(status);
      opened.push({ after, line: (value) => onLine(JSON.stringify(value)), end });
      return { [Symbol.dispose]: () => onEnd(undefined) };
    },
  };
  const client = new AskClient({
    instance: 'me',
    transport,
    clock,
    random: seededRandom(1),
    wishes: {
      onAsked: (traceIds) => void asked.push([...traceIds]),
      onSampling: (settings) => void sampling.push(settings),
    },
    onDropped: (count) => void (dropped += count),
  });
  const one: Scripted = {
    clock,
    client,
    posts,
    opened,
    asked,
    sampling,
    dropped: () => dropped,
    statuses: [202],
  };
  return one;
}

/** Whatever is under way on this thread has its turn. */
const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await new Promise((turn) => setImmediate(turn));
};

describe('asks to the hub', () => {
  test('what is asked for in one turn goes in one request', async () => {
    const { client, posts } = scripted();
    client.ask(ID, 'error');
    client.ask(OTHER, 'rule:premium');
    await turns();
    assert.deepEqual(posts, [
      {
        instance: 'me',
        asks: [
          { traceId: ID, reason: 'error' },
          { traceId: OTHER, reason: 'rule:premium' },
        ],
      },
    ]);
  });

  test('a reason is made fit for the wire', async () => {
    const { client, posts } = scripted();
    client.ask(ID, `rule:${'金'.repeat(70)}`);
    await turns();
    assert.match(posts[0]?.asks[0]?.reason ?? '', /^rule:\?{59}$/);
  });

  test('a hub that is not there is asked again; nothing is lost or doubled', async () => {
    const one = scripted();
    one.statuses = [undefined, 503, 202];
    one.client.ask(ID, 'error');
    await turns();
    one.client.ask(OTHER, 'error');
    one.clock.advance(10_000);
    await turns();
    one.clock.advance(10_000);
    await turns();
    const last = one.posts.at(-1);
    assert.equal(one.posts.length, 3);
    assert.deepEqual(
      last?.asks.map(({ traceId }) => traceId),
      [ID, OTHER],
    );
    assert.equal(one.dropped(), 0);
  });

  test('beyond 4 096 that wait the oldest is dropped, counted', async () => {
    const one = scripted();
    one.statuses = [undefined];
    one.client.ask(ID, 'error');
    await turns();
    for (let i = 0; i < 4096; i += 1) one.client.ask(OTHER, 'error');
    assert.equal(one.dropped(), 1);
  });

  test('a receiver that knows no asks is asked no more', async () => {
    const one = scripted();
    one.statuses = [404];
    one.client.ask(ID, 'error');
    await turns();
    one.client.ask(ID, 'error');
    await turns();
    assert.equal(one.posts.length, 1);
    assert.equal(one.client.isHub, false);
  });

  test('refused asks are counted and not sent again', async () => {
    const one = scripted();
    one.statuses = [400];
    one.client.ask(ID, 'error');
    await one.client.settle();
    assert.equal(one.dropped(), 1);
    await one.client.settle();
    assert.equal(one.posts.length, 1);
  });
});

describe('asks from the hub', () => {
  test('are handed on together; the stream goes on where it was', async () => {
    const { client, opened, asked, clock } = scripted();
    client.start();
    opened[0]?.line({ cursor: 'e-0', hello: true, retainMs: 1 });
    opened[0]?.line({ cursor: 'e-1', traceId: ID, reason: 'error', unixMs: 1 });
    opened[0]?.line({ cursor: 'e-2', traceId: OTHER, reason: 'error', unixMs: 1 });
    await turns();
    assert.deepEqual(asked, [[ID, OTHER]]);
    assert.equal(client.isHub, true);
    opened[0]?.end();
    clock.advance(1000);
    assert.deepEqual(
      opened.map(({ after }) => after),
      ['', 'e-2'],
    );
  });

  test('a hub that takes something again is listened to at once, and only then', () => {
    const one = scripted();
    one.client.start();
    one.client.reached();
    assert.equal(one.opened.length, 1);
    for (let i = 0; i < 8; i += 1) {
      one.opened.at(-1)?.end();
      one.clock.advance(61_000);
    }
    assert.equal(one.opened.length, 9);
    one.opened.at(-1)?.end();
    one.client.reached();
    one.client.reached();
    assert.equal(one.opened.length, 10);
    // What is no hub is not asked more often because it takes spans.
    one.opened.at(-1)?.end(404);
    one.client.reached();
    assert.equal(one.opened.length, 10);
    one.client[Symbol.dispose]();
    assert.equal(one.clock.timerCount, 0);
  });

  test('a stream that has gone silent is given up for a new one', () => {
    const { client, opened, clock } = scripted();
    client.start();
    clock.advance(44_000);
    opened[0]?.line({ cursor: 'e-0' });
    clock.advance(44_000);
    assert.equal(opened.length, 1);
    clock.advance(2000);
    clock.advance(1000);
    assert.equal(opened.length, 2);
  });
});

describe('a stream that is none', () => {
  test('a foreign receiver is tried again after minutes, one that is away after seconds', () => {
    const { client, opened, clock } = scripted();
    client.start();
    opened[0]?.end(404);
    clock.advance(4 * 60_000);
    assert.equal(opened.length, 1);
    clock.advance(61_000);
    assert.equal(opened.length, 2);
    opened[1]?.end(503);
    clock.advance(20_000);
    assert.equal(opened.length, 3);
  });

  test('its settings are handed on as they come', () => {
    const { client, opened, sampling } = scripted();
    client.start();
    opened[0]?.line({ cursor: 'e-0', sampling: { probability: 1 } });
    opened[0]?.line({ cursor: 'e-0', sampling: {} });
    assert.deepEqual(sampling, [{ probability: 1 }, {}]);
  });

  test('an answer without a line of ours is foreign', () => {
    const { client, opened, clock } = scripted();
    client.start();
    opened[0]?.line('hello');
    opened[0]?.end(200);
    assert.equal(client.isHub, false);
    clock.advance(4 * 60_000);
    assert.equal(opened.length, 1);
  });

  test('lines that are none are passed over', async () => {
    const { client, opened, asked } = scripted();
    client.start();
    for (const line of [null, 7, 'x', [], { traceId: 7 }, { cursor: 7 }]) opened[0]?.line(line);
    await turns();
    assert.deepEqual(asked, []);
  });

  test('disposed of, it opens nothing any more', () => {
    const { client, opened, clock } = scripted();
    client.start();
    client[Symbol.dispose]();
    clock.advance(3_600_000);
    assert.equal(opened.length, 1);
  });
});
