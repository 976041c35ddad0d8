/**
 * Records on their way to the hub: collected by scope, encoded in batches, sent one after the other, tried again while
 * there is room. Bounded in bytes; what does not fit is dropped, counted and said once. Nothing here keeps the process
 * alive.
 */
import { AodeError, backoff, type Clock, type Diag, durationMs, type Random } from '@aode/base';
import type { Poster, ShippedSignal } from '@aode/journal';
import { encodeLogs, encodeTraces, type Resource, type Scope, type Span } from '@aode/wire';
import type { LineSink, LogLine } from '../log/log-line.ts';
import { logRecordOf } from '../log/log-line.ts';
import type { Losses } from '../losses.ts';
import type { SpanSink } from '../trace/span.ts';
import { lineBytes, spanBytes } from './record-size.ts';

/** As many as OpenTelemetry's batch processor sends at once; a usual request of some 200 kB. */
const BATCH_RECORDS_MAX = 512;
const RETRY = { firstMs: 500, lastMs: 10_000 };

/** An encoded request that has not been answered. */
export interface Batch {
  readonly signal: ShippedSignal;
  readonly body: Uint8Array;
  readonly count: number;
}

export interface ShipperParts {
  readonly resource: Resource;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly random: Random;
  readonly losses: Losses;
  readonly diag: Diag;
  readonly queueBytesMax: number;
  readonly flushIntervalMs: number;
}

const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.37.0';

