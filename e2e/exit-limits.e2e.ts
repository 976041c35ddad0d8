/** Ends that nobody can put off, and receivers that do not answer: what docs/guide/exit.md promises for these holds. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { type Ended, folder, launch } from '../packages/sdk/src/testing/application.ts';
import { type Ending, programOf } from '../packages/sdk/src/testing/endings.ts';
import { openMute } from '../packages/sdk/src/testing/mute-server.ts';

/** Ends at once, without a word. By then "acknowledged" has been delivered, "late" not even been handed over. */
const SUDDEN: readonly (Ending & { readonly args?: readonly string[] })[] = [
  { name: 'SIGKILL', script: `process.kill(process.pid, 'SIGKILL');`, spans: [] },
  { name: 'process.abort()', script: `process.abort();`, spans: [] },
  {
    name: 'out of memory',
    script: `const leak = []; for (;;) leak.push(new Array(1000).fill(leak.length));`,
    args: ['--max-old-space-size=20'],
    spans: [],
  },
];

const AFTER_DELIVERY = (script: string): string => `
work('acknowledged');
const sdk = globalThis[Symbol.for('aode.sdk')];
(sdk === undefined ? Promise.resolve() : sdk.flush(20000)).then(() => { open('late'); ${script} });
`;

async function end(
  script: string,
  endpoint: string | undefined,
  args: readonly string[] = [],
): Promise<Ended> {
  const files = {
    'package.json': '{"name":"app"}',
    'app.cjs': programOf({ name: '', script, spans: [] }, 'cjs'),
  };
  using app = folder(files);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint ?? '', AODE_EXIT_TIMEOUT: '20000' };
  return await launch({
    cwd: app.path,
    args: [...args, 'app.cjs'],
    env,
    register: endpoint !== undefined,
  }).endWithin(40_000);
}

const names = ({ spans }: Receiver): string[] => spans.map(({ name }) => name).sort();

describe('an end that cannot be put off', { concurrency: 2 }, () => {
  for (const { name, script, args } of SUDDEN) {
    test(`${name}: what was acknowledged is there, once`, async () => {
      await using receiver = await openReceiver();
      const wanted = await end(AFTER_DELIVERY(script), undefined, args);
      const { code, signal } = await end(AFTER_DELIVERY(script), receiver.endpoint, args);
      assert.deepEqual({ code, signal }, { code: wanted.code, signal: wanted.signal });
      assert.deepEqual(names(receiver), ['acknowledged']);
    });
  }
});

const TERMINATED = `
      if (isMainThread) {
        const round = () => new Promise((resolve) => {
          const worker = new Worker(FILE);
          worker.on('message', () => worker.terminate());
          worker.on('exit', resolve);
        });
        (async () => {
          for (let i = 0; i < 12; i += 1) await round();
          await globalThis[Symbol.for('aode.sdk')].flush(20000);
          tell(JSON.stringify(globalThis[Symbol.for('aode.sdk')].ledger().spans));
        })();
      } else {
        work('thread');
        open('open');
        parentPort.postMessage(1);
        live();
      }`;

const TOO_MANY = `
      if (isMainThread) {
        const workers = Array.from({ length: 10 }, () => new Worker(FILE));
        let ready = 0;
        for (const worker of workers) {
          worker.on('message', () => {
            if (++ready === workers.length) for (const one of workers) one.postMessage('end');
          });
        }
      } else {
        open('thread');
        parentPort.once('message', () => {});
        parentPort.postMessage(1);
      }`;

const EXITED_ABOVE = `
      if (isMainThread) new Worker(FILE).on('message', () => process.exit(5));
      else {
        open('open');
        parentPort.postMessage(1);
        live();
      }`;

describe('threads that end, or go on', { concurrency: 2 }, () => {
  test('worker.terminate(): what was handed over is there, the rest is counted, its pool is free again', async () => {
    await using receiver = await openReceiver();
    const { stdout, stderr, code } = await end(TERMINATED, receiver.endpoint);
    assert.equal(code, 0);
    assert.match(stderr, /^(aode: AODE_EXPORT_FAILED: [^\n]*reason thread_lost, lost \d+[^\n]*\n)+$/);
    assert.deepEqual(
      names(receiver),
      Array.from({ length: 12 }, () => 'thread'),
    );
    const ledger = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(ledger['started'], 24);
    assert.equal(ledger['open'], 0);
    assert.equal(ledger['delivered'], 12);
    assert.equal(ledger['waiting'], 0);
    assert.deepEqual(ledger['dropped'], { thread_lost: 12 });
  });

  test('more threads than pools: each delivers, at most one agent runs', async () => {
    await using receiver = await openReceiver();
    const { stderr, code } = await end(TOO_MANY, receiver.endpoint);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.deepEqual(
      names(receiver),
      Array.from({ length: 10 }, () => 'thread'),
    );
    const instances = receiver.resources.map(
      ({ attributes }) => attributes.find(({ key }) => key === 'service.instance.id')?.value,
    );
    assert.equal(new Set(instances).size, 1);
  });

  test('process.exit() of the main thread: other threads hand over what is open in them', async () => {
    await using receiver = await openReceiver();
    const { stderr, code } = await end(EXITED_ABOVE, receiver.endpoint);
    assert.equal(stderr, '');
    assert.equal(code, 5);
    assert.deepEqual(names(receiver), ['open']);
  });
});

