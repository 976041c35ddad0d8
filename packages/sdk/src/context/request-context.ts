/** What a request is known by besides its trace: the request id, carried in the OpenTelemetry context. */
import type { Random } from '@aode/base';
import { type Context, createContextKey } from '@opentelemetry/api';

const REQUEST_ID = createContextKey('aode.request_id');

/** 1 to 128 visible ASCII characters; anything else could break a log line or a header. */
const VALID = /^[!-~]{1,128}$/;

export function isRequestId(text: string): boolean {
  return VALID.test(text);
}

export function withRequestId(context: Context, requestId: string): Context {
  return context.setValue(REQUEST_ID, requestId);
}

export function requestIdOf(context: Context): string | undefined {
  const value = context.getValue(REQUEST_ID);
  return typeof value === 'string' ? value : undefined;
}

/** 128 random bits as 32 hex digits. */
export function newRequestId(random: Random): string {
  let text = '';
  for (let i = 0; i < 4; i += 1) text += random.next().toString(16).padStart(8, '0');
  return text;
}
