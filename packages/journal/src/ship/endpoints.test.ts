import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeResource } from '@aode/wire';
import fc from 'fast-check';
import { type EndpointBench, endpointBench, promisesRun, type State } from '../testing/endpoint-bench.ts';
import { frameOf, RESOURCE } from '../testing/telemetry.ts';
import { encodeEnvelope } from './envelope.ts';
import type { PostResult } from './otlp-post.ts';

const bodyOf = (name: string): Uint8Array =>
  encodeEnvelope({
    origin: encodeResource(RESOURCE),
    payloads: [frameOf('traces', [name]).payload],
    schemaUrl: '',
  });

const places = ({ sent }: EndpointBench): number[] => sent.map(({ at }) => at);
/** Enough for every probe that is due. */
const LONG_MS = 120_000;

/** Sends, and lets time pass until it is answered. */
async function post(
  bench: EndpointBench,
  body: Uint8Array,
  signal: 'traces' | 'metrics' = 'traces',
): Promise<PostResult> {
  let result: PostResult | undefined;
  void bench.endpoints.post(signal, body).then((given) => (result = given));
  await promisesRun();
  while (result === undefined) await bench.advance(100);
  return result;
}

describe('one endpoint', () => {
  test('is what its poster is: no second try, no probes', async () => {
    const bench = endpointBench(1);
    bench.states[0] = 'away';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'again');
    await bench.advance(LONG_MS);
    bench.states[0] = 'up';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.deepEqual([bench.sent.length, bench.probes, bench.clock.timerCount], [2, [0], 0]);
  });

  test('repeats by the same bytes for fourteen minutes, and then as a replay', async () => {
    const bench = endpointBench(1);
    const body = bodyOf('a');
    bench.states[0] = 'silent';
    await post(bench, body);
    // Doubt is from the end of the wait on.
    await bench.advance(840_000);
    bench.states[0] = 'away';
    await post(bench, body);
    await bench.advance(100);
    await post(bench, body);
    assert.deepEqual(
      bench.sent.map(({ isReplay }) => isReplay),
      [false, false, true],
    );
    assert.equal(bench.sent[1]?.body, body);
  });
});

describe('failover', () => {
  test('a connection refused: the next has the request at once, and all that come', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'away';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.equal((await post(bench, bodyOf('b'))).kind, 'done');
    assert.deepEqual(places(bench), [0, 1, 1]);
    assert.deepEqual(bench.moves, [1]);
    assert.ok(!bench.sent.some(({ isReplay }) => isReplay), 'nothing was in doubt');
  });

  test('silence: the next has it, as a replay', async () => {
    const bench = endpointBench(3);
    bench.states[0] = 'silent';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.deepEqual(
      bench.sent.map(({ at, isReplay }) => [at, isReplay]),
      [
        [0, false],
        [1, true],
      ],
    );
    await post(bench, bodyOf('b'));
    assert.equal(bench.sent.at(-1)?.isReplay, false, 'only what was in doubt');
  });

  test('in doubt with both: a replay for both from then on', async () => {
    const bench = endpointBench(2);
    const body = bodyOf('a');
    bench.states.fill('silent');
    assert.equal((await post(bench, body)).kind, 'again');
    bench.states.fill('up');
    await post(bench, body);
    assert.deepEqual(
      bench.sent.map(({ at, isReplay }) => [at, isReplay]),
      [
        [0, false],
        [1, true],
        [0, true],
      ],
    );
  });
});

test('one that is there again and refuses everything does not have its place back', async () => {
  const bench = endpointBench(2);
  bench.states[0] = 'away';
  await post(bench, bodyOf('a'));
  bench.states[0] = 'refuses';
  await bench.advance(60_000);
  assert.equal((await post(bench, bodyOf('b'))).kind, 'done');
  assert.deepEqual(bench.moves, [1]);
  assert.ok((bench.probes[0] ?? 0) > 0);
});

