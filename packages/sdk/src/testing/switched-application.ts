/**
 * An application on OpenTelemetry's SDK, whose first line says which: HTTP both ways, express, and everything that the
 * API lets a span say. What differs from run to run by nature is given (times, links) or cut (ports) by the tests.
 */
export function switchedApplication(sdk: '@opentelemetry/sdk-node' | '@aode/sdk/node-sdk'): string {
  return `const { NodeSDK } = require('${sdk}');${REST}`;
}

const REST = `
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const sdk = new NodeSDK({
  serviceName: 'shop',
  resource: resourceFromAttributes({ team: 'checkout', shard: 3, canary: true, zones: ['a', 'b'] }),
  instrumentations: [new HttpInstrumentation(), [new ExpressInstrumentation()]],
});
sdk.start();

const { context, logs, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');
const http = require('node:http');
const express = require('express');
const tracer = trace.getTracer('shop', '1.2.3');

const app = express();
app.use(express.json());
app.get('/orders/:id', (request, response) => {
  const attributes = { 'order.id': request.params.id };
  tracer.startActiveSpan('load order', { kind: SpanKind.INTERNAL, attributes }, (span) => {
    span.addEvent('cache.miss', { key: request.params.id });
    const info = { severityNumber: 9, severityText: 'INFO' };
    logs.getLogger('shop', '1.2.3').emit({ ...info, body: 'loaded', attributes: { n: 1 } });
    const exception = new RangeError('x');
    logs.getLogger('shop').emit({ eventName: 'order.loaded', body: { id: 7, tags: ['a'] }, exception });
    span.end();
    response.json({ id: request.params.id });
  });
});
app.post('/orders', (request, response) => response.status(201).json(request.body));
app.get('/fail', (request, response) => response.status(503).end());

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const { port } = server.address();
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function manual() {
  const root = tracer.startSpan('root', { root: true, kind: SpanKind.PRODUCER, startTime: [1700000000, 5] });
  root.setAttributes({
    text: 'a', whole: 7, negative: -7, fraction: 0.5, huge: 2 ** 60, yes: true, no: false, empty: '',
    texts: ['a', 'b'], numbers: [1, 2, 3], fractions: [0.5, 1], flags: [true, false], none: [],
    map: { a: 1, b: { c: [null, 'x'] } }, mixed: [1, 'a', null], bytes: new Uint8Array([1, 2]), zero: 0,
  });
  root.setAttribute('text', 'again');
  root.setAttribute('missing', undefined);
  root.setAttribute('null', null);
  root.addEvent('plain');
  root.addEvent('timed', [1700000001, 7]);
  root.addEvent('attributed', { 'a.b': 1, list: ['x'] }, [1700000002, 8]);
  const inside = trace.setSpan(context.active(), root);
  const links = [{ context: root.spanContext(), attributes: { why: 'batch' } }];
  const child = tracer.startSpan('child', { kind: SpanKind.CONSUMER, links }, inside);
  child.addLink({ context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true } });
  child.recordException(new TypeError('broken'));
  child.recordException('only text');
  child.recordException({ code: 42, message: 'coded' });
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'it broke' });
  child.updateName('renamed child');
  child.end();
  const fine = tracer.startSpan('fine', { kind: SpanKind.CLIENT }, inside);
  fine.setStatus({ code: SpanStatusCode.ERROR, message: 'not yet' });
  fine.setStatus({ code: SpanStatusCode.OK, message: 'ignored' });
  fine.setStatus({ code: SpanStatusCode.ERROR, message: 'too late' });
  fine.end();
  fine.setAttribute('late', true);
  root.end([1700000003, 9]);
  const remote = { traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: 1, isRemote: true };
  tracer.startSpan('below a remote one', {}, trace.setSpanContext(ROOT_CONTEXT, remote)).end();
}

const server = http.createServer(app).listen(0, '127.0.0.1', async () => {
  manual();
  await tracer.startActiveSpan('calls', async (span) => {
    await call('GET', '/orders/7?full=1');
    await call('POST', '/orders', '{"item":"pen"}');
    await call('GET', '/nowhere');
    await call('GET', '/fail');
    await call('SEARCH', '/odd');
    span.end();
  });
  server.close(async () => {
    await sdk.shutdown();
    console.log('done');
  });
});
`;
