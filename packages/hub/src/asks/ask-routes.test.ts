/** Asks over real sockets: what an SDK is promised. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type ClientHttp2Stream, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { callGrpc, callHttp, framed, type HttpAnswer, openReceivers } from '../testing/receivers.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { spanIdOf, spanOf, spansRequest, traceIdOf } from '../testing/records.ts';
import { NOON_MS } from '../testing/store-contract.ts';
import { openSamplingDesk } from '../sampling/sampling-desk.ts';
import { Counters } from '../self/counters.ts';
import { AskDesk } from './ask-desk.ts';
import { RETAIN_MS } from './ask-log.ts';
import { ASK_BYTES_MAX } from './ask-request.ts';
import { ASKS_PATH, handleAsks } from './ask-routes.ts';
import { HEARTBEAT_MS } from './ask-stream.ts';

const BYTES_MAX = 1024 * 1024;
const EPOCH = '00000000000000e1';

interface Line {
  readonly cursor: string;
  readonly traceId?: string;
  readonly reason?: string;
  readonly unixMs?: number;
  readonly hello?: boolean;
  readonly gap?: boolean;
  readonly retainMs?: number;
  readonly sampling?: unknown;
}

/** One stream, read line by line. */
class Listener {
  readonly response: IncomingMessage;
  readonly #lines: AsyncIterator<Line>;

  constructor(response: IncomingMessage) {
    this.response = response;
    this.#lines = linesOf(response);
  }

  async next(): Promise<Line | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  async traces(count: number): Promise<(string | undefined)[]> {
    const got: (string | undefined)[] = [];
    while (got.length < count) got.push((await this.next())?.traceId);
    return got;
  }
}

async function* linesOf(response: AsyncIterable<unknown>): AsyncGenerator<Line> {
  let rest = '';
  for await (const part of response) {
    const lines = (rest + String(part)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}

async function listenTo(
  t: TestContext,
  port: number,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Listener> {
  const path = `${ASKS_PATH}?${query}`;
  const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false });
  request.end();
  t.after(() => request.destroy());
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['content-type'], 'application/x-ndjson');
  return new Listener(response);
}

const JSON_TYPE = { 'content-type': 'application/json' };

function send(port: number, instance: string, traces: readonly number[], headers = {}): Promise<HttpAnswer> {
  const asks = traces.map((n) => ({ traceId: traceIdOf(n), reason: 'error' }));
  const body = Buffer.from(JSON.stringify({ instance, asks }));
  return callHttp({ port, path: ASKS_PATH, headers: { ...JSON_TYPE, ...headers }, body });
}

const codeOf = ({ body }: HttpAnswer): unknown =>
  (JSON.parse(body.toString()) as { error: { code: string } }).error.code;

test('an ask goes to all instances but the one it came from, once', async (t) => {
  const { httpPort, clock, counters } = await openReceivers(t, BYTES_MAX);
  const a = await listenTo(t, httpPort, 'instance=a');
  const b = await listenTo(t, httpPort, 'instance=b');
  for (const one of [a, b]) {
    assert.deepEqual(await one.next(), { cursor: `${EPOCH}-0`, hello: true, retainMs: RETAIN_MS });
  }
  const answer = await send(httpPort, 'a', [1, 2]);
  assert.deepEqual([answer.status, JSON.parse(answer.body.toString())], [202, { accepted: 2, known: 0 }]);
  const ask = { reason: 'error', unixMs: NOON_MS };
  assert.deepEqual(await b.next(), { cursor: `${EPOCH}-1`, traceId: traceIdOf(1), ...ask });
  assert.deepEqual(await b.next(), { cursor: `${EPOCH}-2`, traceId: traceIdOf(2), ...ask });
  const again = await send(httpPort, 'b', [2, 3]);
  assert.deepEqual(JSON.parse(again.body.toString()), { accepted: 1, known: 1 });
  assert.deepEqual(await a.traces(1), [traceIdOf(3)]);
  // Neither was told of its own nor twice, or it would come before the heartbeat.
  clock.advance(HEARTBEAT_MS);
  assert.deepEqual(await a.next(), { cursor: `${EPOCH}-3` });
  assert.deepEqual(await b.next(), { cursor: `${EPOCH}-3` });
  assert.match(counters.text(), /aode_hub_asks_pushed_total 3\n/);
  assert.match(counters.text(), /aode_hub_asks_total\{source="sdk",outcome="known"\} 1\n/);
});

