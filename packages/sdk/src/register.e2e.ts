/** Applications that know nothing of the SDK, as real processes with it in front: what arrives, and how they end. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { SPAN_KIND } from '@aode/wire';
import { type Ended, folder, launch, run } from './testing/application.ts';
import { openMute } from './testing/mute-server.ts';

/** One request to itself through fetch, with two lines of pino, in either module system. */
const APPLICATION = `
const server = createServer((request, response) => {
  log.info({ user: 'ann' }, 'before');
  setTimeout(() => Promise.resolve().then(() => {
    log.error(new Error('deep'), 'after');
    response.end('hello');
  }), 1);
});
server.listen(0, '127.0.0.1', () => {
  fetch('http://127.0.0.1:' + server.address().port + '/orders?token=secret', {
    headers: { 'x-request-id': 'req-7', cookie: 'session=secret' },
  })
    .then((answer) => answer.text().then((text) => console.log(text, answer.headers.get('x-request-id'))))
    .finally(() => server.close());
});
`;
const ESM = `import { createServer } from 'node:http'; import { pino } from 'pino';\nconst log = pino();${APPLICATION}`;
const CJS = `const { createServer } = require('node:http'); const log = require('pino')();${APPLICATION}`;

/** A span, then `ending`. */
const ends = (ending: string): string => `
const { trace } = require('@opentelemetry/api');
trace.getTracer('t').startSpan('work').end();
${ending}
`;

async function end(
  script: string,
  receiver: { readonly endpoint: string },
  env: Record<string, string> = {},
): Promise<Ended> {
  using app = folder({ 'package.json': '{"name":"app"}', 'app.cjs': script });
  return await run({
    cwd: app.path,
    args: ['app.cjs'],
    // Enough for a busy machine; tests of the bound set their own.
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_EXIT_TIMEOUT: '20000', ...env },
  });
}

function assertWholeStory(receiver: Receiver, ended: Ended): void {
  const server = receiver.spans.find(({ kind }) => kind === SPAN_KIND.server);
  const client = receiver.spans.find(({ kind }) => kind === SPAN_KIND.client);
  assert.ok(server !== undefined && client !== undefined);
  assert.equal(server.traceId, client.traceId);
  assert.equal(server.parentSpanId, client.spanId);
  assert.equal(client.parentSpanId, '');
  assert.equal(server.name, 'GET');
  assert.equal(attributesOf(server)['url.query'], 'token=REDACTED');
  assert.match(String(attributesOf(client)['url.full']), /\/orders\?token=REDACTED$/);
  assert.equal(attributesOf(server)['aode.request_id'], 'req-7');

  // pino and console write to one pipe by different ways: when it is full for a moment, their order is not told.
  const lines = ended.stdout.trim().split('\n');
  const isHello = (line: string): boolean => line === 'hello req-7';
  assert.equal(lines.filter(isHello).length, 1);
  const written = lines
    .filter((line) => !isHello(line))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    written.map(({ msg, trace_id, span_id, request_id }) => ({ msg, trace_id, span_id, request_id })),
    ['before', 'after'].map((msg) => ({
      msg,
      trace_id: server.traceId,
      span_id: server.spanId,
      request_id: 'req-7',
    })),
  );
  assert.deepEqual(
    receiver.logs.map(({ body, traceId, spanId }) => ({ body, traceId, spanId })),
    ['before', 'after'].map((body) => ({ body, traceId: server.traceId, spanId: server.spanId })),
  );
  const [before, after] = receiver.logs.map(attributesOf);
  assert.deepEqual(before, { user: 'ann', request_id: 'req-7' });
  assert.equal(after?.['exception.message'], 'deep');
  for (const { body } of receiver.requests) assert.ok(!Buffer.from(body).includes('secret'));
  assert.equal(ended.stderr, '');
  assert.equal(ended.code, 0);
}

