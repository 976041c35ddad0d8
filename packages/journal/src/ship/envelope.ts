/**
 * An OTLP export request around frames that are not decoded. The three requests have one shape,
 * `Export*ServiceRequest { 1: Resource* { 1: resource, 2: repeated scope_*, 3: schema_url } }`, and protobuf's repeated
 * fields may be joined end to end (Protocol Buffers, § Encoding: concatenating messages merges them).
 */

/** Field 1 of the request, and of the Resource* in it; fields 2 and 3 of that. All length-delimited. */
const RESOURCE_TAG = 0x0a;
const SCHEMA_URL_TAG = 0x1a;

export interface EnvelopeParts {
  /** The bytes of a Resource message. */
  readonly origin: Uint8Array;
  /** Each a run of fields 2 (`scope_spans`, `scope_logs` or `scope_metrics`) with their tags and lengths. */
  readonly payloads: readonly Uint8Array[];
  /** Of the resource; left out when empty. */
  readonly schemaUrl: string;
}

/** One request with all payloads in their order. Allocates once, exactly. */
export function encodeEnvelope({ origin, payloads, schemaUrl }: EnvelopeParts): Uint8Array<ArrayBuffer> {
  const urlBytes = Buffer.byteLength(schemaUrl);
  let inner = fieldBytes(origin.byteLength) + (urlBytes === 0 ? 0 : fieldBytes(urlBytes));
  for (const payload of payloads) inner += payload.byteLength;
  const body = new Uint8Array(fieldBytes(inner));
  let at = writeHead(body, 0, { tag: RESOURCE_TAG, length: inner });
  at = writeHead(body, at, { tag: RESOURCE_TAG, length: origin.byteLength });
  body.set(origin, at);
  at += origin.byteLength;
  for (const payload of payloads) {
    body.set(payload, at);
    at += payload.byteLength;
  }
  if (urlBytes > 0) {
    at = writeHead(body, at, { tag: SCHEMA_URL_TAG, length: urlBytes });
    new TextEncoder().encodeInto(schemaUrl, body.subarray(at));
  }
  return body;
}

/** Size of a length-delimited field with a tag of one byte. */
function fieldBytes(length: number): number {
  let bytes = 2 + length;
  for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Writes tag and length, returns the position behind them. */
function writeHead(
  into: Uint8Array,
  start: number,
  { tag, length }: { readonly tag: number; readonly length: number },
): number {
  let at = start;
  into[at++] = tag;
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) into[at++] = (rest % 0x80) | 0x80;
  into[at++] = rest;
  return at;
}
