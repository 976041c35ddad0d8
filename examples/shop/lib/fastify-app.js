/** A Fastify application with the company's log, in which an error becomes a JSON answer, and a line when it is ours. */
import fastify from 'fastify';

export function createApp(log) {
  const app = fastify({ loggerInstance: log, disableRequestLogging: true });
  app.setErrorHandler((err, req, reply) => {
    const status = err.statusCode ?? 500;
    if (status >= 500) log.error({ err, method: req.method, path: req.url }, err.message);
    reply.code(status).send({ error: err.message });
  });
  return app;
}