const LOST = /^(aode: AODE_EXPORT_FAILED: [^\n]*\n)*aode: AODE_EXPORT_FAILED: [^\n]*lost 1[^\n]*\n$/;

/** A busy machine may take so much more than the bound; a request's own timeout is far above it. */
const SLACK_MS = 4000;

describe('a receiver that does not take it', { concurrency: 2 }, () => {
  const kinds: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['never answers', () => undefined],
    ['hangs up', (socket) => void socket.once('data', () => socket.destroy())],
    ['answers nonsense', (socket) => void socket.once('data', () => socket.end('nonsense\r\n\r\n'))],
  ];
  for (const [kind, what] of kinds) {
    for (const agent of ['worker', 'inline']) {
      test(`${kind}, ${agent}: the end is put off by the bound, the loss is said`, async () => {
        await using mute = await openMute(what);
        using app = folder({
          'package.json': '{"name":"app"}',
          'app.cjs': `require('@opentelemetry/api').trace.getTracer('t').startSpan('s').end();
            process.on('exit', () => console.log(Math.round(performance.now() - at)));
            const at = performance.now(); process.exitCode = 9;`,
        });
        const ended = await launch({
          cwd: app.path,
          args: ['app.cjs'],
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: mute.endpoint,
            AODE_EXIT_TIMEOUT: '300',
            AODE_TIMEOUT: '60000',
            AODE_AGENT: agent,
          },
        }).endWithin(40_000);
        assert.equal(ended.code, 9);
        assert.match(ended.stderr, LOST);
        const delayMs = Number(ended.stdout);
        assert.ok(delayMs < 300 + SLACK_MS, `put off by ${delayMs} ms`);
      });
    }
  }

  test('answers after the deadline: the loss is said, what it took is there once', async () => {
    await using receiver = await openReceiver();
    const held: (() => void)[] = [];
    receiver.answer = (_, response) => {
      held.push(() => response.writeHead(200).end());
      return true;
    };
    using app = folder({
      'package.json': '{"name":"app"}',
      'app.cjs': `require('@opentelemetry/api').trace.getTracer('t').startSpan('s').end(); process.exit(9);`,
    });
    const { code, stderr } = await launch({
      cwd: app.path,
      args: ['app.cjs'],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        AODE_EXIT_TIMEOUT: '1500',
        AODE_TIMEOUT: '60000',
      },
    }).endWithin(40_000);
    held.forEach((answer) => answer());
    assert.equal(code, 9);
    assert.match(stderr, LOST);
    assert.equal(receiver.requests.length, 1);
  });
});

describe('what Node.js is told on its command line', { concurrency: 2 }, () => {
  const script = `require('@opentelemetry/api').trace.getTracer('t').startSpan('s').end(); console.log('runs');`;
  const register = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

  test('NODE_OPTIONS reaches threads and no agent', async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{"name":"app"}',
      'app.cjs': `const { Worker, isMainThread } = require('node:worker_threads');
        require('@opentelemetry/api').trace.getTracer('t').startSpan(isMainThread ? 'main' : 'thread').end();
        if (isMainThread) new Worker(__filename);`,
    });
    const { stderr, code } = await launch({
      cwd: app.path,
      args: ['app.cjs'],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        AODE_EXIT_TIMEOUT: '20000',
        NODE_OPTIONS: `--conditions=@aode/source --import ${register}`,
      },
      register: false,
    }).endWithin(40_000);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.deepEqual(names(receiver), ['main', 'thread']);
  });

  test('--permission without --allow-worker: one coded line, a process delivers', async () => {
    await using receiver = await openReceiver();
    using app = folder({ 'package.json': '{"name":"app"}', 'app.cjs': script });
    const { stdout, stderr, code } = await launch({
      cwd: app.path,
      args: ['--permission', '--allow-fs-read=*', '--allow-child-process', '--no-warnings', 'app.cjs'],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        AODE_EXIT_TIMEOUT: '20000',
        NODE_COMPILE_CACHE: '',
      },
    }).endWithin(40_000);
    assert.equal(code, 0);
    assert.equal(stdout, 'runs\n');
    assert.match(stderr, /^aode: AODE_AGENT_FAILED: [^\n]*instead the thread of the application[^\n]*\n$/);
    assert.deepEqual(names(receiver), ['s']);
  });

  test('--inspect and --cpu-prof are the application, not the agent', async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{"name":"app"}',
      'app.cjs': script,
    });
    const { stderr, code } = await launch({
      cwd: app.path,
      args: [
        '--inspect=127.0.0.1:0',
        '--cpu-prof',
        '--stack-size=900',
        '--max-old-space-size=200',
        'app.cjs',
      ],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_EXIT_TIMEOUT: '20000' },
    }).endWithin(40_000);
    assert.equal(code, 0);
    assert.equal(stderr.match(/Debugger listening/g)?.length, 1);
    assert.doesNotMatch(stderr, /aode:/);
    assert.deepEqual(names(receiver), ['s']);
  });
});
