import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { frameBytes, frameEnd, isFrameWhole, readFrameHeader } from './frame.ts';
import { saltFrames, sealFrames, wordBytesOf } from './frame-run.ts';
import {
  encodeLineHead,
  encodeLineIds,
  lineFrameBytesMax,
  type LineFrame,
  lineHash,
  type LineValue,
  readLineFrame,
  writeLineFrame,
} from './line-frame.ts';

const SALT = 0xdeadbeef;

interface Given {
  readonly traceId: string;
  readonly spanId: string;
  readonly requestId: string;
  readonly text: string;
  readonly sec: number;
  readonly nano: number;
  readonly number: number;
  readonly isCut: boolean;
}

const HEAD = {
  scopeName: 'pino',
  scopeVersion: '10.1.0',
  severityText: 'info',
  messageKey: 'msg',
  errorKey: 'err',
};

const frameOf = (given: Given): LineFrame => ({
  ...given,
  ids: encodeLineIds(given.traceId, given.spanId, given.requestId),
  head: encodeLineHead(HEAD),
  severityNumber: 9,
  traceFlags: 0x301,
  priority: 3,
  ring: 7,
  values: undefined,
});

/** Lines in memory that held something else before, completed for a file. */
function runOf(lines: readonly LineFrame[], sequence: number, salt = SALT): Buffer {
  const room = lines.reduce((sum, line) => sum + lineFrameBytesMax(line) + 32, 0);
  const bytes = Buffer.alloc(Math.ceil(room / 32) * 32, 0xa5);
  const { words } = wordBytesOf(bytes);
  let at = 0;
  for (const line of lines) at = Math.ceil(writeLineFrame({ bytes, words }, at, line) / 32) * 32;
  sealFrames({ bytes, words }, { start: 0, end: at }, sequence);
  saltFrames({ bytes, words }, { start: 0, end: at }, salt);
  return bytes.subarray(0, at);
}

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: digits / 2, maxLength: digits / 2 })
    .filter((bytes) => bytes.some((byte) => byte !== 0))
    .map((bytes) => Buffer.from(bytes).toString('hex'));

const given: fc.Arbitrary<Given> = fc.record({
  traceId: fc.oneof(fc.constant(''), hex(32)),
  spanId: fc.oneof(fc.constant(''), hex(16)),
  requestId: fc.string({ unit: 'binary', maxLength: 60 }),
  text: fc.string({ unit: 'binary', maxLength: 400 }),
  sec: fc.nat(0xffffffff),
  nano: fc.nat(999_999_999),
  number: fc.nat(Number.MAX_SAFE_INTEGER),
  isCut: fc.boolean(),
});

describe('a line as a frame', () => {
  it('comes back as it was, with its place in the order, whole', () => {
    const property = fc.property(
      fc.array(given, { minLength: 1, maxLength: 8 }),
      fc.nat(2 ** 52),
      (all, sequence) => {
        const run = runOf(all.map(frameOf), sequence);
        let at = 0;
        for (const [i, one] of all.entries()) {
          const header = readFrameHeader(run, at, SALT);
          assert.ok(header !== undefined && isFrameWhole(run, at, header));
          assert.deepEqual([header.kind, header.sequence], ['line', sequence + i]);
          assert.equal(header.flags, i === 0 ? 0 : 1);
          assert.deepEqual(readLineFrame(run, at), {
            ...HEAD,
            ...one,
            severityNumber: 9,
            traceFlags: 0x301,
            ring: 7,
          });
          assert.equal(header.hash, lineHash(one));
          const next = frameEnd(at, header);
          const used = at + header.payloadOffset + header.payloadBytes;
          assert.ok(
            run.subarray(used, next).every((byte) => byte === 0),
            'padding is zeros',
          );
          at = next;
        }
        assert.equal(at, run.byteLength);
      },
    );
    fc.assert(property);
  });

  it('takes a request id of any length and any text, cut between two characters', () => {
    for (const requestId of ['é'.repeat(400), '奥'.repeat(86), '\ud800', 'a'.repeat(255)]) {
      const run = runOf([frameOf({ ...GOLDEN, requestId })], 1);
      const line = readLineFrame(run, 0);
      assert.ok(line !== undefined);
      assert.ok(requestId.toWellFormed().startsWith(line.requestId) && line.requestId.length > 0);
    }
  });

  it('is none when id, request or time is of another line', () => {
    const run = runOf([frameOf(GOLDEN)], 1);
    for (const at of [44, 48, 64, 92]) {
      const torn = Buffer.from(run);
      torn[at] = (torn[at] ?? 0) ^ 1;
      assert.equal(readLineFrame(torn, 0), undefined, `byte ${at}`);
    }
  });

  it('is none when its parts do not fit, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(readLineFrame(Buffer.from(bytes), 0), undefined);
      }),
    );
  });
});

const GOLDEN: Given = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  requestId: 'r-1',
  text: '{"level":30,"msg":"奥德"}\n',
  sec: 1_700_000_000,
  nano: 123_456_789,
  number: 5,
  isCut: false,
};

const LINE_VALUE: fc.Arbitrary<LineValue> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, 0, -0, 2 ** 31, -(2 ** 31)),
);

describe('a line of a call site', () => {
  it('comes back as the JSON of its keys and values, the message last', () => {
    const property = fc.property(given, fc.array(LINE_VALUE, { maxLength: 8 }), (one, values) => {
      const keys = values.map((_, i) => `key ${i}`);
      const head = encodeLineHead(HEAD, { message: 'it is done', keys });
      const run = runOf([{ ...frameOf(one), head, values }], 1);
      const fields = keys.map((key, i) => [key, values[i] === null ? undefined : values[i]]);
      const expected = JSON.stringify({ ...Object.fromEntries(fields), msg: 'it is done' });
      assert.equal(readLineFrame(run, 0)?.text, expected);
    });
    fc.assert(property);
  });

  it('is none when its values are not those of its keys', () => {
    const head = encodeLineHead(HEAD, { message: 'm', keys: ['a', 'b'] });
    for (const values of [[], [1], [1, 2, 3]]) {
      assert.equal(readLineFrame(runOf([{ ...frameOf(GOLDEN), head, values }], 1), 0), undefined);
    }
  });
});

describe('golden', () => {
  it('is as docs/formats/journal.md has it', () => {
    const run = runOf([frameOf(GOLDEN)], 42, 0);
    assert.equal(run.byteLength, frameBytes(8, run.readUInt32LE(20)));
    assert.equal(run.toString('hex').match(/.{64}/g)?.join('\n'), VECTOR);
  });

  it('hashes as MurmurHash3 does', () => {
    // Seven words of zeros, seeds 0 and 9e3779b9, but for the request id's own hash (FNV-1a of nothing).
    assert.equal(lineHash({ traceId: '', spanId: '', requestId: '', sec: 0, nano: 0 }).toString(16), HASH);
  });
});

const HASH = 'a87276c3a0d7ef1a';
const VECTOR = `afe1dfd08a9ff4282a00000000000000280005006c000000fd523943e93d35cc
01000000030000000901030000f1536515cd5b07050000000000000007000003
4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b719000000722d3170
696e6f0031302e312e3000696e666f006d736700657272007b226c6576656c22
3a33302c226d7367223a22e5a5a5e5beb7227d0a000000000000000000000000`;
