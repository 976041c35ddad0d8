/** Processes that end while nobody receives: the next one delivers what they had, once. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { type Folder, folder, launch, type Launch, run } from './testing/application.ts';

/** So many spans and lines, told apart by their names. */
const COUNT = 300;

/** Records under a name, has it all kept, and does what `ending` says. */
const recording = (ending: string): string => `
const { trace } = require('@opentelemetry/api');
const { createServer } = require('node:http');
const { request } = require('node:http');
const log = require('pino')({ level: 'info' }, { write() {} });
const tracer = trace.getTracer('t');
for (let i = 0; i < ${COUNT}; i += 1) {
  tracer.startActiveSpan(process.env.NAME + '-' + i, (span) => {
    log.info(process.env.NAME + '-' + i);
    span.end();
  });
}
${ending}
`;

const FILES = {
  'package.json': '{"name":"app"}',
  'killed.cjs': recording(`
globalThis[Symbol.for('aode.sdk')].flush(2000).then(() => {
  console.log('stored');
  setInterval(() => {}, 1000);
});`),
  'ends.cjs': recording(''),
  'idle.cjs': 'setInterval(() => {}, 1000); console.log("up");',
};

function start(
  app: Folder,
  script: string,
  { endpoint }: Receiver,
  env: Record<string, string> = {},
): Launch {
  return {
    cwd: app.path,
    args: [script],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      AODE_SAMPLING_PROBABILITY: '1',
      AODE_METRIC_INTERVAL: '0',
      AODE_JOURNAL_DIRECTORY: join(app.path, 'journal'),
      NAME: 'first',
      ...env,
    },
  };
}

/** What is under way when a process ends is sent again: an Aode hub knows it by its bytes, this receiver does not. */
const AT_THE_END = { AODE_FLUSH_INTERVAL: '60000', AODE_LOG_FLUSH_INTERVAL: '60000' };

const refuse = (receiver: Receiver): void => {
  receiver.answer = (_, response) => {
    response.writeHead(503).end();
    return true;
  };
};
const take = (receiver: Receiver): void => {
  receiver.answer = () => false;
};
const namesOf = (receiver: Receiver): string[] => receiver.spans.map(({ name }) => name).toSorted();
const linesOf = (receiver: Receiver): string[] =>
  receiver.logs.map(({ body }) => JSON.stringify(body)).toSorted();
const all = (name: string): string[] => Array.from({ length: COUNT }, (_, i) => `${name}-${i}`).toSorted();
const allLines = (name: string): string[] => all(name).map((text) => JSON.stringify(text));
const journals = (app: Folder): string[] => {
  const place = join(app.path, 'journal', 'app');
  // Without those that say only up to when there are times (clock/bound-files.ts).
  return existsSync(place) ? readdirSync(place).filter((name) => !name.startsWith('clock-')) : [];
};

for (const mode of ['worker', 'inline']) {
  describe(mode, () => {
    test('killed while the receiver is away: the next process delivers all of it, once', async () => {
      await using receiver = await openReceiver();
      using app = folder(FILES);
      refuse(receiver);
      const killed = launch(start(app, 'killed.cjs', receiver, { AODE_AGENT: mode }));
      await killed.line(/stored/);
      killed.process.kill('SIGKILL');
      await killed.ended;
      assert.equal(journals(app).length, 1);
      take(receiver);
      const next = launch(start(app, 'idle.cjs', receiver));
      await receiver.until(() => receiver.spans.length >= COUNT && receiver.logs.length >= COUNT);
      next.process.kill('SIGTERM');
      await next.ended;
      assert.deepEqual(namesOf(receiver), all('first'));
      assert.deepEqual(linesOf(receiver), allLines('first'));
      for (const resource of receiver.resources) {
        const attributes = attributesOf(resource);
        assert.equal(attributes['aode.journal.replayed'], true);
        assert.equal(attributes['process.pid'], BigInt(killed.process.pid ?? 0));
      }
      assert.deepEqual(journals(app), [], 'nothing stays when nothing waits');
    });

    test('ended while the receiver is away: it says what waits, and the next process delivers it', async () => {
      await using receiver = await openReceiver();
      using app = folder(FILES);
      refuse(receiver);
      const { code, stderr } = await run(start(app, 'ends.cjs', receiver, { AODE_AGENT: mode }));
      assert.equal(code, 0);
      assert.match(
        stderr,
        new RegExp(`^aode: AODE_EXPORT_WAITING: [^\\n]*waiting ${2 * COUNT}[^\\n]*\\n$`, 'm'),
      );
      take(receiver);
      const second = await run(
        start(app, 'ends.cjs', receiver, { AODE_AGENT: mode, NAME: 'second', ...AT_THE_END }),
      );
      assert.equal(second.stderr, '');
      // The second may have ended before it began with what the first has left, or was done with it.
      if (journals(app).length > 0) {
        const third = launch(start(app, 'idle.cjs', receiver));
        await receiver.until(() => receiver.spans.length >= 2 * COUNT && receiver.logs.length >= 2 * COUNT);
        third.process.kill('SIGTERM');
        await third.ended;
      }
      assert.deepEqual(namesOf(receiver), [...all('first'), ...all('second')].toSorted());
      assert.deepEqual(linesOf(receiver), [...allLines('first'), ...allLines('second')].toSorted());
      assert.deepEqual(journals(app), []);
    });
  });
}

test('a receiver that is there: nothing stays on disk', async () => {
  await using receiver = await openReceiver();
  using app = folder(FILES);
  const { stderr } = await run(start(app, 'ends.cjs', receiver));
  assert.equal(stderr, '');
  assert.deepEqual(namesOf(receiver), all('first'));
  assert.deepEqual(journals(app), []);
});

test('what belongs to a process that lives is left alone', async () => {
  await using receiver = await openReceiver();
  using app = folder(FILES);
  refuse(receiver);
  const living = launch(start(app, 'killed.cjs', receiver));
  await living.line(/stored/);
  await run(start(app, 'ends.cjs', receiver, { NAME: 'second' }));
  assert.equal(journals(app).length, 2);
  take(receiver);
  living.process.kill('SIGTERM');
  await living.ended;
  const last = launch(start(app, 'idle.cjs', receiver));
  await receiver.until(() => receiver.spans.length >= 2 * COUNT && receiver.logs.length >= 2 * COUNT);
  last.process.kill('SIGTERM');
  await last.ended;
  assert.deepEqual(namesOf(receiver), [...all('first'), ...all('second')].toSorted());
});

test('a place that cannot be written is said in one line, and memory does', async (t) => {
  await using receiver = await openReceiver();
  using app = folder({ ...FILES, 'journal/app/.keep': '' });
  // A file where the directory should be: root may write anywhere.
  const env = { AODE_JOURNAL_DIRECTORY: join(app.path, 'package.json') };
  const { code, stderr } = await run(start(app, 'ends.cjs', receiver, env));
  assert.equal(code, 0);
  assert.match(stderr, /^aode: AODE_JOURNAL_UNWRITABLE: [^\n]*\n$/);
  assert.deepEqual(namesOf(receiver), all('first'));
  if (process.getuid?.() === 0) return t.diagnostic('rights cannot be tried as root');
  chmodSync(join(app.path, 'journal'), 0o500);
  const refused = await run(start(app, 'ends.cjs', receiver));
  assert.match(refused.stderr, /AODE_JOURNAL_UNWRITABLE/);
});
