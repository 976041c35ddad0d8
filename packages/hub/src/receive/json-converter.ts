/**
 * OTLP/JSON requests to the protobuf bytes that the store keeps. Small ones here; large ones in a worker thread,
 * because parsing tens of megabytes would stop all receivers for a second or more.
 */
import { Worker } from 'node:worker_threads';
import { AodeError, type AodeErrorCode } from '@aode/base';
import type { Signal } from '../store/store.ts';
import { jsonToProtobuf } from './json-request.ts';

/** Converting this much takes some 3 ms. */
const INLINE_BYTES_MAX = 128 * 1024;

export interface JsonConverter {
  /** Rejects with AODE_OTLP_JSON_INVALID or AODE_OTLP_LIMIT. */
  convert(signal: Signal, body: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface JsonJob {
  readonly id: number;
  readonly signal: Signal;
  readonly body: Uint8Array;
}

export type JsonDone =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly code: AodeErrorCode; readonly detail: Readonly<Record<string, unknown>> };

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

/** The worker is started by the first large request and ends when the converter is closed. */
export function createJsonConverter(): JsonConverter {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let worker: Worker | undefined;

  function start(): Worker {
    const file = import.meta.url.replace(/json-converter\.(ts|js)$/, 'json-worker.$1');
    const started = new Worker(new URL(file), { name: 'aode-json' });
    started.on('message', (done: JsonDone) => {
      const one = waiting.get(done.id);
      waiting.delete(done.id);
      if ('bytes' in done) one?.resolve(done.bytes);
      else one?.reject(new AodeError(done.code, done.detail));
    });
    const end = (cause?: unknown): void => {
      worker = undefined;
      for (const one of waiting.values())
        one.reject(new AodeError('AODE_STORE_FAILED', { part: 'json' }, cause));
      waiting.clear();
    };
    started.on('error', end);
    started.on('exit', () => end());
    return started;
  }

  return {
    async convert(signal, body) {
      if (body.byteLength <= INLINE_BYTES_MAX) return jsonToProtobuf(signal, body);
      worker ??= start();
      lastId += 1;
      const job: JsonJob = { id: lastId, signal, body };
      const done = new Promise<Uint8Array>((resolve, reject) => waiting.set(job.id, { resolve, reject }));
      worker.postMessage(job);
      return done;
    },
    async close() {
      await worker?.terminate();
    },
  };
}
