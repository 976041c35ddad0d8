/** Contract of a store: what it is given, it gives back whole; what it cannot keep, it refuses by name. */
import assert from 'node:assert/strict';
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
import * as arbitrary from './arbitrary-records.ts';
import { logOf, logsRequest, nanoOfMs, spanIdOf, spanOf, spansRequest, traceIdOf } from './records.ts';
import { check, logQuery, NOON_MS, type StoreUnderTest, traceQuery } from './store-contract.ts';

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
  resources(under);
  refusals(under);
  edges(under);
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
  const spans = fc.uniqueArray(arbitrary.span, {
    minLength: 1,
    maxLength: 4,
    selector: ({ spanId }) => spanId,
  });
  check(under, 'a span comes back as it was sent, every field and every type', async ({ store }) => {
    const request = arbitrary.plain({
      resource: arbitrary.resource,
      schemaUrl: arbitrary.text,
      scope: arbitrary.scope,
      scopeUrl: arbitrary.text,
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
    const request = arbitrary.plain({
      resource: arbitrary.resource,
      schemaUrl: arbitrary.text,
      scope: arbitrary.scope,
      log: arbitrary.log,
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
}

function resources(under: StoreUnderTest): void {
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
    assert.deepEqual(logs.map(({ body, traceId }) => `${body}: ${traceId}`).toSorted(), [
      'plain: ',
      'short: abcd',
      `zeros: ${'0'.repeat(32)}`,
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
