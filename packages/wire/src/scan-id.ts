/** An id of a record under scan: a place in the request, read on demand in the form that is wanted. */
import type { ByteReader } from '@aode/base';

export interface IdScan {
  /** 0 when the id is absent. */
  readonly byteLength: number;
  /** Lower-case hex, whatever the length. */
  hex(): string;
  /** The last eight bytes as a big-endian number: a span id whole, the lower half of a trace id. Shorter ids give 0. */
  low(): bigint;
  /** The eight bytes before those; 0 when there are none. */
  high(): bigint;
}

export class IdPlace implements IdScan {
  byteLength = 0;
  readonly #source: Buffer;
  readonly #view: DataView;
  #start = 0;

  constructor(source: Buffer) {
    this.#source = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  clear(): void {
    this.byteLength = 0;
  }

  /** Scans the length-delimited id at which `reader` stands. */
  scan(reader: ByteReader): void {
    this.byteLength = reader.length();
    this.#start = reader.at;
    reader.skip(this.byteLength);
  }

  hex(): string {
    return this.#source.toString('hex', this.#start, this.#start + this.byteLength);
  }

  low(): bigint {
    return this.byteLength < 8 ? 0n : this.#view.getBigUint64(this.#start + this.byteLength - 8);
  }

  high(): bigint {
    return this.byteLength < 16 ? 0n : this.#view.getBigUint64(this.#start + this.byteLength - 16);
  }
}
