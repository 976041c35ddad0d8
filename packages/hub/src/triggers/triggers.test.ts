import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import { type Span, SPAN_KIND } from '@aode/wire';
import fc from 'fast-check';
import { nanoOfMs, spanIdOf, spanOf, traceIdOf } from '../testing/records.ts';
import { SAMPLES_MIN } from './tail-estimate.ts';
import {
  CHECKED_MIN,
  LEARNING_MS,
  PARENT_LATE_MS,
  PARENT_SOON_MS,
  RARE_MS,
  SLOW_PER_MINUTE,
  Triggers,
} from './triggers.ts';

const MINUTE_MS = 60_000;
const GOOD = { failed: false, adjustedCount: 1 };

/** A hub whose time a test moves. */
class World {
  nowMs = 1_000_000;
  readonly triggers = new Triggers(this.nowMs);
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  put(service: string, over: Partial<Span>, about = GOOD): Span {
    const id = this.next();
    const span = spanOf({ traceId: traceIdOf(id), spanId: spanIdOf(id), ...over });
    this.triggers.step(span, service, about, this.nowMs);
    return span;
  }

  /** A request to `service`, with the call of `caller` after it, as they end. */
  call(caller: string, service: string, name = 'GET /'): string {
    const id = this.next();
    const ids = { traceId: traceIdOf(id), parentSpanId: spanIdOf(id) };
    this.put(service, { ...ids, name });
    this.put(caller, { traceId: ids.traceId, spanId: spanIdOf(id), kind: SPAN_KIND.client });
    return ids.traceId;
  }

  pass(ms: number): readonly (readonly [string, string])[] {
    this.nowMs += ms;
    this.triggers.tick(this.nowMs);
    return this.triggers.take().map(({ traceId, reason }) => [traceId, reason] as const);
  }
}

test('a failed span asks for its trace, once', () => {
  const world = new World();
  const failed = { failed: true, adjustedCount: 1 };
  const { traceId } = world.put('a', { kind: SPAN_KIND.internal }, failed);
  world.put('b', { traceId }, failed);
  world.put('c', {});
  assert.deepEqual(world.pass(0), [[traceId, 'error']]);
  world.put('d', { traceId }, failed);
  assert.deepEqual(world.pass(0), []);
});

const lasting = (ms: number): Partial<Span> => ({ startTimeUnixNano: 0n, endTimeUnixNano: nanoOfMs(ms) });

test('a request slower than the last hundredth of its like asks, when that is known, and seldom', () => {
  const world = new World();
  for (let i = 0; i < SAMPLES_MIN - 1; i += 1) world.put('a', lasting(10));
  world.put('a', lasting(9000));
  assert.deepEqual(world.pass(0), [], 'too few to tell');
  for (let i = 0; i < SAMPLES_MIN; i += 1) world.put('a', lasting(10));
  const slow = [1, 2, 3].map(() => world.put('a', lasting(500)).traceId);
  world.put('a', { ...lasting(500), name: 'another' });
  world.put('b', lasting(500));
  world.put('a', lasting(500), { failed: false, adjustedCount: 0 });
  world.put('a', { ...lasting(500), kind: SPAN_KIND.client });
  assert.deepEqual(
    world.pass(0),
    slow.slice(0, SLOW_PER_MINUTE).map((id) => [id, 'slow']),
  );
  assert.deepEqual(world.pass(MINUTE_MS), []);
  const { traceId } = world.put('a', lasting(500));
  assert.deepEqual(world.pass(0), [[traceId, 'slow']]);
});

test('a parent that does not come is a broken chain where parents usually come', () => {
  const world = new World();
  const orphan = (name = 'GET /'): string =>
    world.put('b', { parentSpanId: spanIdOf(world.next()), name }).traceId;
  for (let i = 0; i < CHECKED_MIN; i += 1) {
    world.call('a', 'b');
    orphan('never called from here');
  }
  assert.deepEqual(world.pass(PARENT_LATE_MS), []);
  assert.deepEqual(world.pass(PARENT_LATE_MS), [], 'whoever calls this one records nothing');
  const broken = orphan();
  orphan('never called from here');
  const late = world.next();
  world.put('b', { parentSpanId: spanIdOf(late), name: 'GET /' });
  assert.deepEqual(world.pass(PARENT_SOON_MS), []);
  world.put('a', { spanId: spanIdOf(late), kind: SPAN_KIND.client });
  assert.deepEqual(world.pass(PARENT_LATE_MS - PARENT_SOON_MS - 1), []);
  assert.deepEqual(world.pass(1), [[broken, 'broken-chain']]);
  // A trace that nobody serves has no chain that could break.
  for (const kind of [SPAN_KIND.internal, SPAN_KIND.consumer]) {
    world.put('b', { parentSpanId: spanIdOf(world.next()), kind, name: 'GET /' });
  }
  assert.deepEqual(world.pass(2 * PARENT_LATE_MS), []);
});

test('a way that nobody has gone for an hour is rare, after the time of learning', () => {
  const world = new World();
  world.call('a', 'b');
  assert.deepEqual(world.pass(PARENT_SOON_MS), [], 'everything is new at first');
  world.pass(LEARNING_MS);
  world.call('a', 'b');
  const rare = world.call('c', 'b');
  world.call('c', 'b');
  assert.deepEqual(world.pass(PARENT_SOON_MS), [[rare, 'rare-path']]);
  world.call('c', 'b');
  assert.deepEqual(world.pass(RARE_MS), []);
  world.call('c', 'b');
  // The call before was seen to come from its caller a little after it came.
  assert.deepEqual(world.pass(PARENT_SOON_MS), []);
  world.pass(RARE_MS);
  const again = world.call('c', 'b');
  assert.deepEqual(world.pass(PARENT_SOON_MS), [[again, 'rare-path']]);
});

test('operations that are named after ids are not rare', () => {
  const world = new World();
  world.pass(LEARNING_MS);
  let count = 0;
  for (let i = 0; i < 1000; i += 1) {
    world.call('a', 'b', `GET /user/${i}`);
    count += world.pass(PARENT_SOON_MS).length;
  }
  assert.ok(count <= 200, `${count} of 1000`);
});

test('whatever comes, what fires is bounded, of known spans, and each trace once', () => {
  const kinds = [SPAN_KIND.server, SPAN_KIND.client, SPAN_KIND.internal, SPAN_KIND.consumer];
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = seededRandom(seed);
      const world = new World();
      const known = new Set<string>();
      const fired = new Set<string>();
      for (let i = 0; i < 400; i += 1) {
        const about = { failed: random.chance(1, 10), adjustedCount: random.below(3) };
        const over = {
          traceId: traceIdOf(1 + random.below(60)),
          spanId: spanIdOf(1 + random.below(500)),
          parentSpanId: random.chance(1, 4) ? '' : spanIdOf(1 + random.below(500)),
          kind: kinds[random.below(kinds.length)] ?? SPAN_KIND.server,
          name: `op ${random.below(5)}`,
          startTimeUnixNano: BigInt(random.next()),
          endTimeUnixNano: BigInt(random.next()),
        };
        known.add(world.put(`s${random.below(4)}`, over, about).traceId);
        for (const [traceId] of world.pass(random.below(3000))) {
          assert.ok(known.has(traceId) && !fired.has(traceId));
          fired.add(traceId);
        }
      }
    }),
    { numRuns: 50 },
  );
  const world = new World();
  for (let i = 0; i < 5000; i += 1) world.put('a', {}, { failed: true, adjustedCount: 1 });
  assert.equal(world.pass(0).length, 256);
});
