/**
 * The shop under load, twelve processes deep: each of its log lines carries the three ids of its request, and in each
 * trace every line belongs to a span that is there.
 */
import type { LogsResponse, TraceResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES } from '../examples/shop/services.ts';
import { getJson } from './hub-process.ts';
import { type Shop, startShop } from './shop-process.ts';

const SHOP_PORT = 7800;
/** Customers a second. */
const RATE = 40;
const LOAD_MS = 20_000;
const LINES_MIN = 3000;
const TRACES = 60;
/** Of fastify, when a service starts. */
const OUTSIDE = /^Server listening at /;

let shop: Shop;

before(async () => {
  shop = await startShop(SHOP_PORT, { args: ['--rate', `${RATE}`], env: { AODE_SAMPLING_PROBABILITY: '1' } });
  await pause(LOAD_MS);
});
after(() => shop.stop());

test('every line carries trace, span and request', { timeout: 120_000 }, async (t) => {
  const services = new Set<string>();
  let count = 0;
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: LogsResponse = await getJson(`${shop.board}/aode/v1/logs?limit=2000${from}`);
    for (const { service, body, traceId, spanId, attributes } of page.logs) {
      if (OUTSIDE.test(body)) continue;
      const where = `${service}: ${body}`;
      assert.match(traceId, /^[0-9a-f]{32}$/, where);
      assert.match(spanId, /^[0-9a-f]{16}$/, where);
      const request = attributes.find(({ key }) => key === 'request_id');
      assert.ok(typeof request?.value === 'string' && request.value !== '', where);
      services.add(service);
    }
    count += page.logs.length;
    cursor = page.nextCursor;
  } while (cursor !== null && count < 50_000);
  t.diagnostic(`${count} lines of ${services.size} services`);
  assert.ok(count >= LINES_MIN, `${count} lines`);
  assert.equal(services.size, SERVICES.length, [...services].join(' '));
});

test('in a trace each line belongs to a span that is there', { timeout: 120_000 }, async (t) => {
  const { logs }: LogsResponse = await getJson(`${shop.board}/aode/v1/logs?service=mail&limit=2000`);
  // The newest may still be under way.
  const traceIds = [...new Set(logs.map(({ traceId }) => traceId))].slice(-TRACES);
  let lines = 0;
  for (const traceId of traceIds) {
    const trace: TraceResponse = await getJson(`${shop.board}/aode/v1/traces/${traceId}`);
    const spanIds = new Set(trace.spans.map(({ spanId }) => spanId));
    for (const line of trace.logs) {
      assert.ok(spanIds.has(line.spanId), `${traceId}: ${line.service} ${line.body}`);
      lines += 1;
    }
    assert.deepEqual(trace.gaps, []);
  }
  t.diagnostic(`${lines} lines of ${traceIds.length} traces through all services`);
  assert.ok(traceIds.length >= TRACES / 2 && lines > traceIds.length * 5, `${lines}`);
});
