import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { NO_REQUEST, withRequest } from '../context/request-context.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { IN_SPAN, type LineRecorder, recordLines, SPAN } from '../testing/line-recorder.ts';
import { recordOf } from '../testing/records.ts';
import { createLogTo, type Log, type LogFields } from './aode-log.ts';
import { type LogLine, textOfValues } from './log-line.ts';
import { openLineDoor } from './line-door.ts';

let recorder: LineRecorder;
let door: Disposable;
let log: Log;
/** What was written besides. */
const output: string[] = [];

beforeEach(() => {
  output.length = 0;
  recorder = recordLines(withRequest(IN_SPAN, { ...NO_REQUEST, requestId: 'r-1' }));
  door = openLineDoor({
    writer: recorder.writer,
    durable: async () => true,
    hurry: () => undefined,
    belowFrom: 5,
    wantsBelow: recorder.isBelowWanted,
  });
  log = createLogTo(
    {
      isOn: true,
      write: ({ severityText }, members, origin) => output.push(severityText + members + origin),
    },
    { name: 'shop' },
  );
});
afterEach(() => door[Symbol.dispose]());

/** The last line, as it is sent. */
function last(): { readonly body: unknown; readonly attributes: unknown; readonly severity: string } {
  const line = recorder.lines.at(-1);
  assert.ok(line !== undefined);
  const record = recordOf(line);
  return { body: record.body, attributes: attributesOf(record), severity: record.severityText };
}

test('a message, fields, both; with the ids of the request, of which the text knows nothing', () => {
  log.info('hello');
  assert.deepEqual(last(), { body: 'hello', attributes: { request_id: 'r-1' }, severity: 'info' });
  log.warn(
    { user: 'ann', n: 1.5, ok: true, none: null, gone: undefined, deep: { a: [1, 'x'] } },
    'odd "one"\n',
  );
  const { body, attributes, severity } = last();
  assert.deepEqual([body, severity], ['odd "one"\n', 'warn']);
  assert.deepEqual(attributes, {
    user: 'ann',
    n: 1.5,
    ok: true,
    deep: { entries: [{ key: 'a', value: [1n, 'x'] }] },
    request_id: 'r-1',
  });
  const [line] = recorder.lines;
  assert.deepEqual(
    [line?.traceId, line?.spanId, line?.requestId, line?.head.scope.name],
    [SPAN.traceId, SPAN.spanId, 'r-1', 'shop'],
  );
  assert.equal(line?.text, '{"msg":"hello"}');
});

test('outside of a request there are no ids', () => {
  recorder.context = ROOT_CONTEXT;
  log.info('hello');
  assert.deepEqual(last().attributes, {});
});

test('what is written besides has the ids in it, also without an SDK', () => {
  log.info({ n: 1 }, 'hello');
  const ids = `"trace_id":"${SPAN.traceId}","span_id":"${SPAN.spanId}","request_id":"r-1"`;
  assert.equal(output.pop(), `info,"n":1,"msg":"hello",${ids}`);
  log.site('info', 'm', 'n')(2);
  assert.equal(output.pop(), `info,"n":2,"msg":"m",${ids}`);
  door[Symbol.dispose]();
  log.info({ n: 1 }, 'hello');
  log.site('info', 'm', 'n')(2);
  log.debug('no');
  assert.deepEqual(output, ['info,"n":1,"msg":"hello"', 'info,"n":2,"msg":"m"']);
});

test('an error is one, alone or as a field', () => {
  const error = Object.assign(new TypeError('no such thing'), { code: 'E_NO' });
  const expected = {
    'exception.type': 'TypeError',
    'exception.message': 'no such thing',
    'exception.code': 'E_NO',
  };
  for (const write of [() => log.error(error), () => log.error({ err: error }, 'failed')]) {
    write();
    const { 'exception.stacktrace': stack, ...attributes } = last().attributes as Record<string, unknown>;
    assert.match(String(stack), /^TypeError: no such thing\n/);
    assert.deepEqual(attributes, { ...expected, request_id: 'r-1' });
  }
  assert.equal(last().body, 'failed');
});

