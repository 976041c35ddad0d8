/** Records that are larger than a chunk are written here first, and then cut into parts. */
import { RECORD_HEAD_BYTES } from './record-head.ts';
import { RecordWriter } from './record-writer.ts';
import type { TextTable } from './text-table.ts';

/** A record of more than this is no description of a request any more, and a receiver would refuse it. */
const RECORD_BYTES_MAX = 1024 * 1024;

/** Where records are written that do not fit a chunk; made when the first of them comes. */
export class Scratch {
  readonly #bytes = new Uint8Array(RECORD_BYTES_MAX);
  readonly #writer: RecordWriter;

  constructor(texts: TextTable) {
    this.#writer = new RecordWriter(this.#bytes, texts);
  }

  /** The record with its head; undefined when it is too large even for here. Good until the next call. */
  take(kind: number, charsMax: number, write: (w: RecordWriter) => void): Uint8Array | undefined {
    const writer = this.#writer;
    writer.charsMax = charsMax;
    writer.aim(RECORD_HEAD_BYTES, RECORD_BYTES_MAX);
    write(writer);
    if (writer.isFull) return undefined;
    writer.wordAt(0, writer.at);
    writer.wordAt(4, kind);
    return this.#bytes.subarray(0, writer.at);
  }
}
