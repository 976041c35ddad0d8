/** Services as real processes with the SDK in front of them, each calling the next: what goes along, what does not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { type Folder, folder, launch, type Running } from './testing/application.ts';

/** Calls `NEXT`, if there is one, and answers with what that says, else with the headers that it got. */
const SERVICE = `
import { createServer } from 'node:http';
import { pino } from 'pino';
import { startAode } from '@aode/sdk';
const log = pino({ base: null, timestamp: false });
const aode = startAode();
const server = createServer(async (request, response) => {
  if (request.url.startsWith('/switch/')) {
    const to = request.url.slice(8).split(',');
    try {
      aode.setPropagators(to[0] === 'five' ? 5 : to);
      response.end('switched');
    } catch (error) {
      response.end(error.code + ' ' + error.detail.option);
    }
    return;
  }
  log.info('at ' + process.env.OTEL_SERVICE_NAME);
  const next = process.env.NEXT;
  response.end(next === undefined ? JSON.stringify(request.headers) : await (await fetch(next)).text());
}).listen(0, '127.0.0.1', () => console.log('port ' + server.address().port + '.'));
// What is under way at the exit is sent once more, and would be counted twice here.
process.on('SIGTERM', () => server.close(() => aode.shutdown().then(() => process.exit())));
`;

let receiver: Receiver;
let app: Folder;
before(async () => {
  receiver = await openReceiver();
  app = folder({ 'package.json': '{"name":"app"}', 'app.mjs': SERVICE });
});
after(async () => {
  app[Symbol.dispose]();
  await receiver[Symbol.asyncDispose]();
});

interface Service {
  readonly url: string;
  readonly running: Running;
}

async function start(name: string, next: Service | undefined, env: Record<string, string>): Promise<Service> {
  const running = launch({
    cwd: app.path,
    args: ['app.mjs'],
    env: {
      OTEL_SERVICE_NAME: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      AODE_EXIT_TIMEOUT: '20000',
      ...(next === undefined ? {} : { NEXT: next.url }),
      ...env,
    },
  });
  const [, port = ''] = await running.line(/port (\d+)\./);
  return { url: `http://127.0.0.1:${port}/`, running };
}

/** From the last to the first; the first comes first in what is returned. */
async function chain(envs: readonly Record<string, string>[]): Promise<readonly Service[]> {
  const services: Service[] = [];
  for (const env of envs.toReversed()) {
    services.unshift(await start(`s${services.length}`, services[0], env));
  }
  return services;
}

async function stop(services: readonly Service[]): Promise<readonly Record<string, unknown>[]> {
  for (const { running } of services) running.process.kill('SIGTERM');
  const all = await Promise.all(services.map(({ running }) => running.ended));
  for (const { stderr } of all) assert.equal(stderr, '');
  return all
    .flatMap(({ stdout }) => stdout.split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const first = (services: readonly Service[]): string => services[0]?.url ?? '';

describe('a chain of processes', () => {
  test('each pair speaks another format, and it is one trace; the sampled flag of the caller stays', async () => {
    receiver.spans.length = 0;
    // What the caller has not sampled is kept by a rule.
    const kept = { AODE_KEEP: 'attribute.url.full;attribute.url.path' };
    const services = await chain([
      { OTEL_PROPAGATORS: 'tracecontext,b3', ...kept },
      { OTEL_PROPAGATORS: 'b3,jaeger', ...kept },
      { OTEL_PROPAGATORS: 'jaeger,xray', ...kept },
      { OTEL_PROPAGATORS: 'xray,datadog', ...kept },
      { OTEL_PROPAGATORS: 'datadog,b3multi', ...kept },
      { OTEL_PROPAGATORS: 'b3multi', ...kept },
    ]);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await fetch(first(services), {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-00` },
    });
    const got = (await answer.json()) as Record<string, string>;
    await stop(services);
    assert.equal(got['x-b3-traceid'], traceId);
    assert.equal(got['x-b3-sampled'], '0');
    assert.equal(got['traceparent'], undefined);
    assert.equal(receiver.spans.length, 11);
    assert.ok(receiver.spans.every((span) => span.traceId === traceId && (span.flags & 1) === 0));
    const ids = new Set([...receiver.spans.map(({ spanId }) => spanId), 'b7ad6b7169203331']);
    assert.ok(receiver.spans.every(({ parentSpanId }) => ids.has(parentSpanId)));
  });

  test('dye and X-Trace-ID reach spans and lines of every process', async () => {
    receiver.spans.length = 0;
    const dyed = { AODE_BAGGAGE_ALLOW: 'tenant' };
    const services = await chain([dyed, dyed, dyed, dyed]);
    const answer = await fetch(first(services), {
      headers: { baggage: 'tenant=blue,secret=1', 'x-trace-id': 'order-7' },
    });
    const got = (await answer.json()) as Record<string, string>;
    assert.equal(answer.headers.get('x-trace-id'), 'order-7');
    const lines = await stop(services);
    assert.equal(got['baggage'], 'tenant=blue');
    assert.equal(receiver.spans.length, 7);
    const [{ traceId } = { traceId: '' }] = receiver.spans;
    for (const span of receiver.spans) {
      assert.equal(attributesOf(span)['tenant'], 'blue');
      assert.equal(span.traceId, traceId);
      assert.match(span.traceState, /^ot=th:0;rv:[0-9a-f]{14}$/);
    }
    assert.equal(lines.length, 4);
    for (const line of lines) {
      const { tenant, correlation_id, trace_id } = line;
      assert.deepEqual([tenant, correlation_id, trace_id], ['blue', 'order-7', traceId]);
    }
  });
});

describe('two processes', () => {
  test('edge, hosts and switching as the environment and the running application say', async () => {
    receiver.spans.length = 0;
    const services = await chain([{ AODE_UNTRUSTED_PORTS: 'all', AODE_TRUSTED_HOSTS: 'none' }, {}]);
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, baggage: 'k=1', b3: '0' };
    const ask = async (path = ''): Promise<string> =>
      await (await fetch(first(services) + path, { headers })).text();
    const before = JSON.parse(await ask()) as Record<string, string>;
    assert.match(String(before['traceparent']), /^00-(?!a{32})/);
    assert.equal(before['baggage'], undefined);
    assert.equal(await ask('switch/b3,jaeger'), 'switched');
    const after = JSON.parse(await ask()) as Record<string, string>;
    assert.equal(after['traceparent'], undefined);
    assert.match(String(after['b3']), /^[0-9a-f]{32}-[0-9a-f]{16}-1$/);
    assert.match(String(after['uber-trace-id']), /:1$/);
    assert.equal(await ask('switch/five'), 'AODE_OPTION_INVALID propagators');
    assert.ok('b3' in (JSON.parse(await ask()) as Record<string, string>), 'nothing has changed');
    await stop(services);
    assert.ok(receiver.spans.every(({ traceId }) => traceId !== 'a'.repeat(32)));
    const [link] = receiver.spans.flatMap(({ links }) => links);
    assert.equal(link?.traceId, 'a'.repeat(32));
  });
});
