import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { crcOf, type WordBytes } from './crc32.ts';

function wordBytes(given: Uint8Array, at: number): WordBytes {
  const buffer = new ArrayBuffer(Math.ceil((at + given.byteLength) / 4) * 4);
  const bytes = new Uint8Array(buffer);
  bytes.set(given, at);
  return { bytes, words: new Int32Array(buffer) };
}

describe('checksum of words', () => {
  it('has the check value of CRC-32', () => {
    const bytes = new TextEncoder().encode('123456789');
    assert.equal(crcOf(wordBytes(bytes, 0), 0, 9), 0xcbf43926);
  });

  it('is that of zlib, whatever goes before, wherever it begins', () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.nat(8),
      fc.nat(0xffffffff),
      (bytes, words, before) => {
        const at = words * 4;
        assert.equal(crcOf(wordBytes(bytes, at), at, bytes.byteLength, before), crc32(bytes, before));
      },
    );
    fc.assert(property);
  });

  it('is that of zlib for what is long', () => {
    const bytes = new Uint8Array(10_000).map((_, i) => i * 7);
    assert.equal(crcOf(wordBytes(bytes, 4), 4, bytes.byteLength), crc32(bytes));
  });
});
