/**
 * winston as its README describes it, plain and patched: the same bytes outside of a request; inside of one those that
 * plain winston writes when the application's first format adds the ids itself.
 */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type * as Winston from 'winston';
import { withRequestId } from '../context/request-context.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { IN_SPAN, type LineRecorder, recordLines, SPAN } from '../testing/line-recorder.ts';
import { recordOf } from '../testing/records.ts';
import { type Make, output, patched, winston } from '../testing/winston-output.ts';
import { NestedLines } from './nested-lines.ts';
import { patchWinston } from './winston.ts';
import { attributesOf } from '@aode/journal/otlp-receiver';

const { format } = winston;

const text = format.printf(
  ({ level, message, ...rest }) => `${level}: ${String(message)} ${JSON.stringify(rest)}`,
);
const failure = (): Error =>
  Object.assign(new TypeError('no'), { stack: 'TypeError: no\n    at x', code: 'E' });
const levels = { emergency: 0, error: 1, audit: 2, info: 3 };

const USES: Readonly<Record<string, (make: Make) => void>> = {
  'each level of npm': (make) => {
    const log = make({ level: 'silly' });
    for (const level of Object.keys(winston.config.npm.levels)) log.log(level, `at ${level}`);
    log.error('e').warn('w').info('i').http('h').verbose('v').debug('d').silly('s');
  },
  'levels of syslog': (make) => {
    const log = make({ levels: winston.config.syslog.levels, level: 'debug' });
    log.emerg('a').alert('b').crit('c').error('d').warning('e').notice('f').info('g').debug('h');
  },
  'levels of the command line': (make) => {
    const log = make({ levels: winston.config.cli.levels, level: 'silly' });
    log.help('a').data('b').prompt('c').input('d');
  },
  'levels of its own': (make) => {
    const log = make({ levels, level: 'info' }) as Winston.Logger & Record<string, (message: string) => void>;
    log['audit']?.('seen');
    log['emergency']?.('now');
  },
  'below the level, and a level that is changed': (make) => {
    const log = make({ level: 'warn' });
    log.info('no').warn('yes');
    log.level = 'debug';
    log.debug('now');
  },
  'a record as one object': (make) => void make().log({ level: 'info', message: 'm', custom: true }),
  'fields behind the message': (make) => void make().info('m', { user: 'ann', nested: { a: [1] } }),
  'fields with a message': (make) => void make().info('m', { message: 'more' }),
  interpolation: (make) =>
    void make({ format: format.combine(format.splat(), format.simple()) })
      .info('a %s %d %j', 'b', 5, { c: 1 }, { meta: 1 })
      .log('info', '%s', 'text'),
  'no interpolation': (make) => void make().info('a %s', 'b'),
  'no message, and what is none': (make) => {
    const log = make();
    log.info('');
    log.info(5 as never);
    log.info(null as never);
    log.info(undefined as never);
    log.info(['a', 1] as never);
    log.info({ a: 1 } as never);
  },
  'a child, and a child of that': (make) => {
    const log = make({ defaultMeta: { service: 's' } });
    log.child({ a: 1 }).info('m');
    log.child({ a: 1 }).child({ b: 2 }).warn('n', { c: 3 });
  },
  'an error': (make) => {
    const log = make();
    log.error(failure() as never);
    log.error('failed', failure());
    log.log('error', failure() as never);
    log.log({ level: 'error', message: failure() as never });
    log.child({ a: 1 }).error(failure() as never);
  },
  'an error with its format': (make) => {
    const log = make({ format: format.combine(format.errors({ stack: true, cause: true }), format.json()) });
    log.error(failure() as never);
    log.error('failed', failure());
    log.log({ level: 'error', message: failure() as never });
    log.child({ a: 1 }).error(failure() as never);
  },
  simple: (make) => void make({ format: format.simple() }).info('m', { a: 1 }),
  printf: (make) => void make({ format: text }).info('m', { a: 1 }),
  logstash: (make) => void make({ format: format.logstash() }).info('m', { a: 1 }),
  prettyPrint: (make) => void make({ format: format.prettyPrint() }).info('m', { a: 1 }),
  'label, colours, padding': (make) => {
    const shown = [format.label({ label: 'l' }), format.colorize({ all: true }), format.padLevels(), text];
    make({ format: format.combine(...shown) }).info('m');
  },
  cli: (make) => void make({ format: format.cli(), levels: winston.config.cli.levels }).info('m'),
  metadata: (make) =>
    void make({ format: format.combine(format.metadata(), format.json()) }).info('m', { a: 1 }),
  'a format that hides': (make) => {
    const hide = format((info) => (info['secret'] === true ? false : info))();
    make({ format: format.combine(hide, format.json()) })
      .info('a', { secret: true })
      .info('b');
  },
  'a format of a transport': (make) => void make({}, { format: format.simple() }).info('m', { a: 1 }),
  'a level of a transport': (make) =>
    void make({ level: 'debug' }, { level: 'error' }).info('no').error('yes'),
  'silent loggers and transports': (make) => {
    make({ silent: true }).info('no');
    make({}, { silent: true }).info('no');
  },
  'configured anew': (make) => {
    const log = make();
    const transports = [...log.transports];
    log.configure({ level: 'debug', transports });
    log.debug('m');
  },
  'an object used twice': (make) => {
    const log = make();
    const info = { level: 'info', message: 'm', n: 1 };
    log.log(info);
    log.log(info);
  },
};

