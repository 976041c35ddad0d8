/** OTLP/gRPC over real sockets: framing, codes, trailers, details. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeExportResponse, decodeRpcStatus, type Span } from '@aode/wire';
import { callGrpc, framed, type GrpcCall, openReceivers } from '../testing/receivers.ts';
import {
  gaugeOf,
  logOf,
  logsRequest,
  metricsRequest,
  spanIdOf,
  spanOf,
  spansRequest,
  traceIdOf,
} from '../testing/records.ts';
import { WAITING_BYTES_MAX } from './admission.ts';

const BYTES_MAX = 1024 * 1024;
const GZIP = { 'grpc-encoding': 'gzip' };

let last = 0;
const goodSpan = (over: Partial<Span> = {}): Span =>
  spanOf({ traceId: traceIdOf((last += 1)), spanId: spanIdOf(last), ...over });
const goodBody = (): Uint8Array => spansRequest('a', [goodSpan()]).body;

test('each method stores and answers with an empty message and status 0 in the trailers', async (t) => {
  const { grpcPort: port, store } = await openReceivers(t, BYTES_MAX);
  const method = (name: string): string => `/opentelemetry.proto.collector.${name}/Export`;
  const cases: readonly (readonly [string, Omit<GrpcCall, 'port'>])[] = [
    ['traces', { method: method('trace.v1.TraceService'), body: framed(goodBody()) }],
    ['packed', { headers: GZIP, body: framed(gzipSync(goodBody()), 1) }],
    ['plain though packing was named', { headers: GZIP, body: framed(goodBody()) }],
    ['empty', { body: framed(new Uint8Array()) }],
    ['with a suffix', { headers: { 'content-type': 'application/grpc+proto' }, body: framed(goodBody()) }],
    ['logs', { method: method('logs.v1.LogsService'), body: framed(logsRequest('a', [logOf({})]).body) }],
    [
      'metrics',
      {
        method: method('metrics.v1.MetricsService'),
        body: framed(metricsRequest('a', [gaugeOf('m', 1n, 1)]).body),
      },
    ],
  ];
  for (const [what, call] of cases) {
    const answer = await callGrpc({ port, ...call });
    assert.deepEqual(
      [answer.status, answer.grpcStatus, answer.contentType],
      [200, '0', 'application/grpc+proto'],
      what,
    );
    assert.deepEqual(answer.body, framed(new Uint8Array()), what);
  }
  const { stored } = await store.status();
  assert.deepEqual([stored.spans, stored.logs, stored.points], [4, 1, 1]);
});

test('partial success is a success with its count and reason', async (t) => {
  const { grpcPort: port, store } = await openReceivers(t, BYTES_MAX);
  const { body } = spansRequest('a', [goodSpan(), goodSpan({ spanId: '0'.repeat(16) })]);
  const answer = await callGrpc({ port, body: framed(body) });
  assert.equal(answer.grpcStatus, '0');
  assert.deepEqual(decodeExportResponse('traces', answer.body.subarray(5), 'protobuf'), {
    rejectedCount: 1,
    errorMessage: '1 refused: span_id_invalid',
  });
  assert.equal((await store.status()).stored.spans, 1);
});

test('what is wrong is told by code and details, nothing of it is to be sent again, and the hub goes on', async (t) => {
  const { grpcPort: port, counters, store } = await openReceivers(t, BYTES_MAX);
  const body = framed(goodBody());
  const cut = Buffer.from(body);
  cut.writeUInt32BE(body.length, 1);
  const cases: readonly (readonly [string, Omit<GrpcCall, 'port'>, number])[] = [
    ['damaged', { body: framed(Buffer.from('\x0a\xff', 'latin1')) }, 3],
    ['truncated', { body: framed(goodBody().subarray(0, -1)) }, 3],
    ['no frame', { body: new Uint8Array(3) }, 3],
    ['a frame that says more than there is', { body: cut }, 3],
    ['two messages', { body: Buffer.concat([body, body]) }, 3],
    ['a flag that is none', { body: framed(goodBody(), 7) }, 3],
    ['not gzip', { headers: GZIP, body: framed(goodBody(), 1) }, 3],
    ['packed without saying how', { body: framed(gzipSync(goodBody()), 1) }, 3],
    ['unknown packing', { headers: { 'grpc-encoding': 'snappy' }, body: framed(goodBody(), 1) }, 12],
    ['too large', { body: framed(Buffer.alloc(BYTES_MAX + 1)) }, 8],
    ['a bomb', { headers: GZIP, body: framed(gzipSync(Buffer.alloc(100 * BYTES_MAX)), 1) }, 8],
    ['no such method', { method: '/opentelemetry.proto.collector.trace.v1.TraceService/Import', body }, 12],
    ['another authority', { headers: { ':authority': 'evil.example:4317' }, body }, 7],
    ['another origin', { headers: { origin: 'http://localhost:4317' }, body }, 7],
  ];
  for (const [what, call, code] of cases) {
    await t.test(what, async () => {
      const answer = await callGrpc({ port, ...call });
      assert.deepEqual([answer.status, answer.grpcStatus], [200, String(code)]);
      const details = decodeRpcStatus(answer.details ?? new Uint8Array(), 'protobuf');
      assert.equal(details.code, code);
      assert.equal(decodeURIComponent(answer.grpcMessage ?? ''), details.message);
      assert.doesNotMatch(answer.details?.toString('latin1') ?? '', /RetryInfo/);
      if (code === 3) assert.match(answer.details?.toString('latin1') ?? '', /google\.rpc\.BadRequest/);
    });
  }
  await t.test('not gRPC', async () => {
    assert.equal((await callGrpc({ port, headers: { 'content-type': 'text/html' }, body })).status, 415);
    const put = await callGrpc({ port, headers: { ':method': 'PUT' }, body });
    assert.equal(put.status, 405);
  });
  assert.equal((await callGrpc({ port, body })).grpcStatus, '0');
  assert.equal((await store.status()).stored.spans, 1);
  const text = counters.text();
  for (const [outcome, count] of [
    ['AODE_OTLP_PROTOBUF_INVALID', 2],
    ['AODE_ENCODING_INVALID', 6],
    ['AODE_REQUEST_TOO_LARGE', 2],
    ['content_encoding_unknown', 1],
    ['host_refused', 2],
    ['stored', 1],
  ] as const) {
    assert.match(text, new RegExp(`signal="traces",protocol="grpc",outcome="${outcome}"\\} ${count}$`, 'm'));
  }
});

test('at its limit the hub is unavailable and says when to come again', async (t) => {
  const { grpcPort: port, admission } = await openReceivers(t, BYTES_MAX);
  const room = admission.reserve();
  room.grow(WAITING_BYTES_MAX);
  const body = framed(goodBody());
  const busy = await callGrpc({ port, body });
  assert.equal(busy.grpcStatus, '14');
  assert.match(busy.details?.toString('latin1') ?? '', /google\.rpc\.RetryInfo/);
  room.release();
  assert.equal((await callGrpc({ port, body })).grpcStatus, '0');
  assert.equal(admission.waitingBytes, 0, 'all room is given back');
});

test(
  'a request that stops halfway is given up after a minute, and its room with it',
  { timeout: 20_000 },
  async (t) => {
    const { grpcPort: port, admission, clock, counters } = await openReceivers(t, BYTES_MAX);
    const session = connect(`http://127.0.0.1:${port}`);
    try {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        'content-type': 'application/grpc',
      });
      const answered = once(stream, 'response');
      const part = framed(Buffer.alloc(BYTES_MAX / 2)).subarray(0, BYTES_MAX / 4);
      stream.write(part);
      while (admission.waitingBytes < part.length) await new Promise((turn) => setImmediate(turn));
      clock.advance(59_999);
      await new Promise((turn) => setImmediate(turn));
      assert.equal(admission.waitingBytes, part.length, 'the last moment is not over');
      clock.advance(1);
      const [headers] = (await answered) as [Record<string, unknown>];
      assert.equal(headers['grpc-status'], '4');
      assert.equal(admission.waitingBytes, 0);
      assert.match(counters.text(), /signal="traces",protocol="grpc",outcome="AODE_REQUEST_SLOW"\} 1$/m);
    } finally {
      session.destroy();
    }
    assert.equal((await callGrpc({ port, body: framed(goodBody()) })).grpcStatus, '0');
  },
);

test(
  'a connection without calls is ended after five minutes, counted from the last one',
  { timeout: 20_000 },
  async (t) => {
    const { grpcPort: port, clock } = await openReceivers(t, BYTES_MAX);
    const session = connect(`http://127.0.0.1:${port}`);
    try {
      await once(session, 'remoteSettings');
      clock.advance(299_999);
      const stream = session.request({ ':method': 'GET', ':path': '/' });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      assert.equal(headers[':status'], 405);
      clock.advance(299_999);
      await new Promise((resolve) => session.ping(resolve));
      assert.ok(!session.closed);
      const gone = once(session, 'close');
      clock.advance(1);
      await gone;
    } finally {
      session.destroy();
    }
  },
);
