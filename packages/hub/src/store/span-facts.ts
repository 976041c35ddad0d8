/**
 * What of a span's attributes earns a column of its own: what the hub computes with (status, peer, error) and what
 * people search most. Every other attribute is found through its 32-bit hash, and all of them stay in `raw` as they
 * came.
 */
import type { Attribute, SpanEvent, Value } from '@aode/wire';
import { attributeHash, valueText } from './attribute-row.ts';

export interface SpanFacts {
  httpMethod: string | null;
  httpStatus: number | null;
  /** `http.status_code`, the name before semantic conventions 1.23; it has no column of its own. */
  httpStatusOld: number | null;
  httpRoute: string | null;
  urlPath: string | null;
  rpcService: string | null;
  rpcMethod: string | null;
  rpcStatus: string | null;
  dbSystem: string | null;
  messagingDestination: string | null;
  errorType: string | null;
  peerService: string | null;
  requestId: string | null;
  /** Of the attributes that have no column. */
  hashes: number[];
}

/** Column names by attribute key: where a search for the key looks besides the hashes. */
export const TEXT_COLUMN_OF: ReadonlyMap<string, string> = new Map([
  ['http.request.method', 'http_method'],
  ['http.route', 'http_route'],
  ['url.path', 'url_path'],
  ['rpc.service', 'rpc_service'],
  ['rpc.method', 'rpc_method'],
  ['db.system.name', 'db_system'],
  ['messaging.destination.name', 'messaging_destination'],
  ['error.type', 'error_type'],
  ['peer.service', 'peer_service'],
  ['request_id', 'request_id'],
]);

/** Reads the facts. The first of repeated keys gets the column, the others are hashed. */
export function spanFactsOf(attributes: readonly Attribute[]): SpanFacts {
  const facts = noFacts();
  for (const { key, value } of attributes) {
    if (typeof value === 'string' ? !takeText(facts, key, value) : !takeStatus(facts, key, value)) {
      facts.hashes.push(attributeHash(key, valueText(value)));
    }
    if (RPC_STATUS_KEYS.has(key)) facts.rpcStatus ??= valueText(value);
    if (key === 'http.status_code') facts.httpStatusOld ??= httpStatusOf(value);
  }
  return facts;
}

const RPC_STATUS_KEYS: ReadonlySet<string> = new Set(['rpc.response.status_code', 'rpc.grpc.status_code']);

const noFacts = (): SpanFacts => ({
  httpMethod: null,
  httpStatus: null,
  httpStatusOld: null,
  httpRoute: null,
  urlPath: null,
  rpcService: null,
  rpcMethod: null,
  rpcStatus: null,
  dbSystem: null,
  messagingDestination: null,
  errorType: null,
  peerService: null,
  requestId: null,
  hashes: [],
});

type TextFact = Exclude<keyof SpanFacts, 'httpStatus' | 'httpStatusOld' | 'rpcStatus' | 'hashes'>;

const FACT_OF: ReadonlyMap<string, TextFact> = new Map([
  ['http.request.method', 'httpMethod'],
  ['http.route', 'httpRoute'],
  ['url.path', 'urlPath'],
  ['rpc.service', 'rpcService'],
  ['rpc.method', 'rpcMethod'],
  ['db.system.name', 'dbSystem'],
  ['messaging.destination.name', 'messagingDestination'],
  ['error.type', 'errorType'],
  ['peer.service', 'peerService'],
  ['request_id', 'requestId'],
]);

function takeText(facts: SpanFacts, key: string, value: string): boolean {
  const fact = FACT_OF.get(key);
  if (fact === undefined) return takeStatus(facts, key, value);
  if (facts[fact] !== null) return false;
  facts[fact] = value;
  return true;
}

function takeStatus(facts: SpanFacts, key: string, value: Value): boolean {
  if (key !== 'http.response.status_code' || facts.httpStatus !== null) return false;
  facts.httpStatus = httpStatusOf(value);
  return facts.httpStatus !== null;
}

/** Names of host and port of a callee, today's first, then those before semantic conventions 1.23. */
const PEER_KEYS: readonly (readonly [host: string, port: string])[] = [
  ['server.address', 'server.port'],
  ['net.peer.name', 'net.peer.port'],
];

/** `host:port` of who was called, null where nobody says. By it, calls without an answer find their callee. */
export function peerAddressOf(attributes: readonly Attribute[]): string | null {
  for (const [hostKey, portKey] of PEER_KEYS) {
    const host = attributes.find(({ key }) => key === hostKey)?.value;
    if (host === undefined) continue;
    const port = attributes.find(({ key }) => key === portKey)?.value;
    return port === undefined ? valueText(host) : `${valueText(host)}:${valueText(port)}`;
  }
  return null;
}

/** A status as number or decimal text, whatever fits 16 bits; anything else is not one. */
export function httpStatusOf(value: Value): number | null {
  const text = valueText(value);
  if (!/^\d{1,5}$/.test(text)) return null;
  const status = Number(text);
  // "0200" must not answer a search for 200: the column stands for its canonical text.
  return status <= 0xffff && String(status) === text ? status : null;
}

/** `exception.type` of the last exception event (semantic conventions, exceptions on spans). */
export function exceptionTypeOf(events: readonly SpanEvent[]): string | null {
  const event = events.findLast((candidate) => candidate.name === 'exception');
  const type = event?.attributes.find((attribute) => attribute.key === 'exception.type')?.value;
  return typeof type === 'string' ? type : null;
}
