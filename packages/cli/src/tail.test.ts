import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visible } from '@aode/base';
import type { LogRow } from '@aode/wire/hub-api';
import { runCommand } from './main.ts';
import { paintFor } from './paint.ts';
import { type RecordingShell, recordingShell, STANDING_MS } from './recording-shell.ts';
import { tailLine } from './tail.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const line = (body: string, over: Partial<LogRow> = {}): LogRow => ({
  id: '1',
  timeUnixNano: `${STANDING_MS}123456`,
  service: 'payment',
  severityNumber: 17,
  severityText: 'ERROR',
  body,
  traceId: TRACE,
  spanId: '00f067aa0ba902b7',
  eventName: '',
  attributes: [],
  resource: -1,
  ...over,
});

/** One answer of the hub after the other: bodies of lines, a status, or nobody there. */
type Step = readonly string[] | number | 'away';

interface Tailed {
  readonly shell: RecordingShell;
  readonly asked: readonly URL[];
  readonly exitCode: number;
}

/** Runs until the answers are used up, then Ctrl-C. */
async function tailed(steps: readonly Step[], args: readonly string[], over = {}): Promise<Tailed> {
  const interruption = new AbortController();
  const asked: URL[] = [];
  const left = [...steps];
  const shell = recordingShell({
    interrupted: interruption.signal,
    fetch: (target) => {
      asked.push(target instanceof URL ? target : assert.fail());
      const step = left.shift();
      if (left.length === 0) interruption.abort();
      if (step === undefined || step === 'away') return Promise.reject(new Error('fetch failed'));
      if (typeof step === 'number') {
        return Promise.resolve(Response.json({ error: { code: 'AODE_X', message: 'm' } }, { status: step }));
      }
      const more = step.includes('more');
      const logs = step.filter((body) => body !== 'more').map((body) => line(body));
      return Promise.resolve(Response.json({ logs, cursor: `c${asked.length}`, more }));
    },
    ...over,
  });
  const sleep = (ms: number): Promise<void> => {
    if (interruption.signal.aborted) return Promise.reject(new Error('interrupted'));
    return recording.sleep(ms);
  };
  const recording = shell;
  const exitCode = await runCommand(['tail', ...args], { ...shell, sleep });
  return { shell, asked, exitCode };
}

const bodies = ({ shell }: Tailed): unknown =>
  shell.written.out
    .trim()
    .split('\n')
    .map((text) => (JSON.parse(text) as LogRow).body);

describe('aode tail follows', () => {
  test('follows by the cursor, in a pipe as JSON, and ends well by Ctrl-C', async () => {
    const done = await tailed([['a'], ['b', 'c', 'more'], ['d'], []], []);
    assert.equal(done.exitCode, 0);
    assert.deepEqual(bodies(done), ['a', 'b', 'c', 'd']);
    assert.deepEqual(
      done.asked.map(({ searchParams }) => [searchParams.get('cursor'), searchParams.get('limit')]),
      [
        [null, '10'],
        ['c1', '1000'],
        ['c2', '1000'],
        ['c3', '1000'],
      ],
    );
    // Where there is more it does not wait.
    assert.deepEqual(done.shell.slept, [500]);
    assert.equal(done.shell.written.err, '');
  });

  test('filters go to the hub', async () => {
    const args = [
      '--service',
      'payment',
      '--level',
      'WARN',
      '--trace',
      TRACE.toUpperCase(),
      'card',
      '-n',
      '0',
    ];
    const done = await tailed([['not shown'], ['shown']], args);
    assert.deepEqual(bodies(done), ['shown']);
    for (const { pathname, searchParams } of done.asked) {
      assert.equal(pathname, '/aode/v1/logs/tail');
      const { cursor: _, limit: _limit, ...rest } = Object.fromEntries(searchParams);
      assert.deepEqual(rest, { service: 'payment', severity: '13', traceId: TRACE, text: 'card' });
    }
  });

  test('a hub that goes and comes back is waited for, and said once; nothing is asked twice', async () => {
    const done = await tailed([['a'], 'away', 'away', 503, ['b'], []], []);
    assert.deepEqual(bodies(done), ['a', 'b']);
    assert.deepEqual(
      done.asked.map(({ searchParams }) => searchParams.get('cursor')),
      [null, 'c1', 'c1', 'c1', 'c1', 'c5'],
    );
    assert.equal(done.shell.written.err, 'the hub does not answer; waiting for it\nthe hub is back\n');
    const quiet = await tailed([['a'], 'away', ['b'], []], ['--quiet']);
    assert.equal(quiet.shell.written.err, '');
  });
});

describe('aode tail, told what it cannot do', () => {
  test('no hub at the start, and what it refuses, end it with a code', async () => {
    const away = await tailed(['away', []], []);
    assert.equal(away.exitCode, 3);
    assert.match(away.shell.written.err, /^AODE_HUB_UNREACHABLE: /);
    const refused = await tailed([['a'], 400, []], []);
    assert.equal(refused.exitCode, 3);
    assert.match(refused.shell.written.err, /^AODE_HUB_ANSWER: /);
    const old = await tailed([404, []], []);
    assert.match(old.shell.written.err, /^AODE_HUB_ANSWER: .*older/);
  });

  test('wrong use', async () => {
    for (const args of [
      ['--level', 'loud'],
      ['--lines', '-1'],
      ['--lines', '2001'],
      ['--lines', 'x'],
      ['--trace', 'xyz'],
    ]) {
      const done = await tailed([[], []], args);
      assert.equal(done.exitCode, 2, args.join(' '));
      assert.equal(done.asked.length, 0);
    }
    assert.equal((await tailed([[], []], ['--lines', '2000'])).exitCode, 0);
  });
});

describe('aode tail on a terminal', () => {
  test('on a terminal one line each, with colours; JSON there when it is wanted', async () => {
    const terminal = { outIsTerminal: true, columns: 120 };
    const done = await tailed([['card declined'], []], [], terminal);
    assert.match(done.shell.written.out, /card declined/);
    assert.ok(done.shell.written.out.includes('\u001b['));
    assert.ok(done.shell.written.out.includes(TRACE));
    assert.deepEqual(bodies(await tailed([['a'], []], ['--json'], terminal)), ['a']);
  });
});

const plain = paintFor(recordingShell(), false);

test('a line is cut to the terminal, but not its trace', () => {
  const text = tailLine(line('x'.repeat(500)), plain, 120);
  assert.equal(text.length, 120);
  assert.match(text, new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.000 payment error x+…  ${TRACE}$`));
  assert.ok(tailLine(line('x'.repeat(500)), plain, 10).includes(`${'x'.repeat(39)}…`));
  assert.match(tailLine(line('m', { traceId: '', severityText: '' }), plain, 80), / payment log {3}m$/);
});

test('hostile text is shown and not obeyed', () => {
  const evil = '\u001b]0;pwned\u0007\n\u202e';
  const text = tailLine(line(evil, { service: evil, severityText: evil, traceId: evil }), plain, Infinity);
  assert.equal(text, visible(text));
});
