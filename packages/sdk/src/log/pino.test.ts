/** pino itself, patched, against the same pino unpatched. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { type Context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Logger, pino as Pino } from 'pino';
import { NO_REQUEST, withRequest, withRequestId } from '../context/request-context.ts';
import { IN_SPAN, type LineRecorder, recordLines, SPAN } from '../testing/line-recorder.ts';
import { patchPino } from './pino.ts';

type Factory = typeof Pino;

const plain = createRequire(import.meta.url)('pino') as Factory;
const IDS = `"trace_id":"${SPAN.traceId}","span_id":"${SPAN.spanId}"`;

interface Patched extends LineRecorder {
  readonly pino: Factory;
}

function patched(context: Context, dye: readonly string[] = [], debugLines?: 'debug' | 'trace'): Patched {
  const recorder = recordLines(context, { dye });
  const { writer: lines, isBelowWanted } = recorder;
  return {
    ...recorder,
    pino: patchPino(plain, { lines, isSending: true, debugLines, isBelowWanted }) as Factory,
  };
}

function output(pino: Factory, options: Parameters<Factory>[0], use: (log: Logger) => void): string {
  let text = '';
  const stream = new Writable({
    write(part: Buffer, _, done) {
      text += part.toString();
      done();
    },
  });
  use(pino({ ...(options as object), timestamp: false }, stream));
  return text;
}

describe('outside of a request', () => {
  const uses: Readonly<Record<string, readonly [Parameters<Factory>[0], (log: Logger) => void]>> = {
    'plain lines': [{}, (log) => (log.info('a'), log.error({ b: 1 }, 'c %d', 5), log.warn({}))],
    'children with bindings': [
      { base: null },
      (log) => log.child({ a: 1 }).child({ b: 2 }, { level: 'debug' }).debug('c'),
    ],
    'redaction and serializers': [
      { redact: ['password'], serializers: { user: (user: { name: string }) => user.name } },
      (log) => log.info({ password: 'x', user: { name: 'ann' } }, 'm'),
    ],
    'formatters, mixin, keys': [
      {
        formatters: { level: (label) => ({ level: label }) },
        mixin: () => ({ mixed: 1 }),
        messageKey: 'message',
      },
      (log) => log.info({ a: 1 }, 'm'),
    ],
    'levels that are off': [{ level: 'error' }, (log) => (log.info('no'), log.fatal('yes'))],
    'nested key and CRLF': [{ nestedKey: 'payload', crlf: true }, (log) => log.info({ a: { b: 1 } }, 'm')],
    errors: [{ base: null }, (log) => log.error(Object.assign(new Error('e'), { stack: 's' }))],
  };
  for (const [name, [options, use]] of Object.entries(uses)) {
    test(`${name}: byte for byte what pino writes`, () => {
      assert.equal(output(patched(ROOT_CONTEXT).pino, options, use), output(plain, options, use));
    });

    test(`${name}, in a request: the same, with the ids before the last brace`, () => {
      const { pino } = patched(withRequestId(IN_SPAN, 'r-1'));
      const wanted = output(plain, options, use).replace(/\}(\r?\n)/g, `,${IDS},"request_id":"r-1"}$1`);
      const got = output(pino, options, use);
      assert.equal(got, wanted);
      for (const line of got.trim().split('\n')) JSON.parse(line);
    });
  }
});

test('ids of what there is: span alone, request id alone, an empty line', () => {
  const write = (context: Context): string =>
    output(patched(context).pino, { base: null, formatters: { level: () => ({}) } }, (log) => log.info({}));
  assert.equal(write(IN_SPAN), `{${IDS}}\n`);
  assert.equal(write(withRequestId(ROOT_CONTEXT, 'a"\\b')), '{"request_id":"a\\"\\\\b"}\n');
});

test('each line goes to the sink with its ids, level, keys and text', () => {
  const { pino, lines } = patched(IN_SPAN);
  const text = output(
    pino,
    { messageKey: 'message', errorKey: 'failure', customLevels: { audit: 35 } },
    (log) => {
      (log as unknown as Logger<'audit'>).audit({ a: 1 }, 'm');
    },
  );
  const [line] = lines;
  assert.ok(line !== undefined);
  assert.equal(line.text, text);
  assert.equal(line.traceId, SPAN.traceId);
  assert.equal(line.spanId, SPAN.spanId);
  assert.equal(line.traceFlags, 1);
  assert.equal(line.head.severityNumber, 9);
  assert.equal(line.head.severityText, 'audit');
  assert.equal(line.head.messageKey, 'message');
  assert.equal(line.head.errorKey, 'failure');
  assert.equal(line.head.scope.name, 'pino');
  assert.equal(line.head.scope.version, plain.version);
});

test('a context that throws costs the ids and not the line', () => {
  const broken = {
    getValue: () => {
      throw new Error('mine');
    },
  } as unknown as Context;
  const { pino, losses } = patched(broken);
  assert.equal(
    output(pino, { base: null }, (log) => log.info('m')),
    '{"level":30,"msg":"m"}\n',
  );
  assert.deepEqual(losses.counts(), { boundary_failed: 1 });
});

test('everything else of the module is there, under the names that it has', () => {
  const { pino } = patched(ROOT_CONTEXT);
  const own = pino as Factory & Record<string, unknown>;
  for (const key of Object.keys(plain)) {
    if (key !== 'default' && key !== 'pino') assert.equal(own[key], (plain as never)[key], key);
  }
  assert.equal(own['default'], pino);
  assert.equal(own['pino'], pino);
});

test('the correlation id, and the dye before our own fields, which no key of it can cover', () => {
  const baggage = propagation.createBaggage({ tenant: { value: 'b"lue' }, secret: { value: '1' } });
  const context = withRequest(propagation.setBaggage(ROOT_CONTEXT, baggage), {
    ...NO_REQUEST,
    correlationId: 'order-7',
  });
  const { pino, lines } = patched(context, ['tenant', 'absent']);
  const written = output(pino, { base: null, timestamp: false }, (log) => log.info('hi'));
  assert.equal(written, '{"level":30,"msg":"hi","tenant":"b\\"lue","correlation_id":"order-7"}\n');
  assert.equal(lines[0]?.text, written);
});

test('what does not look like pino comes back as it is', () => {
  for (const other of [undefined, null, {}, 5, () => 1]) {
    const { writer: lines } = recordLines(ROOT_CONTEXT);
    assert.equal(
      patchPino(other, { lines, isSending: true, debugLines: 'trace', isBelowWanted: () => true }),
      other,
    );
  }
});

describe('lines below the level', () => {
  const use = (log: Logger): void => {
    log.trace('t');
    log.debug({ password: 'p', a: 1 }, 'd %d', 5);
    const child = log.child({ b: 2 });
    child.debug('in a child');
    child.info('out');
    log.level = 'warn';
    log.info('now below');
    log.level = 'debug';
    log.debug('now above');
    child.level = 'silent';
    child.error('silenced');
    assert.equal(log.isLevelEnabled('trace'), false);
  };
  const options = { redact: ['password'], mixin: () => ({ m: 1 }) };

  test('are handed over with bindings, redaction and mixin; what is written stays as it was', () => {
    const { pino, lines, below } = patched(IN_SPAN, [], 'debug');
    const written = output(pino, options, use);
    assert.equal(written, output(patched(IN_SPAN).pino, options, use));
    assert.deepEqual(
      below.map(({ text, head: { severityText }, spanId }) => {
        const { msg, a, b, password, m } = JSON.parse(text) as Record<string, unknown>;
        return [severityText, msg, a, b, password, m, spanId];
      }),
      [
        ['debug', 'd 5', 1, undefined, '[Redacted]', 1, SPAN.spanId],
        ['debug', 'in a child', undefined, 2, undefined, 1, SPAN.spanId],
        ['info', 'now below', undefined, undefined, undefined, 1, SPAN.spanId],
        ['error', 'silenced', undefined, 2, undefined, 1, SPAN.spanId],
      ],
    );
    assert.deepEqual(
      lines.map(({ text }) => (JSON.parse(text) as { msg: string }).msg),
      ['out', 'now above'],
    );
  });

  test('outside of a request, or unless asked for, are not even made', () => {
    for (const { pino, below } of [patched(ROOT_CONTEXT, [], 'trace'), patched(IN_SPAN)]) {
      let made = 0;
      output(pino, { mixin: () => ({ made: (made += 1) }) }, (log) => log.debug('x'));
      assert.deepEqual([made, below.length], [0, 0]);
    }
  });

  test('custom levels, and a listener that hears of changes of level only when there are some', () => {
    const { pino, below } = patched(IN_SPAN, [], 'debug');
    const heard: string[] = [];
    output(pino, { customLevels: { audit: 25 } } as Parameters<Factory>[0], (log) => {
      log.on('level-change', (level: string) => void heard.push(level));
      (log as unknown as { audit: (msg: string) => void }).audit('x');
      log.debug('y');
      log.level = 'error';
    });
    assert.deepEqual(
      below.map(({ head }) => head.severityText),
      ['audit', 'debug'],
    );
    assert.deepEqual(heard, ['error']);
  });
});

test('what the hook of pino takes out of a line is not sent either, nor of one below its level', () => {
  const { pino, lines, below } = patched(IN_SPAN, [], 'debug');
  const hooks = { streamWrite: (text: string): string => text.replaceAll('secret', '***') };
  const text = output(pino, { hooks }, (log) => {
    log.info('a secret');
    log.child({ b: 'secret' }).info('c');
    log.debug('a secret too');
  });
  assert.ok(!text.includes('secret') && text.includes('***'));
  assert.deepEqual(
    lines.map((line) => line.text),
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => `${line}\n`),
  );
  assert.equal(below.length, 1);
  assert.match(below[0]?.text ?? '', /a \*\*\* too/);
});
