/** Where records are written that do not fit a chunk, to be cut into parts. */
import { RECORD_HEAD_BYTES } from './record-head.ts';
import { RecordWriter } from './record-writer.ts';
import type { TextTable } from './text-table.ts';

/** A record of more than this is no description of a request any more, and a receiver would refuse it. */
const RECORD_BYTES_MAX = 1024 * 1024;

export class Scratch {
  readonly #bytes: Uint8Array;
  readonly #writer: RecordWriter;

  /** `bytesMax`: more than this is too large for the pool. */
  constructor(texts: TextTable, bytesMax: number) {
    this.#bytes = new Uint8Array(Math.min(bytesMax, RECORD_BYTES_MAX));
    this.#writer = new RecordWriter(this.#bytes, texts);
  }

  /** The record with its head; undefined when it is too large even for here. Good until the next call. */
  take(kind: number, charsMax: number, write: (w: RecordWriter) => void): Uint8Array | undefined {
    const writer = this.#writer;
    // Longer texts are cut.
    writer.charsMax = charsMax;
    writer.aim(RECORD_HEAD_BYTES, this.#bytes.byteLength);
    write(writer);
    if (writer.isFull) return undefined;
    writer.wordAt(0, writer.at);
    writer.wordAt(4, kind);
    return this.#bytes.subarray(0, writer.at);
  }
}
