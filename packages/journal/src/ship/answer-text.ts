/** What a receiver says, in words, of a request that it did not take. */
import { decodeRpcStatus } from '@aode/wire';

/** Enough of a foreign text to see what it is about. */
const CHARS_MAX = 200;

/**
 * Of the body of an answer over HTTP: the message of a google.rpc.Status (OTLP specification, § Failures), or what a
 * gateway says as JSON or as plain text. Empty where nothing of it is for a person to read in one line.
 */
export function answerText(contentType: string | undefined, bytes: Uint8Array): string {
  try {
    return oneLine(said(contentType ?? '', bytes));
  } catch {
    return '';
  }
}

function said(contentType: string, bytes: Uint8Array): string {
  if (isJson(contentType)) return jsonText(bytes);
  if (/^application\/x-protobuf\b/i.test(contentType)) return decodeRpcStatus(bytes, 'protobuf').message;
  return /^text\/plain\b/i.test(contentType) ? new TextDecoder().decode(bytes) : '';
}

export const isJson = (contentType: string): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType);

/** `message` is of google.rpc.Status and of most gateways; the others are common besides. */
const KEYS = ['message', 'error_description', 'detail', 'error'];

function jsonText(bytes: Uint8Array): string {
  const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof body === 'string') return body;
  const members = new Map(Object.entries(body ?? {}));
  for (const key of KEYS) {
    const text: unknown = members.get(key);
    if (typeof text === 'string' && text !== '') return text;
  }
  return '';
}

/** Of a foreign text: as much as a line bears, without what could move a terminal's cursor. */
export function oneLine(text: string): string {
  const shown = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return shown.length > CHARS_MAX ? `${shown.slice(0, CHARS_MAX)}…` : shown;
}