const IDS = { trace_id: SPAN.traceId, span_id: SPAN.spanId, request_id: 'r-1' };

describe('winston', () => {
  for (const [name, use] of Object.entries(USES)) {
    test(`${name}: byte for byte what winston writes`, () => {
      const plain = output();
      use(plain.make);
      using _ = patched(recordLines(ROOT_CONTEXT));
      const got = output();
      use(got.make);
      assert.equal(got.text(), plain.text());
    });

    test(`${name}, in a request: the same with the ids`, () => {
      const plain = output(format((info) => Object.assign(info, IDS))());
      use(plain.make);
      const recorder = recordLines(withRequestId(IN_SPAN, 'r-1'));
      using _ = patched(recorder);
      const got = output(format((info) => info)());
      use(got.make);
      assert.deepEqual(sorted(got.text()), sorted(plain.text()));
      assert.ok(recorder.lines.every(({ traceId }) => traceId === SPAN.traceId));
      assert.deepEqual(recorder.losses.counts(), {});
    });
  }
});

/** Members of an error that winston copies stand before those that were added. */
const sorted = (lines: string): readonly string[] =>
  lines.split('\n').map((line) =>
    line
      .split(/(?=[,{}])/)
      .toSorted()
      .join(''),
  );

function used(name: string): (make: Make) => void {
  return USES[name] ?? (() => assert.fail(name));
}

/** What arrives of the lines. */
function records(recorder: LineRecorder): readonly (readonly [string, number, unknown, unknown])[] {
  return recorder.lines.map((line) => {
    const record = recordOf(line);
    return [line.head.severityText, record.severityNumber, record.body, attributesOf(record)];
  });
}

function written(use: (make: Make) => void): LineRecorder {
  const recorder = recordLines(IN_SPAN);
  using _ = patched(recorder);
  use(output().make);
  return recorder;
}

test('severities of npm, syslog, and names of its own: as severe as the next known one below', () => {
  const severities = (use: (make: Make) => void): unknown =>
    Object.fromEntries(written(use).lines.map(({ head }) => [head.severityText, head.severityNumber]));
  assert.deepEqual(severities(used('each level of npm')), {
    error: 17,
    warn: 13,
    info: 9,
    http: 7,
    verbose: 6,
    debug: 5,
    silly: 1,
  });
  assert.deepEqual(severities(used('levels of syslog')), {
    emerg: 21,
    alert: 19,
    crit: 18,
    error: 17,
    warning: 13,
    notice: 10,
    info: 9,
    debug: 5,
  });
  assert.deepEqual(severities(used('levels of its own')), { audit: 9, emergency: 17 });
});

test('what no transport takes, a format hides, or a silent logger is told, is not sent', () => {
  for (const use of [
    'silent loggers and transports',
    'a format that hides',
    'a level of a transport',
  ] as const) {
    const bodies = records(written(used(use))).map(([, , body]) => body);
    const wanted = { 'silent loggers and transports': ['no'], 'a format that hides': ['b'] };
    assert.deepEqual(bodies, Object.entries(wanted).find(([name]) => name === use)?.[1] ?? ['yes']);
  }
});

test('message and fields of each format, also where its text is not JSON', () => {
  const fields = { user: 'ann', n: 1n };
  for (const one of [format.json(), format.simple(), format.prettyPrint(), text, format.json({ space: 2 })]) {
    const recorder = written((make) => void make({ format: one }).info('m', { user: 'ann', n: 1 }));
    assert.deepEqual(records(recorder), [['info', 9, 'm', fields]]);
  }
});

test('what a replacer takes out of the JSON is not sent either', () => {
  const replacer = (key: string, value: unknown): unknown => (key === 'password' ? '***' : value);
  const recorder = written(
    (make) => void make({ format: format.json({ replacer }) }).info('m', { password: 'p' }),
  );
  assert.deepEqual(records(recorder), [['info', 9, 'm', { password: '***' }]]);
});

