import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { assert as invariant, InvariantError, unreachable } from './assert.ts';
import { createDiag } from './diag.ts';
import { AODE_ERRORS, AodeError, errorLine, isAodeError, visible } from './errors.ts';
import { monoNs, unixNs } from './units.ts';

describe('AodeError', () => {
  test('code, detail, cause; recognised by its code alone', () => {
    const cause = new Error('below');
    const error = new AodeError('AODE_PORT_IN_USE', { port: 1 }, cause);
    assert.equal(error.message, 'port is in use [AODE_PORT_IN_USE]');
    assert.equal(error.cause, cause);
    assert.deepEqual(error.detail, { port: 1 });
    assert.equal(isAodeError(error), true);
    assert.equal(
      isAodeError(Object.assign(new Error('of another copy'), { code: 'AODE_PORT_IN_USE' })),
      true,
    );
    const others = [
      new Error('x'),
      Object.assign(new Error(), { code: 'ENOENT' }),
      { code: 'AODE_PORT_IN_USE' },
    ];
    for (const other of [
      ...others,
      Object.assign(new Error(), { code: 'toString' }),
      null,
      undefined,
      'AODE_PORT_IN_USE',
    ])
      assert.equal(isAodeError(other), false);
  });

  test('sentences of the table end without a full stop, their codes are of one form', () => {
    for (const [code, [what, remedy]] of Object.entries(AODE_ERRORS)) {
      assert.match(code, /^AODE_[A-Z0-9_]+$/);
      assert.doesNotMatch(what + remedy, /\.$|\n/);
    }
  });
});

describe('errorLine', () => {
  test('code, what, details, remedy', () => {
    const line = errorLine(
      new AodeError('AODE_PORT_IN_USE', { why: 'EADDRINUSE', port: 4318, none: undefined }),
    );
    assert.equal(
      line,
      'AODE_PORT_IN_USE: port is in use (EADDRINUSE, port 4318) — stop what listens there, or choose another port',
    );
    assert.equal(
      errorLine(new AodeError('AODE_PORT_IN_USE')),
      'AODE_PORT_IN_USE: port is in use — stop what listens there, or choose another port',
    );
  });

  test('one visible line, whatever the details are', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const hostile: readonly unknown[] = [
      'a\nb\u001b[31m',
      5n,
      cyclic,
      Symbol('s'),
      () => 1,
      null,
      {
        toJSON() {
          throw new Error('mine');
        },
      },
      new Proxy(
        {},
        {
          get() {
            throw new Error('mine');
          },
        },
      ),
    ];
    for (const value of hostile) {
      const line = errorLine(new AodeError('AODE_INTERNAL', { value, after: 1 }));
      assert.match(line, /^AODE_INTERNAL: [^\p{Cc}]*, after 1\) — [^\p{Cc}]*$/u);
    }
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
        assert.doesNotMatch(errorLine(new AodeError('AODE_INTERNAL', { value })), /\p{Cc}/u);
      }),
    );
  });
});

test('visible: nothing that moves, hides or reorders is left, and plain text is as it was', () => {
  assert.equal(
    visible('a\u001b[31m\r\n\u202e\u200b\ufeff\u007f\u0085'),
    'a\\x1b[31m\\x0d\\x0a\\u{202e}\\u{200b}\\u{feff}\\x7f\\x85',
  );
  assert.equal(visible('奥德 – né 👍 \\x1b'), '奥德 – né 👍 \\x1b');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(visible(text), /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u);
      assert.equal(visible(visible(text)), visible(text));
    }),
  );
});

describe('diag', () => {
  const clockAt = (): { ns: bigint } & Parameters<typeof createDiag>[0] => ({
    ns: 0n,
    now: () => unixNs(0n),
    mono() {
      return monoNs(this.ns);
    },
    ticks: () => 0,
    timer: () => ({ [Symbol.dispose]: () => undefined }),
  });
  const busy = new AodeError('AODE_STORE_BUSY');
  const failed = new AodeError('AODE_STORE_FAILED');

  test('one line a second and code, the next one with the number that was held back', () => {
    const clock = clockAt();
    const lines: string[] = [];
    const diag = createDiag(clock, (line) => void lines.push(line));
    diag.warn(busy);
    diag.warn(busy);
    diag.warn(failed);
    clock.ns = 999_999_999n;
    diag.warn(busy);
    assert.equal(lines.length, 2);
    clock.ns = 1_000_000_000n;
    diag.warn(busy);
    clock.ns = 2_000_000_000n;
    diag.warn(busy);
    assert.deepEqual(lines, [
      `aode: ${errorLine(busy)}\n`,
      `aode: ${errorLine(failed)}\n`,
      `aode: ${errorLine(busy)} (and 2 more like it)\n`,
      `aode: ${errorLine(busy)}\n`,
    ]);
  });

  test('each reason is a kind of its own, and what was lost is summed up', () => {
    const clock = clockAt();
    const lines: string[] = [];
    const diag = createDiag(clock, (line) => void lines.push(line));
    const lossOf = (reason: string, lost: number): AodeError =>
      new AodeError('AODE_EXPORT_FAILED', { reason, lost });
    for (const lost of [1, 20, 300]) diag.warn(lossOf('refused', lost));
    diag.warn(lossOf('journal_full', 7));
    clock.ns = 1_000_000_000n;
    diag.warn(lossOf('refused', 4000));
    assert.deepEqual(lines, [
      `aode: ${errorLine(lossOf('refused', 1))}\n`,
      `aode: ${errorLine(lossOf('journal_full', 7))}\n`,
      `aode: ${errorLine(lossOf('refused', 4320))} (and 2 more like it)\n`,
    ]);
  });

  test('a writer that throws is nobody else’s problem', () => {
    createDiag(clockAt(), () => {
      throw new Error('EPIPE');
    }).warn(busy);
  });
});

test('invariants: what holds passes, what does not is a bug and says so', () => {
  invariant(1, 'one');
  for (const falsy of [false, 0, '', null, undefined])
    assert.throws(
      () => invariant(falsy, 'it holds'),
      (error) => error instanceof InvariantError && error.message === 'BUG: it holds',
    );
  assert.throws(() => unreachable('left over' as never), /^InvariantError: BUG: unhandled case "left over"$/);
});