test('a child has its fields on each line, and what comes later counts', () => {
  log.child({ part: 'cart', n: 1 }).child({ n: 2 }).info({ more: true }, 'm');
  assert.deepEqual(last().attributes, { part: 'cart', n: 2n, more: true, request_id: 'r-1' });
});

describe('levels', () => {
  test('below the level of the logger a line is kept if its trace is', () => {
    log.trace('no');
    log.debug({ n: 1 }, 'below');
    assert.deepEqual([recorder.lines.length, recorder.below.length], [0, 1]);
    recorder.context = ROOT_CONTEXT;
    log.debug('of no trace');
    assert.equal(recorder.below.length, 1);
  });

  test('the level can be changed, for this logger alone', () => {
    const child = log.child({});
    log.level = 'error';
    assert.deepEqual([log.level, child.level, log.isLevelEnabled('warn')], ['error', 'info', false]);
    log.warn('no');
    child.warn('yes');
    assert.equal(recorder.lines.length, 1);
    log.level = 'loud' as 'info';
    assert.equal(log.level, 'error');
  });
});

describe('lines of one message', () => {
  const quiet = (): Log => createLogTo({ isOn: false, write: () => undefined }, { name: 'shop' });

  test('are values of a shape that was said once, and arrive as if they were text', () => {
    const shaped = quiet();
    const fields = [
      { user: 'ann', n: 1, ok: true, none: null, gone: undefined },
      { user: 'bob', n: 2.5, ok: false, none: null, gone: undefined },
      { user: 'cat' },
    ];
    for (const one of fields) {
      shaped.info(one, 'seen');
      log.info(one, 'seen');
    }
    shaped.info('plain');
    log.info('plain');
    const lines = recorder.lines;
    for (let i = 0; i < lines.length; i += 2) {
      const [values, text] = [lines[i], lines[i + 1]];
      assert.ok(values?.values !== undefined && text?.values === undefined);
    }
    assert.equal(lines[0]?.head, lines[2]?.head);
    assert.notEqual(lines[0]?.head, lines[4]?.head);
    assert.deepEqual(lines[0]?.head.site, { message: 'seen', keys: ['user', 'n', 'ok', 'none', 'gone'] });
  });

  test('are text where a value is none, a key has a meaning of its own, or there are too many shapes', () => {
    const shaped = quiet();
    class Odd {
      inherited = 1;
    }
    const odd = Object.create({ inherited: 1 }) as LogFields;
    for (const fields of [{ deep: {} }, { list: [1] }, { msg: 'x' }, { err: 'x' }, new Odd() as never, odd]) {
      shaped.info(fields, 'm');
      assert.equal(recorder.lines.at(-1)?.values, undefined);
    }
    for (let i = 0; i < 6; i += 1) shaped.info({ [`k${i}`]: i }, 'many');
    assert.deepEqual(
      recorder.lines.slice(-6).map(({ values }) => values !== undefined),
      [true, true, true, true, false, false],
    );
    shaped.info({ k0: 7 }, 'many');
    assert.deepEqual(recorder.lines.at(-1)?.head.site?.keys, ['k0']);
    for (let i = 0; i < 3000; i += 1) shaped.info(`message ${i}`);
    assert.equal(recorder.lines.at(-1)?.values, undefined);
    assert.equal(recordOf(recorder.lines.at(-1) ?? assert.fail()).body, 'message 2999');
  });
});

