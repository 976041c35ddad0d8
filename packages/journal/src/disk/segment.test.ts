import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type FrameParts,
  frameBytes,
  readLineFrame,
  runFrameBytes,
  sealFrames,
  wordBytesOf,
  writeFrame,
} from '@aode/wire';
import fc from 'fast-check';
import { lineRun } from '../testing/line-run.ts';
import { simFiles } from '../testing/sim-files.ts';
import { recover } from './recover.ts';
import {
  decodeExtension,
  decodeSegmentHead,
  encodeExtension,
  encodeSegmentHead,
  parseSegmentName,
  scanSegment,
  segmentFileName,
  type SegmentScan,
} from './segment.ts';
import { createSegment, SegmentFile } from './segment-file.ts';
import { encodeRanges } from './sequence-range.ts';

const SALT = 0x5eed;
const ORIGIN = new Uint8Array([1, 2, 3]);

interface Built {
  readonly bytes: Uint8Array;
  readonly offsets: readonly number[];
  readonly end: number;
}

/** A segment of logs with these payloads, sequences from 1, and `roomBytes` of zeros behind. */
function build(payloads: readonly Uint8Array[], roomBytes = 64): Built {
  const head = encodeSegmentHead(ORIGIN, SALT);
  const parts = payloads.map((payload, i): FrameParts => {
    const extension = encodeExtension({ recordCount: i + 1, priority: 3 });
    return { kind: 'logs', sequence: i + 1, extension, payload };
  });
  const used = parts.reduce((sum, { payload }) => sum + frameBytes(8, payload.byteLength), head.byteLength);
  const bytes = new Uint8Array(used + roomBytes);
  bytes.set(head);
  const offsets: number[] = [];
  let at = head.byteLength;
  for (const part of parts) {
    offsets.push(at);
    at = writeFrame(bytes, at, part, SALT);
  }
  return { bytes, offsets, end: at };
}

const payloadOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const sequencesOf = ({ frames }: SegmentScan): number[] => frames.map(({ header }) => header.sequence);

describe('names', () => {
  test('are read back; what is no segment is none', () => {
    const u32 = fc.nat(0xffff_ffff);
    fc.assert(
      fc.property(u32, u32, fc.nat(255), u32, (epoch, number, priority, salt) => {
        const name = { epoch, number, priority, salt };
        assert.deepEqual(parseSegmentName(segmentFileName(name)), name);
      }),
    );
    assert.equal(
      segmentFileName({ epoch: 1, number: 30, priority: 2, salt: 0xabc }),
      '00000001-0000001e-02-00000abc.segment',
    );
    for (const other of ['cursor', 'lock-1', '1-2-3-4.segment', '00000001-0000001e-02-00000ABC.segment']) {
      assert.equal(parseSegmentName(other), undefined);
    }
  });

  test('the extension holds any number of records and any priority', () => {
    for (const extension of [
      { recordCount: 0, priority: 0 },
      { recordCount: 0xffff_ffff, priority: 255 },
    ]) {
      const bytes = new Uint8Array(frameBytes(8, 0));
      const parts: FrameParts = {
        kind: 'traces',
        sequence: 1,
        extension: encodeExtension(extension),
        payload: new Uint8Array(),
      };
      writeFrame(bytes, 0, parts, 0);
      assert.deepEqual(decodeExtension(bytes, 0), extension);
    }
  });
});

describe('a scan', () => {
  test('finds head and frames, and where the next one goes', () => {
    const { bytes, offsets, end } = build([payloadOf('a'), payloadOf('b'.repeat(100)), new Uint8Array()]);
    const scan = scanSegment(bytes, SALT);
    assert.deepEqual(scan.head?.origin, ORIGIN);
    assert.equal(scan.head?.version, 1);
    assert.deepEqual(
      scan.frames.map(({ offset }) => offset),
      offsets,
    );
    assert.deepEqual([scan.damages, scan.tornBytes, scan.end], [[], 0, end]);
  });

  test('of another salt finds nothing', () => {
    const { bytes } = build([payloadOf('a')]);
    const scan = scanSegment(bytes, SALT + 1);
    assert.equal(scan.head, undefined);
    assert.deepEqual(scan.frames, []);
  });

  test('of nothing, of zeros, of any bytes: no frame, no throw', () => {
    assert.deepEqual(scanSegment(new Uint8Array(), SALT).frames, []);
    assert.equal(scanSegment(new Uint8Array(5000), SALT).tornBytes, 0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        assert.deepEqual(scanSegment(bytes, SALT).frames, []);
      }),
    );
  });
});

describe('what a crash leaves', () => {
  const { bytes, offsets, end } = build([payloadOf('one'), payloadOf('two'), payloadOf('three')], 0);

  test('cut anywhere: the frames before the cut, and the rest is said to be torn', () => {
    for (let length = 0; length <= bytes.byteLength; length += 1) {
      const cut = bytes.slice(0, length);
      const scan = scanSegment(cut, SALT);
      const wholeCount = offsets.filter(
        (offset, i) => (offsets[i + 1] ?? end) <= length || isWholeAt(cut, offset),
      ).length;
      assert.deepEqual(sequencesOf(scan), [1, 2, 3].slice(0, wholeCount), `${length}`);
      assert.deepEqual(scan.damages, []);
    }
  });

  test('a hole of zeros with a frame behind it is damage, not the end', () => {
    const holed = bytes.slice();
    holed.fill(0, offsets[1], offsets[2]);
    const scan = scanSegment(holed, SALT);
    assert.deepEqual(sequencesOf(scan), [1, 3]);
    assert.deepEqual(scan.damages, [{ start: offsets[1], end: offsets[2] }]);
    assert.equal(scan.tornBytes, 0);
  });

  test('a frame within the text of a damaged one is text', () => {
    const inner = build([payloadOf('forged')], 0);
    // So that the frames of the text begin where a frame may begin.
    const text = new Uint8Array(24 + inner.bytes.byteLength);
    text.set(inner.bytes, 24);
    const outer = build([payloadOf('one'), text, payloadOf('three')]);
    const [, second = 0, third = 0] = outer.offsets;
    outer.bytes[third - 1] = 0;
    outer.bytes[second + 41] = 0xff;
    const scan = scanSegment(outer.bytes, SALT);
    assert.deepEqual(sequencesOf(scan), [1, 3]);
    assert.deepEqual(scan.damages, [{ start: second, end: third }]);
  });

  const isWholeAt = (cut: Uint8Array, offset: number): boolean =>
    scanSegment(cut, SALT).frames.some((frame) => frame.offset === offset);
});

