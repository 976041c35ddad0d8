/**
 * /aode/v1/asks on the OTLP listeners, because they are the one address that an SDK knows: by HTTP/1.1 beside
 * OTLP/HTTP, by HTTP/2 beside OTLP/gRPC.
 */
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { AodeError, isAodeError } from '@aode/base';
import { apiFailure } from '../api-error.ts';
import { readBody } from '../receive/body.ts';
import type { AskDesk } from './ask-desk.ts';
import { ASK_BYTES_MAX, parseAskRequest, parseStreamQuery } from './ask-request.ts';
import { isAllowedHost, isAllowedOrigin } from '../guard/origin.ts';
import type { TokenGuard } from '../guard/token.ts';
import { type AskResponder, openAskStream } from './ask-stream.ts';

export const ASKS_PATH = '/aode/v1/asks';

/** What is read here is small and bounded, and needs no room of the store's. */
const NO_RESERVATION = { grow: () => undefined, release: () => undefined };

export type AskRequester = IncomingMessage | Http2ServerRequest;

/** Answers who may ask; never rejects. */
export async function answerAsks(
  request: AskRequester,
  response: AskResponder,
  { asks, guard }: { readonly asks: AskDesk; readonly guard: TokenGuard },
): Promise<void> {
  const { origin, authorization } = request.headers;
  const host = request.headers.host ?? ('authority' in request ? request.authority : undefined);
  const refusal =
    !isAllowedHost(host) || !isAllowedOrigin(origin, undefined)
      ? new AodeError('AODE_HOST_REFUSED', { host, origin })
      : guard(authorization)
        ? undefined
        : new AodeError('AODE_TOKEN_REFUSED');
  if (refusal === undefined) return handleAsks(asks, request, response);
  asks.counters.add('aode_hub_ask_requests_total', { method: 'other', outcome: refusal.code }, 1);
  refuseAsks(response, refusal);
  request.resume();
}

/** The same once host, origin and token were checked. */
export async function handleAsks(
  desk: AskDesk,
  request: AskRequester,
  response: AskResponder,
): Promise<void> {
  const method = request.method ?? '';
  try {
    if (method === 'GET') stream(desk, request, response);
    else if (method === 'POST') await take(desk, request, response);
    else throw new AodeError('AODE_ASK_INVALID', { why: 'use GET or POST' });
    count(desk, method, 'answered');
  } catch (error) {
    const known = isAodeError(error) ? error : new AodeError('AODE_INTERNAL', {}, error);
    const gone = request.errored !== null && !request.complete;
    count(desk, method, gone ? 'aborted' : known.code);
    if (!gone) refuseAsks(response, known, method === 'GET' || method === 'POST' ? undefined : 405);
    request.resume();
  }
}

/** Answers with an ApiError. */
function refuseAsks(response: AskResponder, error: AodeError, statusGiven?: number): void {
  if (response.headersSent || response.destroyed) return;
  const { status, body } = apiFailure(error);
  const bytes = Buffer.from(JSON.stringify(body));
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', bytes.length);
  if (statusGiven === 405) response.setHeader('allow', 'GET, POST');
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  if (status === 503) response.setHeader('retry-after', RETRY_SECONDS);
  // A stream of HTTP/2 ends without its connection.
  if (status === 413 && !('stream' in response)) response.setHeader('connection', 'close');
  response.writeHead(statusGiven ?? status);
  response.write(bytes);
  response.end();
}

/** Streams end seldom: who found no room need not ask again at once. */
const RETRY_SECONDS = 5;

/** Labels are of a closed set, and a method is whatever a client likes. */
function count({ counters }: AskDesk, method: string, outcome: string): void {
  const known = method === 'GET' || method === 'POST' ? method : 'other';
  counters.add('aode_hub_ask_requests_total', { method: known, outcome }, 1);
}

function stream(desk: AskDesk, request: AskRequester, response: AskResponder): void {
  const query = (request.url ?? '').split('?')[1] ?? '';
  if (!openAskStream(desk, response, parseStreamQuery(query))) {
    throw new AodeError('AODE_ASK_STREAMS_FULL', { open: desk.streamCount });
  }
}

async function take(desk: AskDesk, request: AskRequester, response: AskResponder): Promise<void> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new AodeError('AODE_ASK_INVALID', { why: 'send application/json' });
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new AodeError('AODE_ASK_INVALID', { why: 'send it unpacked' });
  }
  const body = await readBody(request, ASK_BYTES_MAX, NO_RESERVATION);
  const answer = Buffer.from(JSON.stringify(desk.ask(parseAskRequest(body), 'sdk')));
  response.writeHead(202, { 'content-type': 'application/json', 'content-length': answer.length });
  response.write(answer);
  response.end();
}
