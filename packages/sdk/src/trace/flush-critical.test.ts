/** `aode.flushCritical` in real applications, with a receiver that answers as the test says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReceiver } from '@aode/journal/otlp-receiver';
import { folder, run } from '../testing/application.ts';

const IMPORTS = `
import { once } from 'node:events';
import { createServer } from 'node:net';
import { trace } from '@opentelemetry/api';
import { startAode } from '@aode/sdk';
const only = { samplingProbability: 0, samplingTracesPerSecondMin: 0, journalDirectory: 'off' };
const start = (more) => startAode({ ...only, ...more });
const record = (name) => {
  const span = trace.getTracer('t').startSpan(name);
  span.end();
  return span.spanContext().traceId;
};
`;

async function saying(script: string): Promise<unknown> {
  using app = folder({ 'package.json': '{"name":"app"}', 'app.mjs': IMPORTS + script });
  const { stdout, stderr } = await run({ cwd: app.path, args: ['app.mjs'], env: {}, register: false });
  assert.doesNotMatch(stderr, /Error/);
  return JSON.parse(stdout);
}

for (const agent of ['worker', 'inline'] as const) {
  test(`${agent}: a trace that sampling would not keep arrives, and that alone`, async () => {
    await using receiver = await openReceiver();
    const said = await saying(`
      const aode = start({ endpoint: '${receiver.endpoint}', agent: '${agent}' });
      record('other');
      const id = record('wanted');
      const said = [await aode.flushCritical(id, 10000), await aode.flushCritical(id.toUpperCase(), 10000)];
      console.log(JSON.stringify(said));
    `);
    assert.deepEqual(said, [true, true]);
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['wanted'],
    );
  });

  test(`${agent}: no in time where nothing is answered, not even that others are asked`, async () => {
    const said = await saying(`
      const server = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const endpoint = 'http://127.0.0.1:' + server.address().port;
      const aode = start({ endpoint, agent: '${agent}', exitTimeoutMs: 1 });
      const id = record('wanted');
      const from = performance.now();
      const said = await aode.flushCritical(id, 200);
      console.log(JSON.stringify([said, performance.now() - from < 5000]));
      process.exit();
    `);
    assert.deepEqual(said, [false, true]);
  });

  test(`${agent}: no when the receiver is away, refuses it, or takes a part`, async () => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      response.writeHead(400).end();
      return true;
    };
    const said = await saying(`
      const aode = start({ endpoint: '${receiver.endpoint}', agent: '${agent}', metricIntervalMs: 0 });
      const refused = await aode.flushCritical(record('refused'), 10000);
      await aode.shutdown();
      const away = start({ endpoint: 'http://127.0.0.1:1', agent: '${agent}', exitTimeoutMs: 1 });
      console.log(JSON.stringify([refused, await away.flushCritical(record('away'), 50)]));
    `);
    assert.deepEqual(said, [false, false]);
  });
}

test('no for what is not here, is no id, or has given way in part; what there is arrives', async () => {
  await using receiver = await openReceiver();
  const said = await saying(`
    const aode = start({ endpoint: '${receiver.endpoint}', memoryBytesMax: 4 * 1024 * 1024 });
    const said = [
      await aode.flushCritical('0af7651916cd43dd8448eb211c80319c', 10000),
      await aode.flushCritical('nonsense', 10000),
      await aode.flushCritical(Symbol('id'), 10000),
    ];
    const root = trace.getTracer('t').startSpan('root');
    const { traceId } = root.spanContext();
    const inside = trace.setSpan((await import('@opentelemetry/api')).ROOT_CONTEXT, root);
    trace.getTracer('t').startSpan('gives way', {}, inside).end();
    for (let i = 0; i < 5000; i += 1) {
      const span = trace.getTracer('t').startSpan('other');
      span.setAttribute('text', 'x'.repeat(1000));
      span.end();
    }
    root.end();
    said.push(await aode.flushCritical(traceId, 10000));
    console.log(JSON.stringify(said));
  `);
  assert.deepEqual(said, [false, false, false, false]);
  assert.deepEqual(
    receiver.spans.map(({ name }) => name),
    ['root'],
  );
});

test('a disabled SDK says no', async () => {
  assert.deepEqual(
    await saying(
      `console.log(JSON.stringify([await startAode({ disabled: true }).flushCritical('0'.repeat(31) + '1')]))`,
    ),
    [false],
  );
});
