/** Writer and reader against each other, against protobufjs, and at their limits. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { InvariantError } from './assert.ts';
import { type ByteReader, byteReader } from './byte-reader.ts';
import { type ByteWriter, byteWriter } from './byte-writer.ts';
import { isAodeError } from './errors.ts';

const CODE = 'AODE_OTLP_PROTOBUF_INVALID';
const read = (bytes: Uint8Array): ByteReader => byteReader(bytes, CODE);

/** What `write` leaves behind, from a writer that has to grow. */
function written(write: (w: ByteWriter) => void): Uint8Array {
  const w = byteWriter(1);
  write(w);
  return w.finish();
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat(0xffff_ffff);
const double = fc.double();

/** A value of some type, how it is written and how it is read back. */
interface Field {
  readonly write: (w: ByteWriter) => void;
  readonly check: (r: ByteReader) => void;
}
const field = <T>(
  values: fc.Arbitrary<T>,
  write: (w: ByteWriter, value: T) => void,
  back: (r: ByteReader, value: T) => void,
): fc.Arbitrary<Field> =>
  values.map((value) => ({ write: (w) => write(w, value), check: (r) => back(r, value) }));

const hexPairs = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const FIELD: fc.Arbitrary<Field> = fc.oneof(
  field(
    uint32,
    (w, v) => w.varint(v),
    (r, v) => assert.equal(r.uint32(), v),
  ),
  field(
    fc.maxSafeNat(),
    (w, v) => w.varint(v),
    (r, v) => assert.equal(r.uint64(), BigInt(v)),
  ),
  field(
    int64,
    (w, v) => w.varint64(v),
    (r, v) => assert.equal(r.int64(), v),
  ),
  field(
    uint64,
    (w, v) => w.varint64(v),
    (r, v) => assert.equal(r.uint64(), v),
  ),
  field(
    int64,
    (w, v) => w.varint64(v),
    (r, v) => assert.equal(r.bool(), v !== 0n),
  ),
  field(
    fc.integer(),
    (w, v) => w.varint64(BigInt(v)),
    (r, v) => assert.equal(r.int32(), v),
  ),
  field(
    fc.integer(),
    (w, v) => w.varint(((v << 1) ^ (v >> 31)) >>> 0),
    (r, v) => assert.equal(r.sint32(), v),
  ),
  field(
    uint32,
    (w, v) => w.fixed32(v),
    (r, v) => assert.equal(r.fixed32(), v),
  ),
  field(
    uint64,
    (w, v) => w.fixed64(v),
    (r, v) => assert.equal(r.fixed64(), v),
  ),
  field(
    int64,
    (w, v) => w.fixed64(v),
    (r, v) => assert.equal(r.sfixed64(), v),
  ),
  field(
    double,
    (w, v) => w.double(v),
    (r, v) => assert.ok(Object.is(r.double(), v)),
  ),
  field(
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    (w, v) => w.string(v),
    (r, v) => assert.equal(r.string(), v),
  ),
  field(
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    (w, v) => w.string(v),
    (r, v) => assert.equal(r.name(), v),
  ),
  field(
    fc.uint8Array({ maxLength: 300 }),
    (w, v) => w.bytes(v),
    (r, v) => assert.deepEqual(r.bytes(), v),
  ),
  field(
    hexPairs,
    (w, v) => w.hex(v.toUpperCase()),
    (r, v) => assert.equal(r.hex(), v),
  ),
  field(
    fc.nat(255),
    (w, v) => w.byte(v),
    (r) => r.skip(1),
  ),
);

describe('round trips', () => {
  test('any fields, one after the other', () => {
    fc.assert(
      fc.property(fc.array(FIELD, { maxLength: 20 }), (fields) => {
        const bytes = written((w) => fields.forEach(({ write }) => write(w)));
        const reader = read(bytes);
        for (const { check } of fields) check(reader);
        assert.equal(reader.at, bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  test('messages in messages, also where a length takes one byte more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 5 }), (sizes) => {
        const bytes = written((w) => {
          const marks = sizes.map((size) => {
            const mark = w.open();
            w.raw(new Uint8Array(size).fill(7));
            return mark;
          });
          for (const mark of marks.toReversed()) w.close(mark);
          w.byte(9);
        });
        const reader = read(bytes);
        const outers = sizes.map((size) => {
          const outer = reader.enter();
          reader.skip(size);
          return outer;
        });
        for (const outer of outers.toReversed()) {
          assert.equal(reader.at, reader.limit);
          reader.leave(outer);
        }
        assert.equal(reader.uint32(), 9);
      }),
    );
  });

  test('lengths at each border of a varint', () => {
    for (const size of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const bytes = written((w) => {
        const mark = w.open();
        w.raw(new Uint8Array(size));
        w.close(mark);
      });
      assert.equal(read(bytes).length(), size);
      assert.equal(read(written((w) => w.string('x'.repeat(size)))).string().length, size);
    }
  });

  test('text: around the size of the fast path, lone surrogates, and bytes that are no UTF-8', () => {
    for (const length of [47, 48, 49]) {
      for (const last of ['x', 'é', '字', '👍']) {
        const text = 'a'.repeat(length - last.length) + last;
        assert.equal(read(written((w) => w.string(text))).string(), text);
      }
    }
    assert.equal(read(written((w) => w.string('\ud800x\udfff'))).string(), '\ufffdx\ufffd');
    assert.equal(read(Uint8Array.of(2, 0xc3, 0x28)).string(), '\ufffd(');
  });

  test('clear forgets what was written, finish gives a copy', () => {
    const w = byteWriter();
    w.string('first');
    const first = w.finish();
    w.clear();
    assert.equal(w.length, 0);
    w.string('other');
    assert.equal(read(first).string(), 'first');
    assert.equal(read(w.finish()).string(), 'other');
  });
});

test('the bytes are those of protobufjs', () => {
  const { Writer } = protobuf;
  fc.assert(
    fc.property(uint32, int64, double, fc.string({ unit: 'grapheme' }), (small, large, real, text) => {
      const ours = written((w) => {
        w.varint(small);
        w.varint64(large);
        w.fixed32(small);
        w.fixed64(large);
        w.double(real);
        w.string(text);
      });
      const theirs = Writer.create()
        .uint32(small)
        .int64(large.toString())
        .fixed32(small)
        .sfixed64(large.toString())
        .double(real)
        .string(text)
        .finish();
      assert.deepEqual([...ours], [...theirs]);
    }),
  );
});

/** Every way to read. */
const READS: readonly ((r: ByteReader) => unknown)[] = [
  (r) => r.uint32(),
  (r) => r.int32(),
  (r) => r.sint32(),
  (r) => r.int64(),
  (r) => r.uint64(),
  (r) => r.bool(),
  (r) => r.fixed32(),
  (r) => r.fixed64(),
  (r) => r.sfixed64(),
  (r) => r.double(),
  (r) => r.string(),
  (r) => r.name(),
  (r) => r.hex(),
  (r) => r.bytes(),
  (r) => r.length(),
  (r) => r.enter(),
  (r) => r.skip(3),
];

describe('damage', () => {
  test('any bytes, any limit, any reads: values from within the limit, or the code with the place', () => {
    // Small numbers are likely lengths.
    const byte = fc.oneof(fc.nat(12), fc.nat(255));
    const bytes = fc.array(byte, { maxLength: 30 }).map((all) => Uint8Array.from(all));
    fc.assert(
      fc.property(
        bytes,
        fc.nat(30),
        fc.array(fc.nat(READS.length - 1), { maxLength: 10 }),
        (source, limit, order) => {
          const reader = read(source);
          reader.seek(0, Math.min(limit, source.length));
          const end = reader.limit;
          try {
            for (const i of order) READS[i]?.(reader);
          } catch (error) {
            assert.ok(isAodeError(error) && error.code === CODE, String(error));
            assert.ok(Number(error.detail['at']) <= end);
          }
          assert.ok(reader.at <= end);
          assert.ok(reader.limit <= end);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('an empty source refuses every read', () => {
    for (const one of READS) assert.throws(() => one(read(new Uint8Array())), isAodeError);
  });

  test('a number of ten bytes is read, one of eleven refused; bits beyond 64 are let go', () => {
    const ten = Uint8Array.of(...Array.from({ length: 9 }, () => 0xff), 0x7f);
    assert.equal(read(ten).uint64(), 2n ** 64n - 1n);
    assert.equal(read(ten).int64(), -1n);
    assert.equal(read(ten).uint32(), 0xffff_ffff);
    const eleven = Uint8Array.of(...Array.from({ length: 10 }, () => 0x80), 0);
    assert.throws(() => read(eleven).uint64(), isAodeError);
  });

  test('a length beyond the end, also one beyond 32 bits, is refused', () => {
    assert.throws(() => read(Uint8Array.of(2, 0)).string(), isAodeError);
    assert.throws(() => read(written((w) => w.varint64(2n ** 32n))).bytes(), isAodeError);
    assert.throws(() => read(written((w) => w.varint64(-1n))).enter(), isAodeError);
  });

  test('a length that ends within the source and beyond the limit is refused', () => {
    for (const one of [READS[10], READS[12], READS[13], READS[14], READS[15]]) {
      const reader = read(Uint8Array.of(3, 1, 2, 3));
      reader.seek(0, 3);
      assert.throws(() => one?.(reader), isAodeError);
    }
  });

  test('seek stays within the source', () => {
    for (const [at, limit] of [
      [-1, 1],
      [0, 3],
      [2, 1],
    ] as const)
      assert.throws(() => read(new Uint8Array(2)).seek(at, limit), isAodeError);
  });

  test('hex that is none is a bug of ours', () => {
    for (const text of ['zz', '0g', 'é0', '\u0130\u0130'])
      assert.throws(() => byteWriter().hex(text), InvariantError);
  });
});

test('a view into a larger buffer is read from its own start', () => {
  const larger = Uint8Array.of(9, 9, 1, 2, 0, 0, 0, 9);
  const reader = read(larger.subarray(2, 7));
  assert.equal(reader.uint32(), 1);
  assert.equal(reader.fixed32(), 2);
  assert.throws(() => reader.uint32(), isAodeError);
});
