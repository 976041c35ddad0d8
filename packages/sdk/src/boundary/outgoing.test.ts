/** Client spans of node:http and of fetch, against a server that says what reached it. */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  get as httpGet,
  type IncomingMessage,
  request as httpRequest,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createPoster, POST_DEFAULTS } from '@aode/journal';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { type Span as SpanRecord, SPAN_KIND, STATUS_CODE } from '@aode/wire';
import { type Context, context as contextApi, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { withRequestId } from '../context/request-context.ts';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { traceFetch } from './fetch.ts';
import { traceHttpClients } from './http-client.ts';

let server: Server;
let port: number;
/** Headers of the last request. */
let received: IncomingMessage['headers'];
before(async () => {
  server = createServer((request, response) => {
    received = request.headers;
    const path = request.url ?? '';
    if (path.startsWith('/status/')) response.writeHead(Number(path.slice(8))).end('body');
    else if (path === '/drop') request.socket.destroy();
    else if (path === '/half') response.write('half', () => request.socket.destroy());
    else if (path === '/redirect') response.writeHead(302, { location: '/status/200' }).end();
    else if (path !== '/never') response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
after(() => {
  server.close();
  server.closeAllConnections();
});

let recorder: Recorder;
/** Hosts that get baggage and tracestate. */
let trusted: Set<string>;
let undo: Disposable[];
beforeEach(() => {
  recorder = startRecorder();
  trusted = new Set(['127.0.0.1']);
  const parts = {
    tracer: recorder.provider.getTracer('t'),
    losses: recorder.losses,
    requestIdHeader: 'x-request-id',
    isTrusted: (host: string) => trusted.has(host),
  };
  undo = [traceHttpClients(parts), traceFetch(parts)];
});
afterEach(() => {
  for (const one of undo) one[Symbol.dispose]();
  recorder[Symbol.dispose]();
});

/** Makes a request and reads the answer to its end; errors are the caller's. */
type Client = (
  path: string,
  options?: { headers?: Record<string, string>; signal?: AbortSignal },
) => Promise<void>;

const byHttp: Client = (path, options = {}) =>
  new Promise((resolve, reject) => {
    const sent = httpGet(`http://127.0.0.1:${port}${path}`, options, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', resolve);
    });
    sent.on('error', reject);
  });
const byFetch: Client = async (path, options = {}) => {
  await (await fetch(`http://127.0.0.1:${port}${path}`, options)).text();
};

const only = async (): Promise<SpanRecord> => {
  const [span, ...more] = await recorder.ended(1);
  assert.ok(span !== undefined);
  assert.deepEqual(more, []);
  return span;
};

for (const [name, client] of [
  ['node:http', byHttp],
  ['fetch', byFetch],
] as const) {
  describe(name, () => {
    test('kind, name and attributes as the conventions have them; nothing private', async () => {
      await client('/a/b?user=ann#part', { headers: { authorization: 'Bearer secret' } });
      const span = await only();
      assert.equal(span.kind, SPAN_KIND.client);
      assert.equal(span.name, 'GET');
      assert.equal(span.status.code, STATUS_CODE.unset);
      assert.deepEqual(attributesOf(span), {
        'http.request.method': 'GET',
        'url.full': `http://127.0.0.1:${port}/a/b?user=REDACTED`,
        'server.address': '127.0.0.1',
        'server.port': BigInt(port),
        'network.peer.address': '127.0.0.1',
        'network.peer.port': BigInt(port),
        ...(name === 'fetch' ? {} : { 'network.protocol.version': '1.1' }),
        'http.response.status_code': 200n,
      });
    });

    test('headers that carry on: traceparent of the client span, tracestate, baggage, request id', async () => {
      const remote = propagation.extract(withRequestId(ROOT_CONTEXT, 'req-1'), {
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        tracestate: 'v=1',
        baggage: 'k=1',
      });
      await contextApi.with(remote, () => client('/'));
      const span = await only();
      assert.equal(span.traceId, 'a'.repeat(32));
      assert.equal(span.parentSpanId, 'b'.repeat(16));
      assert.equal(received['traceparent'], `00-${span.traceId}-${span.spanId}-01`);
      assert.equal(received['tracestate'], 'v=1');
      assert.equal(received['baggage'], 'k=1');
      assert.equal(received['x-request-id'], 'req-1');
    });

    test("the application's own headers stand", async () => {
      const mine = { Traceparent: 'mine', 'X-Request-ID': 'mine' };
      await contextApi.with(withRequestId(ROOT_CONTEXT, 'req-1'), () => client('/', { headers: mine }));
      assert.equal(received['traceparent'], 'mine');
      assert.equal(received['x-request-id'], 'mine');
    });
  });

  describe(`${name}: how it ends`, () => {
    test('status: from 400 up it is an error', async () => {
      for (const status of [204, 399, 400, 404, 500]) await client(`/status/${status}`);
      const spans = await recorder.ended(5);
      assert.deepEqual(
        spans.map((span) => [span.status.code, attributesOf(span)['error.type']]),
        [
          [STATUS_CODE.unset, undefined],
          [STATUS_CODE.unset, undefined],
          [STATUS_CODE.error, '400'],
          [STATUS_CODE.error, '404'],
          [STATUS_CODE.error, '500'],
        ],
      );
    });

    test('no answer: the error is recorded and reaches the application', async () => {
      await assert.rejects(client('/drop'));
      const span = await only();
      assert.equal(span.status.code, STATUS_CODE.error);
      assert.match(String(attributesOf(span)['error.type']), /^(ECONNRESET|UND_ERR_SOCKET)$/);
      assert.notEqual(span.status.message, '');
    });

    test('half an answer: an error beside its status', async () => {
      await assert.rejects(client('/half'));
      const span = await only();
      assert.equal(span.status.code, STATUS_CODE.error);
      assert.equal(attributesOf(span)['http.response.status_code'], 200n);
      assert.ok(attributesOf(span)['error.type'] !== undefined);
    });

    test('aborted by the application', async () => {
      const abort = new AbortController();
      const request = client('/never', { signal: abort.signal });
      await once(server, 'request');
      abort.abort();
      await assert.rejects(request);
      const span = await only();
      assert.equal(span.status.code, STATUS_CODE.error);
      assert.match(String(attributesOf(span)['error.type']), /^(ABORT_ERR|AbortError)$|^\d+$/);
    });

    test('twenty at once: each is the child of its own caller', async () => {
      const tracer = trace.getTracer('t');
      await Promise.all(
        Array.from({ length: 20 }, () =>
          tracer.startActiveSpan('caller', async (span) => {
            await client('/');
            span.end();
          }),
        ),
      );
      const spans = await recorder.ended(40);
      const callers = new Map(
        spans.filter((span) => span.name === 'caller').map((span) => [span.spanId, span.traceId]),
      );
      const calls = spans.filter((span) => span.name === 'GET');
      assert.equal(new Set(calls.map((span) => span.parentSpanId)).size, 20);
      for (const call of calls) assert.equal(callers.get(call.parentSpanId), call.traceId);
    });
  });
}

test('node:http: the span lasts until the body has been read', async () => {
  const sent = httpGet({ host: '127.0.0.1', port, path: '/status/200' });
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  assert.equal(recorder.spans.length, 0);
  answer.resume();
  await only();
});

test('node:http: a kept connection, an address with a password, and a refused one', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of ['/1', '/2']) {
    const sent = httpRequest({ host: '127.0.0.1', port, path, agent, auth: 'ann:hunter2' });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
  }
  agent.destroy();
  const refused = httpGet('http://ann:hunter2@127.0.0.1:1/');
  await once(refused, 'error');
  const spans = await recorder.ended(3);
  assert.deepEqual(
    spans.map((span) => attributesOf(span)['url.full']),
    [`http://127.0.0.1:${port}/1`, `http://127.0.0.1:${port}/2`, 'http://127.0.0.1:1/'],
  );
  assert.equal(attributesOf(spans[2] ?? { attributes: [] })['error.type'], 'ECONNREFUSED');
});

test('node:http: callers that share one connection get their own context back with the answer', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const tracer = trace.getTracer('t');
  const here = (): string | undefined => trace.getActiveSpan()?.spanContext().spanId;
  const call = (own: string): Promise<readonly (string | undefined)[]> =>
    new Promise((resolve) => {
      const seen: (string | undefined)[] = [own];
      httpGet({ host: '127.0.0.1', port, path: '/status/200', agent }, (answer) => {
        seen.push(here());
        answer.on('data', () => seen.push(here()));
        answer.on('end', () => resolve([...seen, here()]));
      });
    });
  const all = await Promise.all(
    Array.from({ length: 10 }, () =>
      tracer.startActiveSpan('caller', (span) => call(span.spanContext().spanId).finally(() => span.end())),
    ),
  );
  agent.destroy();
  for (const seen of all) assert.equal(new Set(seen).size, 1, seen.join());
  assert.equal(new Set(all.flat()).size, 10);
});

test('node:http: beyond the trust boundary neither baggage nor tracestate, whatever the Host header says', async () => {
  const remote = propagation.extract(ROOT_CONTEXT, {
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    tracestate: 'v=1',
    baggage: 'k=1',
  });
  trusted = new Set(['orders.internal', '127.0.0.1']);
  const host = { host: 'orders.internal' };
  await contextApi.with(remote, () => byHttp('/', { headers: host }));
  assert.deepEqual([received['baggage'], received['tracestate']], ['k=1', 'v=1']);
  for (const few of ['orders.internal', '127.0.0.1']) {
    trusted = new Set([few]);
    await contextApi.with(remote, () => byHttp('/', { headers: host }));
    assert.deepEqual([received['baggage'], received['tracestate']], [undefined, undefined], few);
    assert.match(String(received['traceparent']), /^00-a{32}-/);
  }
});

test('fetch: a redirect is two calls of one caller', async () => {
  await trace.getTracer('t').startActiveSpan('caller', async (span) => {
    await byFetch('/redirect');
    span.end();
  });
  const [first, second, caller] = await recorder.ended(3);
  assert.equal(attributesOf(first ?? { attributes: [] })['http.response.status_code'], 302n);
  assert.equal(attributesOf(second ?? { attributes: [] })['http.response.status_code'], 200n);
  assert.equal(first?.parentSpanId, caller?.spanId);
  assert.equal(second?.parentSpanId, caller?.spanId);
});

test("the SDK's own requests are not traced", async () => {
  const poster = createPoster({ ...POST_DEFAULTS, endpoints: [`http://127.0.0.1:${port}`] });
  await poster.post('traces', new Uint8Array());
  poster.close();
  await byHttp('/');
  await only();
});

test('a message that nobody expects, and a context that throws: counted, and no error of the process', async () => {
  channel('http.client.request.created').publish({});
  channel('undici:request:create').publish(undefined);
  const broken = {
    getValue: () => {
      throw new Error('mine');
    },
  } as unknown as Context;
  await contextApi.with(broken, () => byHttp('/'));
  assert.deepEqual(recorder.losses.counts(), { boundary_failed: 3 });
});
