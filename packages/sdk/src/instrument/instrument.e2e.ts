/** Contrib instrumentations in real applications, from the registry as they are: who records what, and under whom. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { SPAN_KIND, type Span } from '@aode/wire';
import { type Ended, folder, run } from '../testing/application.ts';
import type { InstrumentationReport } from './instrumentation.ts';

const DEPENDENCIES = Object.fromEntries(
  ['http', 'undici', 'express', 'generic-pool', 'dns', 'net'].map((name) => [
    `@opentelemetry/instrumentation-${name}`,
    '*',
  ]),
);
const PACKAGE = JSON.stringify({ name: 'app', dependencies: DEPENDENCIES });

/** A request through express, which takes something out of a pool, looks up a name, and connects. */
const BODY = `
const pool = genericPool.createPool({ create: async () => ({}), destroy: async () => {} });
const app = express();
app.get('/orders/:id', async (request, response) => {
  const one = await pool.acquire();
  await pool.release(one);
  await dns.promises.lookup('localhost');
  await new Promise((resolve) => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => socket.end());
    socket.on('close', resolve);
  });
  response.send('ok');
});
const server = http.createServer(app).listen(0, '127.0.0.1', async () => {
  await fetch('http://127.0.0.1:' + server.address().port + '/orders/7').then((answer) => answer.text());
  server.close();
  await pool.drain();
  await pool.clear();
  console.log(JSON.stringify(globalThis[Symbol.for('aode.sdk')].instrumentations()));
});
`;
const MODULES = [
  ['dns', 'node:dns'],
  ['net', 'node:net'],
  ['http', 'node:http'],
  ['express', 'express'],
  ['genericPool', 'generic-pool'],
] as const;
const ESM = MODULES.map(([name, from]) => `import ${name} from '${from}';`).join('\n') + BODY;
const CJS = MODULES.map(([name, from]) => `const ${name} = require('${from}');`).join('\n') + BODY;

async function application(
  files: Readonly<Record<string, string>>,
  receiver: Receiver,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  using app = folder({ 'package.json': PACKAGE, ...files });
  const script = Object.keys(files).find((name) => /(?:^|\/)app\.[cm]js$/.test(name)) ?? '';
  return await run({
    cwd: app.path,
    args: [script],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_TRACES_SAMPLER: 'always_on', ...env },
  });
}

const statesIn = ({ stdout }: Ended): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as InstrumentationReport[]).map(({ name, state }) => [
      name.replace('@opentelemetry/instrumentation-', ''),
      state,
    ]),
  );

function assertTree(spans: readonly Span[]): void {
  const named = (pattern: RegExp): Span => {
    const found = spans.filter(({ name }) => pattern.test(name));
    assert.equal(found.length, 1, `${String(pattern)} in ${spans.map(({ name }) => name).join(', ')}`);
    return found[0] as Span;
  };
  const servers = spans.filter(({ kind }) => kind === SPAN_KIND.server);
  const clients = spans.filter(({ kind, name }) => kind === SPAN_KIND.client && name.startsWith('GET'));
  assert.equal(servers.length, 1, 'one span for each request that arrives');
  assert.equal(clients.length, 1, 'and one for each that is made');
  const server = servers[0] as Span;
  assert.equal(server.parentSpanId, clients[0]?.spanId);
  assert.equal(attributesOf(server)['http.route'], '/orders/:id');
  const handler = named(/request handler/);
  assert.equal(handler.parentSpanId, server.spanId);
  const acquire = named(/^generic-pool.acquire$/);
  const lookup = spans.find(({ name, traceId }) => name === 'dns.lookup' && traceId === server.traceId);
  const connect = spans.find(({ name, traceId }) => name === 'tcp.connect' && traceId === server.traceId);
  for (const span of [acquire, lookup, connect]) {
    assert.ok(span !== undefined);
    assert.equal(span.traceId, server.traceId);
    assert.equal(span.parentSpanId, handler.spanId, `${span.name} below the handler`);
  }
}

describe('contrib instrumentations', { concurrency: 2 }, () => {
  for (const [name, script] of [
    ['app.cjs', CJS],
    ['app.mjs', ESM],
  ] as const) {
    test(`${name}: found in the application's tree, their spans below ours, http not doubled`, async () => {
      await using receiver = await openReceiver();
      const ended = await application({ [name]: script }, receiver);
      assert.equal(ended.stderr, '');
      assertTree(receiver.spans);
      assert.deepEqual(statesIn(ended), {
        http: 'aode',
        undici: 'aode',
        express: 'enabled',
        'generic-pool': 'enabled',
        dns: 'enabled',
        net: 'enabled',
      });
    });
  }
});

