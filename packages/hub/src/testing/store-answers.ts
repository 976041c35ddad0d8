/** Contract of a store: lists page by page, series, whole traces. */
import assert from 'node:assert/strict';
import { seededRandom } from '@aode/base';
import { type Span, SPAN_KIND } from '@aode/wire';
import type { WriteRequest } from '../store/store.ts';
import {
  attributesOf,
  gaugeOf,
  logOf,
  logsRequest,
  metricsRequest,
  spanIdOf,
  spanOf,
  spansRequest,
  traceIdOf,
} from './records.ts';
import {
  AROUND,
  allPages,
  check,
  logQuery,
  MINUTE_MS,
  NOON_MS,
  type StoreUnderTest,
  traceQuery,
} from './store-contract.ts';
import { at, writeWorld } from './world.ts';

/** Registers the tests. */
export function storeAnswers(under: StoreUnderTest): void {
  paging(under);
  series(under);
  estimates(under);
  wholeTrace(under);
  gaps(under);
}

function paging(under: StoreUnderTest): void {
  check(under, 'pages of traces have no gaps and no doubles while new ones come in', async ({ store }) => {
    let n = 0;
    // Many start in the same nanosecond, so that the tie-break matters.
    const add = async (count: number, ms: number): Promise<void> => {
      const spans = Array.from({ length: count }, () =>
        spanOf({
          traceId: traceIdOf((n += 1)),
          spanId: spanIdOf(1),
          startTimeUnixNano: at(ms),
          attributes: TAG,
        }),
      );
      await store.write(spansRequest('a', spans));
    };
    for (let ms = 0; ms < 5; ms += 1) await add(10, ms);
    for (const attributes of [[], [{ key: 'tag', value: 'x' }]]) {
      const then = n;
      const seen = await allPages(
        async (cursor) => {
          const page = await store.traces(
            traceQuery({ limit: 7, attributes, ...(cursor === undefined ? {} : { cursor }) }),
          );
          return { ids: page.traces.map(({ traceId }) => traceId), nextCursor: page.nextCursor };
        },
        () => add(3, 1000 + n),
      );
      const wanted = Array.from({ length: then }, (_, i) => traceIdOf(i + 1));
      assert.equal(new Set(seen).size, seen.length, 'no doubles');
      assert.deepEqual(
        wanted.filter((id) => !seen.includes(id)),
        [],
        'no gaps',
      );
    }
  });

  check(under, 'pages of log lines have no gaps and no doubles while new ones come in', async ({ store }) => {
    let n = 0;
    const add = async (count: number): Promise<void> => {
      const logs = Array.from({ length: count }, () =>
        logOf({ timeUnixNano: at(0), body: `line ${(n += 1)}` }),
      );
      await store.write(logsRequest('a', logs));
    };
    await add(50);
    const seen = await allPages(
      async (cursor) => {
        const page = await store.logs(logQuery({ limit: 7, ...(cursor === undefined ? {} : { cursor }) }));
        return { ids: page.logs.map(({ body }) => body), nextCursor: page.nextCursor };
      },
      () => add(2),
    );
    assert.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, i) => `line ${50 - i}`),
    );
  });

  check(under, 'a cursor that is none is refused', async ({ store }) => {
    await writeWorld(store);
    for (const cursor of ['', 'x', 'MQ', Buffer.from('1.2.99999999999999999999').toString('base64url')]) {
      await assert.rejects(store.traces(traceQuery({ cursor })), { code: 'AODE_CURSOR_INVALID' }, cursor);
      await assert.rejects(store.logs(logQuery({ cursor })), { code: 'AODE_CURSOR_INVALID' }, cursor);
    }
  });
}

const TAG = attributesOf({ tag: 'x' });

interface Drawn {
  readonly durationMs: number;
  readonly weight: number;
  readonly failed: boolean;
}

/** Sampled at one in 4, 2 and 1, and kept. */
function sampledSpans(): { readonly drawn: readonly Drawn[]; readonly spans: readonly Span[] } {
  const random = seededRandom(5);
  const drawn: Drawn[] = [];
  const spans = Array.from({ length: 400 }, (_, i) => {
    const durationMs = 1 + random.below(1000);
    const failed = random.chance(1, 4);
    const state = ['ot=th:c', 'ot=th:8', 'ot=th:0', ''][random.below(4)] ?? '';
    drawn.push({ durationMs, weight: { 'ot=th:c': 4, 'ot=th:8': 2, 'ot=th:0': 1 }[state] ?? 0, failed });
    return spanOf({
      traceId: traceIdOf(i + 1),
      spanId: spanIdOf(i + 1),
      traceState: state,
      flags: state === '' ? 2 : 3,
      startTimeUnixNano: at(0),
      endTimeUnixNano: at(durationMs),
      status: { code: failed ? 2 : 0, message: failed ? 'no' : '' },
    });
  });
  return { drawn, spans };
}

