import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  FRAME_HEADER_BYTES,
  runFrameBytes,
  saltFrames,
  sealFrames,
  wordBytesOf,
  writeFrame,
} from '@aode/wire';
import fc from 'fast-check';
import { lineRun } from '../testing/line-run.ts';
import { type SimFiles, simFiles } from '../testing/sim-files.ts';
import { recover, type Recovery } from './recover.ts';
import { encodeSegmentHead, segmentFileName } from './segment.ts';

const HEAD = encodeSegmentHead(new Uint8Array([1]), 0).byteLength;

interface Run {
  readonly first: number;
  /** Which of its lines are not whole. */
  readonly torn?: readonly number[];
  readonly count: number;
}

/** A segment of runs of lines, each with some of its lines torn. */
function addSegment(files: SimFiles, number: number, runs: readonly Run[]): void {
  const salt = number * 7;
  const parts = runs.map(({ first, count, torn = [] }) => {
    const run = lineRun(
      Array.from({ length: count }, (_, i) => `line ${first + i}`),
      0,
    );
    sealFrames(run, { start: 0, end: run.bytes.byteLength }, first);
    saltFrames(run, { start: 0, end: run.bytes.byteLength }, salt);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const end = at + runFrameBytes(wordBytesOf(run.bytes).words, at);
      if (torn.includes(first + i)) run.bytes.fill(0xff, at + FRAME_HEADER_BYTES, end);
      at = end;
    }
    return run.bytes;
  });
  const name = segmentFileName({ epoch: 1, number, priority: 0, salt });
  files.makeDirectory('/j');
  files
    .create(`/j/${name}`)
    .write(Buffer.concat([encodeSegmentHead(new Uint8Array([1]), salt), ...parts]), 0);
}

const look = (files: SimFiles): Recovery => recover(files, '/j', { epoch: 1, acknowledged: 0, appended: 0 });
const rangesOf = ({ frames }: Recovery): [number, number][] =>
  frames.map(({ firstSequence, sequence }) => [firstSequence, sequence]);

describe('a run of lines', () => {
  test('of two copies the longer one is found, whichever is the later', () => {
    for (const [whole, part] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const files = simFiles();
      addSegment(files, whole, [{ first: 1, count: 4 }]);
      addSegment(files, part, [{ first: 1, count: 2 }]);
      assert.deepEqual(rangesOf(look(files)), [[1, 4]]);
    }
  });

  test('of copies that are torn in different places every line is found, once', () => {
    const files = simFiles();
    addSegment(files, 1, [{ first: 1, count: 6, torn: [3] }]);
    addSegment(files, 2, [{ first: 1, count: 6, torn: [1, 6] }]);
    const { frames } = look(files);
    assert.deepEqual(
      frames.map((frame) => [frame.firstSequence, frame.sequence, frame.recordCount]),
      [
        [1, 2, 2],
        [3, 5, 3],
        [6, 6, 1],
      ],
    );
  });

  test('whatever is torn of whichever copies: every line that is whole in one of them is found, once, in order', () => {
    const torn = fc.array(fc.integer({ min: 1, max: 8 }));
    const property = fc.property(torn, torn, torn, fc.integer({ min: 1, max: 7 }), (a, b, c, end) => {
      const files = simFiles();
      const copies = [a, b, c];
      for (const [i, one] of copies.entries()) {
        addSegment(files, i + 1, [
          { first: 1, count: end, torn: one },
          { first: end + 1, count: 8 - end, torn: one },
        ]);
      }
      const found = rangesOf(look(files));
      const lines = found.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      const whole = [1, 2, 3, 4, 5, 6, 7, 8].filter((line) => copies.some((one) => !one.includes(line)));
      assert.deepEqual(lines, whole);
      assert.ok(
        found.every(([from, to]) => to <= end || from > end),
        'runs stay apart',
      );
    });
    fc.assert(property);
  });

  test('two that lie side by side stay two', () => {
    const files = simFiles();
    addSegment(files, 1, [
      { first: 1, count: 2 },
      { first: 3, count: 2 },
    ]);
    assert.deepEqual(rangesOf(look(files)), [
      [1, 2],
      [3, 4],
    ]);
  });
});

test('a frame without room for what its kind says of itself is none, however whole', () => {
  const files = simFiles();
  const bytes = new Uint8Array(512);
  bytes.set(encodeSegmentHead(new Uint8Array([1]), 5));
  let at = HEAD;
  // Twelve bytes of extension: readers of eight would take the last four for payload.
  for (const extension of [new Uint8Array(4), new Uint8Array(8), new Uint8Array(12)]) {
    at = writeFrame(bytes, at, { kind: 'logs', sequence: at, extension, payload: new Uint8Array(3) }, 5);
  }
  files.makeDirectory('/j');
  files.create(`/j/${segmentFileName({ epoch: 1, number: 1, priority: 0, salt: 5 })}`).write(bytes, 0);
  const { frames, troubles } = look(files);
  assert.deepEqual(
    frames.map(({ offset }) => offset),
    [HEAD + 64],
  );
  assert.equal(troubles.length, 1, 'and it is said');
});

test('what is as long as no segment is passed over and said', () => {
  const files = simFiles();
  addSegment(files, 1, [{ first: 1, count: 2 }]);
  addSegment(files, 2, [{ first: 3, count: 2 }]);
  const [second = ''] = files.list('/j').filter((name) => name.includes('-00000002-'));
  const sizeOf = files.fileBytes.bind(files);
  files.fileBytes = (path) => (path.endsWith(second) ? 512 * 1024 * 1024 + 1 : sizeOf(path));
  const found = look(files);
  assert.deepEqual(rangesOf(found), [[1, 2]]);
  assert.deepEqual(
    found.troubles.map(({ foreign }) => foreign),
    ['has 536870913 bytes'],
  );
});
