/** Contract of a store: everything is kept once, over restarts, for as long as promised, whatever else fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Span } from '@aode/wire';
import type { WriteRequest } from '../store/store.ts';
import { manualClock } from './manual-clock.ts';
import {
  attributesOf,
  gaugeOf,
  logOf,
  logsRequest,
  metricsRequest,
  nanoOfMs,
  spanIdOf,
  spanOf,
  spansRequest,
  traceIdOf,
} from './records.ts';
import {
  AROUND,
  check,
  EVER,
  logQuery,
  MINUTE_MS,
  NOON_MS,
  temporaryDirectory,
  type StoreUnderTest,
  traceQuery,
} from './store-contract.ts';

const NOON = nanoOfMs(NOON_MS);
const oneSpan = (n: number, over: Partial<Span> = {}): Span =>
  spanOf({
    traceId: traceIdOf(n),
    spanId: spanIdOf(n),
    startTimeUnixNano: NOON,
    endTimeUnixNano: NOON + 1_000_000n,
    ...over,
  });

/** Registers the tests. */
export function storeLasts(under: StoreUnderTest): void {
  repeats(under);
  restarts(under);
  retention(under);
  failures(under);
}

function repeats(under: StoreUnderTest): void {
  const line = (body: string): WriteRequest => logsRequest('a', [logOf({ timeUnixNano: NOON, body })]);

  check(
    under,
    'the same request again within 15 minutes is answered alike and not stored',
    async ({ store, clock }) => {
      const request = spansRequest('a', [oneSpan(1), oneSpan(2, { spanId: '' })]);
      const first = await store.write(request);
      clock.advance(15 * MINUTE_MS - 1);
      assert.deepEqual(await store.write(request), { ...first, duplicate: true });
      assert.equal((await store.status()).stored.spans, 1);
    },
  );

  check(under, 'after the window it is a new request', async ({ store, clock }) => {
    await store.write(line('x'));
    clock.advance(15 * MINUTE_MS + 1);
    assert.equal((await store.write(line('x'))).duplicate, false);
    assert.equal((await store.status()).stored.logs, 2);
  });

  check(under, 'the same request several times at once is stored once', async ({ store }) => {
    const results = await Promise.all(Array.from({ length: 20 }, () => store.write(line('x'))));
    assert.equal(results.filter(({ duplicate }) => !duplicate).length, 1);
    assert.equal((await store.status()).stored.logs, 1);
  });

  check(under, 'equal lines in different requests are different lines', async ({ store }) => {
    const equal = logOf({ timeUnixNano: NOON, body: 'same' });
    await store.write(logsRequest('a', [equal]));
    await store.write(logsRequest('a', [equal, equal]));
    assert.equal((await store.logs(logQuery({ text: 'same' }))).totalCount, 3);
  });

  check(
    under,
    'one span in two requests is shown once, two with one id are both shown',
    async ({ store }) => {
      await store.write(spansRequest('a', [oneSpan(1)]));
      await store.write(spansRequest('a', [oneSpan(1), oneSpan(1, { name: 'other' })]));
      const trace = await store.trace(traceIdOf(1));
      assert.deepEqual(trace?.spans.map(({ name }) => name).toSorted(), ['op', 'other']);
    },
  );
}

function restarts(under: StoreUnderTest): void {
  test(`${under.name}: what was answered is there after a restart, and repeats are still known`, async (t) => {
    const directory = temporaryDirectory(t);
    const clock = manualClock(NOON_MS);
    const requests = [
      spansRequest('a', [oneSpan(1)]),
      logsRequest('a', [logOf({ timeUnixNano: NOON, body: 'x', traceId: traceIdOf(1) })]),
      metricsRequest('a', [gaugeOf('m', NOON, 1)]),
    ];
    const before = await under.open({ clock, directory });
    for (const request of requests) await before.write(request);
    const services = await before.services(AROUND);
    await before.close();

    const store = await under.open({ clock, directory });
    try {
      for (const request of requests) assert.equal((await store.write(request)).duplicate, true);
      const { stored } = await store.status();
      assert.deepEqual([stored.spans, stored.logs, stored.points], [1, 1, 1]);
      assert.deepEqual(await store.services(AROUND), services, 'hues among them');
      const trace = await store.trace(traceIdOf(1));
      assert.equal(trace?.logs[0]?.body, 'x');
      await store.write(logsRequest('a', [logOf({ timeUnixNano: NOON, body: 'y' })]));
      const ids = (await store.logs(logQuery())).logs.map(({ id }) => id);
      assert.equal(new Set(ids).size, 2, 'a line keeps its number, and no other gets it');
    } finally {
      await store.close();
    }
  });
}

