/**
 * The door between the receivers and the store: bounds what is under way, turns JSON into the bytes that are stored,
 * waits until the store says that it is durable, and counts everything.
 */
import { AodeError, type Clock, unixMs } from '@aode/base';
import type { Encoding, ExportResponse } from '@aode/wire';
import type { Counters } from '../self/counters.ts';
import type { Signal, Store, WriteResult } from '../store/store.ts';
import type { JsonConverter } from './json-converter.ts';

/**
 * Bytes of requests that may be under way: four of the largest, or some 1 400 of the usual 185 kB. Beyond, clients are
 * asked to come again.
 */
export const WAITING_BYTES_MAX: number = 256 * 1024 * 1024;

export interface AdmissionParts {
  readonly store: Store;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly json: JsonConverter;
}

/** Room for bytes that are being received. Give it back with `release`, always. */
export interface Reservation {
  /** Asks for room for more bytes; throws AODE_STORE_BUSY when there is none. */
  grow(bytes: number): void;
  release(): void;
}

export type Protocol = 'http' | 'grpc';

export interface ExportRequest {
  readonly signal: Signal;
  readonly encoding: Encoding;
  /** Decompressed. */
  readonly body: Uint8Array;
}

export class Admission {
  readonly #parts: AdmissionParts;
  #waitingBytes = 0;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  reserve(): Reservation {
    let held = 0;
    return {
      grow: (bytes) => {
        if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
          throw new AodeError('AODE_STORE_BUSY', { waitingBytes: this.#waitingBytes });
        }
        held += bytes;
        this.#waitingBytes += bytes;
      },
      release: () => {
        this.#waitingBytes -= held;
        held = 0;
      },
    };
  }

  /**
   * Stores one request; resolves when it is durable. Rejects with AODE_OTLP_*_INVALID or AODE_OTLP_LIMIT (the sender's
   * fault), AODE_STORE_BUSY or AODE_STORE_FAILED (come again).
   */
  async admit(request: ExportRequest): Promise<ExportResponse> {
    const { signal, encoding, body } = request;
    const { store, counters, clock, json } = this.#parts;
    counters.add('aode_hub_received_bytes_total', { signal }, body.byteLength);
    // No bytes are an empty protobuf message, which is a legitimate request; they are no JSON.
    if (body.byteLength === 0 && encoding === 'protobuf') return { rejectedCount: 0, errorMessage: '' };
    const bytes = encoding === 'json' ? await json.convert(signal, body) : body;
    const result = await store.write({ signal, body: bytes });
    if (result.duplicate) counters.add('aode_hub_duplicates_total', { signal }, 1);
    else counters.accepted(signal, result.acceptedCount, Math.floor(unixMs(clock.now()) / 1000));
    return this.#respond(signal, result);
  }

  /**
   * Counts a request by how it ended: 'stored', an error code, or why it was refused unread. Receivers call it once for
   * each request; `signal` is 'unknown' where nobody can say what it was.
   */
  count(signal: Signal | 'unknown', protocol: Protocol, outcome: string): void {
    this.#parts.counters.add('aode_hub_requests_total', { signal, protocol, outcome }, 1);
  }

  #respond(signal: Signal, { refused, duplicate }: WriteResult): ExportResponse {
    const reasons = Object.entries(refused).filter(([, count]) => count > 0);
    if (!duplicate) {
      for (const [reason, count] of reasons) {
        this.#parts.counters.add('aode_hub_refused_total', { signal, reason }, count);
      }
    }
    return {
      rejectedCount: reasons.reduce((sum, [, count]) => sum + count, 0),
      errorMessage: reasons.map(([reason, count]) => `${count} refused: ${reason}`).join('; '),
    };
  }
}
