/** OTLP/HTTP over real sockets: what the specification promises a sender, word by word. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeExportResponse, decodeRpcStatus, decodeTraces, encodeTracesJson, type Span } from '@aode/wire';
import { callHttp, type HttpAnswer, type HttpCall, openReceivers } from '../testing/receivers.ts';
import { logOf, logsRequest, spanIdOf, spanOf, spansRequest, traceIdOf } from '../testing/records.ts';
import { WAITING_BYTES_MAX } from './admission.ts';

const BYTES_MAX = 1024 * 1024;
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };

let last = 0;
const goodSpan = (over: Partial<Span> = {}): Span =>
  spanOf({ traceId: traceIdOf((last += 1)), spanId: spanIdOf(last), ...over });
const goodBody = (): Uint8Array => spansRequest('a', [goodSpan()]).body;
const asJson = (body: Uint8Array): Buffer => Buffer.from(encodeTracesJson(decodeTraces(body)));

type Encoding = 'protobuf' | 'json';
const typeOf = (encoding: Encoding): Record<string, string> => (encoding === 'json' ? JSON_TYPE : PROTOBUF);

/** Status, code of the google.rpc.Status in the body, and that the body is of the type that was sent. */
function assertFault(answer: HttpAnswer, encoding: Encoding, status: number, code: number): string {
  assert.equal(answer.status, status);
  assert.equal(answer.headers['content-type'], typeOf(encoding)['content-type']);
  assert.equal(answer.headers['content-length'], String(answer.body.length));
  const rpc = decodeRpcStatus(answer.body, encoding);
  assert.equal(rpc.code, code);
  assert.ok(rpc.message.length > 0, 'a developer is told why');
  return rpc.message;
}

test('full success is 200 with an empty answer in the type of the request', async (t) => {
  const { httpPort: port, store } = await openReceivers(t, BYTES_MAX);
  const body = goodBody();
  const cases: readonly (readonly [string, HttpCall, string])[] = [
    ['protobuf', { port, headers: PROTOBUF, body }, ''],
    [
      'protobuf, gzip',
      { port, headers: { ...PROTOBUF, 'content-encoding': 'gzip' }, body: gzipSync(goodBody()) },
      '',
    ],
    [
      'identity said',
      { port, headers: { ...PROTOBUF, 'content-encoding': 'identity' }, body: goodBody() },
      '',
    ],
    ['no encoding said', { port, headers: { ...PROTOBUF, 'content-encoding': '' }, body: goodBody() }, ''],
    ['chunked', { port, headers: PROTOBUF, body: [...goodBody()].map((byte) => Uint8Array.of(byte)) }, ''],
    [
      'json',
      { port, headers: { 'content-type': 'Application/JSON; charset=utf-8' }, body: asJson(goodBody()) },
      '{}',
    ],
    ['a query in the path', { port, path: '/v1/traces?x=1', headers: PROTOBUF, body: goodBody() }, ''],
  ];
  for (const [what, call, answer] of cases) {
    const { status, headers, body: got } = await callHttp(call);
    assert.equal(status, 200, what);
    assert.equal(got.toString(), answer, what);
    assert.equal(
      headers['content-type'],
      answer === '' ? 'application/x-protobuf' : 'application/json',
      what,
    );
  }
  assert.equal((await store.status()).stored.spans, cases.length);
  const repeated = await callHttp({ port, headers: PROTOBUF, body });
  assert.deepEqual([repeated.status, repeated.body.length], [200, 0], 'a retry is answered like the first');
  assert.equal((await store.status()).stored.spans, cases.length);
});

test('an empty request is a success, an empty text is no JSON', async (t) => {
  const { httpPort: port } = await openReceivers(t, BYTES_MAX);
  assert.equal((await callHttp({ port, headers: PROTOBUF, body: new Uint8Array() })).status, 200);
  assert.equal((await callHttp({ port, headers: JSON_TYPE, body: Buffer.from('{}') })).status, 200);
  assertFault(await callHttp({ port, headers: JSON_TYPE, body: new Uint8Array() }), 'json', 400, 3);
});

test('bad records are refused with their reasons, the rest is kept, and nobody sends it again', async (t) => {
  const { httpPort: port, store, counters } = await openReceivers(t, BYTES_MAX);
  const bad = { traceId: '0'.repeat(32) };
  for (const encoding of ['protobuf', 'json'] as const) {
    const { body } = spansRequest('a', [goodSpan(), goodSpan(bad), goodSpan(bad), goodSpan({ spanId: '' })]);
    const sent = encoding === 'json' ? asJson(body) : body;
    const answer = await callHttp({ port, headers: typeOf(encoding), body: sent });
    assert.equal(answer.status, 200);
    assert.deepEqual(decodeExportResponse('traces', answer.body, encoding), {
      rejectedCount: 3,
      errorMessage: '2 refused: trace_id_invalid; 1 refused: span_id_invalid',
    });
  }
  assert.equal((await store.status()).stored.spans, 2);
  const text = counters.text();
  assert.match(text, /^aode_hub_refused_total\{signal="traces",reason="trace_id_invalid"\} 4$/m);
  assert.match(text, /^aode_hub_refused_total\{signal="traces",reason="span_id_invalid"\} 2$/m);
});