test('a stream goes on where it was left, or says that it cannot', async (t) => {
  const { httpPort, clock } = await openReceivers(t, BYTES_MAX);
  await send(httpPort, 'x', [1, 2, 3]);
  const late = await listenTo(t, httpPort, 'instance=a');
  assert.deepEqual(await late.next(), { cursor: `${EPOCH}-0`, hello: true, retainMs: RETAIN_MS });
  assert.deepEqual(await late.traces(3), [1, 2, 3].map(traceIdOf));
  const hello = async (after: string): Promise<readonly [Line | undefined, Listener]> => {
    const one = await listenTo(t, httpPort, `instance=a&after=${after}`);
    return [await one.next(), one];
  };
  const [resumed, rest] = await hello(`${EPOCH}-2`);
  assert.deepEqual(resumed, { cursor: `${EPOCH}-2`, hello: true, retainMs: RETAIN_MS });
  assert.deepEqual(await rest.traces(1), [traceIdOf(3)]);
  const [other, all] = await hello('00000000000000e0-3');
  assert.deepEqual(other, { cursor: `${EPOCH}-0`, hello: true, retainMs: RETAIN_MS, gap: true });
  assert.deepEqual(await all.traces(3), [1, 2, 3].map(traceIdOf));
  clock.advance(RETAIN_MS);
  const [old] = await hello(`${EPOCH}-2`);
  assert.deepEqual(old, { cursor: `${EPOCH}-3`, hello: true, retainMs: RETAIN_MS, gap: true });
  const renewed = await send(httpPort, 'x', [1]);
  assert.deepEqual(JSON.parse(renewed.body.toString()), { accepted: 1, known: 0 });
});

test('who says of which service it is hears of its sampling, at once and at each change', async (t) => {
  const sampling = openSamplingDesk(undefined);
  sampling.put({ default: { probability: 0.5 }, services: { pay: { tracesPerSecondMin: 3 } } });
  const { httpPort } = await openReceivers(t, BYTES_MAX, { asks: { sampling } });
  const cursor = `${EPOCH}-0`;
  const hello = { cursor, hello: true, retainMs: RETAIN_MS };
  const pay = await listenTo(t, httpPort, 'instance=a&service=pay');
  const shop = await listenTo(t, httpPort, 'instance=b&service=shop');
  const silent = await listenTo(t, httpPort, 'instance=c');
  assert.deepEqual(await pay.next(), hello);
  assert.deepEqual(await pay.next(), { cursor, sampling: { probability: 0.5, tracesPerSecondMin: 3 } });
  assert.deepEqual(await shop.next(), hello);
  assert.deepEqual(await shop.next(), { cursor, sampling: { probability: 0.5 } });
  sampling.put({});
  assert.deepEqual(await pay.next(), { cursor, sampling: {} });
  assert.deepEqual(await shop.next(), { cursor, sampling: {} });
  await send(httpPort, 'x', [1]);
  assert.deepEqual(await silent.next(), hello);
  assert.deepEqual(await silent.traces(1), [traceIdOf(1)]);
});