describe('a call site', () => {
  test('writes values, and they arrive under its keys', () => {
    const placed = log.site('info', 'order placed', 'order', 'total', 'express', 'note');
    placed('o-1', 12.5, true, null);
    const [line] = recorder.lines;
    assert.deepEqual([line?.text, line?.values], ['', ['o-1', 12.5, true, null]]);
    assert.deepEqual(line?.head.site, {
      message: 'order placed',
      keys: ['order', 'total', 'express', 'note'],
    });
    assert.equal(line?.requestId, 'r-1');
  });

  test('what is no plain value is written as JSON; too many are left out, too few are nothing', () => {
    const site = log.site('info', 'm', 'a', 'b');
    site({ x: [1] }, 5n, 'too many');
    site(new RangeError('beyond'));
    const [one, two] = recorder.lines.map(({ values }) => values);
    assert.deepEqual(one, ['{"x":[1]}', '"5"']);
    assert.match(String(two?.[0]), /"type":"RangeError","message":"beyond"/);
    assert.deepEqual([two?.length, two?.[1]], [2, undefined]);
  });

  test('of a child it is a line with its fields', () => {
    log.child({ part: 'cart' }).site('warn', 'm', 'n')(7);
    assert.deepEqual(last(), {
      body: 'm',
      attributes: { part: 'cart', n: 7n, request_id: 'r-1' },
      severity: 'warn',
    });
  });

  test('below the level nothing is written', () => {
    log.site('debug', 'm', 'n')(7);
    assert.deepEqual([recorder.lines.length, recorder.below.length], [0, 0]);
  });
});

test('a message or a value of any length is a line, cut where it is too long', () => {
  const quiet = createLogTo({ isOn: false, write: () => undefined });
  const long = 'x'.repeat(200_000);
  const site = quiet.site('info', 'm', 'value');
  const writes: readonly (() => void)[] = [
    () => quiet.info(long),
    () => quiet.info({ n: 1 }, long),
    () => quiet.info({ long }, 'm'),
    () => site(long),
  ];
  for (const write of writes) {
    const cut = recorder.losses.counts().line_cut ?? 0;
    write();
    const line = recorder.lines.at(-1) ?? assert.fail();
    assert.equal(recorder.losses.counts().line_cut, cut + 1);
    assert.ok(line.values === undefined && line.text.length < 100_000);
    const { 'aode.log.original_chars': chars } = attributesOf(recordOf(line));
    assert.ok(Number(chars) > 200_000);
  }
});