test('each bit of a segment, flipped, is detected or harmless', () => {
  const payloads = [
    payloadOf('one'),
    payloadOf('the second, which is longer than a line'),
    payloadOf('three'),
  ];
  const { bytes, offsets } = build(payloads);
  const before = offsets.map((offset) => offset);
  let detected = 0;
  for (let bit = 0; bit < bytes.byteLength * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const scan = scanSegment(flipped, SALT);
    for (const { offset, header } of scan.frames) {
      assert.ok(before.includes(offset), `bit ${bit}: a frame at ${offset}`);
      const payload = payloads[header.sequence - 1];
      const at = offset + header.payloadOffset;
      assert.deepEqual(flipped.slice(at, at + header.payloadBytes), payload, `bit ${bit}`);
    }
    const isDetected = scan.damages.length > 0 || scan.tornBytes > 0 || scan.head === undefined;
    assert.ok(
      isDetected || scan.frames.length === payloads.length,
      `bit ${bit} is neither detected nor harmless`,
    );
    if (isDetected) detected += 1;
    assert.ok(scan.frames.length >= payloads.length - 1, `bit ${bit} costs one frame at most`);
    const isHeadDamaged = decodeSegmentHead(flipped, SALT) === undefined;
    if (isHeadDamaged) assert.equal(scan.frames.length, payloads.length, 'a head costs no frame');
  }
  assert.ok(detected > bytes.byteLength * 4);
});

/** A segment of two runs of lines with a frame between them, as a stream writes it. */
function linesSegment(): { readonly bytes: Uint8Array; readonly texts: readonly string[] } {
  const texts = ['one', '第二行', 'three '.repeat(9), 'four', 'five'];
  const runs = [texts.slice(0, 3), texts.slice(3)].map((some) => lineRun(some, 3));
  const files = simFiles();
  files.makeDirectory('/j');
  const name = { epoch: 1, number: 1, priority: 3, salt: SALT };
  const segment = createSegment(files, '/j', { name, capacity: 4096, origin: ORIGIN });
  for (const [i, run] of runs.entries()) {
    sealFrames(run, { start: 0, end: run.bytes.byteLength }, 1 + 3 * i);
    segment.append([run.bytes]);
    if (i === 0)
      segment.append([{ kind: 'dropped', sequence: 3, payload: encodeRanges([{ from: 90, to: 99 }]) }]);
  }
  return { bytes: files.bytesOf(segment.path).slice(0, segment.end + 64), texts };
}

/** The lines that somebody finds who opens it, by sequence, and whether anything is wrong. */
function linesFound(bytes: Uint8Array): {
  readonly lines: Map<number, string>;
  readonly isDetected: boolean;
} {
  const files = simFiles();
  files.makeDirectory('/j');
  files.create(`/j/${segmentFileName({ epoch: 1, number: 1, priority: 3, salt: SALT })}`).write(bytes, 0);
  const { frames, troubles, origin, segments } = recover(files, '/j', NOTHING_SETTLED);
  const lines = new Map<number, string>();
  for (const { segment, offset, payloadBytes, firstSequence, recordCount } of frames) {
    const run = SegmentFile.sealed(files, segment).readRun(offset, payloadBytes);
    assert.ok(run !== undefined, 'what was found is read');
    const { bytes: all, words } = wordBytesOf(run);
    let sequence = firstSequence;
    for (let at = 0; at < run.byteLength; at += runFrameBytes(words, at)) {
      const line = readLineFrame(Buffer.from(all.buffer, all.byteOffset, all.byteLength), at);
      lines.set(sequence, line?.text ?? assert.fail(`line ${sequence} is none`));
      sequence += 1;
    }
    assert.equal(sequence, firstSequence + recordCount);
  }
  const saysDropped = segments.some(({ dropped }) =>
    dropped.some(({ from, to }) => from === 90 && to === 99),
  );
  return { lines, isDetected: troubles.length > 0 || origin === undefined || !saysDropped };
}

const NOTHING_SETTLED = { epoch: 1, acknowledged: 0, appended: 0 };

test('each bit of a segment of lines, flipped, costs one line at most, and is detected or harmless', () => {
  const { bytes, texts } = linesSegment();
  const all = new Map(texts.map((text, i) => [i + 1, text]));
  assert.deepEqual(linesFound(bytes), { lines: all, isDetected: false });
  for (let bit = 0; bit < bytes.byteLength * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { lines, isDetected } = linesFound(flipped);
    for (const [sequence, text] of lines) assert.equal(text, all.get(sequence), `bit ${bit}`);
    assert.ok(lines.size >= texts.length - 1, `bit ${bit} costs one line at most`);
    assert.ok(isDetected || lines.size === texts.length, `bit ${bit} is neither detected nor harmless`);
  }
});
