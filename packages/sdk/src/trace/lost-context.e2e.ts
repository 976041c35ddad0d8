/** Lost contexts as applications lose them, in real processes: what is counted, and which place is named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import type { LostContext } from '../loss/lost-context.ts';
import { folder, run } from '../testing/application.ts';

interface Outcome {
  readonly lost: readonly LostContext[];
  readonly losses: Readonly<Record<string, number>>;
  readonly marked: readonly unknown[];
  readonly folder: string;
}

/** Two requests at once to `/`, and another afterwards; `handler` and `queue.cjs` are the application. */
async function requests(handler: string, rest = ''): Promise<Outcome> {
  const app = `
const { createServer } = require('node:http');
const { trace, ROOT_CONTEXT } = require('@opentelemetry/api');
const { carry, startAode } = require('@aode/sdk');
const { queue } = require('./queue.cjs');
const log = require('pino')({ level: 'info' }, { write: () => undefined });
const tracer = trace.getTracer('t');
const server = createServer((request, response) => {
${handler}
});
server.listen(0, '127.0.0.1', async () => {
  const get = async () => await (await fetch('http://127.0.0.1:' + server.address().port)).text();
  await Promise.all([get(), get()]);
  await get();
  ${rest}
  server.close();
  const aode = startAode();
  console.log(JSON.stringify({ lost: aode.lostContexts(), losses: aode.losses() }));
});`;
  using files = folder({
    'package.json': '{"name":"app"}',
    'app.cjs': app,
    'queue.cjs': QUEUE,
  });
  await using receiver = await openReceiver();
  const ended = await run({
    cwd: files.path,
    args: ['app.cjs'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_SAMPLING_PROBABILITY: '1' },
  });
  assert.equal(ended.code, 0, ended.stderr);
  const told = JSON.parse(ended.stdout) as Pick<Outcome, 'lost' | 'losses'>;
  const marked = receiver.spans.flatMap((span) => attributesOf(span)['aode.context.lost'] ?? []);
  return { ...told, marked, folder: files.path };
}

/** Calls back from one interval, which belongs to nobody. */
const QUEUE = `
const waiting = [];
exports.queue = (callback) => waiting.push(callback);
setInterval(() => {
  for (const callback of waiting.splice(0)) callback();
}, 5).unref();
`;

test('a queue answers a response: certain, with the place that answers and the one that called it', async () => {
  const { lost, losses, marked, folder: path } = await requests(`queue(() => response.end('x'));`);
  assert.deepEqual(
    lost.map(({ how, name, place, entry, count }) => ({ how, name, place, entry, count })),
    [
      {
        how: 'answer_outside',
        name: 'GET',
        place: `${path}/app.cjs:9:22`,
        entry: `${path}/queue.cjs:5:45`,
        count: 3,
      },
    ],
  );
  assert.equal(losses['context_lost'], 3);
  assert.deepEqual(marked, Array(3).fill('answer_outside'));
});

test('a span that begins without its request, and the same carried', async () => {
  const { lost, folder: path } = await requests(`
    queue(() => tracer.startSpan('plain').end());
    queue(carry(() => { tracer.startSpan('carried').end(); response.end('x'); }));`);
  assert.deepEqual(
    lost.map(({ how, name, place, entry, count }) => [how, name, place, entry, count]),
    [['root', 'plain', `${path}/app.cjs:10:24`, `${path}/queue.cjs:5:45`, 3]],
  );
});

test('a response that is answered in the context of another request', async () => {
  const { lost } = await requests(`
    globalThis.first ??= response;
    if (globalThis.first === response) return;
    if (globalThis.second !== undefined) return response.end('x');
    globalThis.second = response;
    globalThis.first.end('x');
    response.end('x');`);
  assert.deepEqual(
    lost.map(({ how, count }) => [how, count]),
    [['answer_in_other', 1]],
  );
});

test('fetch without its request is found, in spite of its twenty frames', async () => {
  const { lost, folder: path } = await requests(`
    if (request.url === '/inner') return response.end('x');
    queue(() => fetch('http://127.0.0.1:' + server.address().port + '/inner').then((a) => a.text()));
    setTimeout(() => response.end('x'), 50);`);
  assert.deepEqual(
    lost.map(({ how, place }) => [how, place]),
    [['root', `${path}/app.cjs:11:17`]],
  );
});

test('work of its own is no loss: where it also begins while no request is open, or says so', async () => {
  const { lost, losses } = await requests(
    `
    globalThis.poll ??= () => tracer.startSpan('poll').end();
    queue(globalThis.poll);
    queue(() => tracer.startSpan('own', { root: true }).end());
    tracer.startSpan('detached', {}, ROOT_CONTEXT).end();
    setTimeout(() => response.end('x'), 20);`,
    `globalThis.poll();`,
  );
  assert.deepEqual(lost, []);
  // Which could not be known before.
  assert.equal(losses['context_lost'], 3);
});

test('a line outside of every request is counted while requests are open', async () => {
  const { lost, losses } = await requests(
    `log.info('inside'); queue(() => log.info('outside')); queue(carry(() => response.end('x')));`,
    `log.info('idle');`,
  );
  assert.deepEqual(lost, []);
  assert.equal(losses['lines_without_trace'], 3);
});

test('requests that keep their context leave nothing behind', async () => {
  const { lost, losses } = await requests(`
    tracer.startActiveSpan('work', (span) => setTimeout(() => { span.end(); response.end('x'); }, 5));`);
  assert.deepEqual(lost, []);
  assert.deepEqual(losses, {});
});
