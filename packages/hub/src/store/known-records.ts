/** What of a request is stored already; see replay.ts. */
import type { LogRecord, Span } from '@aode/wire';

export interface KnownRecords {
  hasSpan(span: Span): boolean;
  hasLog(record: LogRecord): boolean;
}

/** Of a request that repeats nothing. */
export const NOTHING_KNOWN: KnownRecords = { hasSpan: () => false, hasLog: () => false };
