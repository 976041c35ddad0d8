/**
 * Fleets in which not all are alike: at one request in a hundred, everything that can be kept of a request that matters
 * is kept, and what cannot be is named with its reason.
 */
import type { SamplingDocument, SpanRow, TraceResponse, TracesResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const CALLER = '00f067aa0ba902b7';
const PREMIUM = 40;
const SERVER = 2;
const CLIENT = 3;

let hub: HubProcess;
before(async () => {
  hub = await startHubProcess(undefined);
});
after(() => hub.stop());

interface Service {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
}

interface Wanted {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  /** On the stock SDK instead of Aode's. */
  readonly isStock?: boolean;
}

async function startService(t: TestContext, wanted: Wanted, next: readonly Service[]): Promise<Service> {
  const { name, env = {}, isStock = false } = wanted;
  const child = fork('e2e/fleet-service.ts', {
    execArgv: [
      '--conditions=@aode/source',
      `--import=${isStock ? './e2e/fleet-otel.ts' : '@aode/sdk/register'}`,
    ],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: '.aode/compiled',
      OTEL_SERVICE_NAME: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: hub.http,
      AODE_SAMPLING_PROBABILITY: '0.01',
      AODE_SAMPLING_TRACES_PER_SECOND_MIN: '0',
      NEXT: next.map(({ url }) => url).join(','),
      ...env,
    },
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const [port] = (await once(child, 'message')) as [number];
  return { name, url: `http://127.0.0.1:${port}`, child };
}

/** Each asks the one behind it; the first of the list is the first to be asked. */
async function startChain(t: TestContext, chain: readonly Wanted[]): Promise<readonly Service[]> {
  const services: Service[] = [];
  for (const wanted of chain.toReversed()) {
    services.unshift(await startService(t, wanted, services.slice(0, 1)));
  }
  await listening(services.length - chain.filter(({ isStock }) => isStock === true).length);
  return services;
}

/** Until so many instances listen for asks. */
async function listening(count: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const text = await (await fetch(`${hub.board}/metrics`)).text();
    const listeners = Number(/^aode_hub_ask_streams (\d+)$/m.exec(text)?.[1] ?? 0);
    if (listeners === count) return;
    assert.ok(tries < 200, `${listeners} of ${count} listen`);
    await pause(50);
  }
}

/** A request as of somebody who has not sampled it, or has. */
async function ask(
  first: Service,
  path: string,
  over: { sampled?: boolean; headers?: Record<string, string> } = {},
): Promise<{ readonly traceId: string; readonly status: number }> {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${CALLER}-0${over.sampled === true ? 1 : 0}`;
  const response = await fetch(first.url + path, { headers: { traceparent, ...over.headers } });
  await response.arrayBuffer();
  return { traceId, status: response.status };
}

/** The trace when `isWhole` holds of it, or as it is after ten seconds. */
async function traceWhen(
  traceId: string,
  isWhole: (trace: TraceResponse) => boolean,
): Promise<TraceResponse> {
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${hub.board}/aode/v1/traces/${traceId}`);
    if (answer.ok) {
      const trace = (await answer.json()) as TraceResponse;
      if (isWhole(trace) || tries >= 100) return trace;
    } else assert.ok(tries < 100, `nothing of ${traceId}`);
    await pause(150);
  }
}

const partsOf = ({ spans }: TraceResponse): string[] => spans.map(partOf).toSorted();
const partOf = ({ service, kind }: SpanRow): string =>
  `${service} ${kind === SERVER ? 'server' : kind === CLIENT ? 'client' : kind}`;

/** Both ends of each call of a chain. */
const wholeChain = (names: readonly string[]): string[] =>
  names
    .flatMap((name, i) => [...(i < names.length - 1 ? [`${name} client`] : []), `${name} server`])
    .toSorted();

const gapsOf = ({ gaps, spans }: TraceResponse): string[] =>
  gaps
    // Whoever asked the first is not here.
    .filter(({ spanId }) => spans.find((span) => span.spanId === spanId)?.parentSpanId !== CALLER)
    .map(({ missing, service, reason }) => `${missing} ${service}: ${reason}`)
    .toSorted();

async function assertWhole(traceId: string, names: readonly string[]): Promise<void> {
  const whole = wholeChain(names);
  const trace = await traceWhen(traceId, (one) => one.spans.length >= whole.length);
  assert.deepEqual(partsOf(trace), whole);
  assert.deepEqual(gapsOf(trace), []);
}

const named = (...names: readonly string[]): Wanted[] => names.map((name) => ({ name }));

test(
  'one is killed in mid-request: all others are complete, its part is marked',
  { timeout: 120_000 },
  async (t) => {
    const names = ['kill-a', 'kill-b', 'kill-c', 'kill-d'];
    const services = await startChain(t, named(...names));
    const [first, , third, last] = services;
    assert.ok(first !== undefined && third !== undefined && last !== undefined);
    // So that the hub knows who answers whom.
    await assertWhole((await ask(first, '/good', { sampled: true })).traceId, names);
    const hanging = once(last.child, 'message');
    const answer = ask(first, '/hang');
    await hanging;
    third.child.kill('SIGKILL');
    const { traceId, status } = await answer;
    assert.equal(status, 502);
    const others = ['kill-a client', 'kill-a server', 'kill-b client', 'kill-b server', 'kill-d server'];
    const lost = ['callee kill-c: process_lost', 'parent kill-c: process_lost'];
    const trace = await traceWhen(traceId, (one) => one.spans.length >= 5 && gapsOf(one).length >= 2);
    assert.deepEqual(partsOf(trace), others);
    assert.deepEqual(gapsOf(trace), lost);
  },
);

