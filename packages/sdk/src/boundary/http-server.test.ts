import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { seededRandom } from '@aode/base';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { SPAN_KIND, STATUS_CODE } from '@aode/wire';
import { context as contextApi, propagation, trace } from '@opentelemetry/api';
import { fastify } from 'fastify';
import { requestOf } from '../context/request-context.ts';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { get, serve } from '../testing/site.ts';
import { traceHttpServers } from './http-server.ts';
import { watchRoutes } from './route.ts';

/** As much of express as is used here; it has no types of its own. */
interface ExpressRouter {
  get(
    path: string | RegExp,
    handler: (request: unknown, response: { send(body: string): void }) => void,
  ): void;
  use(path: string, router: ExpressRouter): void;
}
const express = createRequire(import.meta.url)('express') as {
  (): ExpressRouter & RequestListener;
  Router(): ExpressRouter;
};

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let recorder: Recorder;
let undo: Disposable[];
beforeEach(() => {
  recorder = startRecorder();
  const tracer = recorder.provider.getTracer('t');
  const { losses } = recorder;
  undo = [
    traceHttpServers({
      tracer,
      losses,
      random: seededRandom(7),
      requestIdHeader: 'x-request-id',
      untrustedPorts: new Set(),
    }),
    watchRoutes(losses),
  ];
});
afterEach(() => {
  for (const one of undo) one[Symbol.dispose]();
  recorder[Symbol.dispose]();
});

describe('one request', () => {
  test('kind, name, attributes and times as the conventions have them; nothing private', async () => {
    await using site = await serve((_, response) => void response.end('ok'));
    await get(site.port, '/a/b?user=ann&flag&x=', { cookie: 'secret=1', authorization: 'Bearer secret' });
    const [span] = await recorder.ended(1);
    assert.ok(span !== undefined);
    assert.equal(span.kind, SPAN_KIND.server);
    assert.equal(span.name, 'GET');
    assert.deepEqual(span.status, { code: STATUS_CODE.unset, message: '' });
    const { 'aode.request_id': requestId, 'network.peer.port': peerPort, ...rest } = attributesOf(span);
    assert.ok(Number(peerPort) > 0 && Number(peerPort) !== site.port);
    assert.match(String(requestId), /^[0-9a-f]{32}$/);
    assert.deepEqual(rest, {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/a/b',
      'url.query': 'user=REDACTED&flag&x=REDACTED',
      'network.protocol.version': '1.1',
      'server.address': '127.0.0.1',
      'server.port': BigInt(site.port),
      'client.address': '127.0.0.1',
      'network.peer.address': '127.0.0.1',
      'http.response.status_code': 200n,
    });
    assert.ok(span.endTimeUnixNano >= span.startTimeUnixNano);
  });

  test('status: 5xx is an error, 4xx is not', async () => {
    await using site = await serve((request, response) => {
      response.statusCode = Number(request.url?.slice(1));
      response.end();
    });
    for (const status of [404, 500, 503, 302]) await get(site.port, `/${status}`);
    const spans = await recorder.ended(4);
    assert.deepEqual(
      spans.map((span) => [
        attributesOf(span)['http.response.status_code'],
        span.status.code,
        attributesOf(span)['error.type'],
      ]),
      [
        [404n, STATUS_CODE.unset, undefined],
        [500n, STATUS_CODE.error, '500'],
        [503n, STATUS_CODE.error, '503'],
        [302n, STATUS_CODE.unset, undefined],
      ],
    );
  });
});

describe('one request that is out of the ordinary', () => {
  test('a client that goes away: error.type aborted', async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>();
    await using site = await serve((_, response) => {
      response.once('close', resolve);
      response.write('part');
    });
    const sent = httpRequest({ host: '127.0.0.1', port: site.port });
    sent.on('error', () => undefined);
    sent.end();
    await once(sent, 'response');
    sent.destroy();
    await left;
    const [span] = await recorder.ended(1);
    assert.ok(span !== undefined);
    assert.equal(attributesOf(span)['error.type'], 'aborted');
    assert.equal(span.status.code, STATUS_CODE.error);
  });

  test('unknown methods share one name, the target of a proxy request loses its password', async () => {
    await using site = await serve((_, response) => void response.end());
    const socket = connect(site.port, '127.0.0.1');
    socket.write(
      'PROPFIND / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n' +
        'GET http://ann:hunter2@h.example/p?q=hunter2 HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n',
    );
    const spans = await recorder.ended(2);
    socket.destroy();
    const [first, second] = spans.map(attributesOf);
    assert.equal(spans[0]?.name, 'HTTP');
    assert.equal(first?.['http.request.method'], '_OTHER');
    assert.equal(first?.['server.address'], '::1');
    assert.equal(second?.['url.path'], '/p');
    assert.equal(second?.['url.query'], 'q=REDACTED');
    assert.ok(!Object.values(second ?? {}).some((value) => String(value).includes('hunter2')));
  });

  test('an error of the handler goes its way', async () => {
    const mine = new Error('mine');
    const server = createServer(() => {
      throw mine;
    });
    assert.throws(() => server.emit('request', { headers: {}, socket: {} }, { once: () => undefined }), mine);
  });
});

