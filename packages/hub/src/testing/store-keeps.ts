/** Contract of a store: what it is given, it gives back; once, whole, for as long as it promised. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newTraceId, systemRandom } from '@aode/base';
import {
  encodeLogs,
  encodeTraces,
  type LogRecord,
  type ResourceLogs,
  type ResourceSpans,
  type Span,
} from '@aode/wire';
import type { WriteRequest } from '../store/store.ts';
import * as any from './arbitrary-records.ts';
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
export function storeKeeps(under: StoreUnderTest): void {
  roundTrips(under);
  refusals(under);
  edges(under);
  repeats(under);
  restarts(under);
  retention(under);
  failures(under);
}

/** Every record with all that stands around it, in one order. */
const flatSpans = (list: readonly ResourceSpans[]): unknown[] =>
  list
    .flatMap(({ scopeSpans, ...place }) =>
      scopeSpans.flatMap(({ spans, ...scope }) => spans.map((span) => ({ span, ...place, scope }))),
    )
    .toSorted((a, b) => (a.span.spanId < b.span.spanId ? -1 : 1));

/** Lines are kept in the order in which they came. */
const flatLogs = (list: readonly ResourceLogs[]): { record: LogRecord }[] =>
  list.flatMap(({ scopeLogs, ...place }) =>
    scopeLogs.flatMap(({ logRecords, ...scope }) =>
      logRecords.map((record) => ({ record, ...place, scope })),
    ),
  );

function roundTrips(under: StoreUnderTest): void {
  const spans = fc.uniqueArray(any.span, { minLength: 1, maxLength: 4, selector: ({ spanId }) => spanId });
  check(under, 'a span comes back as it was sent, every field and every type', async ({ store }) => {
    const request = any.plain({
      resource: any.resource,
      schemaUrl: any.text,
      scope: any.scope,
      scopeUrl: any.text,
      spans,
    });
    await fc.assert(
      fc.asyncProperty(request, async (sample) => {
        const traceId = newTraceId(systemRandom);
        const sent: ResourceSpans[] = [
          {
            resource: sample.resource,
            schemaUrl: sample.schemaUrl,
            scopeSpans: [
              {
                scope: sample.scope,
                schemaUrl: sample.scopeUrl,
                spans: sample.spans.map((span) => ({ ...span, traceId })),
              },
            ],
          },
        ];
        const written = await store.write({ signal: 'traces', body: encodeTraces(sent) });
        assert.deepEqual(written, { acceptedCount: sample.spans.length, refused: {}, duplicate: false });
        const found = await store.traceRecords(traceId);
        assert.deepEqual(flatSpans(found?.resourceSpans ?? []), flatSpans(sent));
      }),
      { numRuns: 60 },
    );
  });

  check(under, 'a log line comes back as it was sent, every field and every type', async ({ store }) => {
    const request = any.plain({
      resource: any.resource,
      schemaUrl: any.text,
      scope: any.scope,
      log: any.log,
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ resource, schemaUrl, scope, log }) => {
        const traceId = newTraceId(systemRandom);
        const scopeLogs = [{ scope, schemaUrl: '', logRecords: [{ ...log, traceId }] }];
        const sent: ResourceLogs[] = [{ resource, schemaUrl, scopeLogs }];
        assert.equal((await store.write({ signal: 'logs', body: encodeLogs(sent) })).acceptedCount, 1);
        const found = await store.traceRecords(traceId);
        assert.deepEqual(flatLogs(found?.resourceLogs ?? []), flatLogs(sent));
      }),
      { numRuns: 60 },
    );
  });

  check(under, 'the same resource with other attributes is another one', async ({ store }) => {
    await store.write(spansRequest({ 'service.name': 'a', n: 1n }, [oneSpan(1)]));
    await store.write(spansRequest({ 'service.name': 'a', n: '1' }, [oneSpan(1, { spanId: spanIdOf(2) })]));
    const trace = await store.trace(traceIdOf(1));
    const rows = trace?.resources.map(({ attributes }) => attributes.find(({ key }) => key === 'n'));
    assert.deepEqual(
      rows?.toSorted((a, b) => ((a?.type ?? '') < (b?.type ?? '') ? -1 : 1)),
      [
        { key: 'n', type: 'int', value: '1' },
        { key: 'n', type: 'string', value: '1' },
      ],
    );
  });
}

