/** Correlation ids, edges, hosts and dye over real HTTP: what comes in, what is recorded, what goes out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { seededRandom, systemClock } from '@aode/base';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { parseXTraceId, type Span } from '@aode/wire';
import { defaultTextMapGetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { createHostTrust } from '../context/trust-boundary.ts';
import { type Recorder, type RecorderOptions, startRecorder } from '../testing/recorder.ts';
import { traceFetch } from './fetch.ts';
import { traceHttpServers } from './http-server.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-01`;

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

interface Given extends RecorderOptions {
  readonly untrustedPorts?: ReadonlySet<number | 'all'>;
  readonly trusted?: readonly string[];
}

/** Servers and `fetch` are traced; the tests themselves call by node:http, which is not. */
function record({ untrustedPorts = new Set(), trusted = ['*'], ...options }: Given = {}): Recorder {
  const recorder = startRecorder(systemClock, options);
  const parts = {
    tracer: recorder.provider.getTracer('t'),
    losses: recorder.losses,
    random: seededRandom(7),
    requestIdHeader: 'x-request-id',
    untrustedPorts,
    isTrusted: createHostTrust(trusted),
  };
  const undo = [traceHttpServers(parts), traceFetch(parts)];
  open.push(() => {
    for (const one of undo) one[Symbol.dispose]();
    recorder[Symbol.dispose]();
  });
  return recorder;
}

/** Answers with the headers that it gets. `/on/HOST/PATH` asks that host for the path, by `fetch`. */
async function serve(): Promise<number> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const [, on, host, path = ''] = (request.url ?? '').split('/');
    if (on === 'away') response.writeHead(302, { location: `http://localhost:${port}/` }).end();
    else if (on !== 'on') response.end(JSON.stringify(request.headers));
    else {
      void fetch(`http://${host}:${port}/${path}`)
        .then((answer) => answer.text())
        .then((text) => response.end(text));
    }
  });
  // On both families: `localhost` may be either.
  server.listen(0);
  await once(server, 'listening');
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

interface Answer {
  /** Headers that arrived at the last server. */
  readonly got: IncomingMessage['headers'];
  /** Headers of the answer. */
  readonly headers: IncomingMessage['headers'];
}

async function call(port: number, path: string, headers: Record<string, string>): Promise<Answer> {
  const sent = httpGet({ host: '127.0.0.1', port, path, headers });
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of answer as AsyncIterable<Buffer>) text += part.toString();
  return { got: JSON.parse(text) as Answer['got'], headers: answer.headers };
}

const ONWARD = '/on/127.0.0.1';

/** The span of the request for this path. */
async function entry(recorder: Recorder, path = ONWARD): Promise<Span> {
  const spans = await recorder.ended(3);
  const span = spans.find((one) => attributesOf(one)['url.path'] === path);
  assert.ok(span !== undefined);
  return span;
}

describe('X-Trace-ID', () => {
  test('alone it names the trace of a root span; it is kept, echoed and sent on', async () => {
    const recorder = record();
    const { got, headers } = await call(await serve(), ONWARD, { 'x-trace-id': 'order-7' });
    const span = await entry(recorder);
    assert.equal(span.traceId, parseXTraceId('order-7'));
    assert.equal(span.parentSpanId, '');
    assert.equal(span.flags & 3, 1, 'sampled, and not known to be random');
    assert.match(span.traceState, /^ot=th:0;rv:[0-9a-f]{14}$/);
    assert.equal(attributesOf(span)['aode.correlation_id'], 'order-7');
    assert.equal(headers['x-trace-id'], 'order-7');
    assert.equal(got['x-trace-id'], 'order-7');
    assert.equal(String(got['traceparent']).split('-')[1], span.traceId);
    assert.equal(got['tracestate'], span.traceState);
  });

  test('beside traceparent it is just the correlation id', async () => {
    const recorder = record();
    const sent = { 'x-trace-id': 'order-7', traceparent: PARENT };
    const { got, headers } = await call(await serve(), ONWARD, sent);
    const span = await entry(recorder);
    assert.deepEqual([span.traceId, span.parentSpanId, span.traceState], [TRACE, SPAN, '']);
    assert.equal(attributesOf(span)['aode.correlation_id'], 'order-7');
    assert.equal(headers['x-trace-id'], 'order-7');
    assert.equal(got['x-trace-id'], 'order-7');
  });

  test('refused or not there: no attribute, no echo, a new trace', async () => {
    const recorder = record();
    const { got, headers } = await call(await serve(), ONWARD, { 'x-trace-id': 'two words' });
    const span = await entry(recorder);
    assert.equal(span.flags & 3, 3);
    assert.equal(attributesOf(span)['aode.correlation_id'], undefined);
    assert.equal(headers['x-trace-id'], undefined);
    assert.equal(got['x-trace-id'], undefined);
    assert.deepEqual(recorder.losses.counts(), { correlation_id_invalid: 1 });
  });
});

