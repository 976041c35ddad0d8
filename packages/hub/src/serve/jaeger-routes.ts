/**
 * The part of Jaeger's query API v1 that is served so far: /api/services and /api/traces/{id}, to the letter of a real
 * Jaeger v2.13.0 (statuses, content types, words of the errors). Everything else under /api is a plain 404.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Store } from '../store/store.ts';
import { jaegerTrace } from './jaeger-trace.ts';
import { NotJson } from './jaeger-value.ts';
import type { Query } from './query-parameters.ts';

interface Envelope {
  readonly data: unknown;
  readonly total: number;
  readonly errors: readonly { readonly code: number; readonly msg: string }[] | null;
}

function send(
  reply: FastifyReply,
  status: number,
  { data, total, errors }: Envelope,
  query: Query,
): FastifyReply {
  const body = { data, total, limit: 0, offset: 0, errors };
  const pretty = query['prettyPrint'] === 'true' ? 4 : undefined;
  return reply
    .code(status)
    .type(status === 200 ? 'application/json' : 'text/plain; charset=utf-8')
    .send(`${JSON.stringify(body, null, pretty)}\n`);
}

const fail = (reply: FastifyReply, code: number, msg: string, query: Query): FastifyReply =>
  send(reply, code, { data: null, total: 0, errors: [{ code, msg }] }, query);

const first = (query: Query, name: string): string | undefined => {
  const value = query[name];
  return typeof value === 'string' ? value : value?.[0];
};

/** Go's strconv.ParseBool. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False', '']);

/** The fault of a parameter, in Jaeger's words; undefined when all are right. */
function faultOf(query: Query): string | undefined {
  for (const name of ['start', 'end']) {
    const value = first(query, name);
    if (value !== undefined && value !== '' && !/^[+-]?\d{1,19}$/.test(value)) {
      return `unable to parse param '${name}': strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`;
    }
  }
  const raw = first(query, 'raw');
  if (raw === undefined || TRUE.has(raw) || FALSE.has(raw)) return undefined;
  return `unable to parse param 'raw': strconv.ParseBool: parsing ${JSON.stringify(raw)}: invalid syntax`;
}

/** A trace id of any case and length up to 32 digits as 32 lower-case digits, or the fault in Jaeger's words. */
function parseTraceId(id: string): { readonly id: string } | { readonly fault: string } {
  if (id.length > 32) return { fault: `TraceID cannot be longer than 32 hex characters: ${id}` };
  if (!/^[0-9a-f]+$/i.test(id)) {
    // Jaeger parses the two halves, so it is the faulty half that it names.
    const high = id.length > 16 ? id.slice(0, -16) : '';
    const faulty = high !== '' && !/^[0-9a-f]+$/i.test(high) ? high : id.slice(-16);
    return { fault: `strconv.ParseUint: parsing ${JSON.stringify(faulty)}: invalid syntax` };
  }
  return { id: id.toLowerCase().padStart(32, '0') };
}

export function addJaegerRoutes(app: FastifyInstance, store: Store): void {
  app.get('/api/services', async (request, reply) => {
    const data = await store.serviceNames();
    const named = data.map((name) => (name === '' ? 'empty-service-name' : name));
    return send(reply, 200, { data: named, total: named.length, errors: null }, request.query as Query);
  });

  app.get<{ Params: { traceId: string } }>('/api/traces/:traceId', async (request, reply) => {
    const query = request.query as Query;
    const parsed = parseTraceId(request.params.traceId);
    if ('fault' in parsed) return fail(reply, 400, parsed.fault, query);
    const fault = faultOf(query);
    if (fault !== undefined) return fail(reply, 400, fault, query);
    const found = await store.traceRecords(parsed.id);
    if (found === undefined || found.resourceSpans.length === 0)
      return fail(reply, 404, 'trace not found', query);
    try {
      const trace = jaegerTrace(found.resourceSpans, TRUE.has(first(query, 'raw') ?? ''));
      return send(reply, 200, { data: [trace], total: 0, errors: null }, query);
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      const msg = `failed writing HTTP response: failed marshalling HTTP response to JSON: ${error.message}`;
      return fail(reply, 500, msg, query);
    }
  });

  // Never the board's page: a program that asks for an API must not be given HTML.
  app.all('/api/*', (_, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('404 page not found\n'),
  );
}