describe('applications', { concurrency: 2 }, () => {
  for (const [name, script] of [
    ['app.mjs', ESM],
    ['app.cjs', CJS],
  ] as const) {
    test(`${name}: spans and lines of a request belong together, nothing private is sent`, async () => {
      await using receiver = await openReceiver();
      using app = folder({ 'package.json': '{"name":"app"}', [name]: script });
      const ended = await run({
        cwd: app.path,
        args: [name],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_EXIT_TIMEOUT: '20000' },
      });
      assertWholeStory(receiver, ended);
    });
  }

  test('registered twice, and started once more in code: every span once', async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{"name":"app"}',
      'app.mjs': `import { startAode } from '@aode/sdk';
        await startAode({ endpoint: 'http://127.0.0.1:1' }).flush();
        ${ESM}`,
    });
    // Another installed copy, as `aode run` brings one along.
    cpSync(join(import.meta.dirname, '..'), join(app.path, 'copy'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules') && !path.includes('dist'),
    });
    const ended = await run({
      cwd: app.path,
      args: ['--import', pathToFileURL(join(app.path, 'copy/src/register.ts')).href, 'app.mjs'],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_EXIT_TIMEOUT: '20000' },
    });
    assertWholeStory(receiver, ended);
    assert.equal(receiver.spans.length, 2);
  });

  test('a worker thread records on its own, and delivers at its end', async () => {
    await using receiver = await openReceiver();
    const script = `
      const { Worker, isMainThread } = require('node:worker_threads');
      const { trace } = require('@opentelemetry/api');
      trace.getTracer('t').startSpan(isMainThread ? 'main' : 'worker').end();
      if (isMainThread) new Worker(__filename);
      else process.exit(0);
    `;
    const { stderr, code } = await end(script, receiver);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.deepEqual(receiver.spans.map(({ name }) => name).sort(), ['main', 'worker']);
    const instances = new Set(receiver.resources.map((one) => attributesOf(one)['service.instance.id']));
    assert.equal(instances.size, 1, 'threads of a process share its agent');
  });
});

describe('what is delivered when a process ends', { concurrency: 2 }, () => {
  const endings: readonly (readonly [string, string, number])[] = [
    ['the event loop is empty', '', 0],
    ['process.exit()', 'process.exit(7)', 7],
    ['an uncaught error', 'setImmediate(() => { throw new Error("mine"); })', 1],
    ['an unhandled rejection', 'Promise.reject(new Error("mine"))', 1],
    ['process.exitCode', 'process.exitCode = 3', 3],
    ['an end in the middle of a request to the receiver', 'setTimeout(() => process.exit(5), 20)', 5],
  ];
  for (const [name, ending, wanted] of endings) {
    test(`${name}: everything, and the exit code is the application's`, async () => {
      await using receiver = await openReceiver();
      const env = name.includes('middle') ? { AODE_FLUSH_INTERVAL: '1' } : {};
      const { code, stderr } = await end(ends(ending), receiver, env);
      assert.equal(code, wanted);
      assert.equal(receiver.spans.length >= 1, true);
      assert.deepEqual(new Set(receiver.spans.map((span) => span.name)), new Set(['work']));
      assert.doesNotMatch(stderr, /aode:/);
    });
  }

  test('SIGTERM: everything, and the process ends by the signal', async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{}',
      'app.cjs': ends('setInterval(() => {}, 1e6); console.log("ready")'),
    });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      AODE_FLUSH_INTERVAL: '100000',
      AODE_EXIT_TIMEOUT: '20000',
    };
    const running = launch({ cwd: app.path, args: ['app.cjs'], env });
    await running.line(/ready/);
    running.process.kill('SIGTERM');
    const { signal, stderr } = await running.ended;
    assert.equal(signal, 'SIGTERM');
    assert.equal(stderr, '');
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['work'],
    );
  });

  test('SIGTERM that the application handles is its own', async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{}',
      'app.cjs': ends(
        'process.on("SIGTERM", () => { console.log("bye"); process.exit(4); });' +
          'setInterval(() => {}, 1e6); console.log("ready")',
      ),
    });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_EXIT_TIMEOUT: '20000' };
    const running = launch({ cwd: app.path, args: ['app.cjs'], env });
    await running.line(/ready/);
    running.process.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    assert.equal(code, 4);
    assert.equal(stdout, 'ready\nbye\n');
    assert.equal(receiver.spans.length, 1);
  });
});

const CODED = /^aode: AODE_EXPORT_FAILED: [^\n]+\n$/;

