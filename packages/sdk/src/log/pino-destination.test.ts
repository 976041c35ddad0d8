/** pino with the destination of Aode: as installed, and patched as under register. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { afterEach, describe, test } from 'node:test';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { pino as Pino } from 'pino';
import { withRequestId } from '../context/request-context.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { IN_SPAN, type LineRecorder, recordLines, SPAN } from '../testing/line-recorder.ts';
import { openLineDoor } from './line-door.ts';
import { recordOf } from '../testing/records.ts';
import { patchPino } from './pino.ts';
import { type AodeDestination, type AodeDestinationOptions, createDestination } from './pino-destination.ts';

const NO_BELOW = { belowFrom: 99, wantsBelow: () => false };

type Factory = typeof Pino;

const plain = createRequire(import.meta.url)('pino') as Factory;

interface Output {
  text: string;
  isTTY?: boolean;
  write(text: string): void;
}

const output = (isTTY = false): Output => ({
  text: '',
  isTTY,
  write(text) {
    this.text += text;
  },
});

interface Application {
  readonly recorder: LineRecorder;
  readonly pino: Factory;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly to: (options?: AodeDestinationOptions) => AodeDestination;
}

let opened: Disposable | undefined;
afterEach(() => opened?.[Symbol.dispose]());

/** `state`: whether pino was loaded under register, or before the SDK, or there is none. */
function application(state: 'patched' | 'plain' | 'none' | 'off', isTTY = false): Application {
  const recorder = recordLines(withRequestId(IN_SPAN, 'r-1'));
  const { writer: lines, isBelowWanted } = recorder;
  const [stdout, stderr] = [output(isTTY), output()];
  const pino =
    state === 'patched'
      ? (patchPino(plain, { lines, isSending: true, debugLines: undefined, isBelowWanted }) as Factory)
      : plain;
  const door = { ...NO_BELOW, writer: lines, durable: () => Promise.resolve(true), hurry: () => undefined };
  if (state !== 'none') opened = openLineDoor(state === 'off' ? 'off' : door);
  return {
    recorder,
    pino,
    stdout,
    stderr,
    to: (options = {}) => createDestination(options, { stdout, stderr }),
  };
}

function sent({ recorder }: Application): readonly (readonly unknown[])[] {
  return recorder.lines.map((line) => {
    const { severityText, severityNumber, body, traceId } = recordOf(line);
    assert.equal(traceId, SPAN.traceId);
    return [severityText, severityNumber, body, attributesOf(recordOf(line))];
  });
}

const ID = { request_id: 'r-1' };

