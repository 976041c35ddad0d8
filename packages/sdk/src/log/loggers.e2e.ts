/** Applications with each logger as real processes: what they write, what arrives, and how they end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { SPAN_KIND } from '@aode/wire';
import { type Ended, folder, launch, run } from '../testing/application.ts';

interface Ran extends Ended {
  readonly receiver: Receiver;
}

interface Application {
  readonly script: string;
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly register?: boolean;
  readonly manifest?: string;
  /** Loaded before the SDK. */
  readonly before?: string;
}

async function application({
  script,
  name = 'app.cjs',
  env,
  register,
  manifest,
  before,
}: Application): Promise<Ran> {
  await using receiver = await openReceiver();
  using app = folder({
    'package.json': manifest ?? '{"name":"app"}',
    [name]: script,
    'before.cjs': before ?? '',
  });
  const ended = await run({
    cwd: app.path,
    args: before === undefined ? [name] : ['--require', './before.cjs', name],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_TRACES_SAMPLER: 'always_on',
      AODE_EXIT_TIMEOUT: '20000',
      ...env,
    },
    ...(register === undefined ? {} : { register }),
  });
  return { ...ended, receiver };
}

/** One request to itself, in which each logger writes by what `lines` says. */
const REQUEST = `
const server = createServer((request, response) => { lines(); response.end('x'); });
const headers = { 'x-request-id': 'r-7' };
server.listen(0, '127.0.0.1', () => fetch('http://127.0.0.1:' + server.address().port, { headers })
  .then((answer) => answer.text()).finally(() => server.close()));
`;

const LINES = `
const lines = () => {
  pino().info('by pino');
  pino({ base: null }, aode()).warn('by pino, to Aode');
  const log = winston.createLogger({ transports: [new winston.transports.Console()] });
  log.info('by winston');
  log.child({ a: 1 }).error('failed', new TypeError('no'));
  const b = bunyan.createLogger({ name: 'shop' });
  b.info('by bunyan');
  b.child({ c: 2 }).error(new RangeError('far'), 'by a child');
  console.log('by %s', 'console');
  console.error('on stderr');
  logs.getLogger('own').emit({ severityNumber: 9, body: 'by the API' });
};
`;

const CJS = `
const { createServer } = require('node:http');
const { pino } = require('pino');
const { aode } = require('@aode/sdk/pino');
const winston = require('winston');
const bunyan = require('bunyan');
const { logs } = require('@opentelemetry/api');
${LINES}${REQUEST}`;

const ESM = `
import { createServer } from 'node:http';
import { pino } from 'pino';
import { aode } from '@aode/sdk/pino';
import winston from 'winston';
import bunyan from 'bunyan';
import { logs } from '@opentelemetry/api';
${LINES}${REQUEST}`;

const BODIES = [
  'by a child',
  'by bunyan',
  'by console',
  'by pino',
  'by pino, to Aode',
  'by the API',
  'by winston',
  'failed no',
  'on stderr',
];

const bodyOf = ({ body }: { readonly body: unknown }): string =>
  typeof body === 'string' ? body : assert.fail(typeof body);

function assertEachOnce({ receiver, stdout, stderr, code }: Ran): void {
  assert.equal(code, 0, stderr);
  assert.equal(stderr, 'on stderr\n');
  const server = receiver.spans.find(({ kind }) => kind === SPAN_KIND.server);
  assert.ok(server !== undefined);
  assert.deepEqual(receiver.logs.map(bodyOf).toSorted(), BODIES);
  for (const log of receiver.logs) {
    assert.deepEqual([log.traceId, log.spanId], [server.traceId, server.spanId], bodyOf(log));
    assert.equal(attributesOf(log)['request_id'], 'r-7');
  }
  const written = stdout.trim().split('\n');
  assert.equal(written.length, 6, stdout);
  for (const text of written) {
    if (text === 'by console') continue;
    const { trace_id, span_id, request_id } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(
      { trace_id, span_id, request_id },
      { trace_id: server.traceId, span_id: server.spanId, request_id: 'r-7' },
    );
  }
  const attributes = attributesOf(server);
  assert.equal(attributes['aode.log.count.info'], 5n);
  assert.equal(attributes['aode.log.count.warn'], 1n);
  assert.equal(attributes['aode.log.count.error'], 3n);
  const first = receiver.logs.find(
    ({ timeUnixNano }) => String(timeUnixNano) === attributes['aode.log.first_error'],
  );
  assert.equal(first?.body, 'failed no');
  const exceptions = receiver.logs
    .map((log) => attributesOf(log)['exception.type'])
    .filter((type) => type !== undefined);
  assert.deepEqual(new Set(exceptions), new Set(['RangeError', 'TypeError']));
  assert.equal(exceptions.length, 2);
}

const CONSOLE = { AODE_CONSOLE_LINES: 'trace' };

