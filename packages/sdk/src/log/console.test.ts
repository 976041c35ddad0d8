/** A console of Node.js, plain and patched: the same bytes on the same streams, whatever is written. */
import assert from 'node:assert/strict';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { withRequestId } from '../context/request-context.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { IN_SPAN, type LineRecorder, recordLines, SPAN } from '../testing/line-recorder.ts';
import { type ConsoleLevel, patchConsole } from './console.ts';
import { recordOf } from '../testing/records.ts';
import type { LogLine } from './log-line.ts';
import { NestedLines } from './nested-lines.ts';

interface Written {
  readonly console: Console;
  readonly out: () => string;
  readonly err: () => string;
}

function newConsole(colorMode: boolean): Written {
  const texts = ['', ''];
  const stream = (i: number): Writable =>
    new Writable({
      decodeStrings: false,
      write(part: string, _, done) {
        texts[i] += part;
        done();
      },
    });
  const console = new Console({ stdout: stream(0), stderr: stream(1), colorMode });
  return { console, out: () => texts[0] ?? '', err: () => texts[1] ?? '' };
}

function patch(console: object, recorder: LineRecorder, from: ConsoleLevel = 'trace'): Disposable {
  return patchConsole(console, { lines: recorder.writer, nested: new NestedLines(), from });
}

const counter = (): object => {
  let n = 0;
  return { [inspect.custom]: () => `seen ${(n += 1)}`, toString: () => `text ${(n += 1)}` };
};

const USES: Readonly<Record<string, (console: Console) => void>> = {
  'each method': (console) => {
    console.log('l');
    console.info('i');
    console.debug('d');
    console.warn('w');
    console.error('e');
  },
  formats: (console) => {
    console.log('%s is %d, %i, %f, %j, %o, %O, %c%%', 'a', 5, 5.5, 1.5, { a: 1 }, [1], { b: 2 }, 'css');
    console.log('%s', 'a', 'rest', { c: 3 });
    console.log();
    console.log('');
    console.log(null, undefined, 5n, Symbol('s'), -0);
  },
  'more than one line, groups, tables, counts': (console) => {
    console.group('g');
    console.log('a\nb');
    console.groupEnd();
    console.table([{ a: 1 }]);
    console.count('c');
    console.dir({ a: { b: {} } }, { depth: 0 });
    console.assert(false, 'no %s', 'way');
    console.assert(true);
  },
  'objects that look at how often they are asked': (console) => {
    const one = counter();
    console.log(one, '%s', one);
    console.log('%s %s', one, one);
    console.log(one);
  },
  errors: (console) => {
    console.error(Object.assign(new TypeError('no'), { stack: 'TypeError: no\n    at x' }));
  },
};

describe('console', () => {
  for (const [name, use] of Object.entries(USES)) {
    for (const colours of [false, true]) {
      test(`${name}${colours ? ', with colours' : ''}: byte for byte what it writes alone`, () => {
        const plain = newConsole(colours);
        use(plain.console);
        const recorder = recordLines(IN_SPAN);
        const got = newConsole(colours);
        using _ = patch(got.console, recorder);
        use(got.console);
        assert.equal(got.out(), plain.out());
        assert.equal(got.err(), plain.err());
        assert.ok(recorder.lines.length > 0);
        for (const line of recorder.lines) {
          assert.equal(line.traceId, SPAN.traceId);
          assert.ok(!bodyOf(line).includes('\u001b'));
        }
      });
    }
  }
});

function bodyOf(line: LogLine | undefined): string {
  const body = line === undefined ? undefined : recordOf(line).body;
  return typeof body === 'string' ? body : assert.fail();
}

const sent = (recorder: LineRecorder): readonly unknown[] =>
  recorder.lines.map((line) => [line.head.severityText, recordOf(line).body]);

test('levels and texts; what is below the wanted level is left alone', () => {
  const recorder = recordLines(ROOT_CONTEXT);
  const { console } = newConsole(false);
  const log: unknown = Reflect.get(console, 'log');
  using _ = patch(console, recorder, 'warn');
  assert.equal(Reflect.get(console, 'log'), log);
  USES['each method']?.(console);
  console.error('%s: %o', 'a', { b: 1 });
  assert.deepEqual(sent(recorder), [
    ['warn', 'w'],
    ['error', 'e'],
    ['error', 'a: { b: 1 }'],
  ]);
});