function estimates(under: StoreUnderTest): void {
  check(under, 'sampled spans count for all they stand for, kept ones for none', async ({ store }) => {
    const { drawn, spans } = sampledSpans();
    await store.write(spansRequest('mixed', spans));
    const kept = { flags: 2, startTimeUnixNano: at(0), endTimeUnixNano: at(7) };
    await store.write(
      spansRequest('kept', [spanOf({ ...kept, traceId: traceIdOf(9), spanId: spanIdOf(9) })]),
    );
    const total = (all: readonly Drawn[]): number => all.reduce((sum, { weight }) => sum + weight, 0);
    const quantile = (share: number): number => {
      const sorted = drawn.toSorted((a, b) => a.durationMs - b.durationMs);
      let reached = 0;
      const found = sorted.find(({ weight }) => (reached += weight) >= share * total(drawn) && weight > 0);
      return (found?.durationMs ?? 0) * 1e6;
    };
    const wanted = {
      errors: total(drawn.filter(({ failed }) => failed)),
      stored: drawn.filter(({ failed }) => failed).length,
    };
    const { services } = await store.services(AROUND);
    assert.partialDeepStrictEqual(
      services.find(({ name }) => name === 'mixed'),
      {
        spanCount: total(drawn),
        errorCount: wanted.errors,
        storedErrorCount: wanted.stored,
        requestCount: total(drawn),
        requestErrorCount: wanted.errors,
        durationP50Nano: quantile(0.5),
        durationP95Nano: quantile(0.95),
      },
    );
    // Nothing was drawn of it, so nothing can be estimated; what there is can still be seen.
    assert.partialDeepStrictEqual(
      services.find(({ name }) => name === 'kept'),
      { spanCount: 0, requestCount: 0, durationP50Nano: 7e6, durationP95Nano: 7e6 },
    );
    const { operations } = await store.operations('mixed', AROUND);
    assert.partialDeepStrictEqual(operations[0], {
      spanCount: total(drawn),
      durationP95Nano: quantile(0.95),
    });
    const range = { startMs: NOON_MS, endMs: NOON_MS + MINUTE_MS };
    const { series } = await store.red({ ...range, stepSeconds: 60, total: false, service: 'mixed' });
    assert.deepEqual(series, [
      {
        service: 'mixed',
        requests: [total(drawn)],
        errors: [wanted.errors],
        storedErrors: [wanted.stored],
        p50Nano: [quantile(0.5)],
        p95Nano: [quantile(0.95)],
      },
    ]);
    assert.equal((await store.traces(traceQuery({ limit: 1 }))).totalCount, 400, 'lists are what is stored');
  });
}

function series(under: StoreUnderTest): void {
  check(under, 'rate, errors and duration by service and minute', async ({ store }) => {
    await writeWorld(store);
    const minute = at(MINUTE_MS);
    const late = {
      traceId: traceIdOf(5),
      spanId: spanIdOf(50),
      startTimeUnixNano: minute,
      endTimeUnixNano: minute + 1_000_000n,
    };
    await store.write(spansRequest('pay', [spanOf(late)]));
    const range = { startMs: NOON_MS, endMs: NOON_MS + 2 * MINUTE_MS };
    const red = await store.red({ ...range, stepSeconds: 60, total: false });
    assert.deepEqual(red.series, [
      {
        service: 'pay',
        requests: [2, 1],
        errors: [1, 0],
        storedErrors: [1, 0],
        p50Nano: [6_000_000, 1_000_000],
        p95Nano: [700_000_000, 1_000_000],
      },
      // Its client span is no request.
      {
        service: 'shop',
        requests: [2, 0],
        errors: [0, 0],
        storedErrors: [0, 0],
        p50Nano: [10_000_000, null],
        p95Nano: [900_000_000, null],
      },
    ]);
    const total = await store.red({ ...range, stepSeconds: 60, total: true });
    assert.deepEqual(
      total.series.map(({ service, requests, errors }) => [service, requests, errors]),
      [['', [4, 1], [1, 0]]],
    );
    const one = await store.red({ ...range, stepSeconds: 60, total: false, service: 'shop' });
    assert.deepEqual(
      one.series.map(({ service }) => service),
      ['shop'],
    );
    const fine = { startMs: 0, endMs: NOON_MS, stepSeconds: 1, total: true };
    await assert.rejects(store.red(fine), { code: 'AODE_QUERY_INVALID' });
  });

  check(under, 'metrics by name with their points', async ({ store }) => {
    await store.write(
      metricsRequest('a', [gaugeOf('m', at(0), 1), gaugeOf('m', at(5), 2n), gaugeOf('n', at(1), 0.5)]),
    );
    const { metrics } = await store.metrics(AROUND);
    assert.deepEqual(
      metrics.map(({ name, kind, pointCount }) => [name, kind, pointCount]),
      [
        ['m', 'gauge', 2],
        ['n', 'gauge', 1],
      ],
    );
    const window = await store.window(AROUND, 1000);
    assert.deepEqual(
      window.points.map(({ name, value }) => [name, value]),
      [
        ['m', 2],
        ['n', 0.5],
        ['m', 1],
      ],
    );
  });
}

