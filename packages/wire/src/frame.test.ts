import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  FRAME_ALIGN,
  FRAME_EXTENSION_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_KINDS,
  frameBytes,
  frameEnd,
  type FrameKind,
  isFrameWhole,
  readFrameHeader,
  writeFrame,
} from './frame.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const anyFrame = fc.record({
  kind: fc.constantFrom(...(Object.keys(FRAME_KINDS) as FrameKind[])),
  sequence: fc.maxSafeNat(),
  hash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  extension: fc.uint8Array({ maxLength: 70 }),
  payload: fc.uint8Array({ maxLength: 200 }),
});
const anySalt = fc.nat(0xffff_ffff);

describe('golden', () => {
  test('an empty frame and one of a few bytes', () => {
    const into = new Uint8Array(96).fill(0xaa);
    const end = writeFrame(into, 0, { kind: 'logs', sequence: 1, payload: new Uint8Array(0) }, 0);
    assert.equal(end, 32);
    assert.equal(
      hex(into.subarray(0, 32)),
      '00000000000000000100000000000000200003000000000000000000542c1116',
    );
    const next = writeFrame(
      into,
      end,
      {
        kind: 'traces',
        sequence: 0x0102030405,
        hash: 0x1122334455667788n,
        extension: new Uint8Array([7, 0, 0, 0, 9, 0, 0, 0]),
        payload: new TextEncoder().encode('奥德'),
      },
      0xdeadbeef,
    );
    assert.equal(next, 96);
    assert.equal(
      hex(into.subarray(32)),
      '8877665544332211050403020100000028000200060000007f3cf24c25678c4b0700000009000000e5a5a5e5beb70000' +
        '00000000000000000000000000000000',
    );
  });
});

describe('a frame', () => {
  test('comes back as it was, wherever it lies', () => {
    fc.assert(
      fc.property(anyFrame, anySalt, fc.nat(3), (parts, salt, place) => {
        const at = place * FRAME_ALIGN;
        const size = frameBytes(parts.extension.byteLength, parts.payload.byteLength);
        const bytes = new Uint8Array(at + size + 40).fill(0x5a);
        const end = writeFrame(bytes, at, parts, salt);
        assert.equal(end, at + size);
        assert.equal(end % FRAME_ALIGN, 0);
        const header = readFrameHeader(bytes, at, salt);
        assert.ok(header !== undefined && isFrameWhole(bytes, at, header));
        const { payloadOffset, payloadBytes, kind, sequence, hash } = header;
        assert.deepEqual(
          { kind, sequence, hash },
          { kind: parts.kind, sequence: parts.sequence, hash: parts.hash },
        );
        const extension = bytes.slice(at + FRAME_HEADER_BYTES, at + payloadOffset);
        assert.deepEqual(extension, parts.extension);
        assert.deepEqual(bytes.slice(at + payloadOffset, at + payloadOffset + payloadBytes), parts.payload);
        assert.equal(frameEnd(at, header), end);
        assert.ok(bytes.subarray(0, at).every((byte) => byte === 0x5a));
        assert.ok(bytes.subarray(end).every((byte) => byte === 0x5a));
      }),
    );
  });

  test('of another place or generation is none', () => {
    fc.assert(
      fc.property(anyFrame, anySalt, anySalt, (parts, salt, other) => {
        fc.pre(salt !== other);
        const bytes = new Uint8Array(frameBytes(parts.extension.byteLength, parts.payload.byteLength));
        writeFrame(bytes, 0, parts, salt);
        assert.equal(readFrameHeader(bytes, 0, other), undefined);
      }),
    );
  });
});

describe('what is no frame', () => {
  test('with any bit flipped is no frame, or not whole, or differs in its padding alone', () => {
    fc.assert(
      fc.property(anyFrame, anySalt, fc.nat(), (parts, salt, where) => {
        const size = frameBytes(parts.extension.byteLength, parts.payload.byteLength);
        const bytes = new Uint8Array(size);
        writeFrame(bytes, 0, parts, salt);
        const used = FRAME_HEADER_BYTES + parts.extension.byteLength + parts.payload.byteLength;
        const bit = where % (size * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const header = readFrameHeader(bytes, 0, salt);
        const isWhole = header !== undefined && isFrameWhole(bytes, 0, header);
        assert.equal(isWhole, bit >> 3 >= used);
      }),
      { numRuns: 2000 },
    );
  });

  test('that is cut anywhere is no frame, or not whole', () => {
    const parts = { kind: 'metrics', sequence: 9, payload: new Uint8Array(50).fill(1) } as const;
    const bytes = new Uint8Array(frameBytes(0, 50));
    writeFrame(bytes, 0, parts, 7);
    for (let length = 0; length < FRAME_HEADER_BYTES + 50; length += 1) {
      const cut = bytes.subarray(0, length);
      const header = readFrameHeader(cut, 0, 7);
      assert.ok(header === undefined || !isFrameWhole(cut, 0, header), `${length}`);
    }
  });

  test('of a kind that is not known is whole, and says so', () => {
    const bytes = new Uint8Array(32);
    writeFrame(bytes, 0, { kind: 'dropped', sequence: 1, payload: new Uint8Array(0) }, 5);
    bytes[18] = 200;
    new DataView(bytes.buffer).setUint32(28, crc32(bytes.subarray(0, 28), 5), true);
    const header = readFrameHeader(bytes, 0, 5);
    assert.equal(header?.kind, undefined);
    assert.ok(header !== undefined && isFrameWhole(bytes, 0, header));
  });

  test('nothing is a header in zeros, whatever the salt', () => {
    fc.assert(fc.property(anySalt, (salt) => readFrameHeader(new Uint8Array(64), 0, salt) === undefined));
  });

  test('the longest extension, and one byte more', () => {
    const frame = (extensionBytes: number) => {
      const extension = new Uint8Array(extensionBytes);
      const bytes = new Uint8Array(frameBytes(extensionBytes, 0));
      return writeFrame(bytes, 0, { kind: 'logs', sequence: 1, extension, payload: new Uint8Array(0) }, 0);
    };
    assert.equal(frame(FRAME_EXTENSION_BYTES_MAX), 65_536);
    assert.throws(() => frame(FRAME_EXTENSION_BYTES_MAX + 1), /BUG/);
  });
});
