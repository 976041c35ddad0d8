/** What comes from outside about asks, parsed. Whatever cannot be is AODE_ASK_INVALID with its place. */
import { AodeError, isTraceId } from '@aode/base';
import type { Ask, AskRequest } from '@aode/wire/hub-api';
import { type AskCursor, parseAskCursor } from './ask-cursor.ts';

/** Asks of one request: what a process gathers in a second of failures. */
export const ASKS_OF_REQUEST_MAX = 1024;
/** Bytes of one request: so many asks with the longest reasons, and room for blanks. */
export const ASK_BYTES_MAX: number = 256 * 1024;

/** Of a name of a service, far beyond what anybody writes. */
export const SERVICE_CHARS_MAX = 255;

const INSTANCE = /^[!-~]{1,128}$/;
const REASON = /^[ -~]{1,64}$/;

function invalid(why: string): never {
  throw new AodeError('AODE_ASK_INVALID', { why });
}

export function parseAskRequest(body: Buffer): AskRequest {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return invalid('the body is not JSON');
  }
  if (!isRecord(value)) return invalid('the body is not an object');
  const { instance, asks } = value;
  if (!Array.isArray(asks)) return invalid('asks is not a list');
  if (asks.length > ASKS_OF_REQUEST_MAX) return invalid(`more than ${ASKS_OF_REQUEST_MAX} asks`);
  return { instance: instanceOf(instance), asks: asks.map(askOf) };
}

/** The question of a stream: for whom, and where to go on. */
export function parseStreamQuery(query: string): {
  readonly instance: string;
  readonly service: string | undefined;
  readonly after: AskCursor | undefined;
} {
  const parameters = new URLSearchParams(query);
  const instance = instanceOf(once(parameters, 'instance'));
  const service = serviceOf(once(parameters, 'service'));
  const text = once(parameters, 'after');
  if (text === undefined) return { instance, service, after: undefined };
  return {
    instance,
    service,
    after: parseAskCursor(text) ?? invalid('after is not a cursor of this stream'),
  };
}

function once(parameters: URLSearchParams, name: string): string | undefined {
  const [first, second] = parameters.getAll(name);
  if (second !== undefined) return invalid(`${name} is given more than once`);
  return first;
}

function instanceOf(value: unknown): string {
  if (typeof value === 'string' && INSTANCE.test(value)) return value;
  return invalid('instance is not 1 to 128 visible ASCII characters');
}

function serviceOf(text: string | undefined): string | undefined {
  if (text === undefined || (text !== '' && text.length <= SERVICE_CHARS_MAX)) return text;
  return invalid(`service is not 1 to ${SERVICE_CHARS_MAX} characters`);
}

function askOf(value: unknown, index: number): Ask {
  if (!isRecord(value)) return invalid(`asks[${index}] is not an object`);
  const { traceId, reason } = value;
  if (typeof traceId !== 'string' || !isTraceId(traceId)) {
    return invalid(`asks[${index}].traceId is not 32 lower-case hex digits, or is all zero`);
  }
  if (typeof reason !== 'string' || !REASON.test(reason)) {
    return invalid(`asks[${index}].reason is not 1 to 64 printable ASCII characters`);
  }
  return { traceId, reason };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
