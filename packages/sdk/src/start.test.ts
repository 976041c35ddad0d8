/** `startAode()` called by applications, as real processes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import { type Ended, folder, run } from './testing/application.ts';

const PACKAGE =
  '{"name":"from-package","version":"1.2.3","aode":{"requestIdHeader":"x-own","propagators":"none"}}';

async function application(script: string, env: Record<string, string> = {}): Promise<Ended> {
  using app = folder({ 'package.json': PACKAGE, 'app.mjs': script });
  return await run({ cwd: app.path, args: ['app.mjs'], env, register: false });
}

const IMPORTS = `
import { createServer, Server } from 'node:http';
import { context, propagation, trace, ProxyTracerProvider, ROOT_CONTEXT } from '@opentelemetry/api';
import { startAode } from '@aode/sdk';
const codeOf = (work) => {
  try { work(); return 'none'; } catch (error) { return error.code + ' ' + error.detail.why; }
};
`;

test('a deadline that is none is as none, one without end does not end at once', async () => {
  const { stdout, stderr } = await application(`${IMPORTS}
    const aode = startAode({ endpoint: 'http://127.0.0.1:1', exitTimeoutMs: 200 });
    trace.getTracer('t').startSpan('work').end();
    for (const deadline of ['60000', 60000n, NaN, -1, null]) console.log(await aode.flush(deadline));
    let isOver = false;
    aode.flush(Infinity).then(() => (isOver = true));
    aode.durable('60000').then(() => aode.flush(50)).then(() => {
      console.log(isOver);
      process.exit();
    });
  `);
  assert.match(stderr, /AODE_EXPORT/);
  assert.equal(stdout, 'false\n'.repeat(6));
});

describe('startAode', { concurrency: 2 }, () => {
  test('options of code, resource of package.json, flush and losses', async () => {
    await using receiver = await openReceiver();
    const { stdout, stderr } = await application(`${IMPORTS}
      const headers = { 'x-token': 't' };
      const aode = startAode({ endpoint: '${receiver.endpoint}', flushIntervalMs: 100000, headers });
      trace.getTracer('t').startSpan('work').end();
      console.log(await aode.flush(5000), JSON.stringify(aode.losses()), startAode() === aode);
    `);
    assert.equal(stderr, '');
    assert.equal(stdout, 'true {} true\n');
    assert.equal(receiver.spans[0]?.name, 'work');
    assert.equal(receiver.requests[0]?.headers['x-token'], 't');
    const resource = attributesOf(receiver.resources[0] ?? { attributes: [] });
    assert.equal(resource['service.name'], 'from-package');
    assert.equal(resource['service.version'], '1.2.3');
    assert.equal(resource['telemetry.distro.name'], 'aode');
  });

  test('options of package.json and of the environment reach their places', async () => {
    await using receiver = await openReceiver();
    const { stdout, stderr } = await application(
      `${IMPORTS}
      startAode();
      const server = createServer((request, response) => {
        response.end(JSON.stringify(request.headers['traceparent'] ?? 'none'));
      }).listen(0, '127.0.0.1', async () => {
        const answer = await fetch('http://127.0.0.1:' + server.address().port, { headers: { 'x-own': 'r-1' } });
        console.log(await answer.text(), answer.headers.get('x-own'));
        server.close();
      });`,
      {
        AODE_HUB_OTLP: receiver.endpoint,
        AODE_EXIT_TIMEOUT: '20000',
        OTEL_SERVICE_NAME: 'from-env',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      },
    );
    assert.equal(stderr, '');
    assert.equal(stdout, '"none" r-1\n');
    assert.equal(attributesOf(receiver.resources[0] ?? { attributes: [] })['service.name'], 'from-env');
    const sent = receiver.requests.find(({ path }) => path === '/v1/traces');
    assert.equal(sent?.headers['content-encoding'], 'gzip');
  });

  test('shutdown delivers and takes everything back; then it can be started again', async () => {
    await using receiver = await openReceiver();
    const { stdout, stderr } = await application(`${IMPORTS}
      const counts = () => ['beforeExit', 'exit', 'SIGTERM'].map((event) => process.listenerCount(event)).join();
      const before = counts();
      const fetchBefore = globalThis.fetch;
      const options = { endpoint: '${receiver.endpoint}' };
      const first = startAode(options);
      trace.getTracer('t').startSpan('first').end();
      await first.shutdown();
      console.log(counts() === before, Object.hasOwn(Server.prototype, 'emit'), fetch === fetchBefore);
      console.log(trace.getTracer('t').startSpan('between').isRecording(), propagation.fields().length);
      const second = startAode(options);
      trace.getTracer('t').startSpan('second').end();
      console.log(second !== first);
      await second.shutdown();
      await second.shutdown();
    `);
    assert.equal(stderr, '');
    assert.equal(stdout, 'true false true\nfalse 0\ntrue\n');
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['first', 'second'],
    );
  });
});

test('shutdown tells what is under way, as far as it has come', async () => {
  await using receiver = await openReceiver();
  const { stdout, stderr } = await application(`${IMPORTS}
    const aode = startAode({ endpoint: '${receiver.endpoint}' });
    const span = trace.getTracer('t').startSpan('work');
    await aode.shutdown();
    const { spans } = aode.ledger();
    console.log(spans.started, spans.ended, spans.kept, spans.delivered);
  `);
  assert.equal(stderr, '');
  assert.equal(stdout, '1 1 1 1\n');
  assert.equal(attributesOf(receiver.spans[0] ?? { attributes: [] })['aode.span.incomplete'], 'shutdown');
});

describe('startAode cannot, or need not', { concurrency: 2 }, () => {
  test('an impossible option is thrown with its code', async () => {
    const { stdout, stderr } = await application(`${IMPORTS}
      try { startAode({ compression: 'brotli' }); } catch (error) { console.log(error.code, error.detail.option); }
      console.log(Object.hasOwn(Server.prototype, 'emit'));
    `);
    assert.equal(stderr, '');
    assert.equal(stdout, 'AODE_OPTION_INVALID compression\nfalse\n');
  });

  test('a propagator that is not known is named and ignored; the others work', async () => {
    const { stdout, stderr } = await application(`${IMPORTS}
      startAode({ endpoint: 'http://127.0.0.1:1', propagators: ['ottrace', 'tracecontext', 'mine', 'none'] });
      console.log(propagation.fields().join());
    `);
    assert.match(stderr, /^aode: AODE_OPTION_INVALID: [^\n]*value ottrace, mine, it is ignored[^\n]*\n$/);
    assert.equal(stdout, 'traceparent,tracestate\n');
  });

  test('another OpenTelemetry SDK is registered: thrown with its code, and nothing of it is touched', async () => {
    const theirs: readonly (readonly [string, string])[] = [
      ['trace.setGlobalTracerProvider(mine)', 'trace.getTracerProvider().getDelegate() === mine'],
      ['context.setGlobalContextManager(mine)', 'context.active() === "theirs"'],
      ['propagation.setGlobalPropagator(mine)', 'propagation.fields()[0] === "theirs"'],
    ];
    for (const [register, isThere] of theirs) {
      const { stdout, stderr } = await application(`${IMPORTS}
        const mine = { getTracer: () => ({}), active: () => 'theirs', disable() {} , fields: () => ['theirs'] };
        ${register};
        console.log(codeOf(() => startAode({ endpoint: 'http://127.0.0.1:1' })));
        console.log(${isThere}, Object.hasOwn(Server.prototype, 'emit'), process.listenerCount('SIGTERM'));
      `);
      assert.equal(stderr, '');
      assert.equal(
        stdout,
        'AODE_REGISTER_FAILED another OpenTelemetry SDK is registered already\ntrue false 0\n',
      );
    }
  });

  test('an SDK that comes after us does not take over', async () => {
    await using receiver = await openReceiver();
    const { stdout } = await application(`${IMPORTS}
      startAode({ endpoint: '${receiver.endpoint}' });
      console.log(trace.setGlobalTracerProvider({ getTracer: () => ({}) }));
      trace.getTracer('t').startSpan('ours').end();
    `);
    assert.equal(stdout, 'false\n');
    assert.equal(receiver.spans[0]?.name, 'ours');
  });

  test('disabled by the environment, and nevertheless by code not', async () => {
    await using receiver = await openReceiver();
    const { stdout, stderr } = await application(
      `${IMPORTS}
      const off = startAode();
      trace.getTracer('t').startSpan('unseen').end();
      console.log(await off.flush(), JSON.stringify(off.losses()), Object.hasOwn(Server.prototype, 'emit'));
      await off.shutdown();
      startAode({ disabled: false, endpoint: '${receiver.endpoint}' });
      trace.getTracer('t').startSpan('seen').end();`,
      { OTEL_SDK_DISABLED: 'true' },
    );
    assert.equal(stderr, '');
    assert.equal(stdout, 'true {} false\n');
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['seen'],
    );
  });
});

describe('what a running SDK does', { concurrency: 2 }, () => {
  test('logs: false keeps the ids in the lines and sends none', async () => {
    await using receiver = await openReceiver();
    const { stdout } = await application(`${IMPORTS}
      startAode({ endpoint: '${receiver.endpoint}', logs: false });
      const { default: pino } = await import('pino');
      trace.getTracer('t').startActiveSpan('work', (span) => { pino().info('hello'); span.end(); });
    `);
    const line = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(line['trace_id'], receiver.spans[0]?.traceId);
    assert.equal(receiver.logs.length, 0);
  });

  test('losses are counted by their reason', async () => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      response.writeHead(400).end();
      return true;
    };
    const { stdout, stderr } = await application(`${IMPORTS}
      const aode = startAode({ endpoint: '${receiver.endpoint}', flushIntervalMs: 100000 });
      for (const name of ['a', 'b', 'c']) trace.getTracer('t').startSpan(name).end();
      await aode.flush();
      console.log(JSON.stringify(aode.losses()));
    `);
    assert.equal(stdout, '{"refused":3}\n');
    assert.match(stderr, /^aode: AODE_EXPORT_FAILED: [^\n]+\n$/);
  });
});