describe('context', () => {
  test('remote parent, state and baggage come in', async () => {
    let baggage: string | undefined;
    await using site = await serve((_, response) => {
      baggage = propagation.getActiveBaggage()?.getEntry('tenant')?.value;
      response.end();
    });
    await get(site.port, '/', { traceparent: PARENT, tracestate: ['a=1', 'b=2'], baggage: 'tenant=blue' });
    const [span] = await recorder.ended(1);
    assert.equal(span?.traceId, PARENT.split('-')[1]);
    assert.equal(span?.parentSpanId, PARENT.split('-')[2]);
    assert.equal(span?.traceState, 'a=1,b=2');
    assert.equal(span?.flags, 0x301);
    assert.equal(baggage, 'blue');
  });

  test('two traceparent headers are none, and counted', async () => {
    await using site = await serve((_, response) => void response.end());
    await get(site.port, '/', { traceparent: [PARENT, PARENT] });
    const [span] = await recorder.ended(1);
    assert.equal(span?.parentSpanId, '');
    assert.deepEqual(recorder.losses.counts(), { propagation_invalid: 1 });
  });

  test('X-Request-ID: honoured and echoed up to 128 characters; anything else is replaced and counted', async () => {
    await using site = await serve(
      (_, response) => void response.end(requestOf(contextApi.active())?.requestId),
    );
    const echo = async (id: string | undefined): Promise<unknown> =>
      (await get(site.port, '/', id === undefined ? {} : { 'X-Request-ID': id })).headers['x-request-id'];
    assert.equal(await echo('order-7'), 'order-7');
    assert.equal(await echo('x'.repeat(128)), 'x'.repeat(128));
    for (const bad of ['x'.repeat(129), 'two words', '']) {
      assert.match(String(await echo(bad)), /^[0-9a-f]{32}$/, bad);
    }
    assert.match(String(await echo(undefined)), /^[0-9a-f]{32}$/);
    assert.deepEqual(recorder.losses.counts(), { request_id_invalid: 3 });
    const spans = await recorder.ended(6);
    assert.equal(attributesOf(spans[0] ?? { attributes: [] })['aode.request_id'], 'order-7');
  });
});

describe('many requests', () => {
  test('fifty at once over kept connections: each handler sees its own span all along', async () => {
    await using site = await serve((request, response) => {
      const before = trace.getActiveSpan()?.spanContext().spanId;
      request.on('data', () => undefined);
      // The events of a body come from the connection's parser.
      request.on('end', () =>
        setTimeout(
          () =>
            void Promise.resolve().then(() => {
              const after = trace.getActiveSpan()?.spanContext().spanId;
              response.setHeader('x-same', String(before !== undefined && before === after));
              response.setHeader('x-span', String(after));
              response.end();
            }),
          Number(request.url?.slice(1)) % 5,
        ),
      );
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const sent = httpRequest({
          host: '127.0.0.1',
          port: site.port,
          path: `/${i}`,
          method: 'POST',
          agent,
        });
        sent.end('body');
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        answer.resume();
        await once(answer, 'end');
        return answer.headers;
      }),
    );
    agent.destroy();
    const spans = await recorder.ended(50);
    assert.ok(answers.every((headers) => headers['x-same'] === 'true'));
    assert.deepEqual(
      new Set(answers.map((headers) => headers['x-span'])),
      new Set(spans.map(({ spanId }) => spanId)),
    );
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 50);
  });
});

describe('route', () => {
  test('express: the template, also below a mounted router', async () => {
    const app = express();
    const router = express.Router();
    router.get('/:id', (_, response) => response.send('ok'));
    router.get('/', (_, response) => response.send('ok'));
    app.use('/orders', router);
    app.get(/^\/re/, (_, response) => response.send('ok'));
    await using site = await serve(createServer(app));
    for (const path of ['/orders/5', '/orders', '/re', '/none']) await get(site.port, path);
    const spans = await recorder.ended(4);
    assert.deepEqual(
      spans.map((span) => [span.name, attributesOf(span)['http.route']]),
      [
        ['GET /orders/:id', '/orders/:id'],
        ['GET /orders', '/orders'],
        ['GET', undefined],
        ['GET', undefined],
      ],
    );
  });

  test('fastify: the template', async () => {
    const app = fastify();
    app.get('/carts/:id', () => ({}));
    await app.listen({ host: '127.0.0.1', port: 0 });
    await get((app.server.address() as AddressInfo).port, '/carts/7');
    await app.close();
    const [span] = await recorder.ended(1);
    assert.equal(span?.name, 'GET /carts/:id');
  });
});
