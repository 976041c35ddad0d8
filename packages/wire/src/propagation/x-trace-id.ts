/**
 * `X-Trace-ID`, a header without a standard, whatever text somebody knows a request by. It is kept verbatim, and
 * named by the same W3C trace id everywhere:
 *
 *   32 hex digits → themselves · a UUID → without its dashes · 16 hex digits → padded · else → SHA-256, first 128 bits
 */
import { hash } from 'node:crypto';
import type { TraceId } from '@aode/base';
import { traceIdOf } from './remote-trace.ts';

/** 1 to 128 visible ASCII characters: no other can break a log line, a header or a terminal. */
const TEXT = /^[!-~]{1,128}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/** Undefined for what is no such text, and for an id of zeros, which names nothing. */
export function parseXTraceId(header: string): TraceId | undefined {
  if (!TEXT.test(header)) return undefined;
  const lower = header.toLowerCase();
  if (HEX.test(lower)) return traceIdOf(lower);
  if (UUID.test(lower)) return traceIdOf(lower.replaceAll('-', ''));
  return traceIdOf(hash('sha256', header, 'hex').slice(0, 32));
}

/**
 * The `rv` (see otel-state.ts) of a trace whose id was not drawn at random: 56 bits of SHA-256 of the id, so that all
 * who map the same text decide alike.
 */
export function randomnessOf(traceId: TraceId): string {
  return hash('sha256', traceId, 'hex').slice(0, 14);
}
