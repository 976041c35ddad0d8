/** What was read from a ring, as runs that the journal takes: each of one priority, short enough to be read back. */
import { type LineSpace, linePriority, runFrameBytes, wordBytesOf } from '@aode/wire';

export interface LineRun {
  readonly run: LineSpace;
  readonly lineCount: number;
}

/** What comes and goes together: some two hundred lines. */
const RUN_BYTES_MAX = 64 * 1024;

/** The more important ones first; among equals in their order. */
export function lineRunsOf(taken: LineSpace): readonly LineRun[] {
  const { bytes, words } = taken;
  const byPriority = new Map<number, RunBuilder>();
  for (let at = 0; at < bytes.byteLength;) {
    const priority = linePriority(words, at);
    let builder = byPriority.get(priority);
    if (builder === undefined) byPriority.set(priority, (builder = new RunBuilder(taken)));
    const end = at + runFrameBytes(words, at);
    builder.add(at, end);
    at = end;
  }
  return [...byPriority].toSorted(([a], [b]) => b - a).flatMap(([, builder]) => builder.finish());
}

/** Collects frames of one priority; those that lie side by side are not copied. */
class RunBuilder {
  readonly #taken: LineSpace;
  readonly #runs: LineRun[] = [];
  /** Of the run that is being made: pieces of what was taken. */
  #pieces: { readonly start: number; end: number }[] = [];
  #bytes = 0;
  #count = 0;

  constructor(taken: LineSpace) {
    this.#taken = taken;
  }

  add(start: number, end: number): void {
    if (this.#bytes > 0 && this.#bytes + end - start > RUN_BYTES_MAX) this.#endRun();
    const last = this.#pieces.at(-1);
    if (last?.end === start) last.end = end;
    else this.#pieces.push({ start, end });
    this.#bytes += end - start;
    this.#count += 1;
  }

  #endRun(): void {
    if (this.#count === 0) return;
    const { bytes } = this.#taken;
    const parts = this.#pieces.map(({ start, end }) => bytes.subarray(start, end));
    const [one] = parts;
    const run = one !== undefined && parts.length === 1 ? one : joined(parts, this.#bytes);
    this.#runs.push({ run: { bytes: run, words: wordBytesOf(run).words }, lineCount: this.#count });
    this.#pieces = [];
    this.#bytes = 0;
    this.#count = 0;
  }

  finish(): readonly LineRun[] {
    this.#endRun();
    return this.#runs;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Buffer {
  const all = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
