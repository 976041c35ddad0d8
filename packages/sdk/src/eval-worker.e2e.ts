/** Worker threads that start from a text, in a real process with the SDK in front. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openReceiver } from '@aode/journal/otlp-receiver';
import { type Ended, folder, launch } from './testing/application.ts';

/** The program starts `thread` and tells what it says, which is the same without the SDK. */
async function inThread(thread: string, options: string, endpoint: string | undefined): Promise<Ended> {
  using app = folder({
    'package.json': '{"name":"app"}',
    'app.cjs': `const { Worker } = require('node:worker_threads');
      const worker = new Worker(${JSON.stringify(thread)}, { eval: true, ${options} });
      worker.on('message', (text) => console.log(text));
      worker.on('error', (error) => console.log(/worker eval\\]:\\d+/.exec(error.stack)?.[0], error.message));`,
  });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint ?? '', AODE_EXIT_TIMEOUT: '20000' };
  return await launch({ cwd: app.path, args: ['app.cjs'], env, register: endpoint !== undefined }).endWithin(
    40_000,
  );
}

const PINO = `const log = require('pino')(require('pino').destination(1)); log.info('from a text');`;

describe('a worker thread that starts from a text', { concurrency: 2 }, () => {
  for (const strict of ['', '"use strict"; ', '// first\n/* then */ "use strict"\n']) {
    test(`${JSON.stringify(strict)}: its spans and lines arrive, it runs as without the SDK`, async () => {
      await using receiver = await openReceiver();
      const thread = `${strict}${PINO}
        require('@opentelemetry/api').trace.getTracer('t').startSpan('work').end();
        require('node:worker_threads').parentPort.postMessage((function () { return this === undefined; })());`;
      const { stdout, stderr, code } = await inThread(thread, '', receiver.endpoint);
      assert.equal(stderr, '');
      assert.equal(code, 0);
      assert.equal(stdout.includes('true'), strict !== '');
      assert.deepEqual(
        receiver.logs.map(({ body }) => body),
        ['from a text'],
      );
      assert.deepEqual(
        receiver.spans.map(({ name }) => name),
        ['work'],
      );
    });
  }

  test('an error in it is where it is without the SDK', async () => {
    await using receiver = await openReceiver();
    const thread = '\n\nthrow new Error("mine");';
    const wanted = await inThread(thread, '', undefined);
    assert.deepEqual(await inThread(thread, '', receiver.endpoint), wanted);
    assert.match(wanted.stdout, /:3 mine/);
  });

  test('what the application has chosen for it stays so', async () => {
    await using receiver = await openReceiver();
    const { stderr, code } = await inThread(PINO, 'execArgv: []', receiver.endpoint);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.equal(receiver.logs.length, 0);
  });
});