describe('foreign headers', () => {
  test('a load balancer that sends Root alone: the trace is its, the span a root', async () => {
    const recorder = record({ propagators: ['xray'] });
    const root = `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`;
    const { got } = await call(await serve(), ONWARD, { 'x-amzn-trace-id': `Root=${root};Lineage=a:1` });
    const span = await entry(recorder);
    assert.deepEqual([span.traceId, span.parentSpanId, span.flags & 3], [TRACE, '', 1]);
    assert.match(
      String(got['x-amzn-trace-id']),
      new RegExp(`^Root=${root};Parent=[0-9a-f]{16};Sampled=1;Lineage=a:1$`),
    );
  });

  test('b3: 0 begins a trace that is not sampled, and says so to the next', async () => {
    const recorder = record({ propagators: ['b3'] });
    const { got } = await call(await serve(), ONWARD, { b3: '0' });
    const span = await entry(recorder);
    assert.equal(span.flags & 3, 2);
    assert.match(String(got['b3']), new RegExp(`^${span.traceId}-[0-9a-f]{16}-0$`));
  });

  test('headers that disagree: the first span has a link to the loser, those below it have none', async () => {
    const recorder = record({ propagators: ['tracecontext', 'b3'] });
    const sent = { traceparent: PARENT, b3: `${'c'.repeat(32)}-${'d'.repeat(16)}-1` };
    await call(await serve(), ONWARD, sent);
    const span = await entry(recorder);
    assert.equal(span.parentSpanId, SPAN);
    const [link, ...more] = span.links;
    assert.ok(link !== undefined);
    assert.deepEqual(more, []);
    assert.deepEqual([link.traceId, link.spanId], ['c'.repeat(32), 'd'.repeat(16)]);
    assert.deepEqual(attributesOf(link), {
      'aode.link.reason': 'conflicting_headers',
      'aode.link.propagator': 'b3',
    });
    for (const other of recorder.spans) if (other !== span) assert.deepEqual(other.links, []);
  });
});

describe('an untrusted edge', () => {
  const hostile = { traceparent: PARENT, tracestate: 'a=1', baggage: 'tenant=red', 'x-request-id': 'r-1' };

  test('a new trace with a link, no baggage; another port is as ever', async () => {
    const untrustedPorts = new Set<number>();
    const recorder = record({ untrustedPorts });
    const port = await serve();
    untrustedPorts.add(port);
    const inner = await serve();
    const { got } = await call(port, ONWARD, hostile);
    const span = await entry(recorder);
    assert.notEqual(span.traceId, TRACE);
    assert.deepEqual([span.parentSpanId, span.traceState, span.flags & 3], ['', 'ot=th:0', 3]);
    assert.deepEqual(
      span.links.map((link) => [link.traceId, link.spanId, link.traceState, attributesOf(link)]),
      [
        [
          TRACE,
          SPAN,
          'a=1',
          { 'aode.link.reason': 'untrusted_edge', 'aode.link.propagator': 'tracecontext' },
        ],
      ],
    );
    assert.deepEqual([got['baggage'], got['tracestate']], [undefined, 'ot=th:0']);
    assert.deepEqual(recorder.losses.counts(), { baggage_dropped: 1 });
    const inside = await call(inner, '/on/127.0.0.1/', hostile);
    assert.equal(inside.got['baggage'], 'tenant=red');
    assert.equal(String(inside.got['traceparent']).split('-')[1], TRACE);
  });

  test('all listeners', async () => {
    const recorder = record({ untrustedPorts: new Set(['all'] as const) });
    await call(await serve(), ONWARD, hostile);
    assert.notEqual((await entry(recorder)).traceId, TRACE);
  });
});

describe('the trust boundary on the way out', () => {
  const sent = { traceparent: PARENT, tracestate: 'a=1', baggage: 'tenant=blue', 'x-trace-id': 'order-7' };

  test('a trusted host gets everything, another ids and flags only', async () => {
    record({ trusted: ['127.0.0.1'] });
    const port = await serve();
    const ours = (await call(port, '/on/127.0.0.1', sent)).got;
    assert.deepEqual([ours['baggage'], ours['tracestate']], ['tenant=blue', 'a=1']);
    const theirs = (await call(port, '/on/localhost', sent)).got;
    assert.deepEqual([theirs['baggage'], theirs['tracestate']], [undefined, undefined]);
    assert.match(String(theirs['traceparent']), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    assert.equal(theirs['x-trace-id'], 'order-7');
  });

  test('a trusted host that redirects to another does not take them along', async () => {
    record({ trusted: ['127.0.0.1'] });
    const { got } = await call(await serve(), '/on/127.0.0.1/away', sent);
    assert.match(String(got.host), /^localhost:/);
    assert.deepEqual([got['baggage'], got['tracestate']], [undefined, undefined]);
    assert.match(String(got['traceparent']), new RegExp(`^00-${TRACE}-`));
  });
});

describe('dye', () => {
  test('keys of the allow-list reach every span and the next hop; others nothing', async () => {
    const recorder = record({ baggageAllow: ['tenant', 'user_tier', 'absent'] });
    const baggage = 'tenant=blue,user_tier=pr%C3%A9mium,secret=1';
    const { got } = await call(await serve(), ONWARD, { traceparent: PARENT, baggage });
    await entry(recorder);
    assert.equal(got['baggage'], 'tenant=blue,user_tier=pr%C3%A9mium');
    for (const span of recorder.spans) {
      const { tenant, user_tier, absent, secret } = attributesOf(span);
      assert.deepEqual([tenant, user_tier, absent, secret], ['blue', 'prémium', undefined, undefined]);
    }
    assert.deepEqual(recorder.losses.counts(), { baggage_dropped: 1 });
  });

  test('without a list nothing is shown', async () => {
    const recorder = record();
    const { got } = await call(await serve(), ONWARD, { baggage: 'tenant=blue' });
    assert.equal(got['baggage'], 'tenant=blue');
    assert.equal(attributesOf(await entry(recorder))['tenant'], undefined);
  });

  test("an attribute of the application's own stands", () => {
    const recorder = record({ baggageAllow: ['tenant'] });
    const context = recorder.propagator.extract(
      ROOT_CONTEXT,
      { baggage: 'tenant=blue' },
      defaultTextMapGetter,
    );
    const tracer = recorder.provider.getTracer('t');
    tracer.startSpan('s', { attributes: { tenant: 'mine' } }, context).end();
    assert.equal(attributesOf(recorder.spans[0] ?? { attributes: [] })['tenant'], 'mine');
  });
});
