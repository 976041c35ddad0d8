/** A text and a 64-bit time of a record under scan: the place is noted, the value made when it is asked for. */
import type { ByteReader } from '@aode/base';

export class TextPlace {
  readonly #reader: ByteReader;
  #start = 0;
  #end = 0;

  /** `reader` is used for its source and its cache only; it is not moved. */
  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }

  /** Scans the length-delimited text at which `reader` stands. */
  scan(reader: ByteReader): void {
    const length = reader.length();
    this.#start = reader.at;
    reader.skip(length);
    this.#end = reader.at;
  }

  name(): string {
    return this.#reader.nameAt(this.#start, this.#end);
  }

  text(): string {
    return this.#reader.textAt(this.#start, this.#end);
  }
}
