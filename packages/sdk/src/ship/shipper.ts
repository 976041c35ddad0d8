/**
 * Records on their way to the hub: collected by scope, encoded in batches, sent one after the other, tried again while
 * there is room. Bounded in bytes; what does not fit is dropped, counted and said once. Nothing here keeps the process
 * alive.
 */
import { AodeError, backoff, type Clock, type Diag, durationMs, type Random } from '@aode/base';
import { encodeLogs, encodeTraces, type LogRecord, type Resource, type Scope, type Span } from '@aode/wire';
import type { LineSink, LogLine } from '../log/log-line.ts';
import { logRecordOf } from '../log/log-line.ts';
import type { Losses } from '../losses.ts';
import type { SpanSink } from '../trace/span.ts';
import type { Poster, ShippedSignal } from './otlp-post.ts';

/** As many as OpenTelemetry's batch processor sends at once; a usual request of some 200 kB. */
const BATCH_RECORDS_MAX = 512;
const RETRY = { firstMs: 500, lastMs: 10_000 };
/** Rough size of a record besides its texts, for the bound. */
const RECORD_BYTES = 256;
const ATTRIBUTE_BYTES = 64;

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
    const bytes = RECORD_BYTES + record.name.length + record.attributes.length * ATTRIBUTE_BYTES;
    if (!this.#admit(bytes)) return;
    const list = this.#spans.get(scope);
    if (list === undefined) this.#spans.set(scope, [record]);
    else list.push(record);
    this.#schedule();
  }

  line(line: LogLine): void {
    if (!this.#admit(RECORD_BYTES + line.text.length)) return;
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
    const spans = this.#spans;
    const lines = this.#lines;
    this.#spans = new Map();
    this.#lines = [];
    this.#recordCount = 0;
    this.#recordBytes = 0;
    if (spans.size > 0) this.#enqueue('traces', this.#encodeSpans(spans));
    if (lines.length > 0) this.#enqueue('logs', this.#encodeLines(lines));
  }

  #encodeSpans(spans: ReadonlyMap<Scope, readonly Span[]>): Batch {
    const { resource } = this.#parts;
    const scopeSpans = Array.from(spans, ([scope, list]) => ({ scope, schemaUrl: '', spans: list }));
    const count = scopeSpans.reduce((sum, one) => sum + one.spans.length, 0);
    return { signal: 'traces', body: encodeTraces([{ resource, schemaUrl: SCHEMA_URL, scopeSpans }]), count };
  }

  #encodeLines(lines: readonly LogLine[]): Batch {
    const { resource } = this.#parts;
    const byScope = new Map<Scope, LogRecord[]>();
    for (const line of lines) {
      const list = byScope.get(line.scope) ?? [];
      byScope.set(line.scope, list);
      list.push(logRecordOf(line));
    }
    const scopeLogs = Array.from(byScope, ([scope, logRecords]) => ({ scope, schemaUrl: '', logRecords }));
    return {
      signal: 'logs',
      body: encodeLogs([{ resource, schemaUrl: SCHEMA_URL, scopeLogs }]),
      count: lines.length,
    };
  }

  #enqueue(_: ShippedSignal, batch: Batch): void {
    this.#outbox.push(batch);
    this.#outboxBytes += batch.body.byteLength;
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
    const done = (async (): Promise<boolean> => {
      while (this.#sending !== undefined) await this.#sending;
      return this.isEmpty;
    })();
    const { clock } = this.#parts;
    let timer: Disposable | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = clock.timer(durationMs(deadlineMs), () => resolve(false));
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