function wholeTrace(under: StoreUnderTest): void {
  check(under, 'a trace comes with its lines, with or without their span', async ({ store }) => {
    await writeWorld(store);
    await store.write(
      logsRequest('pay', [
        logOf({ timeUnixNano: at(1600), body: 'of a span', traceId: traceIdOf(2), spanId: spanIdOf(21) }),
        logOf({ timeUnixNano: at(1500), body: 'of the trace', traceId: traceIdOf(2) }),
        logOf({ timeUnixNano: at(1500), body: 'of another', traceId: traceIdOf(1) }),
      ]),
    );
    const trace = await store.trace(traceIdOf(2));
    assert.deepEqual(
      trace?.spans.map(({ spanId }) => spanId),
      [20, 25, 21].map(spanIdOf),
    );
    assert.deepEqual(
      trace?.logs.map(({ body, spanId }) => [body, spanId]),
      [
        ['of the trace', ''],
        ['of a span', spanIdOf(21)],
      ],
    );
    assert.equal(trace?.spans.find(({ service }) => service === 'pay')?.errorCode, 'ECONNREFUSED');
    assert.equal(trace?.partial, false);
    const window = await store.window(AROUND, 3);
    assert.deepEqual(
      [...new Set(window.spans.map(({ traceId }) => traceId))],
      [traceIdOf(2)],
      'whole traces, newest',
    );
    const onlyLogs = traceIdOf(77);
    await store.write(logsRequest('pay', [logOf({ timeUnixNano: at(0), body: 'alone', traceId: onlyLogs })]));
    const alone = await store.trace(onlyLogs);
    assert.deepEqual([alone?.spans.length, alone?.logs.length], [0, 1]);
  });
}

/** A call of `shop` to `pay:80` and, unless it is lost, its answer. Spans of trace n are n*10 + i. */
function called(n: number, call: Partial<Span>, isAnswered: boolean): readonly WriteRequest[] {
  const ids = { traceId: traceIdOf(n), startTimeUnixNano: at(n), endTimeUnixNano: at(n + 10) };
  const attributes = attributesOf({ 'server.address': 'pay', 'server.port': 80n });
  const answer = spanOf({
    ...ids,
    name: 'charge',
    spanId: spanIdOf(n * 10 + 2),
    parentSpanId: spanIdOf(n * 10 + 1),
  });
  return [
    spansRequest('shop', [
      spanOf({ ...ids, spanId: spanIdOf(n * 10), name: 'GET /' }),
      spanOf({
        ...ids,
        spanId: spanIdOf(n * 10 + 1),
        parentSpanId: spanIdOf(n * 10),
        kind: SPAN_KIND.client,
        attributes,
        ...call,
      }),
    ]),
    ...(isAnswered ? [spansRequest('pay', [answer])] : []),
  ];
}

function gaps(under: StoreUnderTest): void {
  check(
    under,
    'a call without an answer is a gap where others are answered, a span without its parent everywhere',
    async ({ store }) => {
      const reset = {
        attributes: attributesOf({ 'server.address': 'pay', 'server.port': 80n, 'error.type': 'ECONNRESET' }),
      };
      const elsewhere = { attributes: attributesOf({ 'server.address': 'bank', 'server.port': 443n }) };
      const requests = [
        ...called(1, {}, true),
        ...called(2, { flags: 1 }, false),
        ...called(3, reset, false),
        ...called(4, elsewhere, false),
        ...called(5, { flags: 0x100, traceState: 'ot=rv:ab' }, false),
      ];
      for (const request of requests) await store.write(request);
      await store.write(
        spansRequest('pay', [
          spanOf({
            traceId: traceIdOf(6),
            spanId: spanIdOf(60),
            parentSpanId: spanIdOf(69),
            name: 'charge',
            startTimeUnixNano: at(6),
            flags: 1,
          }),
          spanOf({
            traceId: traceIdOf(6),
            spanId: spanIdOf(61),
            parentSpanId: spanIdOf(68),
            kind: SPAN_KIND.internal,
            startTimeUnixNano: at(6),
          }),
          spanOf({
            traceId: traceIdOf(6),
            spanId: spanIdOf(62),
            parentSpanId: spanIdOf(67),
            name: 'from outside',
            startTimeUnixNano: at(6),
            flags: 1,
          }),
        ]),
      );
      const gapsIn = async (n: number): Promise<unknown> =>
        (await store.trace(traceIdOf(n)))?.gaps.map(({ spanId, missing, service, reason }) => [
          spanId,
          missing,
          service,
          reason,
        ]);
      assert.deepEqual(await gapsIn(1), []);
      assert.deepEqual(await gapsIn(2), [[spanIdOf(21), 'callee', 'pay', 'unknown']]);
      assert.deepEqual(await gapsIn(3), [[spanIdOf(31), 'callee', 'pay', 'process_lost']]);
      assert.deepEqual(await gapsIn(4), [], 'nobody records the bank');
      assert.deepEqual(await gapsIn(5), [[spanIdOf(51), 'callee', 'pay', 'not_sampled']]);
      assert.deepEqual(await gapsIn(6), [
        [spanIdOf(60), 'parent', 'shop', 'unknown'],
        [spanIdOf(61), 'parent', 'pay', 'unknown'],
        [spanIdOf(62), 'parent', null, 'unknown'],
      ]);
    },
  );
}
