/** A process on a disk that is full: a small one of its own, in a namespace of its own (unshare, no root needed). */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { test } from 'node:test';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import { folder } from '../testing/application.ts';

const REGISTER = new URL('../register.ts', import.meta.url).href;
const COUNT = 40_000;

/** Linux without user namespaces, or another system. */
const isolated = spawnSync('unshare', ['-rm', 'true']).status === 0;

/** Of the messages of one code and reason, the sum of what they count. */
function said(stderr: string, pattern: RegExp): number {
  return [...stderr.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
}

test(
  'what is on it waits for the next process, the rest is lost: both are said, and what is said is true',
  { skip: isolated ? false : 'no user namespaces here' },
  async () => {
    await using receiver = await openReceiver();
    using app = folder({
      'package.json': '{"name":"app"}',
      'writes.mjs': `
        import { log } from '@aode/sdk';
        for (let i = 0; i < ${COUNT}; i += 1) log.info({ i }, 'line');`,
      'next.mjs': `
        import { readdirSync } from 'node:fs';
        const names = () => readdirSync(process.env.AODE_JOURNAL_DIRECTORY, { recursive: true });
        // Until all of it is delivered, and removed.
        const timer = setInterval(() => {
          if (!names().some((name) => name.endsWith('.segment'))) clearInterval(timer);
        }, 50);`,
    });
    const journal = join(app.path, 'journal');
    const node = `"${process.execPath}" --conditions=@aode/source --import "${REGISTER}"`;
    const script = `
      mkdir "$AODE_JOURNAL_DIRECTORY" && mount -t tmpfs -o size=2m none "$AODE_JOURNAL_DIRECTORY" || exit 9
      OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 ${node} writes.mjs
      echo "== next" >&2
      ${node} next.mjs`;
    const child = spawn('unshare', ['-rm', 'sh', '-c', script], {
      cwd: app.path,
      env: {
        PATH: process.env['PATH'] ?? '',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        AODE_JOURNAL_DIRECTORY: journal,
        AODE_METRIC_INTERVAL: '0',
        AODE_LOG_OUTPUT: 'off',
        AODE_EXIT_TIMEOUT: '20000',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.equal(code, 0, stderr);
    const [first = '', next = ''] = stderr.split('== next\n');
    assert.match(first, /AODE_JOURNAL_UNWRITABLE: .*no space left/);
    const waiting = said(first, /AODE_EXPORT_WAITING: .*\(waiting (\d+)/g);
    const lost = said(first, /AODE_EXPORT_FAILED: .*\(reason \w+, (?:.*, )?lost (\d+)/g);
    assert.ok(waiting > 1000 && lost > 1000, first);
    assert.equal(waiting + lost, COUNT, first);
    assert.equal(next, '');
    const seen = receiver.logs.map((record) => Number(attributesOf(record)['i']));
    assert.equal(seen.length, waiting);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
      'in order',
    );
    assert.equal(new Set(seen).size, seen.length, 'each once');
  },
);
