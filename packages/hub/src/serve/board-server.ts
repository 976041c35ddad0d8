/** The listener for people and their tools: board, API, part of the Jaeger API, health, metrics. */
import { AodeError, type AodeErrorCode, AODE_ERRORS, isAodeError } from '@aode/base';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { apiFailure, type ApiFailure } from '../api-error.ts';
import { isAllowedHost, isAllowedOrigin } from '../guard/origin.ts';
import { HTTP_TIMEOUTS, REQUEST_TIMEOUT_MS } from '../listener.ts';
import { addApiRoutes, type ApiParts } from './api-routes.ts';
import { addBoard, SECURITY_HEADERS } from './board-files.ts';
import { addJaegerRoutes } from './jaeger-routes.ts';

export interface BoardParts extends ApiParts {
  /** Whether everything is up, for /readyz. */
  isReady(): boolean;
  /** Brings the gauges up to date before they are read. */
  refresh(): Promise<void>;
}

/** The server, ready to listen. */
export async function createBoardServer(parts: BoardParts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: 1024, // A route that takes a body has a limit of its own.
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: HTTP_TIMEOUTS,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: false },
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    const { host, origin } = request.headers;
    const port = request.socket.localPort;
    if (!isAllowedHost(host) || !isAllowedOrigin(origin, port)) {
      throw new AodeError('AODE_HOST_REFUSED', { host, origin });
    }
  });
  app.setErrorHandler((error: FastifyError, _, reply) => {
    const { status, body } = failure(error);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = failure(
      new AodeError('AODE_NOT_FOUND', { what: 'page', id: request.url.slice(0, 200) }),
    );
    return reply.code(status).send(body);
  });
  addApiRoutes(app, parts);
  addJaegerRoutes(app, parts.store);
  addHealth(app, parts);
  await addBoard(app);
  return app;
}

function failure(error: FastifyError | AodeError): ApiFailure {
  if (isAodeError(error)) return apiFailure(error);
  // Fastify's own refusals (a malformed URL, a body on GET) carry a status; anything else is a defect of ours.
  const status = error.statusCode ?? 500;
  const code: AodeErrorCode = status < 500 ? 'AODE_QUERY_INVALID' : 'AODE_INTERNAL';
  const [message, remedy] = AODE_ERRORS[code];
  return { status, body: { error: { code, message: `${message}: ${error.message}`, remedy } } };
}

function addHealth(app: FastifyInstance, parts: BoardParts): void {
  app.get('/healthz', (_, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, reply) => {
    const ready = parts.isReady();
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ready\n' : 'not ready\n');
  });
  app.get('/metrics', async (_, reply) => {
    await parts.refresh();
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(parts.counters.text());
  });
}
