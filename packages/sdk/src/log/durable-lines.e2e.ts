/** Processes that kill themselves right behind a call, while nobody receives: what that call promised is there. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { folder, launch } from '../testing/application.ts';

/** Aode's own logger, however it is reached. */
const PREAMBLE = `
import { trace } from '@opentelemetry/api';
import { log } from '@aode/sdk';
const aode = globalThis[Symbol.for('aode.sdk')];
const die = () => process.kill(process.pid, 'SIGKILL');
`;

/** Starts and kills a program whose receiver is away; returns what the next process of its service delivers. */
async function leftBy(program: string, env: Record<string, string>, until: (receiver: Receiver) => boolean) {
  await using receiver = await openReceiver();
  using app = folder({
    'package.json': '{"name":"app"}',
    'dies.mjs': PREAMBLE + program,
    'idle.mjs': 'setInterval(() => {}, 1000);',
  });
  const shared = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    AODE_METRIC_INTERVAL: '0',
    AODE_SAMPLING_PROBABILITY: '0',
    AODE_SYNC_TIMEOUT: '10000',
    AODE_LOG_OUTPUT: 'off',
    AODE_JOURNAL_DIRECTORY: join(app.path, 'journal'),
    ...env,
  };
  receiver.answer = (_, response) => {
    response.writeHead(503).end();
    return true;
  };
  const dying = launch({ cwd: app.path, args: ['dies.mjs'], env: shared });
  const { signal, stderr } = await dying.ended;
  assert.equal(signal, 'SIGKILL', stderr);
  receiver.answer = () => false;
  const next = launch({ cwd: app.path, args: ['idle.mjs'], env: shared });
  await receiver.until(() => until(receiver));
  next.process.kill('SIGTERM');
  await next.ended;
  return { logs: receiver.logs, spans: receiver.spans };
}

for (const mode of ['worker', 'inline']) {
  describe(mode, () => {
    test('a fatal line is there although it was the last thing that was done', async () => {
      const { logs } = await leftBy(
        "log.info({ n: 1 }, 'before'); log.site('warn', 'site', 'n')(2); log.fatal('last words'); die();",
        { AODE_AGENT: mode },
        ({ logs: all }) => all.length >= 3,
      );
      const seen = logs.map(({ body, severityText }) => `${severityText}: ${JSON.stringify(body)}`);
      assert.deepEqual(new Set(seen), new Set(['info: "before"', 'warn: "site"', 'fatal: "last words"']));
      assert.equal(logs.length, 3);
      const numbers = logs.flatMap((record) => attributesOf(record)['n'] ?? []);
      assert.deepEqual(new Set(numbers), new Set([1n, 2n]));
    });

    test('so is one of the Logs API', async () => {
      const { logs } = await leftBy(
        `import { logs } from '@opentelemetry/api-logs';
         logs.getLogger('t').emit({ severityNumber: 21, body: 'last words' }); die();`,
        { AODE_AGENT: mode },
        ({ logs: all }) => all.length > 0,
      );
      assert.deepEqual(
        logs.map(({ body }) => body),
        ['last words'],
      );
    });

    test('sync critical: a span that has failed is there, with its trace', async () => {
      const { spans } = await leftBy(
        `const tracer = trace.getTracer('t');
         tracer.startActiveSpan('root', (root) => {
           tracer.startSpan('good').end();
           tracer.startActiveSpan('bad', (span) => { span.setStatus({ code: 2 }); span.end(); });
           root.setStatus({ code: 2 });
           root.end();
           die();
         });`,
        { AODE_AGENT: mode, AODE_SYNC: 'critical' },
        ({ spans: all }) => all.length >= 3,
      );
      assert.deepEqual(spans.map(({ name }) => name).toSorted(), ['bad', 'good', 'root']);
    });

    test('what was awaited to be durable is there', async () => {
      const { logs } = await leftBy(
        "for (let i = 0; i < 1000; i += 1) log.info({ i }, 'line'); if (await aode.durable(10_000)) die();",
        { AODE_AGENT: mode },
        ({ logs: all }) => all.length >= 1000,
      );
      const seen = logs.map((record) => attributesOf(record)['i']);
      assert.deepEqual(
        seen,
        Array.from({ length: 1000 }, (_, i) => BigInt(i)),
        'each once, in order',
      );
    });
  });
}

for (const [where, begin] of [
  ['worker', ''],
  ['inline', ''],
  [
    'a thread of the application',
    "if (isMainThread) { await once(new Worker('./burst.mjs'), 'exit'); process.exit(); }",
  ],
] as const) {
  test(`a loop that writes a hundred thousand lines in one turn, as the program begins: ${where}`, async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{"name":"app"}',
      'burst.mjs': `
        import { once } from 'node:events';
        import { isMainThread, Worker } from 'node:worker_threads';
        ${PREAMBLE}${begin}
        for (let i = 0; i < 100_000; i += 1) log.info({ i }, 'line');
        process.exitCode = (await aode.flush(60_000)) && Object.keys(aode.losses()).length === 0 ? 0 : 1;
      `,
    });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      AODE_METRIC_INTERVAL: '0',
      AODE_LOG_OUTPUT: 'off',
      AODE_JOURNAL_DIRECTORY: join(app.path, 'journal'),
      AODE_AGENT: where === 'inline' ? 'inline' : 'worker',
    };
    const { code, stderr } = await launch({ cwd: app.path, args: ['burst.mjs'], env }).ended;
    assert.deepEqual([code, stderr], [0, '']);
    const seen = receiver.logs.map((record) => Number(attributesOf(record)['i']));
    assert.deepEqual(
      seen,
      Array.from({ length: 100_000 }, (_, i) => i),
    );
  });
}