test('a record says what its request is known by; the output does not', () => {
  const recorder = recordLines(withRequestId(IN_SPAN, 'r-1'));
  const { console, out } = newConsole(false);
  using _ = patch(console, recorder);
  console.log('{"not":"fields"}');
  assert.equal(out(), '{"not":"fields"}\n');
  const record = recordOf(recorder.lines[0] ?? assert.fail());
  assert.equal(record.body, '{"not":"fields"}');
  assert.deepEqual(attributesOf(record), { request_id: 'r-1' });
});

test('trace: one line with its stack, although it writes by error', () => {
  const recorder = recordLines(ROOT_CONTEXT);
  const { console, err } = newConsole(false);
  using _ = patch(console, recorder);
  console.trace('here %d', 5);
  assert.equal(recorder.lines.length, 1);
  assert.equal(recorder.lines[0]?.head.severityText, 'trace');
  assert.match(err(), /^Trace: here 5\n\s+at /);
  assert.equal(`${bodyOf(recorder.lines[0])}\n`, err());
});

test('patched by the application, before or after: its function is called as it would be, the line is sent', () => {
  const recorder = recordLines(IN_SPAN);
  const { console, out } = newConsole(false);
  const calls: unknown[][] = [];
  console.log = (...args: unknown[]) => void calls.push(args);
  const disposable = patch(console, recorder);
  console.log('a %s', 'b');
  const ours = console.log.bind(console);
  const above = (...args: unknown[]): void => ours('above', ...args);
  console.log = above;
  console.log('c');
  disposable[Symbol.dispose]();
  assert.equal(Reflect.get(console, 'log'), above, 'what came after us stays');
  console.log('d');
  assert.deepEqual(calls, [
    ['a %s', 'b'],
    ['above', 'c'],
    ['above', 'd'],
  ]);
  assert.deepEqual(sent(recorder), [
    ['info', 'a b'],
    ['info', 'above c'],
  ]);
  assert.equal(out(), '');
});

test('the stream is as it was afterwards, also when somebody has replaced its write meanwhile', () => {
  const recorder = recordLines(IN_SPAN);
  const { console } = newConsole(false);
  const stream = (console as unknown as { _stdout: Writable })._stdout;
  using _ = patch(console, recorder);
  console.log('x');
  assert.equal(Object.hasOwn(stream, 'write'), false);
  const theirs = (): boolean => true;
  stream.write = theirs;
  console.log('y');
  assert.equal(Reflect.get(stream, 'write'), theirs);
  const swap = { [inspect.custom]: () => ((stream.write = theirs), 'swapped') };
  console.log(swap);
  assert.equal(Reflect.get(stream, 'write'), theirs);
});

test('a logger that writes by the console meanwhile brings no line', () => {
  const recorder = recordLines(IN_SPAN);
  const nested = new NestedLines();
  const { console, out } = newConsole(false);
  using _ = patchConsole(console, { lines: recorder.writer, nested, from: 'trace' });
  nested.enter();
  console.log('by a logger');
  nested.leave();
  console.log('by the application');
  assert.equal(out(), 'by a logger\nby the application\n');
  assert.deepEqual(sent(recorder), [['info', 'by the application']]);
});

test('whatever is written: the console does what it does alone, and the line is sent', () => {
  const attempt = (console: Console, value: unknown): string => {
    try {
      for (const text of ['%s', '%j', '%d', '%o']) console.log(text, value);
      console.error(value);
      return 'done';
    } catch (error) {
      return error instanceof Error ? error.message : 'thrown';
    }
  };
  for (const [i, value] of HOSTILE.entries()) {
    const plain = newConsole(false);
    const outcome = attempt(plain.console, value);
    const recorder = recordLines(IN_SPAN);
    const got = newConsole(false);
    using _ = patch(got.console, recorder);
    assert.equal(attempt(got.console, value), outcome, `${i}`);
    assert.equal(got.out(), plain.out(), `${i}`);
    assert.equal(got.err(), plain.err(), `${i}`);
    assert.deepEqual(recorder.losses.counts()['boundary_failed'], undefined);
  }
});
