/**
 * What is kept when one request in a hundred is sampled: every span and every debug line of each request that fails at
 * the last of twelve services, nothing else beside the sample, and estimates that come to what really happened.
 */
import type { ServicesResponse, TraceResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES } from '../examples/shop/services.ts';
import { getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const FAILING = Number(process.env['AODE_E2E_FAILING'] ?? '200');
const GOOD = Number(process.env['AODE_E2E_GOOD'] ?? '3000');
const PROBABILITY = 0.01;
const SHOP_PORT = 7800;
const GATEWAY = `http://127.0.0.1:${SHOP_PORT + 1}`;
const CALLER = '00f067aa0ba902b7';
const SERVER = 2;
const CLIENT = 3;
/** Requests at once: twelve processes share two cores. */
const AT_ONCE = 6;

let hub: HubProcess;
let shop: ChildProcess;

before(async () => {
  hub = await startHubProcess(undefined);
  shop = fork(
    'examples/shop/shop.ts',
    ['--import=@aode/sdk/register', '--no-traffic', `--port=${SHOP_PORT}`],
    {
      execArgv: ['--conditions=@aode/source'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: '.aode/compiled',
        AODE_HUB_OTLP: hub.http,
        AODE_SAMPLING_PROBABILITY: String(PROBABILITY),
        AODE_SAMPLING_TRACES_PER_SECOND_MIN: '0',
        AODE_DEBUG_LINES: 'debug',
        AODE_TRUSTED_HOSTS: 'private',
      },
    },
  );
  await once(shop, 'message');
});
after(async () => {
  const gone = once(shop, 'exit');
  shop.kill('SIGINT');
  await gone;
  await hub.stop();
});

async function ask(path: string, traceparent?: string, body?: object): Promise<number> {
  const response = await fetch(GATEWAY + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(traceparent === undefined ? {} : { traceparent }), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

const fault = (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${SHOP_PORT}/${path}`, { method: 'POST' });

/** `count` times, a few at once. */
async function many(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const traceOf = (traceId: string): Promise<TraceResponse> =>
  getJson<TraceResponse>(`${hub.board}/aode/v1/traces/${traceId}`);

const isDebug = ({ severityText }: { readonly severityText: string }): boolean => severityText === 'debug';

/** What is missing of a failed checkout: each call has its two ends, each service was called, each has its lines. */
function gapsOf({ spans, logs }: TraceResponse): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const gaps = spans
    .filter(({ parentSpanId }) => parentSpanId !== CALLER && !ids.has(parentSpanId))
    .map(({ service }) => `a span of ${service} without its parent`);
  const parents = new Set(spans.map(({ parentSpanId }) => parentSpanId));
  const calls = spans.filter(({ kind }) => kind === CLIENT);
  for (const { service, spanId } of calls) {
    if (!parents.has(spanId)) gaps.push(`a call of ${service} that nobody has taken`);
  }
  for (const { name } of SERVICES) {
    if (!spans.some(({ service, kind }) => service === name && kind === SERVER))
      gaps.push(`nothing of ${name}`);
  }
  const debug = logs.filter(isDebug).map(({ body }) => body);
  // The gateway has a client of its own, which says nothing.
  const said = calls.filter(({ service }) => service !== 'gateway').length;
  const calling = debug.filter((body) => body.startsWith('calling ')).length;
  if (calling !== said) gaps.push(`${calling} of ${said} lines about calls`);
  if (!debug.includes('message rendered')) gaps.push('no line of mail');
  return gaps;
}

/** The caller has not sampled it: nothing but its failure keeps it. */
async function failOnce(cart: string): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  const item = { sku: 'tea-green', quantity: 1 };
  assert.equal(await ask(`/api/carts/${cart}/items`, undefined, item), 201);
  const buyer = { customer: 'c', card: '4242424242424242' };
  const status = await ask(`/api/carts/${cart}/checkout`, `00-${traceId}-${CALLER}-00`, buyer);
  assert.equal(status, 502);
  return traceId;
}

test(
  `${FAILING} requests fail at depth twelve: all their spans, with the debug lines`,
  { timeout: 15 * 60_000 },
  async (t) => {
    await fault('faults/mail-500');
    const traceIds: string[] = [];
    await many(FAILING, async (i) => void traceIds.push(await failOnce(`f${i}`)));
    await fault('heal');
    const wrong: string[] = [];
    let spans = 0;
    let debugLines = 0;
    for (const traceId of traceIds) {
      let trace = await traceOf(traceId);
      // What is asked for last comes last.
      for (let tries = 0; gapsOf(trace).length > 0 && tries < 50; tries += 1) {
        await pause(200);
        trace = await traceOf(traceId);
      }
      wrong.push(...gapsOf(trace).map((gap) => `${traceId}: ${gap}`));
      spans += trace.spans.length;
      debugLines += trace.logs.filter(isDebug).length;
    }
    assert.deepEqual(wrong, []);
    t.diagnostic(`${traceIds.length} failed: ${spans} spans and ${debugLines} debug lines, none missing`);
  },
);

test(`of ${GOOD} good requests the sample, and estimates of all`, { timeout: 15 * 60_000 }, async (t) => {
  const before = await requestsOf('storefront');
  await many(GOOD, async () => assert.equal(await ask('/api/products/tea-green'), 200));
  const sigma = Math.sqrt(GOOD * PROBABILITY * (1 - PROBABILITY));
  const expected = GOOD * PROBABILITY;
  // The sample waits for half a second at most.
  await pause(3000);
  const { traces } = await getJson<{ traces: { errorCount: number; rootName: string }[] }>(
    `${hub.board}/aode/v1/traces?service=storefront&operation=GET%20/products/:sku&limit=1000`,
  );
  const kept = traces.length;
  const estimated = (await requestsOf('storefront')) - before;
  t.diagnostic(
    `${kept} kept, expected ${expected} ± ${(3 * sigma).toFixed(0)}; estimated ${estimated} requests`,
  );
  assert.ok(Math.abs(kept - expected) <= 3 * sigma, `${kept} kept`);
  assert.ok(Math.abs(estimated - GOOD) <= (3 * sigma) / PROBABILITY, `${estimated} estimated`);
});

async function requestsOf(service: string): Promise<number> {
  const { services } = await getJson<ServicesResponse>(`${hub.board}/aode/v1/services`);
  return services.find(({ name }) => name === service)?.requestCount ?? 0;
}