describe('refused by one for reasons of its own', () => {
  test('another takes it, and what follows; the one that refuses is left', async () => {
    const bench = endpointBench(3);
    bench.states[0] = 'refuses';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.equal((await post(bench, bodyOf('b'))).kind, 'done');
    assert.deepEqual(places(bench), [0, 1, 1]);
    assert.deepEqual(bench.moves, [1]);
    assert.ok(!bench.sent.some(({ isReplay }) => isReplay), 'nothing was in doubt');
    bench.states[0] = 'up';
    await bench.advance(LONG_MS);
    assert.equal(bench.endpoints.active, 0, 'and has its place back');
  });

  test('what broke there goes to the next as a replay', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'broken';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.deepEqual(
      bench.sent.map(({ isReplay }) => isReplay),
      [false, true],
    );
  });

  test('all refuse: each was asked once, it is dropped, what each says is said, and none is left', async () => {
    const bench = endpointBench(3);
    bench.states.fill('refuses');
    bench.states[1] = 'broken';
    assert.deepEqual(await post(bench, bodyOf('a')), {
      kind: 'never',
      why: 'status 401; status 500; status 401',
      isOfReceiver: true,
    });
    assert.deepEqual(places(bench), [0, 1, 2]);
    assert.deepEqual([bench.moves, bench.clock.timerCount], [[], 0]);
  });

  test('while another is away it waits for that one, for a minute; then what is behind it has its turn', async () => {
    for (const states of [
      ['refuses', 'away'],
      ['away', 'refuses'],
    ] as const) {
      const bench = endpointBench(2);
      bench.states.splice(0, 2, ...states);
      const body = bodyOf('a');
      const waits = await post(bench, body);
      assert.equal(waits.kind, 'again');
      assert.match(waits.why, /; status 401$/, 'the one that somebody has to mend is named');
      await bench.advance(59_000);
      assert.equal((await post(bench, body)).kind, 'again');
      await bench.advance(2000);
      assert.equal((await post(bench, body)).kind, 'never');
      assert.equal((await post(bench, bodyOf('b'))).kind, 'again');
      bench.states[states.indexOf('away')] = 'up';
      assert.equal((await post(bench, bodyOf('b'))).kind, 'done');
    }
  });
});

describe('what stays with an endpoint, and what does not', () => {
  test('data points have no names: their bytes stay as they are', async () => {
    const bench = endpointBench(2);
    const body = bodyOf('a');
    bench.states[0] = 'silent';
    await post(bench, body, 'metrics');
    assert.equal(bench.sent[1]?.body, body);
  });

  test('what is wrong with the request itself is not offered to others', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'picky';
    assert.equal((await post(bench, bodyOf('a'))).kind, 'never');
    assert.deepEqual(places(bench), [0]);
  });

  test('all are away: each was asked once, and each is found when it is there again', async () => {
    const bench = endpointBench(3);
    bench.states.fill('away');
    assert.equal((await post(bench, bodyOf('a'))).kind, 'again');
    assert.deepEqual(places(bench), [0, 1, 2]);
    bench.states[1] = 'up';
    await bench.advance(6000);
    assert.equal(bench.endpoints.active, 1);
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.deepEqual(places(bench).slice(3), [1]);
  });

  test('all are away for long: the budget ends, one request is one attempt, in turn', async () => {
    const bench = endpointBench(2);
    bench.states.fill('away');
    for (let i = 0; i < 10; i += 1) await post(bench, bodyOf('a'));
    const before = bench.sent.length;
    for (let i = 0; i < 4; i += 1) await post(bench, bodyOf('a'));
    const last = places(bench).slice(before);
    assert.equal(last.length, 4);
    assert.deepEqual([last[0], last[1]], [last[2], last[3]]);
    assert.notEqual(last[0], last[1]);
  });

  test('one that asks for patience has it, for ten seconds; what it asks for is passed on', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 1000;
    assert.deepEqual(await post(bench, bodyOf('a')), { kind: 'again', why: 'status 503', afterMs: 1000 });
    assert.equal(bench.endpoints.active, 0);
    await bench.advance(9000);
    assert.equal((await post(bench, bodyOf('a'))).kind, 'again');
    await bench.advance(100);
    assert.equal((await post(bench, bodyOf('a'))).kind, 'done');
    assert.deepEqual(places(bench), [0, 0, 0, 1]);
    const hurried = endpointBench(2);
    hurried.states[0] = 10_001;
    assert.equal((await post(hurried, bodyOf('a'))).kind, 'done');
  });
});

