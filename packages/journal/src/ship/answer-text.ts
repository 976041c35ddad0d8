/** What a receiver says, in words, of a request that it did not take. */
import { decodeRpcStatus } from '@aode/wire';

/** Enough of a foreign text to see what it is about. */
const CHARS_MAX = 200;
const LOOKED_AT_MAX = 10 * CHARS_MAX;

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

/**
 * `message` is of google.rpc.Status and of most gateways; the others are common besides. Google's APIs have an object
 * in `error`.
 */
const KEYS = ['message', 'error_description', 'detail', 'error'];

const jsonText = (bytes: Uint8Array): string => textIn(JSON.parse(new TextDecoder().decode(bytes)), 2);

function textIn(body: unknown, depthMax: number): string {
  if (typeof body === 'string') return body;
  if (depthMax === 0) return '';
  const members = new Map<string, unknown>(Object.entries(body ?? {}));
  return KEYS.map((key) => textIn(members.get(key), depthMax - 1)).find((text) => text !== '') ?? '';
}

/** Of a foreign text: as much as a line bears, without what could move a terminal's cursor. */
export function oneLine(text: string): string {
  const shown = text
    .slice(0, LOOKED_AT_MAX)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  // Half of a character is none.
  return shown.length > CHARS_MAX ? `${shown.slice(0, CHARS_MAX).replace(/[\ud800-\udbff]$/, '')}…` : shown;
}

/** A receiver's reason for what it did not take, as a line. */
export const reasonText = (text: string): string => oneLine(text) || 'the receiver does not say why';