describe('each line once, with its request', { concurrency: 2 }, () => {
  for (const [name, script] of [
    ['app.cjs', CJS],
    ['app.mjs', ESM],
  ] as const) {
    test(name, async () => assertEachOnce(await application({ name, script, env: CONSOLE })));
  }

  test('beside the instrumentations of OpenTelemetry, found or set up by the application', async () => {
    const names = ['pino', 'winston', 'bunyan'].map((name) => `@opentelemetry/instrumentation-${name}`);
    const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
    const manifest = JSON.stringify({ name: 'app', dependencies });
    assertEachOnce(await application({ script: CJS, env: CONSOLE, manifest }));
    const own = `
      const { registerInstrumentations } = require('@opentelemetry/instrumentation');
      const { BunyanInstrumentation } = require('${names[2]}');
      const { WinstonInstrumentation } = require('${names[1]}');
      const { logs: all } = require('@opentelemetry/api');
      registerInstrumentations({
        instrumentations: [new WinstonInstrumentation(), new BunyanInstrumentation()],
        loggerProvider: all.getLoggerProvider(),
      });`;
    assertEachOnce(await application({ script: `${own}${CJS}`, env: CONSOLE }));
  });

  test('a console that others have patched, before the SDK and after it', async () => {
    const around = (text: string): string =>
      `const { log } = console; console.log = (...args) => log('${text}', ...args);`;
    const { stdout, receiver } = await application({
      before: around('before'),
      script: `${around('after')} console.log('x');`,
      env: CONSOLE,
    });
    assert.equal(stdout, 'before after x\n');
    assert.deepEqual(
      receiver.logs.map(({ body }) => body),
      ['before after x'],
    );
  });

  test('winston that writes by the console: one line', async () => {
    const script = `
      const winston = require('winston');
      winston.createLogger({ transports: [new winston.transports.Console({ forceConsole: true })] }).info('m');`;
    const { receiver } = await application({ script, env: CONSOLE });
    assert.deepEqual(
      receiver.logs.map(({ body }) => body),
      ['m'],
    );
  });
});

describe('pino(aode())', { concurrency: 2 }, () => {
  const script = `
    const log = require('pino')({ base: null, timestamp: false }, require('@aode/sdk/pino').aode());
    log.info('a'); log.child({ b: 1 }).info('b');`;
  const JSON_LINES = '{"level":30,"msg":"a"}\n{"level":30,"b":1,"msg":"b"}\n';

  test('with the SDK: nothing on standard output', async () => {
    const { stdout, stderr, receiver } = await application({ script });
    assert.deepEqual([stdout, stderr], ['', '']);
    assert.deepEqual(
      receiver.logs.map(({ body }) => body),
      ['a', 'b'],
    );
  });

  test('without: everything on standard output, and one coded line', async () => {
    const { stdout, stderr } = await application({ script, register: false });
    assert.equal(stdout, JSON_LINES);
    assert.match(stderr, /^aode: AODE_LINES_UNSENT: [^\n]*\n$/);
  });

  test('switched off, all of it or its lines: on standard output, without a word', async () => {
    for (const env of [{ OTEL_SDK_DISABLED: 'true' }, { AODE_LOGS: 'false' }]) {
      const { stdout, stderr, receiver } = await application({ script, env });
      assert.equal(stdout, JSON_LINES);
      assert.equal(stderr, '');
      assert.equal(receiver.logs.length, 0);
    }
  });

  test('flush resolves when the lines outlive the process', async () => {
    const flushing = `${script}
      log.flush((error) => { console.log(String(error)); process.kill(process.pid, 'SIGKILL'); });`;
    const { stdout, receiver } = await application({ script: flushing });
    assert.equal(stdout, 'undefined\n');
    assert.deepEqual(
      receiver.logs.map(({ body }) => body),
      ['a', 'b'],
    );
  });
});

const LOGGERS: Readonly<Record<string, string>> = {
  // A destination that is not ended before the process is, as pino ends its own.
  pino: `const { pino } = require('pino');
    const log = pino({ base: null, timestamp: false }, pino.destination({ dest: 1, sync: true }));`,
  winston: `const winston = require('winston');
    const log = winston.createLogger({ transports: [new winston.transports.Console()] });`,
  bunyan: `const log = require('bunyan').createLogger({ name: 'app', time: '2026', hostname: 'h', pid: 1 });`,
  console: `const log = console;`,
};