describe('no receiver', { concurrency: 2 }, () => {
  for (const ending of [
    '',
    'process.exit(0)',
    'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1e6)',
  ]) {
    test(`nobody listens, ${ending || 'natural end'}: one coded line`, async () => {
      const { code, signal, stderr } = await end(ends(ending), { endpoint: 'http://127.0.0.1:1' });
      assert.match(stderr, CODED);
      if (ending.includes('SIGTERM')) assert.equal(signal, 'SIGTERM');
      else assert.equal(code, 0);
    });

    test(`no answer, ${ending || 'natural end'}: put off by the bound, one coded line with the loss`, async () => {
      await using hole = await openMute();
      // The timeout of a request is longer than that of the exit, which has the last word.
      const env = { AODE_EXIT_TIMEOUT: '300', AODE_FLUSH_INTERVAL: '1', AODE_TIMEOUT: '60000' };
      const { stderr } = await end(ends(ending), hole, env);
      assert.match(stderr, CODED);
      assert.match(stderr, /exit_timeout, lost 1, endpoint http:/);
    });
  }

  test('an answer under way does not keep a finished application alive', async () => {
    await using hole = await openMute();
    const script = ends('setTimeout(() => console.log("done"), 200)');
    const env = { AODE_EXIT_TIMEOUT: '0', AODE_FLUSH_INTERVAL: '1', AODE_TIMEOUT: '60000' };
    const { stdout, stderr } = await end(script, hole, env);
    assert.equal(stdout, 'done\n');
    assert.match(stderr, CODED);
  });

  test('the password of an address is in no message', async () => {
    await using hole = await openMute();
    const endpoint = hole.endpoint.replace('http://', 'http://ann:hunter2@');
    const { stderr } = await end(ends('process.exit(0)'), { endpoint }, { AODE_EXIT_TIMEOUT: '100' });
    assert.match(stderr, CODED);
    assert.doesNotMatch(stderr, /hunter2/);
  });
});

describe('a register that cannot', { concurrency: 2 }, () => {
  test('an impossible option: one coded line, the application runs', async () => {
    const { code, stdout, stderr } = await end('console.log("runs")', { endpoint: 'gopher://x' });
    assert.equal(code, 0);
    assert.equal(stdout, 'runs\n');
    assert.match(
      stderr,
      /^aode: AODE_OPTION_INVALID: [^\n]*OTEL_EXPORTER_OTLP_ENDPOINT[^\n]*; this process is not observed\n$/,
    );
  });

  test('something that it needs is missing: one coded line, the application runs', async () => {
    using app = folder({
      'package.json': '{}',
      'hooks.mjs': `import { registerHooks } from 'node:module';
        registerHooks({ resolve(specifier, context, next) {
          if (specifier === '@opentelemetry/api') throw new Error("Cannot find package '@opentelemetry/api'");
          return next(specifier, context);
        } });`,
      'app.cjs': 'console.log("runs")',
    });
    const hooks = new URL(`file://${app.path}/hooks.mjs`).href;
    const { code, stdout, stderr } = await run({
      cwd: app.path,
      args: ['--import', hooks, '--import', new URL('register.ts', import.meta.url).href, 'app.cjs'],
      register: false,
    });
    assert.equal(code, 0);
    assert.equal(stdout, 'runs\n');
    assert.match(
      stderr,
      /^aode: AODE_REGISTER_FAILED: [^\n]*@opentelemetry\/api[^\n]*; this process is not observed\n$/,
    );
  });

  test('a Node.js that is too old: one coded line, the application runs', async () => {
    for (const [version, isOld] of [
      ['22.14.0', true],
      ['20.20.2', true],
      ['22.15.0', false],
      ['30.0.0', false],
    ] as const) {
      using app = folder({
        'package.json': '{}',
        'old.mjs': `const versions = { ...process.versions, node: '${version}' };
          Object.defineProperty(process, 'versions', { value: versions });`,
        'app.cjs': 'console.log("runs")',
      });
      const register = new URL('register.ts', import.meta.url).href;
      const { stdout, stderr } = await run({
        cwd: app.path,
        args: ['--import', './old.mjs', '--import', register, 'app.cjs'],
        register: false,
      });
      assert.equal(stdout, 'runs\n');
      const wanted = new RegExp(
        `^aode: AODE_REGISTER_FAILED: [^\n]*22\\.15 or newer, this is ${version}[^\n]*\n$`,
      );
      if (isOld) assert.match(stderr, wanted);
      else assert.equal(stderr, '');
    }
  });

  test('OTEL_SDK_DISABLED: nothing is patched, said or sent', async () => {
    await using receiver = await openReceiver();
    const script = ends('console.log(require("node:http").Server.prototype.hasOwnProperty("emit"))');
    const { stdout, stderr } = await end(script, receiver, { OTEL_SDK_DISABLED: 'true' });
    assert.equal(stdout, 'false\n');
    assert.equal(stderr, '');
    assert.equal(receiver.requests.length, 0);
  });
});
