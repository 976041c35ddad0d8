/** Contract of a store: its lines as they arrive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogTailResponse } from '@aode/wire/hub-api';
import type { LogTailQuery, WriteRequest } from '../store/store.ts';
import { manualClock } from './manual-clock.ts';
import { logOf, logsRequest, traceIdOf } from './records.ts';
import { check, logQuery, NOON_MS, temporaryDirectory, type StoreUnderTest } from './store-contract.ts';
import { at, writeWorld } from './world.ts';

/** Registers the tests. */
export function storeTails(under: StoreUnderTest): void {
  following(under);
  filtering(under);
  restarting(under);
}

function following(under: StoreUnderTest): void {
  check(
    under,
    'the tail of the log: every line once, in the order of arrival, whatever its time',
    async ({ store }) => {
      let n = 0;
      const wanted: string[] = [];
      // Late, early and equal times, several senders at once.
      const add = async (count: number): Promise<void> => {
        const bodies = Array.from({ length: count }, () => `line ${(n += 1)}`);
        wanted.push(...bodies);
        const writes = bodies.map((body, i) =>
          store.write(
            logsRequest(`s${i % 3}`, [
              logOf({ timeUnixNano: at(((n * 7919 + i) % 11) * 1000 - 5000), body }),
            ]),
          ),
        );
        await Promise.all(writes);
      };
      const tail = (cursor: string | undefined, over: Partial<LogTailQuery> = {}): Promise<LogTailResponse> =>
        store.logTail({ attributes: [], limit: 7, ...over, ...(cursor === undefined ? {} : { cursor }) });
      const empty = await tail(undefined);
      assert.deepEqual([empty.logs, empty.more], [[], false]);
      await add(20);
      let { cursor } = empty;
      const seen: string[] = [];
      const follow = async (): Promise<void> => {
        for (let more = true; more;) {
          const answer = await tail(cursor);
          seen.push(...answer.logs.map(({ body }) => body));
          ({ cursor, more } = answer);
        }
      };
      // Answers between commits of senders that write all the time.
      const writing = (async (): Promise<void> => {
        for (let i = 0; i < 20; i += 1) await add(3);
      })();
      for (let i = 0; i < 30; i += 1) await follow();
      await writing;
      await follow();
      assert.equal(new Set(seen).size, seen.length, 'no doubles');
      assert.deepEqual(seen.toSorted(), wanted.toSorted(), 'no gaps');
      const last = await tail(undefined, { limit: 5 });
      assert.deepEqual(
        last.logs.map(({ body }) => body),
        seen.slice(-5),
      );
      assert.equal(last.cursor, cursor);
    },
  );
}

function filtering(under: StoreUnderTest): void {
  check(under, 'the tail of the log by filters goes on behind what they leave out', async ({ store }) => {
    await writeWorld(store);
    const all = await store.logTail({ attributes: [], limit: 1000 });
    const filters: readonly Partial<LogTailQuery>[] = [
      { service: 'pay' },
      { severityMin: 17 },
      { text: 'CARD' },
      { traceId: traceIdOf(2) },
      { attributes: [{ key: 'request_id', value: 'r-2' }] },
    ];
    for (const filter of filters) {
      const given = { attributes: [], limit: 1000, ...filter };
      const found = await store.logTail(given);
      const searched = await store.logs(logQuery({ ...filter, limit: 1000 }));
      assert.deepEqual(
        found.logs.map(({ id }) => id).toSorted(),
        searched.logs.map(({ id }) => id).toSorted(),
        JSON.stringify(filter),
      );
      assert.equal(found.cursor, all.cursor);
      const next = await store.logTail({ ...given, cursor: found.cursor });
      assert.deepEqual(next, { logs: [], cursor: found.cursor, more: false });
    }
    for (const cursor of ['', 'x', Buffer.from('1.2').toString('base64url')]) {
      const refused = store.logTail({ attributes: [], limit: 1, cursor });
      await assert.rejects(refused, { code: 'AODE_CURSOR_INVALID' }, cursor);
    }
  });
}

function restarting(under: StoreUnderTest): void {
  const line = (body: string): WriteRequest => logsRequest('a', [logOf({ timeUnixNano: at(0), body })]);

  test(`${under.name}: the tail goes on where it was after a restart, with and without data`, async (t) => {
    const clock = manualClock(NOON_MS);
    const directory = temporaryDirectory(t);
    const first = await under.open({ clock, directory });
    await first.write(line('before'));
    const { cursor } = await first.logTail({ attributes: [], limit: 1 });
    await first.write(line('not seen yet'));
    await first.close();
    clock.advance(5000);
    for (const [place, wanted] of [
      [{ directory }, ['not seen yet', 'after']],
      [{}, ['after']],
    ] as const) {
      const again = await under.open({ clock, ...place });
      await again.write(line('after'));
      const { logs } = await again.logTail({ attributes: [], limit: 10, cursor });
      await again.close();
      assert.deepEqual(
        logs.map(({ body }) => body),
        wanted,
      );
    }
  });
}
