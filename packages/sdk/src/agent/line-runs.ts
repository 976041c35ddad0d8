/** What was read from a ring, as runs that the journal takes: in their order, each short enough to be read back. */
import { linePriority, type LineSpace, runFrameBytes, setLinePriority, wordBytesOf } from '@aode/wire';

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
