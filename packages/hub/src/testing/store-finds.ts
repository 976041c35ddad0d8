/** Contract of a store: which traces and lines its searches find. */
import assert from 'node:assert/strict';
import { SPAN_KIND, type Value } from '@aode/wire';
import type { LogQuery, TraceQuery } from '../store/store.ts';
import { attributesOf, logOf, logsRequest, spanIdOf, spanOf, spansRequest, traceIdOf } from './records.ts';
import {
  AROUND,
  check,
  logQuery,
  MINUTE_MS,
  NOON_MS,
  type StoreUnderTest,
  traceQuery,
} from './store-contract.ts';
import { at, writeWorld } from './world.ts';

/** Registers the tests. */
export function storeFinds(under: StoreUnderTest): void {
  traceSearch(under);
  attributeSearch(under);
  attributesTogether(under);
  logSearch(under);
}

const TRACE_CASES: readonly (readonly [string, Partial<TraceQuery>, readonly number[]])[] = [
  ['everything, newest first, without a service', {}, [2, 1, 3]],
  ['a service', { service: 'shop' }, [2, 1]],
  ['no such service', { service: 'Shop' }, []],
  ['an operation', { operation: 'charge' }, [2, 1, 3]],
  ['a service with an operation of another', { service: 'shop', operation: 'charge' }, []],
  ['a failed span', { error: true }, [2]],
  ['a service that did not fail itself', { error: true, service: 'shop' }, []],
  ['no failed span in the whole trace', { error: false }, [1, 3]],
  ['none failed, where the service was not to blame', { error: false, service: 'shop' }, [1]],
  ['at least this long, the whole trace', { minDurationNano: 50_000_000 }, [2, 3]],
  ['exactly this long', { minDurationNano: 900_000_000, maxDurationNano: 900_000_000 }, [2]],
  ['at most this long', { maxDurationNano: 49_999_999 }, [1]],
  ['a time', { startMs: NOON_MS, endMs: NOON_MS + 1000 }, [1]],
  ['a time in which only a later span of it starts', { startMs: NOON_MS + 1050, endMs: NOON_MS + 2000 }, []],
  ['all at once', { service: 'pay', operation: 'charge', error: true, minDurationNano: 1 }, [2]],
  ['text that is SQL', { service: `' OR true --` }, []],
];

function traceSearch(under: StoreUnderTest): void {
  check(under, 'traces by service, operation, error, duration, time', async ({ store }) => {
    await writeWorld(store);
    for (const [what, query, ids] of TRACE_CASES) {
      const found = await store.traces(traceQuery(query));
      assert.deepEqual(
        found.traces.map(({ traceId }) => Number(`0x${traceId}`)),
        ids,
        what,
      );
      assert.equal(found.totalCount, ids.length, what);
      assert.equal(found.errorCount, ids.filter((id) => id === 2).length, what);
      const { points, totalCount } = await store.scatter(traceQuery(query));
      assert.deepEqual(points.map(({ traceId }) => traceId).toSorted(), ids.map(traceIdOf).toSorted(), what);
      assert.equal(totalCount, ids.length, what);
    }
  });

  check(under, 'a summary says what the trace was', async ({ store }) => {
    await writeWorld(store);
    await store.write(
      logsRequest('pay', [logOf({ timeUnixNano: at(1500), traceId: traceIdOf(2), body: 'refused' })]),
    );
    const { traces } = await store.traces(traceQuery({ error: true }));
    assert.deepEqual(traces, [
      {
        traceId: traceIdOf(2),
        startUnixNano: String(at(1000)),
        durationNano: 900_000_000,
        rootService: 'shop',
        rootName: 'GET /',
        spanCount: 3,
        logCount: 1,
        errorCount: 1,
        errorCode: null,
        services: [
          { name: 'pay', spanCount: 1, selfNano: 700_000_000 },
          { name: 'shop', spanCount: 2, selfNano: 200_000_000 },
        ],
      },
    ]);
    const { services } = await store.services(AROUND);
    const pay = services.find(({ name }) => name === 'pay');
    assert.partialDeepStrictEqual(pay, {
      spanCount: 3,
      errorCount: 1,
      requestCount: 3,
      topErrorCode: 'ECONNREFUSED',
    });
    const { operations } = await store.operations('shop', AROUND);
    assert.deepEqual(
      operations.map(({ name, kind, spanCount }) => [name, kind, spanCount]),
      [
        ['GET /', SPAN_KIND.server, 2],
        ['call', SPAN_KIND.client, 1],
      ],
    );
    assert.deepEqual(await store.serviceNames(), ['pay', 'shop']);
  });
}

