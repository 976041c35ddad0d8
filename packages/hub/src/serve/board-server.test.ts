/** The listener for people and their tools, as `startHub` opens it. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SAMPLING_BYTES_MAX } from '../sampling/sampling-desk.ts';
import { startHub } from '../start.ts';
import { callHttp, type HttpAnswer } from '../testing/receivers.ts';
import {
  logOf,
  logsRequest,
  nanoOfMs,
  spanIdOf,
  spanOf,
  spansRequest,
  traceIdOf,
} from '../testing/records.ts';
import { NOON_MS } from '../testing/store-contract.ts';

type Get = (path: string, headers?: Readonly<Record<string, string>>, method?: string) => Promise<HttpAnswer>;

async function openHub(t: TestContext): Promise<Get> {
  const hub = await startHub({ boardPort: 0, otlpHttpPort: 0, otlpGrpcPort: 0 });
  t.after(() => hub.close());
  const portOf = (address: string): number => Number(new URL(address).port);
  const port = portOf(hub.addresses.board);
  const headers = { 'content-type': 'application/x-protobuf' };
  const span = spanOf({ traceId: traceIdOf(1), spanId: spanIdOf(1), startTimeUnixNano: nanoOfMs(NOON_MS) });
  const line = logOf({ timeUnixNano: nanoOfMs(NOON_MS), body: 'line', traceId: traceIdOf(1) });
  const send = (path: string, body: Uint8Array): Promise<HttpAnswer> =>
    callHttp({ port: portOf(hub.addresses.otlpHttp), path, headers, body });
  await send('/v1/traces', spansRequest('a', [span, spanOf({ traceId: '', spanId: '' })]).body);
  await send('/v1/logs', logsRequest('a', [line]).body);
  return (path, given = {}, method = 'GET') => callHttp({ port, method, path, headers: given });
}

const errorOf = ({ body }: HttpAnswer): string =>
  (JSON.parse(body.toString()) as { error: { code: string } }).error.code;

const RANGE = `start=${NOON_MS - 1}&end=${NOON_MS + 1}`;

test('health, readiness, metrics', async (t) => {
  const get = await openHub(t);
  for (const [path, body] of [
    ['/healthz', 'ok\n'],
    ['/readyz', 'ready\n'],
  ] as const) {
    const answer = await get(path);
    assert.deepEqual([answer.status, answer.body.toString()], [200, body]);
  }
  const metrics = await get('/metrics');
  assert.equal(metrics.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const text = metrics.body.toString();
  assert.match(text, /^aode_hub_stored\{signal="spans"\} 1$/m);
  assert.match(text, /^aode_hub_refused_total\{signal="traces",reason="trace_id_invalid"\} 1$/m);
  assert.match(text, /^aode_hub_requests_total\{signal="logs",protocol="http",outcome="stored"\} 1$/m);
  for (const line of text.trimEnd().split('\n'))
    assert.match(line, /^(# (HELP|TYPE) |aode_hub_\w+(\{.*\})? [\d.e+]+$)/);
});

test('another host or origin is refused everywhere, and every answer carries the security headers', async (t) => {
  const get = await openHub(t);
  for (const path of ['/', '/healthz', '/aode/v1/status', '/api/services', '/nothing', '/metrics']) {
    const attempts = [{ host: 'evil.example' }, { origin: 'http://evil.example' }, { origin: 'null' }];
    for (const headers of attempts) {
      const answer = await get(path, headers);
      assert.deepEqual(
        [answer.status, errorOf(answer)],
        [403, 'AODE_HOST_REFUSED'],
        `${path} ${JSON.stringify(headers)}`,
      );
    }
    const { headers } = await get(path);
    assert.match(String(headers['content-security-policy']), /default-src 'self';.*script-src 'self';/);
    assert.match(String(headers['content-security-policy']), /object-src 'none';.*frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['access-control-allow-origin'], undefined, path);
  }
});

test('of the Jaeger API two routes, the rest is 404 and never a page', async (t) => {
  const get = await openHub(t);
  assert.deepEqual(JSON.parse((await get('/api/services')).body.toString()), {
    data: ['a'],
    total: 1,
    limit: 0,
    offset: 0,
    errors: null,
  });
  assert.equal((await get(`/api/traces/${traceIdOf(1)}`)).status, 200);
  for (const path of [
    '/api',
    '/api/',
    '/api/traces',
    '/api/operations',
    '/api/services/a/operations',
    '/api/v3/services',
  ]) {
    for (const method of ['GET', 'POST']) {
      const answer = await get(path, {}, method);
      assert.equal(answer.status, 404, path);
      assert.doesNotMatch(String(answer.headers['content-type']), /html/, path);
    }
  }
});

test('bad questions are 400 with a code, whichever parameter is wrong', async (t) => {
  const get = await openHub(t);
  const bad = [
    'traces?start=x',
    'traces?start=-1',
    'traces?start=1e3',
    'traces?start=5&end=5',
    'traces?start=9&end=5',
    'traces?start=1&start=2',
    'traces?end=99999999999999999',
    'traces?limit=0',
    'traces?limit=many',
    'traces?error=yes',
    'traces?minDuration=-1',
    'traces?maxDuration=1.5',
    'traces?attribute=novalue',
    'traces?attribute==x',
    `traces?${Array.from({ length: 17 }, () => 'attribute=a=b').join('&')}`,
    'logs?severity=25',
    'logs/histogram?step=0',
    'red?step=86401',
    `red?start=0&end=${NOON_MS}&step=1`,
    'red?by=host',
  ];
  for (const path of bad) {
    const answer = await get(`/aode/v1/${path}`);
    assert.deepEqual([answer.status, errorOf(answer)], [400, 'AODE_QUERY_INVALID'], path);
  }
  const cursor = await get('/aode/v1/traces?cursor=nonsense');
  assert.deepEqual([cursor.status, errorOf(cursor)], [400, 'AODE_CURSOR_INVALID']);
  const malformed = await get('/aode/v1/traces/%E0%A4%A');
  assert.equal(malformed.status, 400);
});

test('good questions are answered, lists within their limits, and nothing is kept by a browser', async (t) => {
  const get = await openHub(t);
  const paths = [
    'status',
    `services?${RANGE}`,
    `operations?${RANGE}&service=a`,
    `red?${RANGE}&step=1`,
    `traces?${RANGE}&limit=1000000&attribute=service.name=a`,
    `scatter?${RANGE}`,
    `traces/${traceIdOf(1)}`,
    'traces/1',
    `logs?${RANGE}&limit=1000000`,
    `logs/histogram?${RANGE}`,
    `metrics?${RANGE}`,
  ];
  for (const path of paths) {
    const answer = await get(`/aode/v1/${path}`);
    assert.equal(answer.status, 200, `${path}: ${answer.body.toString()}`);
    assert.equal(answer.headers['cache-control'], 'no-store', path);
  }
  const traces = JSON.parse((await get(`/aode/v1/traces?${RANGE}`)).body.toString()) as {
    totalCount: number;
  };
  assert.equal(traces.totalCount, 1);
  for (const path of [`traces/${traceIdOf(9)}`, 'traces/xyz', 'logs/1', 'logs/x', 'nothing']) {
    const answer = await get(`/aode/v1/${path}`);
    assert.deepEqual([answer.status, errorOf(answer)], [404, 'AODE_NOT_FOUND'], path);
  }
});

test('sampling is taken as a whole, within its limits', async (t) => {
  const hub = await startHub({ boardPort: 0, otlpHttpPort: 0, otlpGrpcPort: 0 });
  t.after(() => hub.close());
  const port = Number(new URL(hub.addresses.board).port);
  const path = '/aode/v1/sampling';
  const put = (text: string, headers = { 'content-type': 'application/json' }): Promise<HttpAnswer> =>
    callHttp({ port, method: 'PUT', path, headers, body: Buffer.from(text) });
  const get = async (): Promise<unknown> =>
    JSON.parse((await callHttp({ port, method: 'GET', path })).body.toString());
  assert.deepEqual(await get(), {});
  const wanted = { services: { pay: { probability: 0.5 } } };
  const answer = await put(JSON.stringify(wanted));
  assert.deepEqual([answer.status, JSON.parse(answer.body.toString())], [200, wanted]);
  const refused: readonly (readonly [string, number, string])[] = [
    ['{', 400, 'AODE_QUERY_INVALID'],
    ['[]', 400, 'AODE_OPTION_INVALID'],
    ['{"default":{"probability":2}}', 400, 'AODE_OPTION_INVALID'],
    [`{${' '.repeat(SAMPLING_BYTES_MAX)}}`, 413, 'AODE_QUERY_INVALID'],
  ];
  for (const [text, status, code] of refused) {
    const one = await put(text);
    assert.deepEqual([one.status, errorOf(one)], [status, code], text.slice(0, 40));
  }
  assert.equal((await put('{}', { 'content-type': 'application/x-other' })).status, 415);
  assert.deepEqual(await get(), wanted);
  assert.equal((await put(`{${' '.repeat(SAMPLING_BYTES_MAX - 2)}}`)).status, 200);
});