test('what is wrong with a request is said by status, in its own type, and the hub goes on', async (t) => {
  const { httpPort: port, counters, store } = await openReceivers(t, BYTES_MAX);
  const gzip = { 'content-encoding': 'gzip' };
  const bomb = gzipSync(Buffer.alloc(100 * BYTES_MAX));
  const parts = Array.from({ length: 20 }, () => Buffer.alloc(BYTES_MAX / 10));
  const cases: readonly (readonly [string, Omit<HttpCall, 'port'>, number, number])[] = [
    ['damaged', { body: Buffer.from('\x0a\xff\xff', 'latin1') }, 400, 3],
    ['truncated', { body: goodBody().subarray(0, -1) }, 400, 3],
    ['not gzip', { headers: gzip, body: goodBody() }, 400, 3],
    ['truncated gzip', { headers: gzip, body: gzipSync(goodBody()).subarray(0, -9) }, 400, 3],
    ['too large by its length', { body: Buffer.alloc(BYTES_MAX + 1) }, 413, 8],
    ['too large, chunked', { body: parts }, 413, 8],
    ['a bomb', { headers: gzip, body: bomb }, 413, 8],
    ['unknown packing', { headers: { 'content-encoding': 'br' }, body: goodBody() }, 415, 3],
    ['packed twice', { headers: { 'content-encoding': 'gzip, gzip' }, body: goodBody() }, 415, 3],
    ['another host', { headers: { host: 'evil.example' }, body: goodBody() }, 403, 7],
    ['another origin', { headers: { origin: 'http://evil.example' }, body: goodBody() }, 403, 7],
    ['another path', { path: '/v1/trace', body: goodBody() }, 404, 12],
    ['another method', { method: 'GET' }, 405, 12],
  ];
  for (const encoding of ['protobuf', 'json'] as const) {
    for (const [what, call, status, code] of cases) {
      await t.test(`${what}, ${encoding}`, async () => {
        const answer = await callHttp({ port, ...call, headers: { ...typeOf(encoding), ...call.headers } });
        assertFault(answer, encoding, status, code);
        assert.equal(answer.headers['retry-after'], undefined, 'it will never be right');
        if (status === 405) assert.equal(answer.headers['allow'], 'POST');
        if (status === 400) assert.match(answer.body.toString('latin1'), /google\.rpc\.BadRequest/);
      });
    }
  }
  for (const type of ['text/plain', 'constructor', '__proto__', 'application/grpc', '']) {
    await t.test(`type '${type}'`, async () => {
      const answer = await callHttp({ port, headers: { 'content-type': type }, body: goodBody() });
      assertFault(answer, 'json', 415, 3);
    });
  }
  assert.equal((await callHttp({ port, headers: PROTOBUF, body: goodBody() })).status, 200);
  assert.equal((await store.status()).stored.spans, 1);
  const text = counters.text();
  for (const outcome of ['AODE_OTLP_PROTOBUF_INVALID', 'AODE_OTLP_JSON_INVALID', 'AODE_ENCODING_INVALID']) {
    assert.match(
      text,
      new RegExp(`requests_total\\{signal="traces",protocol="http",outcome="${outcome}"\\} \\d`),
    );
  }
  assert.match(text, /outcome="AODE_REQUEST_TOO_LARGE"\} 6$/m);
  assert.match(text, /outcome="host_refused"\} 4$/m);
});

test('the last accepted and the first refused size, packed and plain', async (t) => {
  const { httpPort: port } = await openReceivers(t, BYTES_MAX);
  const body = logsRequest('a', [logOf({ body: 'x'.repeat(BYTES_MAX - 100) })]).body;
  // An unknown field at the end (number 15, length-delimited) brings it to the byte.
  const padTo = (size: number): Buffer => {
    const rest = size - body.length - 2;
    return Buffer.concat([body, Buffer.from([0x7a, rest]), Buffer.alloc(rest)]);
  };
  const send = async (bytes: Buffer, packed: boolean): Promise<number> => {
    const headers = { ...PROTOBUF, ...(packed ? { 'content-encoding': 'gzip' } : {}) };
    return (await callHttp({ port, path: '/v1/logs', headers, body: packed ? gzipSync(bytes) : bytes }))
      .status;
  };
  for (const packed of [false, true]) {
    assert.equal(await send(padTo(BYTES_MAX), packed), 200);
    assert.equal(await send(padTo(BYTES_MAX + 1), packed), 413);
  }
});

test('at its limit the hub asks to come again, and takes the same request then', async (t) => {
  const { httpPort: port, admission, counters } = await openReceivers(t, BYTES_MAX);
  const room = admission.reserve();
  room.grow(WAITING_BYTES_MAX);
  const body = goodBody();
  for (const encoding of ['protobuf', 'json'] as const) {
    const sent = encoding === 'json' ? asJson(body) : body;
    const answer = await callHttp({ port, headers: typeOf(encoding), body: sent });
    assertFault(answer, encoding, 503, 14);
    assert.equal(answer.headers['retry-after'], '1');
    assert.match(answer.body.toString('latin1'), /google\.rpc\.RetryInfo/);
  }
  assert.match(counters.text(), /outcome="AODE_STORE_BUSY"\} 2$/m);
  room.release();
  assert.equal((await callHttp({ port, headers: PROTOBUF, body })).status, 200);
  assert.equal(admission.waitingBytes, 0, 'all room is given back');
});

test('a sender that goes in the middle of a request leaves nothing behind', async (t) => {
  const { httpPort: port, admission } = await openReceivers(t, BYTES_MAX);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const head = 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n';
  socket.write(`${head}Content-Length: 1000\r\n\r\nhalf`);
  // The hub has begun to read when this later request on another connection is answered.
  assert.equal((await callHttp({ port, headers: PROTOBUF, body: goodBody() })).status, 200);
  const closed = once(socket, 'close');
  socket.resetAndDestroy();
  await closed;
  assert.equal((await callHttp({ port, headers: PROTOBUF, body: goodBody() })).status, 200);
  assert.equal(admission.waitingBytes, 0);
});