describe('the same ends with the SDK and without', { concurrency: 2 }, () => {
  const endings: Readonly<Record<string, string>> = {
    'lines in handlers of the exit': `
      process.on('exit', () => log.info('at exit'));
      process.once('beforeExit', () => log.info('before'));
      log.info('start');`,
    'lines in a handler of an uncaught error': `
      process.on('uncaughtException', (error) => { log.error(error.message); process.exitCode = 7; });
      setImmediate(() => { throw new Error('mine'); });`,
    'an uncaught error after a line': `log.info('start'); process.exitCode = 0; setImmediate(() => process.exit(3));`,
    'a closed standard output': `process.stdout.destroy(); log.info('nobody reads'); log.error('nor this');`,
    'a line within a line': `
      log.info({ toString: () => (log.info('inner'), 'outer'), toJSON: () => (log.info('inner'), 'outer') });`,
  };
  for (const [logger, start] of Object.entries(LOGGERS)) {
    for (const [name, ending] of Object.entries(endings)) {
      test(`${logger}: ${name}`, async () => {
        const script = `${start}${ending}`;
        const plain = await application({ script, register: false });
        const observed = await application({ script, env: CONSOLE });
        assert.equal(observed.code, plain.code);
        assert.equal(observed.signal, plain.signal);
        assert.equal(observed.stdout, plain.stdout);
        assert.equal(observed.stderr, plain.stderr);
        const lines = [...plain.stdout.matchAll(/\n/g), ...plain.stderr.matchAll(/\n/g)].length;
        // Where nobody reads what is written, it is sent all the same.
        assert.equal(observed.receiver.logs.length, lines);
      });
    }
  }

  test("winston's handlers of exceptions and rejections", async () => {
    for (const failing of [
      "setImmediate(() => { throw new Error('mine'); })",
      "Promise.reject(new Error('mine'))",
    ]) {
      const script = `
        const winston = require('winston');
        const console = new winston.transports.Console({ format: winston.format.printf(({ level }) => level) });
        winston.createLogger({ transports: [console], exceptionHandlers: [console], rejectionHandlers: [console] });
        ${failing};`;
      const plain = await application({ script, register: false });
      const observed = await application({ script });
      // What winston says of the process is not twice the same.
      const [wanted, got] = [plain, observed].map(({ stdout }) => stdout.replace(/\{.*\}/, '{}'));
      assert.equal(got, wanted);
      assert.equal(observed.code, plain.code);
      const [log] = observed.receiver.logs;
      assert.ok(log !== undefined);
      assert.match(bodyOf(log), /mine/);
    }
  });

  test('ten megabytes in a line: written whole, cut where it is sent, counted', async () => {
    for (const start of Object.values(LOGGERS)) {
      const script = `${start} log.info('x'.repeat(10_000_000));
        process.once('beforeExit', () => {
          process.stderr.write(JSON.stringify(globalThis[Symbol.for('aode.sdk')].losses()));
        });`;
      const { stdout, stderr, receiver } = await application({ script, env: CONSOLE });
      assert.ok(stdout.length > 10_000_000);
      assert.deepEqual(JSON.parse(stderr), { line_cut: 1 });
      const [log] = receiver.logs;
      assert.ok(log !== undefined && typeof log.body === 'string' && log.body.length === 256 * 1024);
      assert.ok(Number(attributesOf(log)['aode.log.original_chars']) > 10_000_000);
    }
  });
});

test("Aode's own logger: last words in a handler of the exit are printed and sent", async () => {
  for (const ending of ['', 'process.exit(3);', 'setImmediate(() => process.exit(3));']) {
    const script = `
      const { log } = require('@aode/sdk');
      log.info('first');
      process.on('exit', () => log.info('last words'));
      ${ending}`;
    for (const register of [true, false]) {
      const { stdout, receiver } = await application({ script, register });
      const printed = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).msg);
      assert.deepEqual(printed, ['first', 'last words']);
      if (register) assert.deepEqual(receiver.logs.map(bodyOf), ['first', 'last words']);
    }
  }
});

test("Aode's own logger: where the first words are the last, and before the process kills itself", async () => {
  const start = "const { log } = require('@aode/sdk');";
  const atExit = await application({ script: `${start} process.on('exit', () => log.info('only'));` });
  assert.match(atExit.stdout, /"msg":"only"/);
  const killed = await application({
    script: `${start} log.fatal('end'); process.kill(process.pid, 'SIGKILL');`,
  });
  assert.match(killed.stdout, /"msg":"end"/);
});

describe('a reader of standard output that has gone does not end the program', () => {
  const writers = {
    log: "import { log } from '@aode/sdk'; const write = () => log.info('x'.repeat(200));",
    'pino(aode())': `import { pino } from 'pino'; import { aode } from '@aode/sdk/pino';
      const logger = pino(aode({ also: process.stdout })); const write = () => logger.info('x'.repeat(200));`,
  };
  for (const [name, writer] of Object.entries(writers)) {
    test(name, async () => {
      await using receiver = await openReceiver();
      using app = folder({
        'package.json': '{"name":"app"}',
        'app.mjs': `${writer}
          import { setImmediate as turn } from 'node:timers/promises';
          process.once('SIGUSR2', async () => {
            for (let i = 0; i < 2000; i += 1) { write(); await turn(); }
            process.stderr.write('alive');
          });
          setTimeout(() => {}, 20_000).unref();
          const hold = setInterval(() => {}, 1000);
          process.once('SIGUSR2', () => clearInterval(hold));
          write();`,
      });
      const running = launch({
        cwd: app.path,
        args: ['app.mjs'],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
      });
      await running.line(/xxx/);
      // Whose output ends too early for whoever reads all of it.
      running.ended.catch(() => undefined);
      let stderr = '';
      running.process.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
      running.process.stdout?.destroy();
      running.process.kill('SIGUSR2');
      const [code] = (await once(running.process, 'close')) as [number | null];
      assert.deepEqual([code, stderr], [0, 'alive']);
    });
  }
});
