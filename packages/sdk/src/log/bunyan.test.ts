/** bunyan as its README describes it, plain and patched: the same bytes, and in a request the same with the ids. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type Bunyan from 'bunyan';
import { withRequestId } from '../context/request-context.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { IN_SPAN, type LineRecorder, recordLines, SPAN } from '../testing/line-recorder.ts';
import { patchBunyan } from './bunyan.ts';
import { recordOf } from '../testing/records.ts';
import { NestedLines } from './nested-lines.ts';

const bunyan = createRequire(import.meta.url)('bunyan') as typeof Bunyan;

type Make = (options?: Partial<Bunyan.LoggerOptions>) => Bunyan;

interface Output {
  readonly make: Make;
  readonly stream: NodeJS.WritableStream;
  readonly text: () => string;
}

function output(): Output {
  let text = '';
  const stream = { write: (line: string) => (text += line) } as unknown as NodeJS.WritableStream;
  // A time of its own, because that of two runs is not the same.
  const make: Make = (options) =>
    bunyan.createLogger({ name: 'shop', time: '2026-03-01T12:00:00Z', ...own(options, stream), ...options });
  return { make, stream, text: () => text };
}

const own = (
  options: Partial<Bunyan.LoggerOptions> | undefined,
  stream: NodeJS.WritableStream,
): Partial<Bunyan.LoggerOptions> => (options?.streams === undefined ? { stream } : {});

function patched(recorder: LineRecorder): Disposable {
  return patchBunyan(bunyan, { lines: recorder.writer, nested: new NestedLines() });
}

const failure = (): Error =>
  Object.assign(new TypeError('no'), { stack: 'TypeError: no\n    at x', code: 'E' });

const USES: Readonly<Record<string, (make: Make, stream: NodeJS.WritableStream) => void>> = {
  'each level': (make) => {
    const log = make({ level: 'trace' });
    log.trace('t');
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    log.fatal('f');
  },
  'below the level, levels that are changed and asked for': (make) => {
    const log = make();
    log.debug('no');
    log.level('debug');
    if (log.debug()) log.debug('yes');
  },
  'fields, formats, numbers': (make) => {
    const log = make();
    log.info({ user: 'ann', n: [1] }, 'hi %s %d %j', 'you', 5, { a: 1 });
    log.info('%s', 'only');
    log.info(5);
    log.info(['a']);
    log.info({ a: 1 });
    log.info(Buffer.from('x'));
  },
  errors: (make) => {
    const log = make({ serializers: bunyan.stdSerializers });
    log.error(failure());
    log.error(failure(), 'more %s', 'text');
    log.error({ err: failure() }, 'm');
    log.error({ err: failure() });
  },
  serializers: (make) => {
    const log = make({ serializers: { user: (user: { name: string }) => user.name } });
    log.info({ user: { name: 'ann', password: 'p' } }, 'm');
    log.addSerializers({ n: (n: number) => n + 1 });
    log.info({ n: 1 });
  },
  children: (make) => {
    const log = make();
    log.child({ a: 1 }).info('m');
    log.child({ a: 1 }, true).child({ b: 2 }).warn({ c: 3 }, 'n');
    log.child({ level: 'debug' }).debug('d');
  },
  streams: (make, stream) => {
    const log = make({
      streams: [
        { stream, level: 'error' },
        { stream, level: 'debug' },
      ],
    });
    log.debug('one');
    log.error('two');
  },
  'a level of the record itself': (make) => make().info({ level: 35 }, 'between'),
  'cycles and what cannot be read': (make) => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic['self'] = cyclic;
    make().info({ cyclic }, 'm');
  },
};

const IDS = `"trace_id":"${SPAN.traceId}","span_id":"${SPAN.spanId}","request_id":"r-1"`;

describe('bunyan', () => {
  for (const [name, use] of Object.entries(USES)) {
    test(`${name}: byte for byte what bunyan writes, and in a request with the ids`, () => {
      const plain = output();
      use(plain.make, plain.stream);
      const recorder = recordLines(ROOT_CONTEXT);
      using _ = patched(recorder);
      const outside = output();
      use(outside.make, outside.stream);
      assert.equal(outside.text(), plain.text());
      recorder.context = withRequestId(IN_SPAN, 'r-1');
      const inside = output();
      use(inside.make, inside.stream);
      assert.equal(inside.text(), plain.text().replaceAll('}\n', `,${IDS}}\n`));
      assert.deepEqual(recorder.losses.counts(), {});
    });
  }

  test('src: where the application has called, as without us', () => {
    const place = (): unknown => {
      const { make, text } = output();
      make({ src: true }).info('m');
      return (JSON.parse(text()) as { src: unknown }).src;
    };
    const plain = place();
    using _ = patched(recordLines(IN_SPAN));
    assert.deepEqual(place(), plain);
  });

  test('raw streams get the record with the ids, and its line is sent all the same', () => {
    const recorder = recordLines(IN_SPAN);
    using _ = patched(recorder);
    const ring = new bunyan.RingBuffer({ limit: 2 });
    const log = output().make({ streams: [{ type: 'raw', stream: ring, level: 'info' }] });
    log.info({ a: 1 }, 'm');
    const [record] = ring.records as Record<string, unknown>[];
    assert.deepEqual([record?.['trace_id'], record?.['msg']], [SPAN.traceId, 'm']);
    assert.deepEqual(sent(recorder), [['info', 9, 'm', { name: 'shop', a: 1n }]]);
  });
});

function sent(recorder: LineRecorder): readonly (readonly unknown[])[] {
  return recorder.lines.map((line) => {
    const record = recordOf(line);
    return [record.severityText, record.severityNumber, record.body, attributesOf(record)];
  });
}

test('levels, message, errors as they arrive', () => {
  const recorder = recordLines(IN_SPAN);
  using _ = patched(recorder);
  const { make } = output();
  USES['each level']?.(make, output().stream);
  make({ serializers: bunyan.stdSerializers }).error(failure(), 'm');
  make().info({ level: 35 }, 'between');
  assert.deepEqual(
    sent(recorder).map(([text, severity]) => [text, severity]),
    [
      ['trace', 1],
      ['debug', 5],
      ['info', 9],
      ['warn', 13],
      ['error', 17],
      ['fatal', 21],
      ['error', 17],
      ['', 9],
    ],
  );
  assert.deepEqual(sent(recorder)[6]?.[3], {
    name: 'shop',
    'exception.type': 'TypeError',
    'exception.message': 'no',
    'exception.stacktrace': 'TypeError: no\n    at x',
    'exception.code': 'E',
  });
});

test('whatever is logged: bunyan does what it does alone, and the line is sent or counted', () => {
  const attempt = (make: Make, value: unknown): string => {
    try {
      make().info({ value }, 'm');
      make().info(value as object);
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
    assert.equal(recorder.lines.length, plain.text().split('\n').length - 1, `${i}`);
    for (const line of recorder.lines) recordOf(line);
  }
});

test('taken back: bunyan is as it was, and what does not look like it stays as it is', () => {
  const { prototype } = bunyan as unknown as { prototype: { _emit: unknown } };
  const { _emit: before } = prototype;
  const recorder = recordLines(IN_SPAN);
  patched(recorder)[Symbol.dispose]();
  assert.equal(prototype._emit, before);
  for (const other of [undefined, null, 5, {}, () => 1]) {
    patchBunyan(other, { lines: recorder.writer, nested: new NestedLines() })[Symbol.dispose]();
  }
});