test('the same by HTTP/2 on the listener of gRPC, for as long as it stands', async (t) => {
  const { httpPort, grpcPort, clock, asks } = await openReceivers(t, BYTES_MAX, { token: 's3cret' });
  const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
  t.after(() => session.destroy());
  const good = { authorization: 'Bearer s3cret' };
  const ask = (headers: OutgoingHttpHeaders, body?: string): ClientHttp2Stream => {
    const stream = session.request({ ':path': ASKS_PATH, ...headers });
    stream.end(body);
    return stream;
  };
  const statusOf = async (stream: ClientHttp2Stream): Promise<unknown> => {
    stream.resume();
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return headers[':status'];
  };
  const listening = ask({ ...good, ':path': `${ASKS_PATH}?instance=a` });
  const lines = linesOf(listening.setEncoding('utf8'));
  const next = async (): Promise<unknown> => (await lines.next()).value;
  assert.deepEqual(await next(), { cursor: `${EPOCH}-0`, hello: true, retainMs: RETAIN_MS });
  const body = JSON.stringify({ instance: 'b', asks: [{ traceId: traceIdOf(1), reason: 'error' }] });
  assert.equal(await statusOf(ask({ ...JSON_TYPE, ...good, ':method': 'POST' }, body)), 202);
  assert.deepEqual(await next(), {
    cursor: `${EPOCH}-1`,
    traceId: traceIdOf(1),
    reason: 'error',
    unixMs: NOON_MS,
  });
  assert.equal(await statusOf(ask({ ...JSON_TYPE, ':method': 'POST' }, body)), 401);
  assert.equal(await statusOf(ask({ ...JSON_TYPE, ...good, ':method': 'POST' }, '{')), 400);
  assert.equal(await statusOf(ask({ ...good, ':authority': 'evil.example' })), 403);
  // Nothing begins on this connection for longer than others may be silent.
  for (let beat = 0; beat < 30; beat += 1) {
    clock.advance(HEARTBEAT_MS);
    assert.deepEqual(await next(), { cursor: `${EPOCH}-1` });
  }
  await send(httpPort, 'c', [2], good);
  assert.equal(((await next()) as Line).traceId, traceIdOf(2));
  asks.close();
  assert.equal(await next(), undefined);
});