test('errors, however they are logged, by the names of the conventions', () => {
  for (const use of ['an error', 'an error with its format']) {
    for (const [, , body, attributes] of records(written(used(use)))) {
      const { a: _, cause: _cause, code: _code, ...rest } = attributes as Record<string, unknown>;
      assert.match(String(body), /^(?:failed )?(?:no|failed no|)$/);
      assert.deepEqual(rest, {
        'exception.type': 'TypeError',
        'exception.message': 'no',
        'exception.stacktrace': 'TypeError: no\n    at x',
      });
    }
  }
});

test('ids are those of the moment of writing, also when a slow transport formats the record later', async () => {
  const recorder = recordLines(IN_SPAN);
  using _ = patched(recorder);
  const waiting: (() => void)[] = [];
  const texts: string[] = [];
  const slow = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(info: Record<symbol, string>, _encoding, done) {
      texts.push(info[Symbol.for('message')] ?? '');
      waiting.push(done);
    },
  });
  const log = winston.createLogger({ transports: [Object.assign(slow, { log: () => undefined }) as never] });
  for (let i = 0; i < 60; i += 1) log.info(`inside ${i}`);
  recorder.context = ROOT_CONTEXT;
  for (let i = 0; i < 60; i += 1) log.info(`outside ${i}`);
  assert.ok(recorder.lines.length < 120, 'some wait');
  while (texts.length < 120) {
    waiting.shift()?.();
    await nextTurn();
  }
  for (const line of texts) assert.equal(line.includes('"trace_id"'), line.includes('"inside'), line);
  assert.equal(recorder.lines.length, 120);
  for (const line of recorder.lines) assert.equal(line.traceId !== '', line.text.includes('"inside'));
});

test('the object of the application stays as winston leaves it', () => {
  using _ = patched(recordLines(IN_SPAN));
  const order = { message: 'm', id: 7 };
  output()
    .make()
    .info(order as never);
  assert.deepEqual(Object.keys(order), ['message', 'id', 'level']);
});

test('a logger used by a format or a transport of another: each line once, with its own record', () => {
  const recorder = recordLines(IN_SPAN);
  using _ = patched(recorder);
  const { make } = output();
  const inner = make();
  const noisy = format((info) => {
    inner.warn('from a format');
    return info;
  })();
  make({ format: format.combine(noisy, format.json()) }).info('outer');
  assert.deepEqual(
    records(recorder).map(([level, , body]) => [level, body]),
    [
      ['warn', 'from a format'],
      ['info', 'outer'],
    ],
  );
});

test('whatever is logged: winston does what it does alone, and the line is sent or counted', () => {
  const attempt = (make: Make, value: unknown): string => {
    try {
      make().info('m', { value });
      make().info(value as never);
      make().log({ level: 'info', message: 'm', value } as never);
      return 'done';
    } catch (error) {
      return error instanceof Error ? error.message : 'thrown';
    }
  };
  for (const [i, value] of HOSTILE.entries()) {
    const plain = output();
    const outcome = attempt(plain.make, value);
    const recorder = recordLines(ROOT_CONTEXT);
    using _ = patched(recorder);
    const got = output();
    assert.equal(attempt(got.make, value), outcome, `${i}`);
    assert.equal(got.text(), plain.text(), `${i}`);
    recorder.context = IN_SPAN;
    attempt(output().make, value);
    for (const line of recorder.lines) recordOf(line);
  }
});

test('a line of ten megabytes: cut, marked, counted', () => {
  const recorder = recordLines(IN_SPAN, { charsMax: 2048 });
  using _ = patched(recorder);
  output()
    .make()
    .info('m', { big: 'x'.repeat(10_000_000) });
  const [line] = recorder.lines;
  assert.ok(line !== undefined);
  const record = recordOf(line);
  assert.equal(record.body, 'm');
  const { 'aode.log.beginning': beginning, 'aode.log.original_chars': chars } = attributesOf(record);
  assert.match(String(beginning), /^\{"big":"x{1900,2048}$/);
  assert.ok(Number(chars) > 10_000_000);
  assert.deepEqual(recorder.losses.counts(), { line_cut: 1 });
});

test('taken back: winston is as it was, and what does not look like it stays as it is', () => {
  const { prototype } = winston.Logger as unknown as { prototype: object };
  const names = Object.getOwnPropertyNames(prototype);
  const recorder = recordLines(IN_SPAN);
  patched(recorder)[Symbol.dispose]();
  assert.deepEqual(Object.getOwnPropertyNames(prototype), names);
  output().make().info('m');
  assert.equal(recorder.lines.length, 0);
  for (const other of [undefined, null, 5, {}, { Logger: {} }, { Logger: class {} }]) {
    patchWinston(other, { lines: recorder.writer, nested: new NestedLines() })[Symbol.dispose]();
  }
});
