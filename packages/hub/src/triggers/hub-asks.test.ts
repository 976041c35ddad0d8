/** The hub's own asks: their rates, and the whole way from a span to a stream. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import type { AskLine } from '@aode/wire/hub-api';
import { AskDesk } from '../asks/ask-desk.ts';
import { Counters } from '../self/counters.ts';
import { startHub } from '../start.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { nanoOfMs, spanIdOf, spanOf, spansRequest, traceIdOf } from '../testing/records.ts';
import { NOON_MS } from '../testing/store-contract.ts';
import { HubAsks, INCOMPLETE_MS, RATES, RECENT_MS } from './hub-asks.ts';
import { PARENT_LATE_MS } from './triggers.ts';

function open(): { clock: ReturnType<typeof manualClock>; counters: Counters; desk: AskDesk; asks: HubAsks } {
  const clock = manualClock(NOON_MS);
  const counters = new Counters();
  const desk = new AskDesk({ clock, counters, epoch: '00000000000000e1' });
  return { clock, counters, desk, asks: new HubAsks(desk) };
}

test('each reason has its rate; what is known costs nothing, what is beyond is counted', () => {
  const { clock, counters, desk, asks } = open();
  const { burst, perSecond } = RATES['rare-path'];
  const fire = (from: number, count: number): void =>
    asks.fire(
      Array.from({ length: count }, (_, i) => ({
        traceId: traceIdOf(from + i),
        reason: 'rare-path' as const,
      })),
    );
  fire(1, burst);
  assert.equal(desk.log.size, burst);
  fire(1, burst);
  fire(1000, 3);
  assert.equal(desk.log.size, burst);
  assert.match(counters.text(), /aode_hub_triggers_limited_total\{reason="rare-path"\} 3\n/);
  assert.match(counters.text(), new RegExp(`source="rare-path",outcome="known"\\} ${burst}\\n`));
  asks.fire([{ traceId: traceIdOf(2000), reason: 'error' }]);
  assert.equal(desk.log.size, burst + 1, 'another reason has room of its own');
  clock.advance(1000);
  fire(3000, perSecond + 1);
  assert.equal(desk.log.size, burst + 1 + perSecond);
});

test('a person is told when it is too much', () => {
  const { asks } = open();
  for (let n = 1; n <= RATES.person.burst; n += 1) {
    assert.deepEqual(asks.person(traceIdOf(n)), { accepted: 1, known: 0 });
  }
  assert.deepEqual(asks.person(traceIdOf(1)), { accepted: 0, known: 1 });
  assert.throws(() => asks.person(traceIdOf(9999)), { code: 'AODE_ASK_LIMITED' });
});

test('a trace that is looked at is asked for while something of it may be missing', () => {
  const look = (ageMs: number, parentSpanId: string): number => {
    const { desk, asks } = open();
    const startUnixNano = String(nanoOfMs(NOON_MS - ageMs));
    asks.look({ traceId: traceIdOf(1), spans: [{ spanId: spanIdOf(1), parentSpanId, startUnixNano }] });
    return desk.log.size;
  };
  assert.equal(look(RECENT_MS - 1, ''), 1);
  assert.equal(look(RECENT_MS, ''), 0);
  assert.equal(look(INCOMPLETE_MS - 1, spanIdOf(2)), 1);
  assert.equal(look(INCOMPLETE_MS, spanIdOf(2)), 0);
});

async function listen(t: TestContext, address: string): Promise<AsyncIterator<string>> {
  const request = httpRequest(`${address}/aode/v1/asks?instance=a`, { agent: false });
  request.on('error', () => undefined);
  request.end();
  t.after(() => request.destroy());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return createInterface({ input: response })[Symbol.asyncIterator]();
}

test('from a span, from time and from a person to every SDK', { timeout: 30_000 }, async (t) => {
  const clock = manualClock(NOON_MS);
  const hub = await startHub({ boardPort: 0, otlpHttpPort: 0, otlpGrpcPort: 0 }, clock);
  t.after(() => hub.close());
  const { otlpHttp, board } = hub.addresses;
  const lines = await listen(t, otlpHttp);
  const next = async (): Promise<
    Partial<Record<keyof (AskLine & { traceId: string; reason: string }), unknown>>
  > => JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
  assert.equal('hello' in (await next()), true);
  const send = async (spans: Parameters<typeof spansRequest>[1]): Promise<void> => {
    const body = new Uint8Array(spansRequest('shop', spans).body);
    const headers = { 'content-type': 'application/x-protobuf' };
    assert.equal((await fetch(`${otlpHttp}/v1/traces`, { method: 'POST', headers, body })).status, 200);
  };
  const times = { startTimeUnixNano: nanoOfMs(NOON_MS), endTimeUnixNano: nanoOfMs(NOON_MS + 5) };
  const failed = { status: { code: 2, message: 'no' } };
  await send([spanOf({ traceId: traceIdOf(1), spanId: spanIdOf(1), ...times, ...failed })]);
  assert.partialDeepStrictEqual(await next(), { traceId: traceIdOf(1), reason: 'error' });

  // Requests whose parents come, then one whose parent does not: only time tells.
  const pair = (n: number) => [
    spanOf({ traceId: traceIdOf(n), spanId: spanIdOf(2 * n), kind: 3, ...times }),
    spanOf({ traceId: traceIdOf(n), spanId: spanIdOf(2 * n + 1), parentSpanId: spanIdOf(2 * n), ...times }),
  ];
  await send(Array.from({ length: 60 }, (_, i) => pair(100 + i)).flat());
  await send(pair(500).slice(1));
  for (let ms = 0; ms < PARENT_LATE_MS + 2000; ms += 1000) clock.advance(1000);
  assert.partialDeepStrictEqual(await next(), { traceId: traceIdOf(500), reason: 'broken-chain' });

  assert.equal((await fetch(`${board}/aode/v1/traces/${traceIdOf(100)}`)).status, 200);
  assert.partialDeepStrictEqual(await next(), { traceId: traceIdOf(100), reason: 'person' });
  const ask = (id: string): Promise<Response> =>
    fetch(`${board}/aode/v1/traces/${id}/ask`, { method: 'POST' });
  const answer = await ask(traceIdOf(777));
  assert.deepEqual([answer.status, await answer.json()], [202, { accepted: 1, known: 0 }]);
  assert.partialDeepStrictEqual(await next(), { traceId: traceIdOf(777), reason: 'person' });
  assert.equal((await ask('nonsense')).status, 400);
  const origin = { origin: 'http://evil.example' };
  const foreign = await fetch(`${board}/aode/v1/traces/${traceIdOf(778)}/ask`, {
    method: 'POST',
    headers: origin,
  });
  assert.equal(foreign.status, 403);
});
