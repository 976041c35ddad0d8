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
  readLineFrame,
  writeLineFrame,
} from './line-frame.ts';
import type { LineValue } from './line-values.ts';

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

/** MurmurHash3_x86_32 of whole words, and FNV-1a, as their authors give them. */
function murmur(bytes: Buffer, seed: number): number {
  const rotated = (x: number, r: number): number => (x << r) | (x >>> (32 - r));
  let h = seed;
  for (let at = 0; at < bytes.byteLength; at += 4) {
    h ^= Math.imul(rotated(Math.imul(bytes.readInt32LE(at), 0xcc9e2d51), 15), 0x1b873593);
    h = (Math.imul(rotated(h, 13), 5) + 0xe6546b64) | 0;
  }
  h ^= bytes.byteLength;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hashOf({ traceId, requestId, sec, nano }: Given): bigint {
  const bytes = Buffer.alloc(28);
  bytes.write(traceId, 'hex');
  const fnv = Buffer.from(requestId).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5);
  bytes.writeInt32LE(fnv | 0, 16);
  bytes.writeUInt32LE(sec, 20);
  bytes.writeUInt32LE(nano, 24);
  return (BigInt(murmur(bytes, 0x9e3779b9)) << 32n) | BigInt(murmur(bytes, 0));
}

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
            fields: undefined,
          });
          assert.equal(header.hash, hashOf(one));
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
      assert.equal(JSON.stringify(readLineFrame(run, 0)?.fields), expected);
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
  const hexOf = (line: LineFrame): string | undefined => {
    const run = runOf([line], 42, 0);
    assert.equal(run.byteLength, frameBytes(8, run.readUInt32LE(20)));
    return run.toString('hex').match(/.{64}/g)?.join('\n');
  };

  it('is as docs/formats/journal.md has it', () => {
    assert.equal(hexOf(frameOf(GOLDEN)), VECTOR);
  });

  it('so is one of a call site', () => {
    const head = encodeLineHead(HEAD, { message: 'paid', keys: ['user', 'sum', 'vip', 'n'] });
    assert.equal(hexOf({ ...frameOf(GOLDEN), head, values: ['奥德', 17.25, true, -1] }), SITE_VECTOR);
  });
});

const VECTOR = `afe1dfd08a9ff4282a00000000000000280005006d0000001e4db9b1973c1fbb
01000000030000000901030000f1536515cd5b07050000000000000007000003
4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b719000000722d3100
70696e6f0031302e312e3000696e666f006d736700657272007b226c6576656c
223a33302c226d7367223a22e5a5a5e5beb7227d0a0000000000000000000000`;

const SITE_VECTOR = `afe1dfd08a9ff4282a00000000000000280005028c000000e8369b63fc0a55ee
01000000030000000901030000f1536515cd5b07050000000000000007000003
4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b72d000000722d3100
70696e6f0031302e312e3000696e666f006d7367006572720070616964007573
65720073756d00766970006e0000000005060000e5a5a5e5beb7000004000000
00000000004031400200000003000000ffffffff000000000000000000000000`;
