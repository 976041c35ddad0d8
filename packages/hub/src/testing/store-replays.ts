/** Contract of a store: of what is sent again by somebody who does not know what had arrived, it stores the rest. */
import assert from 'node:assert/strict';
import {
  encodeLogs,
  encodeTraces,
  type LogRecord,
  RECORD_UID_KEY,
  REPLAYED_KEY,
  type Span,
  SPAN_KIND,
} from '@aode/wire';
import type { Store, WriteRequest } from '../store/store.ts';
import { logOf, logsRequest, nanoOfMs, spanIdOf, spanOf, spansRequest, traceIdOf } from './records.ts';
import { check, NOON_MS, type StoreUnderTest } from './store-contract.ts';

const NOON = nanoOfMs(NOON_MS);
const TRACE_ID = traceIdOf(1);
const RESOURCE = {
  attributes: [
    { key: 'service.name', value: 'pay' },
    { key: REPLAYED_KEY, value: true },
  ],
  droppedAttributesCount: 0,
  entityRefs: [],
};
const SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };

const span = (n: number, over: Partial<Span> = {}): Span =>
  spanOf({ traceId: TRACE_ID, spanId: spanIdOf(n), startTimeUnixNano: NOON, ...over });

const line = (uid: string | undefined): LogRecord => ({
  ...logOf({ traceId: TRACE_ID, timeUnixNano: NOON, body: 'again' }),
  attributes: uid === undefined ? [] : [{ key: RECORD_UID_KEY, value: uid }],
});

function replayedSpans(spans: readonly Span[]): WriteRequest {
  const scopeSpans = [{ scope: SCOPE, schemaUrl: '', spans }];
  return { signal: 'traces', body: encodeTraces([{ resource: RESOURCE, schemaUrl: '', scopeSpans }]) };
}

function replayedLines(logRecords: readonly LogRecord[]): WriteRequest {
  const scopeLogs = [{ scope: SCOPE, schemaUrl: '', logRecords }];
  return { signal: 'logs', body: encodeLogs([{ resource: RESOURCE, schemaUrl: '', scopeLogs }]) };
}

async function storedSpans(store: Store): Promise<readonly string[]> {
  const { resourceSpans = [] } = (await store.traceRecords(TRACE_ID)) ?? {};
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map(({ spanId }) => spanId).toSorted();
}

async function storedLineCount(store: Store): Promise<number> {
  const { resourceLogs = [] } = (await store.traceRecords(TRACE_ID)) ?? {};
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)).length;
}

/** Registers the tests. */
export function storeReplays(under: StoreUnderTest): void {
  check(
    under,
    'a replay adds the spans that are not there yet, whatever it is packed with',
    async ({ store }) => {
      await store.write(spansRequest('pay', [span(1), span(2)]));
      // In one group, the second sees what the first has brought.
      const written = await Promise.all([
        store.write(replayedSpans([span(2), span(3)])),
        store.write(replayedSpans([span(1), span(3), span(4)])),
      ]);
      assert.deepEqual(
        written.map(({ acceptedCount, refused }) => [acceptedCount, refused]),
        [
          [2, {}],
          [3, {}],
        ],
      );
      assert.deepEqual(await storedSpans(store), [1, 2, 3, 4].map(spanIdOf));
    },
  );

  check(
    under,
    'a replayed span that shares an id in another side or at another time is kept',
    async ({ store }) => {
      await store.write(spansRequest('pay', [span(1, { kind: SPAN_KIND.server })]));
      await store.write(
        replayedSpans([
          span(1, { kind: SPAN_KIND.server }),
          span(1, { kind: SPAN_KIND.client }),
          span(1, { kind: SPAN_KIND.server, startTimeUnixNano: NOON - 1n }),
        ]),
      );
      assert.equal((await storedSpans(store)).length, 3);
    },
  );

  check(
    under,
    'a replay adds the lines that are not there yet, and all that have no name',
    async ({ store }) => {
      await store.write(logsRequest('pay', [line('w-1-0'), line('w-1-1')]));
      const replay = replayedLines([line('w-1-1'), line('w-1-2'), line(undefined), line(undefined)]);
      assert.equal((await store.write(replay)).acceptedCount, 4);
      assert.equal(await storedLineCount(store), 5);
    },
  );

  check(under, 'a resource that says no such thing is no replay', async ({ store }) => {
    await store.write(spansRequest('pay', [span(1)]));
    await store.write(spansRequest(REPLAYED_KEY, [span(1)]));
    assert.equal((await storedSpans(store)).length, 2);
  });
}