describe('fail-back', () => {
  test('after two answers to empty requests in a row, and no request has waited for it', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'away';
    await post(bench, bodyOf('a'));
    await bench.advance(20_000);
    assert.ok(
      (bench.probes[0] ?? 0) >= 3 && (bench.probes[0] ?? 0) <= 7,
      `${bench.probes[0]} probes in 20 s`,
    );
    bench.states[0] = 'up';
    const before = bench.probes[0] ?? 0;
    while (bench.endpoints.active !== 0) await bench.advance(100);
    assert.equal((bench.probes[0] ?? 0) - before, 2);
    await post(bench, bodyOf('b'));
    assert.deepEqual(places(bench), [0, 1, 0]);
    assert.deepEqual(bench.moves, [1, 0]);
    await bench.advance(LONG_MS);
    assert.equal(bench.clock.timerCount, 0, 'nothing is left to find out');
  });

  test('one that answers every other time does not come back', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'away';
    await post(bench, bodyOf('a'));
    for (let i = 0; i < 20; i += 1) {
      const before = bench.probes[0] ?? 0;
      bench.states[0] = i % 2 === 0 ? 'up' : 'away';
      while (bench.probes[0] === before) await bench.advance(100);
    }
    assert.equal(bench.endpoints.active, 1);
  });

  test('one that falls over whenever it is used has to prove itself longer and longer, up to a minute', async () => {
    const bench = endpointBench(2);
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      bench.states[0] = 'away';
      await post(bench, bodyOf('a'));
      assert.equal(bench.moves.at(-1), 1);
      bench.states[0] = 'up';
      const before = bench.probes[0] ?? 0;
      while (bench.endpoints.active !== 0) await bench.advance(100);
      waits.push((bench.probes[0] ?? 0) - before);
    }
    assert.deepEqual(waits, [2, 4, 8, 16, 16, 16]);
    await bench.advance(LONG_MS);
    bench.states[0] = 'away';
    await post(bench, bodyOf('a'));
    bench.states[0] = 'up';
    const before = bench.probes[0] ?? 0;
    while (bench.endpoints.active !== 0) await bench.advance(100);
    assert.equal((bench.probes[0] ?? 0) - before, 2, 'forgiven after a minute');
  });
});

describe('probes', () => {
  test('a silent endpoint is asked again only when the last question has had its time', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'silent';
    await post(bench, bodyOf('a'));
    await bench.advance(60_000);
    assert.ok((bench.probes[0] ?? 0) <= 12, `${bench.probes[0]} probes in 60 s`);
  });

  test('what has moved at once comes back at different times', async () => {
    const times = new Set<number>();
    for (let seed = 1; seed <= 8; seed += 1) {
      let state = seed * 500_000_000;
      const bench = endpointBench(2, {
        next: () => (state = (state * 1_103_515_245 + 12_345) >>> 0),
        below: () => 0,
        chance: () => false,
      });
      bench.states[0] = 'away';
      await post(bench, bodyOf('a'));
      bench.states[0] = 'up';
      let ms = 0;
      for (; bench.endpoints.active !== 0; ms += 100) await bench.advance(100);
      times.add(ms);
    }
    assert.ok(times.size >= 5, `${times.size} moments of eight`);
  });

  test('close ends all of it', async () => {
    const bench = endpointBench(2);
    bench.states[0] = 'away';
    await post(bench, bodyOf('a'));
    bench.endpoints.close();
    assert.equal(bench.clock.timerCount, 0);
  });
});

test('whatever endpoints do: every request is answered, in order, and goes where somebody is', async () => {
  const state = fc.constantFrom<State>('up', 'away', 'silent', 'late', 'refuses', 'broken', 1000, 60_000);
  const step = fc.record({
    states: fc.tuple(state, state, state),
    waitMs: fc.integer({ min: 0, max: 20_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const bench = endpointBench(3);
      /** Last name that each endpoint has taken. */
      const taken = [-1, -1, -1];
      for (const [name, { states, waitMs }] of steps.entries()) {
        bench.states.splice(0, 3, ...states);
        const body = bodyOf(String(name));
        const before = bench.sent.length;
        const result = await post(bench, body);
        const tries = bench.sent.slice(before);
        assert.ok(tries.length <= 3, 'each endpoint once');
        assert.equal(new Set(tries.map(({ at }) => at)).size, tries.length);
        // In doubt at one, marked at all others.
        const doubt = tries.findIndex(({ at }) => ['silent', 'late', 'broken'].includes(String(states[at])));
        if (doubt >= 0) assert.ok(tries.slice(doubt + 1).every(({ isReplay }) => isReplay));
        const isRefused = ({ at }: { at: number }): boolean =>
          states[at] === 'refuses' || states[at] === 'broken';
        const notTaken = tries.length === 3 && tries.every(isRefused) ? 'never' : 'again';
        assert.equal(result.kind, tries.some(({ at }) => states[at] === 'up') ? 'done' : notTaken);
        for (const { at, isTaken } of tries) {
          if (!isTaken) continue;
          assert.ok((taken[at] ?? -1) < name);
          taken[at] = name;
        }
        await bench.advance(waitMs);
      }
      bench.states.fill('up');
      await bench.advance(180_000);
      assert.equal(bench.endpoints.active, 0, 'the preferred one in the end');
      assert.equal(bench.clock.timerCount, 0);
    }),
    { numRuns: 60 },
  );
});