function retention(under: StoreUnderTest): void {
  const ageMaxMs = 10 * MINUTE_MS;
  check(
    under,
    'age counts from arrival: imported old data stay, and go when their time has come',
    async ({ store, clock }) => {
      await store.write(spansRequest('old', [oneSpan(1, { startTimeUnixNano: 1n, endTimeUnixNano: 2n })]));
      await store.write(logsRequest('old', [logOf({ timeUnixNano: 1n, body: 'old' })]));
      await store.write(metricsRequest('old', [gaugeOf('m', 1n, 1)]));
      clock.advance(ageMaxMs);
      await store.write(spansRequest('new', [oneSpan(2)]));
      await store.expire();
      assert.equal((await store.status()).stored.spans, 2, 'as old as allowed');
      clock.advance(1);
      await store.expire();
      const { stored, expired } = await store.status();
      assert.deepEqual([stored.spans, stored.logs, stored.points], [1, 0, 0]);
      assert.deepEqual(expired, { spans: 1, logs: 1, points: 1 });
      assert.equal(await store.trace(traceIdOf(1)), undefined);
      // The resource went with its rows: the service must come back whole.
      await store.write(spansRequest('old', [oneSpan(3)]));
      const rows = await store.services(EVER);
      assert.deepEqual(rows.services.map(({ name }) => name).toSorted(), ['new', 'old']);
      const trace = await store.trace(traceIdOf(3));
      assert.equal(trace?.resources[0]?.attributes[0]?.value, 'old');
    },
    { ageMaxMs },
  );

  const bytesMax = 6_000_000;
  check(
    under,
    'beyond its size the oldest arrivals go, are counted, and the newest stay',
    async ({ store, clock }) => {
      let n = 0;
      for (let batch = 0; batch < 30; batch += 1) {
        clock.advance(1000);
        const noise = (): Uint8Array => crypto.getRandomValues(new Uint8Array(2000));
        const spans = Array.from({ length: 200 }, () =>
          oneSpan((n += 1), { attributes: attributesOf({ noise: noise() }) }),
        );
        await store.write(spansRequest('a', spans));
      }
      await store.expire();
      const { stored, expired } = await store.status();
      assert.ok(expired.spans > 0, 'something went');
      assert.equal(stored.spans + expired.spans, n);
      assert.ok(stored.spans * 2000 <= bytesMax, `${stored.spans} spans of 2000 bytes`);
      assert.ok(stored.spans * 2000 > bytesMax / 2, `only ${stored.spans} spans of 2000 bytes`);
      assert.equal(await store.trace(traceIdOf(1)), undefined);
      assert.ok((await store.trace(traceIdOf(n))) !== undefined, 'the newest stayed');
      for (let round = 0; round < 3; round += 1) await store.expire();
      assert.equal(
        (await store.status()).stored.spans,
        stored.spans,
        'and nothing more goes when nothing comes',
      );
    },
    { bytesMax, onDisk: true },
  );
}

function failures(under: StoreUnderTest): void {
  check(under, 'a request that is damaged fails alone, not its neighbours', async ({ store }) => {
    const damaged: WriteRequest = { signal: 'traces', body: new Uint8Array([0x0a, 0xff]) };
    const good = Array.from({ length: 10 }, (_, i) => spansRequest('a', [oneSpan(i + 1)]));
    const results = await Promise.allSettled(
      [...good.slice(0, 5), damaged, ...good.slice(5)].map((r) => store.write(r)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      [
        ...Array.from({ length: 5 }, () => 'fulfilled'),
        'rejected',
        ...Array.from({ length: 5 }, () => 'fulfilled'),
      ],
    );
    const failed = results[5];
    assert.ok(failed?.status === 'rejected');
    await assert.rejects(Promise.reject(failed.reason), { code: 'AODE_OTLP_PROTOBUF_INVALID' });
    assert.equal((await store.status()).stored.spans, 10);
  });

  check(under, 'a body that lies in memory of others is not taken from them', async ({ store }) => {
    const request = spansRequest('a', [oneSpan(1)]);
    const shared = Buffer.concat([Buffer.from('before'), request.body, Buffer.from('after')]);
    const body = shared.subarray(6, 6 + request.body.length);
    await store.write({ signal: 'traces', body });
    assert.equal(shared.toString('latin1').slice(0, 6), 'before');
    assert.equal((await store.write({ signal: 'traces', body })).duplicate, true);
  });

  check(under, 'a closed store says so', async ({ store }) => {
    await store.close();
    const closed = { code: 'AODE_STORE_FAILED' };
    await assert.rejects(store.write(spansRequest('a', [oneSpan(1)])), closed);
    await assert.rejects(store.traces(traceQuery()), closed);
    await store.close();
  });
}
