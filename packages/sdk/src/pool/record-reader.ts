/** The other side of record-writer.ts, in the agent. What it reads was written by this process and is trusted. */
import type { Attribute, Value } from '@aode/wire';
import type { LineHead } from '../log/log-line.ts';
import { INLINE, TAG } from './record-writer.ts';
import type { TextTableReader } from './text-table.ts';

/** Texts in the head of a line. */
const HEAD_WORDS = 5;

export class RecordReader {
  at = 0;
  readonly #texts: TextTableReader;
  #bytes: Buffer = Buffer.alloc(0);
  /** The head of a line that was read last, and the places of its texts. */
  #head: LineHead | undefined;
  readonly #headWords = new Uint32Array(HEAD_WORDS);

  constructor(texts: TextTableReader) {
    this.#texts = texts;
  }

  aim(bytes: Buffer, at: number): void {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.at++);
  }

  word(): number {
    const value = this.#bytes.readUInt32LE(this.at);
    this.at += 4;
    return value;
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** Two words, the seconds first, as nanoseconds. */
  time(): bigint {
    return BigInt(this.word()) * 1_000_000_000n + BigInt(this.word());
  }

  /** Hex of `words` words; '' when all are zero. */
  id(words: 2 | 4): string {
    const text = this.#bytes.toString('hex', this.at, this.at + words * 4);
    this.at += words * 4;
    return /^0+$/.test(text) ? '' : text;
  }

  text(): string {
    const first = this.word();
    if (first === 0) return '';
    if (first < INLINE) return this.#texts.text(first);
    const end = this.at + (first - INLINE);
    const text = this.#bytes.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }

  /** Lines that follow each other are mostly of one logger and level, and have one head. */
  lineHead(severityNumber: number): LineHead {
    const last = this.#head;
    if (last?.severityNumber === severityNumber && this.#isHeadAgain()) {
      this.at += HEAD_WORDS * 4;
      return last;
    }
    let isShared = true;
    for (let i = 0; i < HEAD_WORDS; i += 1) {
      const word = this.#bytes.readUInt32LE(this.at + i * 4);
      // The words behind a text that stands here are no places; they do not matter then.
      if (word >= INLINE) {
        isShared = false;
        break;
      }
      this.#headWords[i] = word;
    }
    const scope = { name: this.text(), version: this.text(), attributes: [], droppedAttributesCount: 0 };
    const head = {
      scope,
      severityNumber,
      severityText: this.text(),
      messageKey: this.text(),
      errorKey: this.text(),
    };
    this.#head = isShared ? head : undefined;
    return head;
  }

  #isHeadAgain(): boolean {
    for (let i = 0; i < HEAD_WORDS; i += 1) {
      if (this.#bytes.readUInt32LE(this.at + i * 4) !== this.#headWords[i]) return false;
    }
    return true;
  }

  attributes(): Attribute[] {
    const count = this.word();
    const attributes: Attribute[] = [];
    for (let i = 0; i < count; i += 1) attributes.push({ key: this.text(), value: this.value() });
    return attributes;
  }

  value(): Value {
    const tag = this.byte();
    switch (tag) {
      case TAG.text:
        return this.text();
      case TAG.integer:
        return BigInt(this.double());
      case TAG.double:
        return this.double();
      case TAG.bigint:
        return BigInt(this.word()) | BigInt.asIntN(64, BigInt(this.word()) << 32n);
      case TAG.bytes: {
        const end = this.word() + this.at;
        const bytes = new Uint8Array(this.#bytes.subarray(this.at, end));
        this.at = end;
        return bytes;
      }
      case TAG.list:
        return Array.from({ length: this.word() }, () => this.value());
      case TAG.map: {
        const entries = Array.from({ length: this.word() }, () => ({
          key: this.text(),
          value: this.value(),
        }));
        return { entries };
      }
      default:
        return tag === TAG.null ? null : tag === TAG.true;
    }
  }
}
