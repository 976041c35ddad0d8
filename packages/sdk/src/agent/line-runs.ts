/** What was read from a ring, as runs that the journal takes: in their order, each short enough to be read back. */
import {
  lineNumber,
  linePriority,
  type LineSpace,
  runFrameBytes,
  setLinePriority,
  wordBytesOf,
} from '@aode/wire';

export interface LineRun {
  readonly run: LineSpace;
  readonly lineCount: number;
}

/** What comes and goes together: some two hundred lines. */
const RUN_BYTES_MAX = 64 * 1024;

/** Lines of a run are as important as the most important of them: who looks at an error wants those around it. */
export function lineRunsOf({ bytes, words }: LineSpace): readonly LineRun[] {
  const runs: LineRun[] = [];
  for (let start = 0; start < bytes.byteLength;) {
    let end = start;
    let lineCount = 0;
    let priority = 0;
    let isMixed = false;
    while (end < bytes.byteLength) {
      const next = end + runFrameBytes(words, end);
      if (lineCount > 0 && next - start > RUN_BYTES_MAX) break;
      const own = linePriority(words, end);
      isMixed ||= lineCount > 0 && own !== priority;
      priority = Math.max(priority, own);
      lineCount += 1;
      end = next;
    }
    for (let at = start; isMixed && at < end; at += runFrameBytes(words, at)) {
      setLinePriority(words, at, priority);
    }
    const run = bytes.subarray(start, end);
    runs.push({ run: { bytes: run, words: wordBytesOf(run).words }, lineCount });
    start = end;
  }
  return runs;
}

/** More lines than any ring holds. */
const MISSING_MAX = 10_000_000;

/** What a ring has said of its lines by their numbers, which go on one by one: how many did not come. */
export class LineNumbers {
  /** Undefined before the first: somebody else has read those before it. */
  #next: number | undefined;

  /** Its thread is gone, and what did not come of it is counted: another one goes on with the ring. */
  forget(): void {
    this.#next = undefined;
  }

  /** Lines between those of the call before and these. */
  missingBefore({ words }: LineSpace, lineCount: number): number {
    const first = lineNumber(words, 0);
    const expected = this.#next ?? first;
    const missing = first - expected;
    // Otherwise it is the number that was written over.
    const isTrue = missing >= 0 && missing < MISSING_MAX;
    this.#next = (isTrue ? first : expected) + lineCount;
    return isTrue ? missing : 0;
  }
}