function refusals(under: StoreUnderTest): void {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: BigInt(i) }));

  check(
    under,
    'bad spans are refused one by one, each with its reason; the rest is kept',
    async ({ store }) => {
      const written = await store.write(
        spansRequest('a', [
          oneSpan(1),
          oneSpan(2, { traceId: '0'.repeat(32) }),
          oneSpan(3, { traceId: '' }),
          oneSpan(4, { spanId: '0'.repeat(16) }),
          oneSpan(5, { spanId: 'abcd' }),
          oneSpan(6, { attributes: many(100_000) }),
          oneSpan(7),
        ]),
      );
      assert.deepEqual(written, {
        acceptedCount: 2,
        refused: { trace_id_invalid: 2, span_id_invalid: 2, attributes_too_many: 1 },
        duplicate: false,
      });
      const { traces } = await store.traces(traceQuery());
      assert.deepEqual(traces.map(({ traceId }) => traceId).toSorted(), [traceIdOf(1), traceIdOf(7)]);
    },
  );

  check(under, 'the last accepted and the first refused number of attributes', async ({ store }) => {
    const written = await store.write(
      spansRequest('a', [
        oneSpan(1, { attributes: many(10_000) }),
        oneSpan(2, { attributes: many(10_001) }),
        oneSpan(3, {
          attributes: many(9_999),
          events: [{ timeUnixNano: 0n, name: '', attributes: many(2), droppedAttributesCount: 0 }],
        }),
      ]),
    );
    assert.equal(written.acceptedCount, 1);
    assert.deepEqual(written.refused, { attributes_too_many: 2 });
    const trace = await store.trace(traceIdOf(1));
    assert.equal(trace?.spans[0]?.attributes.length, 10_000);
    const found = await store.traces(traceQuery({ attributes: [{ key: 'k9999', value: '9999' }] }));
    assert.equal(found.totalCount, 1);
  });

  check(under, 'a log line needs no ids, and too many attributes are refused', async ({ store }) => {
    const written = await store.write(
      logsRequest('a', [
        logOf({ timeUnixNano: NOON, body: 'plain' }),
        logOf({ timeUnixNano: NOON, body: 'zeros', traceId: '0'.repeat(32), spanId: '0'.repeat(16) }),
        logOf({ timeUnixNano: NOON, body: 'short', traceId: 'abcd', spanId: 'ab' }),
        logOf({ timeUnixNano: NOON, body: 'many', attributes: many(10_001) }),
      ]),
    );
    assert.deepEqual(written.refused, { attributes_too_many: 1 });
    const { logs, alignedCount } = await store.logs(logQuery());
    assert.deepEqual(logs.map(({ body, traceId }) => [body, traceId]).toSorted(), [
      ['plain', ''],
      ['short', 'abcd'],
      ['zeros', '0'.repeat(32)],
    ]);
    assert.equal(alignedCount, 0);
  });
}

function edges(under: StoreUnderTest): void {
  check(under, 'times of 1970 and 2200 are found at their places', async ({ store }) => {
    const in2200 = 7_258_118_400_000;
    await store.write(
      spansRequest('a', [
        oneSpan(1, { startTimeUnixNano: 0n, endTimeUnixNano: 5n }),
        oneSpan(2, { startTimeUnixNano: nanoOfMs(in2200), endTimeUnixNano: nanoOfMs(in2200) + 7n }),
      ]),
    );
    await store.write(
      logsRequest('a', [logOf({ body: 'old' }), logOf({ body: 'new', timeUnixNano: nanoOfMs(in2200) })]),
    );
    const old = await store.traces(traceQuery({ startMs: 0, endMs: 1 }));
    assert.deepEqual(
      old.traces.map((t) => [t.traceId, t.startUnixNano, t.durationNano]),
      [[traceIdOf(1), '0', 5]],
    );
    const future = await store.traces(traceQuery({ startMs: in2200, endMs: in2200 + 1 }));
    assert.deepEqual(
      future.traces.map((t) => [t.traceId, t.durationNano]),
      [[traceIdOf(2), 7]],
    );
    assert.equal((await store.logs(logQuery({ startMs: 0, endMs: 1 }))).logs[0]?.body, 'old');
    assert.equal((await store.logs(logQuery({ startMs: in2200, endMs: in2200 + 1 }))).logs[0]?.body, 'new');
    assert.equal((await store.traces(traceQuery())).totalCount, 0);
    assert.deepEqual((await store.status()).dataRange, {
      startUnixNano: '0',
      endUnixNano: String(nanoOfMs(in2200)),
    });
  });

  check(
    under,
    'the end of a range is exclusive, to the nanosecond; an end before its start is no time',
    async ({ store }) => {
      await store.write(
        spansRequest('a', [
          oneSpan(1, { startTimeUnixNano: NOON, endTimeUnixNano: NOON - 5n }),
          oneSpan(2, { startTimeUnixNano: NOON + 999_999n }),
          oneSpan(3, { startTimeUnixNano: NOON + 1_000_000n }),
        ]),
      );
      const { traces } = await store.traces(traceQuery({ startMs: NOON_MS, endMs: NOON_MS + 1 }));
      assert.deepEqual(
        traces.map((t) => [t.traceId, t.durationNano]),
        [
          [traceIdOf(2), 1],
          [traceIdOf(1), 0],
        ],
      );
    },
  );

  check(
    under,
    'an empty range tells where the newest data are; an empty store tells nothing',
    async ({ store }) => {
      assert.equal((await store.status()).dataRange, null);
      await store.write(logsRequest('a', [logOf({ timeUnixNano: NOON - 1n })]));
      await store.write(spansRequest('a', [oneSpan(1)]));
      const range = { startUnixNano: String(NOON - 1n), endUnixNano: String(NOON) };
      assert.deepEqual((await store.status()).dataRange, range);
      const empty = { startMs: NOON_MS + 1000, endMs: NOON_MS + 2000 };
      assert.deepEqual((await store.traces(traceQuery(empty))).traces, []);
      assert.deepEqual((await store.logs(logQuery(empty))).logs, []);
      assert.deepEqual((await store.services(empty)).services, []);
      assert.equal(await store.trace(traceIdOf(99)), undefined);
      assert.equal(await store.trace('no id'), undefined);
      assert.equal(await store.log('18446744073709551616'), undefined);
    },
  );
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