test('one speaks B3 only: complete', { timeout: 120_000 }, async (t) => {
  const both = { OTEL_PROPAGATORS: 'tracecontext,baggage,b3' };
  const services = await startChain(t, [
    { name: 'b3-a' },
    { name: 'b3-b', env: both },
    { name: 'b3-c', env: { OTEL_PROPAGATORS: 'b3' } },
    { name: 'b3-d', env: both },
    { name: 'b3-e' },
  ]);
  const [first] = services;
  assert.ok(first !== undefined);
  for (const path of ['/fail', '/fail', '/fail']) {
    const { traceId, status } = await ask(first, path);
    assert.equal(status, 502);
    await assertWhole(
      traceId,
      services.map(({ name }) => name),
    );
  }
});

test(
  'one is on the stock SDK: both sides of it are complete, its part is marked',
  { timeout: 120_000 },
  async (t) => {
    const names = ['stock-a', 'stock-b', 'stock-c', 'stock-d', 'stock-e'];
    const services = await startChain(
      t,
      names.map((name) => ({ name, isStock: name === 'stock-c' })),
    );
    const [first] = services;
    assert.ok(first !== undefined);
    await assertWhole((await ask(first, '/good', { sampled: true })).traceId, names);
    const { traceId, status } = await ask(first, '/fail');
    assert.equal(status, 502);
    const sides = wholeChain(names).filter((part) => !part.startsWith('stock-c'));
    const trace = await traceWhen(
      traceId,
      (one) => one.spans.length >= sides.length && gapsOf(one).length >= 2,
    );
    assert.deepEqual(partsOf(trace), sides);
    assert.deepEqual(gapsOf(trace), ['callee stock-c: not_sampled', 'parent stock-c: not_sampled']);
  },
);

test(
  'good requests of premium users are kept whole, though only the first has the rule',
  { timeout: 120_000 },
  async (t) => {
    const names = ['tier-a', 'tier-b', 'tier-c', 'tier-d'];
    const rule = { AODE_KEEP: 'baggage.user_tier=premium', AODE_BAGGAGE_ALLOW: 'user_tier' };
    const services = await startChain(
      t,
      names.map((name, i) => ({ name, env: i === 0 ? rule : {} })),
    );
    const [first] = services;
    assert.ok(first !== undefined);
    const traceIds: string[] = [];
    for (let i = 0; i < PREMIUM; i += 1) {
      const { traceId, status } = await ask(first, '/good', { headers: { baggage: 'user_tier=premium' } });
      assert.equal(status, 200);
      traceIds.push(traceId);
    }
    for (const traceId of traceIds) await assertWhole(traceId, names);
    const other = await ask(first, '/good', { headers: { baggage: 'user_tier=basic' } });
    assert.equal((await fetch(`${hub.board}/aode/v1/traces/${other.traceId}`)).status, 404);
  },
);

const putSampling = async (document: SamplingDocument): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'PUT', headers, body: JSON.stringify(document) };
  assert.equal((await fetch(`${hub.board}/aode/v1/sampling`, request)).status, 200);
};

test(
  'the hub sets the sampling of one service while it runs, and takes it back',
  { timeout: 120_000 },
  async (t) => {
    const env = { AODE_SAMPLING_PROBABILITY: '0' };
    const set = await startService(t, { name: 'set-a', env }, []);
    const other = await startService(t, { name: 'set-b', env }, []);
    await listening(2);
    const kept = async (service: string): Promise<number> =>
      (await getJson<TracesResponse>(`${hub.board}/aode/v1/traces?service=${service}`)).totalCount;
    const askBoth = async (): Promise<void> => {
      for (const { url } of [set, other]) await (await fetch(`${url}/good`)).arrayBuffer();
    };
    await putSampling({ services: { 'set-a': { probability: 1 } } });
    for (let tries = 0; (await kept('set-a')) === 0; tries += 1) {
      assert.ok(tries < 100, 'it is not sampled');
      await askBoth();
      await pause(100);
    }
    await putSampling({});
    // What was sampled before it heard of it comes in; then nothing more.
    await pause(2000);
    const before = await kept('set-a');
    for (let i = 0; i < 20; i += 1) await askBoth();
    await pause(2000);
    assert.deepEqual([await kept('set-a'), await kept('set-b')], [before, 0]);
  },
);

test('who joins after the ask is kept too', { timeout: 120_000 }, async (t) => {
  // B3 carries no word of what is kept: the hub alone can have told it.
  const env = { OTEL_PROPAGATORS: 'b3' };
  const fails = await startService(t, { name: 'late-b', env }, []);
  const joins = await startService(t, { name: 'late-c', env }, []);
  const first = await startService(t, { name: 'late-a', env }, [fails, joins]);
  await listening(3);
  const traceId = randomBytes(16).toString('hex');
  const waiting = once(first.child, 'message');
  const answer = fetch(`${first.url}/late`, { headers: { b3: `${traceId}-${CALLER}-0` } });
  await waiting;
  const early = await traceWhen(traceId, ({ spans }) => spans.some(({ service }) => service === 'late-b'));
  assert.ok(!early.spans.some(({ service }) => service === 'late-c'));
  first.child.send('go');
  assert.equal((await answer).status, 502);
  const parts = ['late-a client', 'late-a client', 'late-a server', 'late-b server', 'late-c server'];
  const trace = await traceWhen(traceId, ({ spans }) => spans.length >= parts.length);
  assert.deepEqual(partsOf(trace), parts);
});