for (const state of ['patched', 'plain'] as const) {
  const when = state === 'patched' ? 'pino under register' : 'pino loaded before the SDK';
  describe(`${when}: lines`, () => {
    test('each line once, to Aode and not to standard output, with its ids', () => {
      const app = application(state);
      const log = app.pino(app.to());
      log.info({ a: 1 }, 'm %d', 5);
      log.child({ b: 2 }).warn('n');
      log.debug('below');
      assert.deepEqual(sent(app), [
        ['info', 9, 'm 5', { a: 1n, ...ID }],
        ['warn', 13, 'n', { b: 2n, ...ID }],
      ]);
      assert.equal(app.stdout.text + app.stderr.text, '');
    });

    test('options of pino: keys, levels, serializers, redaction, mixin, formatters, prefix', () => {
      const app = application(state);
      const options = {
        messageKey: 'message',
        errorKey: 'failure',
        nestedKey: 'payload',
        customLevels: { audit: 35 },
        serializers: { user: (user: { name: string }) => user.name },
        redact: ['payload.password'],
        mixin: () => ({ mixed: 1 }),
        msgPrefix: '[p] ',
        base: null,
      };
      const log = app.pino(options, app.to());
      log.audit({ user: { name: 'ann' }, password: 'x' }, 'm');
      const nested = [
        { key: 'mixed', value: 1n },
        { key: 'user', value: 'ann' },
        { key: 'password', value: 'x' },
      ];
      assert.deepEqual(sent(app), [['audit', 9, '[p] m', { payload: { entries: nested }, ...ID }]]);
      const redacting = app.pino({ redact: ['password'], errorKey: 'failure', base: null }, app.to());
      redacting.error({ password: 'x', failure: Object.assign(new TypeError('no'), { stack: 's' }) }, 'm');
      assert.deepEqual(sent(app)[1], [
        'error',
        17,
        'm',
        {
          password: '[Redacted]',
          'exception.type': 'TypeError',
          'exception.message': 'no',
          'exception.stacktrace': 's',
          ...ID,
        },
      ]);
      app.pino({ formatters: { level: (level) => ({ level }) }, base: null }, app.to()).fatal('m');
      assert.deepEqual(sent(app)[2], ['fatal', 21, 'm', ID]);
    });
  });

  describe(`${when}: several streams`, () => {
    test('beside other streams: each has its own, and they get the line that Aode gets', () => {
      const app = application(state);
      const file = output();
      const log = app.pino(
        { base: null, level: 'debug' },
        app.pino.multistream([
          { stream: app.to(), level: 'debug' },
          { stream: file, level: 'error' },
        ]),
      );
      log.debug('d');
      log.error('e');
      assert.deepEqual(
        sent(app).map(([level]) => level),
        ['debug', 'error'],
      );
      assert.match(file.text, /^\{"level":50,.*"msg":"e"/);
      assert.equal(file.text.split('\n').length, 2);
    });
  });

  describe(`${when}: outputs`, () => {
    test('also: the line with its ids, as JSON in a pipe and for a person on a terminal', () => {
      const app = application(state);
      const [pipe, terminal] = [output(), output(true)];
      app.pino({ base: null, timestamp: false }, app.to({ also: pipe })).info({ a: 1 }, 'm');
      assert.equal(
        pipe.text,
        `{"level":30,"a":1,"msg":"m","trace_id":"${SPAN.traceId}","span_id":"${SPAN.spanId}","request_id":"r-1"}\n`,
      );
      app.pino({ base: null, timestamp: false }, app.to({ also: terminal })).info({ a: 1 }, 'm');
      assert.match(terminal.text, /info .*m.*a=1 trace_id=a+ /);
      assert.equal(app.recorder.lines.length, 2);
    });

    test('on a terminal for a person, unless nothing is wanted there', () => {
      const app = application(state, true);
      app.pino({ base: null }, app.to()).info('m');
      assert.match(app.stdout.text, /^.*\d\d:\d\d:\d\d\.\d{3}.* info +m /);
      app.stdout.text = '';
      app.pino({ base: null }, app.to({ also: null })).info('m');
      assert.equal(app.stdout.text, '');
      app.pino({ base: null }, app.to({ pretty: false })).info('m');
      assert.equal((JSON.parse(app.stdout.text) as { msg: string }).msg, 'm');
    });
  });

  describe(`${when}: hostile input`, () => {
    test('whatever is logged: pino does what it does alone, and each line is sent', () => {
      for (const value of HOSTILE) {
        const app = application(state);
        const alone = output();
        const attempt = (log: ReturnType<Factory>): string => {
          try {
            log.info({ value }, 'm');
            log.error(value as object);
            return 'done';
          } catch (error) {
            return error instanceof Error ? error.message : 'thrown';
          }
        };
        const outcome = attempt(plain({ base: null }, alone));
        assert.equal(attempt(app.pino({ base: null }, app.to())), outcome);
        assert.equal(app.recorder.lines.length, alone.text.split('\n').length - 1);
        for (const line of app.recorder.lines) recordOf(line);
        opened?.[Symbol.dispose]();
      }
    });
  });
}

test('a destination outlives the start and the end of the SDK; meanwhile nothing is lost', () => {
  const app = application('none');
  const log = app.pino({ base: null, timestamp: false }, app.to({ also: null }));
  log.info('before');
  assert.equal(app.stdout.text, '{"level":30,"msg":"before"}\n');
  assert.match(app.stderr.text, /^aode: AODE_LINES_UNSENT: [^\n]+\n$/);
  const started = application('plain');
  log.info('while it runs');
  assert.deepEqual(sent(started), [['info', 9, 'while it runs', ID]]);
  opened?.[Symbol.dispose]();
  log.info('after');
  assert.equal(app.stdout.text, '{"level":30,"msg":"before"}\n{"level":30,"msg":"after"}\n');
  assert.equal(app.stderr.text.split('\n').length, 2, 'said once');
});

test('loggers of an SDK that was shut down do not count as handed over', () => {
  const app = application('patched');
  const log = app.pino({ base: null, timestamp: false }, app.to());
  opened?.[Symbol.dispose]();
  log.info('m');
  assert.match(app.stdout.text, /"msg":"m"/);
});

test('switched off: standard output, without a word', () => {
  const app = application('off');
  app.pino({ base: null, timestamp: false }, app.to()).info('m');
  assert.equal(app.stdout.text, '{"level":30,"msg":"m"}\n');
  assert.equal(app.stderr.text, '');
});

test('written to by something that is no pino: a line without a level, unless it says one', () => {
  const app = application('plain');
  const to = app.to();
  app.pino(to).error('by pino');
  to.write('GET /orders 200\n');
  to.write('{"level":40,"msg":"m"}\n');
  to.write('{"level":"notice","msg":"m"}\n');
  to.write('{}\n');
  assert.deepEqual(
    sent(app).map(([, severity, body]) => [severity, body]),
    [
      [17, 'by pino'],
      [0, 'GET /orders 200'],
      [13, 'm'],
      [10, 'm'],
      [0, ''],
    ],
  );
});

test('flush calls back when the lines are safe, with a coded error when they are not in time', async () => {
  for (const [answer, code] of [
    [() => Promise.resolve(true), undefined],
    [() => Promise.resolve(false), 'AODE_EXPORT_FAILED'],
    [() => Promise.reject(new Error('gone')), 'AODE_EXPORT_FAILED'],
  ] as const) {
    const app = application('plain');
    opened = openLineDoor({
      ...NO_BELOW,
      writer: app.recorder.writer,
      durable: answer,
      hurry: () => undefined,
    });
    const log = app.pino(app.to());
    const error = await new Promise<Error | undefined>((resolve) => log.flush(resolve));
    assert.equal((error as { code?: string } | undefined)?.code, code);
  }
  const none = application('none');
  await new Promise<void>((resolve) => none.pino(none.to()).flush(() => resolve()));
});

test('flushSync hurries, end is told when all is safe, and multistream may do both', async () => {
  const app = application('plain');
  let hurried = 0;
  opened = openLineDoor({
    ...NO_BELOW,
    writer: app.recorder.writer,
    durable: () => Promise.resolve(true),
    hurry: () => (hurried += 1),
  });
  const to = app.to();
  const closed = once(to as never, 'close');
  plain.multistream([{ stream: to as never }]).end();
  await closed;
  assert.equal(hurried, 1);
});

test('hostile text reaches a terminal harmless', () => {
  const app = application('plain', true);
  app.pino({ base: null }, app.to()).info({ 'k\u001b[2J': '\u001b[31m' }, 'a\u001b]0;title\u0007\nb');
  // What pino has escaped in JSON is text again when it is shown.
  assert.ok(!app.stdout.text.includes('\u001b]') && !app.stdout.text.includes('\u001b[2J'));
  assert.match(app.stdout.text, /a\\x1b\]0;title\\x07\\x0ab/);
});

test('an error for a person: its stack below, one line each', () => {
  const app = application('plain', true);
  const error = Object.assign(new TypeError('no'), { stack: 'TypeError: no\n    at x' });
  app.pino({ base: null }, app.to({ pretty: true })).error(error, 'failed');
  assert.match(app.stdout.text, / failed .*\n {4}TypeError: no\n {8}at x\n$/);
});

test('no request: no ids, and an empty line stays one', () => {
  const app = application('plain');
  app.recorder.context = ROOT_CONTEXT;
  const also = output();
  app.pino({ base: null, timestamp: false }, app.to({ also })).info('m');
  assert.equal(also.text, '{"level":30,"msg":"m"}\n');
});
