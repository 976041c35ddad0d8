import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncContext } from './async-context.ts';

const KEY = createContextKey('test');
const contextOf = (value: string): Context => ROOT_CONTEXT.setValue(KEY, value);

describe('the context goes along', () => {
  const contexts = new AsyncContext();
  const here = (): unknown => contexts.active().getValue(KEY);
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    await: async () => {
      await Promise.resolve();
      return here();
    },
    timers: () => new Promise((resolve) => setTimeout(() => setImmediate(() => resolve(here())), 1)),
    'nextTick and microtasks': () =>
      new Promise((resolve) => process.nextTick(() => queueMicrotask(() => resolve(here())))),
    'listeners called by who emits': async () => {
      const emitter = new EventEmitter();
      const seen = once(emitter, 'x');
      emitter.on('x', () => emitter.emit('seen', here()));
      const found = once(emitter, 'seen');
      setImmediate(() => emitter.emit('x'));
      await seen;
      return ((await found) as unknown[])[0];
    },
    streams: async () => {
      const seen: unknown[] = [];
      await pipeline(
        Readable.from(['a', 'b']),
        async function* (source) {
          for await (const part of source) {
            seen.push(here());
            yield part;
          }
        },
        async (source) => {
          for await (const _ of source) seen.push(here());
        },
      );
      assert.equal(seen.length, 4);
      assert.equal(new Set(seen).size, 1);
      return seen[0];
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    test(`over ${name}, and many at once do not mix`, async () => {
      const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
      const found = await Promise.all(names.map((one) => contexts.with(contextOf(one), way)));
      assert.deepEqual(found, names);
      assert.equal(here(), undefined);
    });
  }
});

test('with: arguments, this, result and error as they are', () => {
  const contexts = new AsyncContext();
  const self = { n: 2 };
  const result = contexts.with(
    contextOf('a'),
    function add(this: typeof self, x: number) {
      assert.equal(contexts.active().getValue(KEY), 'a');
      return this.n + x;
    },
    self,
    3,
  );
  assert.equal(result, 5);
  const mine = new Error('mine');
  assert.throws(
    () =>
      contexts.with(contextOf('a'), () => {
        throw mine;
      }),
    mine,
  );
  assert.equal(contexts.active(), ROOT_CONTEXT);
});

test('bind: a function runs where it was bound, keeps this, arguments and length', () => {
  const contexts = new AsyncContext();
  const bound = contexts.bind(contextOf('a'), function add(this: { n: number }, x: number) {
    return [contexts.active().getValue(KEY), this.n + x];
  });
  assert.equal(bound.length, 1);
  assert.deepEqual(
    contexts.with(contextOf('b'), () => bound.call({ n: 1 }, 2)),
    ['a', 3],
  );
});

test('bind: an emitter calls its listeners in the first context it was bound to', () => {
  const contexts = new AsyncContext();
  const emitter = new EventEmitter();
  assert.equal(contexts.bind(contextOf('a'), emitter), emitter);
  contexts.bind(contextOf('b'), emitter);
  const seen: unknown[] = [];
  emitter.on('x', (value: unknown) => seen.push(contexts.active().getValue(KEY), value));
  assert.equal(emitter.emit('x', 7), true);
  assert.equal(emitter.emit('nobody'), false);
  assert.deepEqual(seen, ['a', 7]);
});

test('bind: what is neither comes back as it is', () => {
  const contexts = new AsyncContext();
  const thing = {};
  assert.equal(contexts.bind(ROOT_CONTEXT, thing), thing);
  assert.equal(contexts.bind(ROOT_CONTEXT, 5), 5);
});

test('disabled: no context is left', () => {
  const contexts = new AsyncContext();
  contexts.with(contextOf('a'), () => {
    contexts.disable();
    assert.equal(contexts.active(), ROOT_CONTEXT);
  });
});