test('a line that is cut has its message, wherever that stands', () => {
  const quiet = createLogTo({ isOn: false, write: () => undefined });
  const cut = (fields: LogFields, message: string): [unknown, unknown] => {
    quiet.info(fields, message);
    const { body, attributes } = last();
    return [body, (attributes as Record<string, unknown>)['aode.log.beginning']];
  };
  const long = 'x'.repeat(200_000);
  for (const fields of [
    { long },
    { long: { msg: long } },
    { long: `"msg":"${long}` },
    { msg: 'mine', long },
  ]) {
    const [body, beginning] = cut(fields, 'm "\u2028');
    assert.equal(body, 'm "\u2028');
    assert.match(String(beginning), /^\{"(long|msg)":/);
  }
  const [body, beginning] = cut({ n: 1 }, long);
  assert.match(String(body), /^\{"msg":"xxx/, 'a message that is too long itself is cut with its line');
  assert.equal(beginning, undefined);
});

test('a level that is none is no reason to fail', () => {
  const odd = 'loud' as 'info';
  assert.equal(log.isLevelEnabled(odd), false);
  log.site(odd, 'm', 'n')(1);
  assert.equal(recorder.lines.at(-1)?.head.severityText, 'info');
});

test('whatever it is given, it does not throw, and there is a line', () => {
  const site = log.site('info', 'm', 'value');
  for (const value of HOSTILE) {
    const before = recorder.lines.length;
    log.info(value as unknown as string);
    log.info({ value }, 'm');
    (log.info as (...all: unknown[]) => void).call(log, 'm', value);
    log.error(value as unknown as Error, value as string);
    log.child(value as LogFields).info('m');
    site(value);
    log.site('info', value as string, value as string)(value);
    log.site(value as 'info', 'm', 'n')(1);
    assert.equal(log.isLevelEnabled(value as 'info'), false);
    log.level = value as 'info';
    assert.equal(log.level, 'info');
    assert.equal(recorder.lines.length, before + 8);
    for (const line of recorder.lines.slice(before)) recordOf(line);
  }
});

/** As JSON, whether it came as a text or as values. */
function saidBy(line: LogLine | undefined): string {
  assert.ok(line !== undefined);
  return line.values === undefined ? line.text : textOfValues(line);
}

test('whatever a logger is made of, it is one', () => {
  const settings = [
    null,
    7,
    'shop',
    { name: 42 },
    { name: null, level: 7 },
    { level: Symbol('s') },
    ...HOSTILE,
  ];
  for (const one of settings) {
    const made = createLogTo({ isOn: false, write: () => undefined }, one as never);
    made.child('fields' as never).info({ n: 1 }, 'is there');
    assert.deepEqual(JSON.parse(saidBy(recorder.lines.at(-1))), { n: 1, msg: 'is there' });
    recorder.lines.length = 0;
  }
});

test('a getter that logs what it is of comes to an end', () => {
  const quiet = createLogTo({ isOn: false, write: () => undefined });
  const before = recorder.lines.length;
  const odd: LogFields = {
    get value() {
      quiet.info(odd, 'again');
      return 1;
    },
  };
  quiet.info(odd, 'once');
  const written = recorder.lines.slice(before);
  assert.ok(written.length > 1 && written.length < 1000, `${written.length}`);
  assert.match(saidBy(written.at(-1)), /"msg":"once"/);
});

test('a getter that logs the same message spoils no value of the line that it is of', () => {
  const quiet = createLogTo({ isOn: false, write: () => undefined });
  const fieldsOf = (b: () => number): LogFields => ({
    a: 1,
    get b() {
      return b();
    },
    c: 3,
  });
  quiet.info(
    fieldsOf(() => 2),
    'same',
  );
  quiet.info(
    fieldsOf(() => {
      quiet.info({ a: 100, b: 200, c: 300 }, 'same');
      return 2;
    }),
    'same',
  );
  assert.deepEqual(JSON.parse(saidBy(recorder.lines.at(-1))), { a: 1, b: 2, c: 3, msg: 'same' });
});

test('its methods can be handed on, and names that all objects have are no levels', async () => {
  await Promise.reject(new Error('mine')).catch(log.error);
  assert.equal(recordOf(recorder.lines.at(-1) ?? assert.fail()).body, 'mine');
  for (const name of ['__proto__', 'constructor', 'toString'] as unknown as 'info'[]) {
    log.site(name, 'm', 'k')(1);
    assert.equal(log.isLevelEnabled(name), false);
  }
});

test('a field of the name of the message does not take its place', () => {
  log.info({ msg: 'a field', n: 1 }, 'the message');
  assert.equal(last().body, 'the message');
  log.child({ msg: 'bound' }).info('the message');
  assert.equal(last().body, 'the message');
  log.info({ msg: 'no other' });
  assert.equal(last().body, 'no other');
});

test('an error says what it was caused by, all the way down, and what it holds together', () => {
  const root = new Error('root');
  log.error(
    new AggregateError([new Error('a'), 'b'], 'all', { cause: new Error('middle', { cause: root }) }),
  );
  const [text = ''] = output.slice(-1);
  const { err } = JSON.parse(`{${text.slice(text.indexOf(',') + 1)}}`) as {
    err: { cause: { cause: { message: string; stack: string } }; errors: unknown[] };
  };
  assert.equal(err.cause.cause.message, 'root');
  assert.match(err.cause.cause.stack, /aode-log\.test/);
  assert.deepEqual(
    err.errors.map((one) => (typeof one === 'string' ? one : (one as Error).message)),
    ['a', 'b'],
  );
  const round: Error & { cause?: unknown } = new Error('round');
  round.cause = round;
  log.error(round);
  log.error(new Error('text', { cause: 'because' }));
  assert.match(output.at(-1) ?? '', /"cause":"because"/);
});
