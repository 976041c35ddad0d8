/**
 * Frames one behind the other as a thread has written them (line-frame.ts), completed by another: numbered and summed
 * once, and their headers summed again for each file that they are written to, because its salt is in there.
 */
import { crcOf, type WordBytes } from './crc32.ts';
import { FRAME_ALIGN, FRAME_HEADER_BYTES } from './frame.ts';

/** Bytes that a header is summed over. */
const SUMMED_BYTES = 28;

/** Bytes of the frame at `at` of a run, with its padding. */
export function runFrameBytes(words: Int32Array, at: number): number {
  const i = at >>> 2;
  const bytes = ((words[i + 4] as number) & 0xffff) + ((words[i + 5] as number) >>> 0);
  return Math.ceil(bytes / FRAME_ALIGN) * FRAME_ALIGN;
}

/** In the flags of every frame of a run but the first. */
export const RUN_GOES_ON = 1;

/** Gives the frames from `start` to `end` the sequences from `sequence` on, sums their bodies, clears their padding. */
export function sealFrames(
  { bytes, words }: WordBytes,
  range: { readonly start: number; readonly end: number },
  sequence: number,
): void {
  let next = sequence;
  for (let at = range.start; at < range.end; next += 1) {
    const i = at >>> 2;
    const length = ((words[i + 4] as number) & 0xffff) + ((words[i + 5] as number) >>> 0);
    const frameEnd = at + runFrameBytes(words, at);
    for (let pad = at + length; pad < frameEnd; pad += 1) bytes[pad] = 0;
    words[i + 2] = next | 0;
    words[i + 3] = next / 0x1_0000_0000;
    if (at > range.start) words[i + 4] = (words[i + 4] as number) | (RUN_GOES_ON << 24);
    words[i + 6] = crcOf({ bytes, words }, at + FRAME_HEADER_BYTES, length - FRAME_HEADER_BYTES);
    at = frameEnd;
  }
}

/** Completes the headers of sealed frames for a file of this salt. */
export function saltFrames(
  memory: WordBytes,
  { start, end }: { readonly start: number; readonly end: number },
  salt: number,
): void {
  const { words } = memory;
  for (let at = start; at < end; at += runFrameBytes(words, at)) {
    words[(at >>> 2) + 7] = crcOf(memory, at, SUMMED_BYTES, salt);
  }
}

/** Bytes as words too; a copy where they do not begin at a multiple of 4. */
export function wordBytesOf(given: Uint8Array): WordBytes {
  const bytes = given.byteOffset % 4 === 0 ? given : given.slice();
  return { bytes, words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2) };
}