describe('which of them are enabled', { concurrency: 2 }, () => {
  test('by name: those of the variables of OpenTelemetry, without those that it disables', async () => {
    await using receiver = await openReceiver();
    const ended = await application({ 'app.cjs': CJS }, receiver, {
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,express,dns',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'dns',
    });
    assert.deepEqual(statesIn(ended), {
      http: 'aode',
      undici: 'aode',
      express: 'enabled',
      'generic-pool': 'disabled',
      dns: 'disabled',
      net: 'disabled',
    });
    const names = receiver.spans.map(({ name }) => name);
    assert.ok(names.some((name) => name.startsWith('request handler')));
    assert.ok(!names.includes('dns.lookup') && !names.includes('generic-pool.acquire'));
  });

  test('none: nothing is loaded', async () => {
    await using receiver = await openReceiver();
    const ended = await application({ 'app.cjs': CJS }, receiver, { AODE_INSTRUMENTATIONS: 'none' });
    assert.deepEqual(statesIn(ended), {});
    assert.equal(receiver.spans.length, 2);
  });

  test('a collection: what has no library, makes metrics only or is off by default stays out', async () => {
    await using receiver = await openReceiver();
    const collection = 'app/node_modules/@opentelemetry/auto-instrumentations-node';
    const names = ['dns', 'fs', 'mongodb', 'http', 'runtime-node', 'express'];
    const dependencies = Object.fromEntries(
      names.map((name) => [`@opentelemetry/instrumentation-${name}`, '*']),
    );
    const ended = await application(
      {
        'app/package.json': JSON.stringify({
          name: 'inner',
          dependencies: { '@opentelemetry/auto-instrumentations-node': '*' },
        }),
        [`${collection}/package.json`]: JSON.stringify({
          main: 'build/index.js',
          dependencies: { ...dependencies, '@opentelemetry/sdk-node': '*' },
        }),
        [`${collection}/build/index.js`]: '',
        'app/app.cjs': CJS,
      },
      receiver,
    );
    assert.equal(ended.stderr, '');
    assert.deepEqual(statesIn(ended), {
      dns: 'enabled',
      fs: 'disabled',
      mongodb: 'disabled',
      http: 'aode',
      'runtime-node': 'disabled',
      express: 'enabled',
    });
    assert.ok(receiver.spans.some(({ name }) => name === 'dns.lookup'));
  });
});

describe('what an application does besides', { concurrency: 2 }, () => {
  test('one that cannot be loaded, one whose patch throws: said, and the application runs', async () => {
    await using receiver = await openReceiver();
    const dependencies = {
      'opentelemetry-instrumentation-throws': '*',
      'opentelemetry-instrumentation-gone': '*',
    };
    const ended = await application(
      {
        'app/package.json': JSON.stringify({ name: 'inner', dependencies }),
        'app/node_modules/opentelemetry-instrumentation-throws/index.js': THROWS,
        'app/app.cjs': CJS,
      },
      receiver,
    );
    // At most one line a second of one code.
    assert.match(ended.stderr, /^aode: AODE_INSTRUMENTATION_FAILED: .*opentelemetry-instrumentation-gone/);
    assert.doesNotMatch(ended.stderr, /^(?!aode: AODE_INSTRUMENTATION_FAILED: )./m);
    assert.deepEqual(statesIn(ended), {
      'opentelemetry-instrumentation-throws': 'failed',
      'opentelemetry-instrumentation-gone': 'failed',
    });
    assert.equal(receiver.spans.length, 2);
    assert.equal(ended.code, 0);
  });

  test('set up by the application itself beside Aode: http, fetch and express once each', async () => {
    await using receiver = await openReceiver();
    const SETUP = `
      const { NodeSDK } = require('@opentelemetry/sdk-node');
      const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
      const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
      const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
      new NodeSDK({
        instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), new ExpressInstrumentation()],
      }).start();
    `;
    const ended = await application(
      {
        'package.json': '{"name":"app"}',
        'app.cjs': SETUP + CJS.replaceAll('fetch(', 'viaHttp(') + VIA_HTTP,
      },
      receiver,
      { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    );
    assert.equal(ended.stderr, '');
    const client = receiver.spans.find(({ kind }) => kind === SPAN_KIND.client);
    const server = receiver.spans.find(({ kind }) => kind === SPAN_KIND.server);
    const handler = receiver.spans.find(({ name }) => name.startsWith('request handler'));
    assert.equal(receiver.spans.filter(({ kind }) => kind !== SPAN_KIND.internal).length, 2);
    assert.equal(client?.parentSpanId, '');
    assert.equal(server?.parentSpanId, client?.spanId);
    assert.equal(handler?.parentSpanId, server?.spanId);
  });
});

/** A call through node:http, then one whose answer has no body to speak of. */
const VIA_HTTP = `
function viaHttp(url) {
  return new Promise((resolve) => http.get(url, (answer) => {
    answer.resume();
    answer.on('end', () => resolve({ text: async () => '' }));
  }));
}`;

const THROWS = `
const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require('@opentelemetry/instrumentation');
const ThrowingInstrumentation = class extends InstrumentationBase {
  constructor() {
    super('opentelemetry-instrumentation-throws', '1.0.0', {});
  }
  init() {
    return [new InstrumentationNodeModuleDefinition('generic-pool', ['*'], () => {
      throw new Error('planted');
    })];
  }
};
exports.ThrowingInstrumentation = ThrowingInstrumentation;`;