export class Shipper implements SpanSink, LineSink {
  readonly #parts: ShipperParts;
  #spans = new Map<Scope, Span[]>();
  #lines: LogLine[] = [];
  #recordCount = 0;
  #recordBytes = 0;
  #outbox: Batch[] = [];
  #outboxBytes = 0;
  #sending: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #retryTimer: Disposable | undefined;
  #attempt = 0;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
  }

  span(record: Span, scope: Scope): void {
    if (!this.#admit(spanBytes(record))) return;
    const list = this.#spans.get(scope);
    if (list === undefined) this.#spans.set(scope, [record]);
    else list.push(record);
    this.#schedule();
  }

  line(line: LogLine): void {
    if (!this.#admit(lineBytes(line))) return;
    this.#lines.push(line);
    this.#schedule();
  }

  #admit(bytes: number): boolean {
    const { queueBytesMax, losses, diag } = this.#parts;
    if (this.#recordBytes + this.#outboxBytes + bytes > queueBytesMax) {
      losses.add('queue_full', 1);
      diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'queue_full', bytesMax: queueBytesMax }));
      return false;
    }
    this.#recordBytes += bytes;
    this.#recordCount += 1;
    return true;
  }

  #schedule(): void {
    if (this.#recordCount >= BATCH_RECORDS_MAX) {
      this.#send();
    } else if (this.#timer === undefined) {
      const { clock, flushIntervalMs } = this.#parts;
      this.#timer = clock.timer(durationMs(flushIntervalMs), () => this.#send());
    }
  }

  /** Encodes what was collected. */
  #encode(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { resource } = this.#parts;
    const spans = this.#spans;
    const lines = this.#lines;
    this.#spans = new Map();
    this.#lines = [];
    this.#recordCount = 0;
    this.#recordBytes = 0;
    const spanCount = [...spans.values()].reduce((sum, list) => sum + list.length, 0);
    this.#enqueue('traces', spanCount, () => {
      const scopeSpans = Array.from(spans, ([scope, list]) => ({ scope, schemaUrl: '', spans: list }));
      return encodeTraces([{ resource, schemaUrl: SCHEMA_URL, scopeSpans }]);
    });
    this.#enqueue('logs', lines.length, () => {
      const scopeLogs = Array.from(
        Map.groupBy(lines, ({ scope }) => scope),
        ([scope, list]) => ({
          scope,
          schemaUrl: '',
          logRecords: list.map(logRecordOf),
        }),
      );
      return encodeLogs([{ resource, schemaUrl: SCHEMA_URL, scopeLogs }]);
    });
  }

  /** A record that cannot be encoded costs its batch, counted and said; never the application. */
  #enqueue(signal: ShippedSignal, count: number, encode: () => Uint8Array): void {
    if (count === 0) return;
    const { losses, diag } = this.#parts;
    try {
      const body = encode();
      this.#outbox.push({ signal, body, count });
      this.#outboxBytes += body.byteLength;
    } catch (error) {
      losses.add('encode_failed', count);
      const why = error instanceof Error ? error.message : String(error);
      diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'encode_failed', why, lost: count }, error));
    }
  }

  #send(): void {
    this.#encode();
    if (this.#retryTimer !== undefined) return; // The receiver is not there or has asked for patience.
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Sends batch by batch until the outbox is empty or the receiver does not take more. */
  async #drain(): Promise<void> {
    for (let batch = this.#outbox[0]; batch !== undefined; batch = this.#outbox[0]) {
      const result = await this.#parts.poster.post(batch.signal, batch.body);
      // At exit the outbox is taken away; what was under way then is not ours any more.
      if (this.#outbox[0] !== batch) return;
      if (result.kind === 'again') {
        this.#waitAndRetry(result.why, result.afterMs);
        return;
      }
      this.#outbox.shift();
      this.#outboxBytes -= batch.body.byteLength;
      this.#attempt = 0;
      this.#account(batch, result);
    }
  }

  #account(batch: Batch, result: Exclude<Awaited<ReturnType<Poster['post']>>, { kind: 'again' }>): void {
    const { losses, diag } = this.#parts;
    if (result.kind === 'never') {
      losses.add('refused', batch.count);
      diag.warn(
        new AodeError('AODE_EXPORT_FAILED', { reason: 'refused', why: result.why, lost: batch.count }),
      );
    } else if (result.rejectedCount > 0) {
      losses.add('rejected', result.rejectedCount);
      const detail = { reason: 'rejected', why: result.errorMessage, lost: result.rejectedCount };
      diag.warn(new AodeError('AODE_EXPORT_FAILED', detail));
    }
  }

  #waitAndRetry(why: string, afterMs: number | undefined): void {
    const { clock, random, diag } = this.#parts;
    const waiting = this.#outbox.reduce((sum, { count }) => sum + count, 0);
    if (this.#attempt === 0) diag.warn(new AodeError('AODE_EXPORT_FAILED', { why, waiting }));
    const delayMs = afterMs ?? RETRY.firstMs / 2 + backoff(this.#attempt, RETRY, random);
    this.#attempt += 1;
    this.#retryTimer = clock.timer(durationMs(delayMs), () => {
      this.#retryTimer = undefined;
      this.#send();
    });
  }

  get isEmpty(): boolean {
    return this.#recordCount === 0 && this.#outbox.length === 0;
  }

  /**
   * Resolves true when everything recorded before the call was answered, false when that was not reached before the
   * deadline. A receiver that asked for patience is asked at once.
   */
  async flush(deadlineMs: number): Promise<boolean> {
    this.#retryTimer?.[Symbol.dispose]();
    this.#retryTimer = undefined;
    this.#send();
    // Batches are answered in order, and what is recorded from now on lies behind this one.
    const last = this.#outbox.at(-1);
    const isDelivered = (): boolean => last === undefined || !this.#outbox.includes(last);
    const done = (async (): Promise<boolean> => {
      while (this.#sending !== undefined && !isDelivered()) await this.#sending;
      return isDelivered();
    })();
    const { clock } = this.#parts;
    let timer: Disposable | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = clock.timer(durationMs(deadlineMs), () => resolve(isDelivered()));
    });
    const result = await Promise.race([done, late]);
    timer?.[Symbol.dispose]();
    return result;
  }

  /** Everything that has not been answered, encoded, for delivery by other means. Nothing is left here. */
  takeAll(): Batch[] {
    this.#encode();
    const all = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    this.#retryTimer?.[Symbol.dispose]();
    this.#retryTimer = undefined;
    return all;
  }
}