test('nonsense is refused with a code', async (t) => {
  const { httpPort: port } = await openReceivers(t, BYTES_MAX);
  const post = (body: string, headers: Record<string, string> = JSON_TYPE): Promise<HttpAnswer> =>
    callHttp({ port, path: ASKS_PATH, headers, body: Buffer.from(body) });
  const cases: readonly (readonly [Promise<HttpAnswer>, number, string])[] = [
    [post('{'), 400, 'AODE_ASK_INVALID'],
    [post('{}', {}), 400, 'AODE_ASK_INVALID'],
    [post('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }), 400, 'AODE_ASK_INVALID'],
    [post(' '.repeat(ASK_BYTES_MAX + 1)), 413, 'AODE_REQUEST_TOO_LARGE'],
    [post('{}', { ...JSON_TYPE, origin: 'http://127.0.0.1:80' }), 403, 'AODE_HOST_REFUSED'],
    [post('{}', { ...JSON_TYPE, host: 'evil.example' }), 403, 'AODE_HOST_REFUSED'],
    [callHttp({ port, path: ASKS_PATH, method: 'GET' }), 400, 'AODE_ASK_INVALID'],
    [callHttp({ port, path: `${ASKS_PATH}?instance=a&after=x`, method: 'GET' }), 400, 'AODE_ASK_INVALID'],
    [callHttp({ port, path: ASKS_PATH, method: 'PUT' }), 405, 'AODE_ASK_INVALID'],
  ];
  for (const [asked, status, code] of cases) {
    const answer = await asked;
    assert.deepEqual([answer.status, codeOf(answer)], [status, code]);
  }
});

test('with a token, neither exports nor asks go without it', async (t) => {
  const { httpPort: port, grpcPort } = await openReceivers(t, BYTES_MAX, { token: 's3cret' });
  const good = { authorization: 'Bearer s3cret' };
  const { body } = spansRequest('a', [spanOf({ traceId: traceIdOf(1), spanId: spanIdOf(1) })]);
  const protobuf = { 'content-type': 'application/x-protobuf' };
  for (const headers of [{}, { authorization: 'Bearer other' }]) {
    const refused = await send(port, 'a', [1], headers);
    assert.deepEqual([refused.status, codeOf(refused)], [401, 'AODE_TOKEN_REFUSED']);
    assert.equal(refused.headers['www-authenticate'], 'Bearer');
    assert.equal((await callHttp({ port, headers: { ...protobuf, ...headers }, body })).status, 401);
    assert.equal((await callGrpc({ port: grpcPort, headers, body: framed(body) })).grpcStatus, '16');
    const path = `${ASKS_PATH}?instance=a`;
    assert.equal((await callHttp({ port, path, method: 'GET', headers })).status, 401);
  }
  assert.equal((await send(port, 'b', [1], good)).status, 202);
  assert.equal((await callHttp({ port, headers: { ...protobuf, ...good }, body })).status, 200);
  assert.equal((await callGrpc({ port: grpcPort, headers: good, body: framed(body) })).grpcStatus, '0');
  const listener = await listenTo(t, port, 'instance=a', good);
  await listener.next();
  assert.deepEqual(await listener.traces(1), [traceIdOf(1)]);
});

test('one stream too many is told to come again, and finds room when another has gone', async (t) => {
  const { httpPort: port, asks } = await openReceivers(t, BYTES_MAX, { asks: { streamsMax: 1 } });
  const first = await listenTo(t, port, 'instance=a');
  const refused = await callHttp({ port, path: `${ASKS_PATH}?instance=b`, method: 'GET' });
  assert.deepEqual([refused.status, codeOf(refused)], [503, 'AODE_ASK_STREAMS_FULL']);
  assert.equal(refused.headers['retry-after'], '5');
  first.response.destroy();
  while (asks.streamCount > 0) await new Promise((turn) => setImmediate(turn));
  assert.equal((await (await listenTo(t, port, 'instance=b')).next())?.hello, true);
});

async function dial(port: number, text: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

test('who reads nothing is cut off, and holds up neither memory nor the end', async (t) => {
  const { httpPort: port, asks, clock, counters } = await openReceivers(t, BYTES_MAX);
  const socket = await dial(port, `GET ${ASKS_PATH}?instance=a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  t.after(() => socket.destroy());
  socket.pause();
  while (asks.streamCount === 0) await new Promise((turn) => setImmediate(turn));
  // Far more than what sockets hold.
  const reason = 'x'.repeat(64);
  for (let n = 1; n <= 60_000; n += 1) {
    asks.ask({ instance: 'b', asks: [{ traceId: traceIdOf(n), reason }] }, 'sdk');
    if (n % 1000 === 0) await new Promise((turn) => setImmediate(turn));
  }
  const pushed = Number(/aode_hub_asks_pushed_total (\d+)/.exec(counters.text())?.[1]);
  assert.ok(pushed < 60_000, `${pushed} lines were written to somebody who reads none`);
  clock.advance(HEARTBEAT_MS);
  assert.equal(asks.streamCount, 0);
  assert.match(counters.text(), /aode_hub_ask_streams_ended_total\{reason="slow"\} 1\n/);
});

test('a stream outlives the limit of a request', { timeout: 30_000 }, async (t) => {
  const clock = manualClock(NOON_MS);
  const asks = new AskDesk({ clock, counters: new Counters(), epoch: EPOCH });
  const limits = { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 };
  const server = createServer(limits, (request, response) => void handleAsks(asks, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const listener = await listenTo(t, address.port, 'instance=a');
  await listener.next();
  // A request that does not come to its end is cut off by the same limits, after the stream has begun.
  const half = await dial(address.port, `POST ${ASKS_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n`);
  half.resume();
  await once(half, 'close');
  asks.ask({ instance: 'b', asks: [{ traceId: traceIdOf(1), reason: 'error' }] }, 'sdk');
  assert.deepEqual(await listener.traces(1), [traceIdOf(1)]);
});

test('the end of the hub ends streams at once', async (t) => {
  const { httpPort: port, asks } = await openReceivers(t, BYTES_MAX);
  const listener = await listenTo(t, port, 'instance=a');
  await listener.next();
  asks.close();
  assert.equal(await listener.next(), undefined);
  const refused = await callHttp({ port, path: `${ASKS_PATH}?instance=b`, method: 'GET' });
  assert.deepEqual([refused.status, codeOf(refused)], [503, 'AODE_ASK_STREAMS_FULL']);
});
