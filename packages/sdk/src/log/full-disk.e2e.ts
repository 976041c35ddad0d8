/** A process on a disk that is full: a small one of its own, in a namespace of its own (unshare, no root needed). */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { test } from 'node:test';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import { folder, launch } from '../testing/application.ts';

const REGISTER = new URL('../register.ts', import.meta.url).href;
const COUNT = 40_000;

/** Linux without user namespaces, or another system. */
const isolated = spawnSync('unshare', ['-rm', 'true']).status === 0;

/** Of the messages of one code, the sum of what they count. */
function said(stderr: string, pattern: RegExp): number {
  return [...stderr.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
}

const waitingIn = (stderr: string): number => said(stderr, /AODE_EXPORT_WAITING: .*\(waiting (\d+)/g);
const lostIn = (stderr: string): number =>
  said(stderr, /AODE_EXPORT_FAILED: .*\(reason \w+, (?:.*, )?lost (\d+)/g);

/** Writes COUNT lines while nobody receives. */
const WRITERS = {
  'in one turn': `
    import { log } from '@aode/sdk';
    for (let i = 0; i < ${COUNT}; i += 1) log.info({ i }, 'line');`,
  'in many, with errors between, and synced': `
    import { setTimeout as pause } from 'node:timers/promises';
    import { log, startAode } from '@aode/sdk';
    for (let i = 0; i < ${COUNT}; i += 1) {
      log[i % 5 === 0 ? 'error' : 'info']({ i }, 'line');
      if (i % 4000 === 0) await pause(20);
    }
    await startAode().durable(2000);`,
};

/** Until what was found is delivered, and removed. */
const NEXT = `
  import { readdirSync } from 'node:fs';
  const names = () => readdirSync(process.env.AODE_JOURNAL_DIRECTORY, { recursive: true });
  const timer = setInterval(() => {
    if (!names().some((name) => name.endsWith('.segment'))) clearInterval(timer);
  }, 50);`;

/** What both processes have said. */
async function onSmallDisk(path: string, env: Record<string, string>): Promise<readonly [string, string]> {
  const node = `"${process.execPath}" --conditions=@aode/source --import "${REGISTER}"`;
  const script = `
    mkdir "$AODE_JOURNAL_DIRECTORY" && mount -t tmpfs -o size=2m none "$AODE_JOURNAL_DIRECTORY" || exit 9
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 ${node} writes.mjs
    echo "== next" >&2
    ${node} next.mjs`;
  const child = spawn('unshare', ['-rm', 'sh', '-c', script], {
    cwd: path,
    env: {
      PATH: process.env['PATH'] ?? '',
      AODE_JOURNAL_DIRECTORY: join(path, 'journal'),
      AODE_METRIC_INTERVAL: '0',
      AODE_LOG_OUTPUT: 'off',
      AODE_EXIT_TIMEOUT: '20000',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.equal(code, 0, stderr);
  const [first = '', next = ''] = stderr.split('== next\n');
  return [first, next];
}

for (const mode of ['worker', 'inline']) {
  for (const [how, writer] of Object.entries(WRITERS)) {
    const name = `${mode}: what is on it waits for the next process, the rest is lost, as is said: ${how}`;
    test(name, { skip: isolated ? false : 'no user namespaces here' }, async () => {
      await using receiver = await openReceiver();
      using app = folder({ 'package.json': '{"name":"app"}', 'writes.mjs': writer, 'next.mjs': NEXT });
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, AODE_AGENT: mode };
      const [first, next] = await onSmallDisk(app.path, env);
      assert.match(first, /AODE_JOURNAL_UNWRITABLE: .*no space left/);
      const waiting = waitingIn(first);
      const lost = lostIn(first);
      assert.ok(waiting > 1000 && lost > 1000, first);
      assert.equal(waiting + lost, COUNT, first);
      assert.doesNotMatch(next, /AODE_EXPORT/);
      const seen = receiver.logs.map((record) => Number(attributesOf(record)['i']));
      assert.equal(new Set(seen).size, seen.length, 'each once');
      // A write that has failed may have put some lines there before.
      assert.ok(
        seen.length >= waiting && seen.length < waiting + 1000,
        `${waiting} said, ${seen.length} there`,
      );
    });
  }
}

test('inline, without a disk: all that waits is said to be lost', async () => {
  using app = folder({ 'package.json': '{"name":"app"}', 'writes.mjs': WRITERS['in one turn'] });
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    AODE_AGENT: 'inline',
    AODE_JOURNAL_DIRECTORY: 'off',
    AODE_METRIC_INTERVAL: '0',
    AODE_LOG_OUTPUT: 'off',
  };
  const { stderr } = await launch({ cwd: app.path, args: ['writes.mjs'], env }).ended;
  assert.equal(lostIn(stderr), COUNT, stderr);
});