/** Value as sent, text that finds it, text that is near and must not. */
const VALUES: readonly (readonly [string, Value, string, string])[] = [
  ['text', 'héllo =1', 'héllo =1', 'hello =1'],
  ['text.empty', '', '', ' '],
  ['int', 42n, '42', '42.0'],
  ['int.least', -(2n ** 63n), '-9223372036854775808', '-9223372036854775807'],
  ['double', 0.1, '0.1', '0.10'],
  ['double.whole', 2, '2', '2.0'],
  ['double.nan', Number.NaN, 'NaN', 'nan'],
  ['bool', true, 'true', 'True'],
  ['bytes', new Uint8Array([0, 255]), 'AP8=', 'AP8'],
  ['list', ['a', 1n], '["a",1]', '["a", 1]'],
  ['map', { entries: [{ key: 'k', value: 'v' }] }, '{"k":"v"}', '{}'],
  ['http.request.method', 'GET', 'GET', 'get'],
  ['http.response.status_code', 200n, '200', '0200'],
  ['http.route', '/a/:b', '/a/:b', '/a/'],
  ['error.type', 'E', 'E', 'F'],
  ['request_id', 'r1', 'r1', 'r2'],
  ['peer.service', 7n, '7', '8'],
  ['__proto__', 'p', 'p', 'q'],
];
function attributeSearch(under: StoreUnderTest): void {
  check(
    under,
    'traces and lines by an attribute of any type, their own or their resource’s',
    async ({ store }) => {
      for (const [i, [key, value]] of VALUES.entries()) {
        const own = [{ key, value }];
        const id = { traceId: traceIdOf(i + 1), spanId: spanIdOf(1), startTimeUnixNano: at(i) };
        await store.write(spansRequest('own', [spanOf({ ...id, attributes: own })]));
        await store.write(
          logsRequest('own', [logOf({ timeUnixNano: at(i), attributes: own, body: `own ${key}` })]),
        );
        const resource = Object.fromEntries([['service.name', 'res'] as const, [key, value] as const]);
        await store.write(spansRequest(resource, [spanOf({ ...id, traceId: traceIdOf(i + 1001) })]));
        await store.write(logsRequest(resource, [logOf({ timeUnixNano: at(i), body: `res ${key}` })]));
      }
      for (const [i, [key, , found, near]] of VALUES.entries()) {
        const query = { attributes: [{ key, value: found }], limit: 1000 };
        const { traces } = await store.traces(traceQuery(query));
        assert.deepEqual(
          traces.map(({ traceId }) => traceId).toSorted(),
          [traceIdOf(i + 1), traceIdOf(i + 1001)],
          key,
        );
        const { logs } = await store.logs(logQuery(query));
        assert.deepEqual(logs.map(({ body }) => body).toSorted(), [`own ${key}`, `res ${key}`], key);
        const others = { attributes: [{ key, value: near }] };
        assert.deepEqual((await store.traces(traceQuery(others))).traces, [], `${key}=${near}`);
        assert.deepEqual((await store.logs(logQuery(others))).logs, [], `${key}=${near}`);
      }
    },
  );
}

function attributesTogether(under: StoreUnderTest): void {
  check(under, 'attributes must hold together on one span', async ({ store }) => {
    const span = (n: number, map: Record<string, Value>) =>
      spanOf({
        traceId: traceIdOf(1),
        spanId: spanIdOf(n),
        startTimeUnixNano: at(0),
        attributes: attributesOf(map),
      });
    await store.write(
      spansRequest({ 'service.name': 'a', zone: 'z' }, [span(1, { a: 1n, b: 2n }), span(2, { c: 3n })]),
    );
    const count = async (...pairs: readonly string[]): Promise<number> => {
      const attributes = pairs.map((pair) => ({ key: pair.slice(0, 1), value: pair.slice(2) }));
      return (await store.traces(traceQuery({ attributes }))).totalCount;
    };
    assert.equal(await count('a=1', 'b=2'), 1);
    assert.equal(await count('a=1', 'c=3'), 0);
    const zone = { key: 'zone', value: 'z' };
    const both = await store.traces(traceQuery({ attributes: [zone, { key: 'c', value: '3' }] }));
    assert.equal(both.totalCount, 1);
  });
}

function logSearch(under: StoreUnderTest): void {
  const cases: readonly (readonly [string, Partial<LogQuery>, readonly string[]])[] = [
    ['everything, newest first', {}, ['e', '100% done_', 'WÄRN me', 'plain']],
    ['a service', { service: 'a' }, ['WÄRN me', 'plain']],
    ['at least warn', { severityMin: 13 }, ['e', 'WÄRN me']],
    ['text in any case', { text: 'wärn' }, ['WÄRN me']],
    ['text with signs that mean something to SQL', { text: '0% d' }, ['100% done_']],
    ['an underscore is itself', { text: 'n_m' }, []],
    ['a trace', { traceId: traceIdOf(7) }, ['e', 'WÄRN me']],
    ['a span', { traceId: traceIdOf(7), spanId: spanIdOf(9) }, ['e']],
    ['no trace id at all', { traceId: 'xyz' }, []],
    ['a time', { startMs: NOON_MS + 1, endMs: NOON_MS + 60_000 }, ['WÄRN me']],
  ];
  check(
    under,
    'log lines by service, level, text, trace, span, time; and their histogram',
    async ({ store }) => {
      await store.write(
        logsRequest('a', [
          logOf({ timeUnixNano: at(0), severityNumber: 9, body: 'plain' }),
          logOf({ timeUnixNano: at(1), severityNumber: 13, body: 'WÄRN me', traceId: traceIdOf(7) }),
        ]),
      );
      await store.write(
        logsRequest('b', [
          // Without a time of its own it stands where it was observed.
          logOf({ observedTimeUnixNano: at(60_000), severityNumber: 0, body: '100% done_' }),
          logOf({
            timeUnixNano: at(60_001),
            severityNumber: 17,
            body: 'e',
            traceId: traceIdOf(7),
            spanId: spanIdOf(9),
          }),
        ]),
      );
      for (const [what, query, bodies] of cases) {
        const found = await store.logs(logQuery(query));
        assert.deepEqual(
          found.logs.map(({ body }) => body),
          bodies,
          what,
        );
        assert.equal(found.totalCount, bodies.length, what);
      }
      const all = await store.logs(logQuery());
      assert.deepEqual([all.errorCount, all.alignedCount], [1, 2]);
      for (const log of all.logs) assert.equal((await store.log(log.id))?.body, log.body);
      const range = { startMs: NOON_MS, endMs: NOON_MS + 2 * MINUTE_MS };
      const bars = await store.logHistogram({ ...logQuery(range), stepSeconds: 60 });
      assert.deepEqual(
        [bars.error, bars.warn, bars.other],
        [
          [0, 1],
          [1, 0],
          [1, 1],
        ],
      );
    },
  );
}
