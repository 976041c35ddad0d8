/** What goes between the store's face on the main thread and its worker. All plain data. */
import { AodeError, type AodeErrorCode, isAodeError } from '@aode/base';
import type { DatabaseOptions } from './database.ts';
import type { Retention } from './retention.ts';
import type { Fired } from '../triggers/triggers.ts';
import type { Store } from './store.ts';
import type { WriteJob } from './group-writer.ts';

/** The questions of a store: everything but writing and housekeeping. */
export type ReadName = Exclude<keyof Store, 'write' | 'expire' | 'close'>;

/** What the worker is started with. */
export interface WorkerOptions extends DatabaseOptions, Retention {
  readonly nowMs: number;
  readonly traceSpansMax: number;
  /** Whether somebody wants to know what triggers say. */
  readonly triggers: boolean;
}

export type ToWorker =
  | { readonly kind: 'write'; readonly id: number; readonly job: WriteJob }
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly name: ReadName;
      readonly args: readonly unknown[];
      readonly nowMs: number;
    }
  | { readonly kind: 'expire'; readonly id: number; readonly nowMs: number }
  | { readonly kind: 'tick'; readonly id: number; readonly nowMs: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

export type FromWorker =
  | { readonly kind: 'fired'; readonly fired: readonly Fired[] }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorData };

/** An error without its class, which does not survive the way between threads. */
export interface ErrorData {
  readonly code: AodeErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Whatever was thrown, as data. What is no AodeError is a failure of the store. */
export function errorData(e: unknown): ErrorData {
  if (isAodeError(e)) return { code: e.code, detail: plain(e.detail) };
  return { code: 'AODE_STORE_FAILED', detail: { reason: e instanceof Error ? e.message : String(e) } };
}

const plain = (detail: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(detail).map(([key, value]) => [key, typeof value === 'number' ? value : String(value)]),
  );

/** The other way. */
export function errorOf(data: ErrorData): AodeError {
  return new AodeError(data.code, data.detail);
}
