/** The few lines around node:http that a service without a framework needs: routes, JSON bodies, errors. */
import { createServer } from 'node:http';

const BODY_BYTES_MAX = 64 * 1024;

/**
 * A server for `routes`: `[method, pattern, handler]`, where a handler is given `{ params, query, body }` and returns
 * the answer. An error with a `statusCode` is answered with it, any other with 500.
 */
export function createJsonServer(routes, log) {
  return createServer(async (req, res) => {
    const from = performance.now();
    const { status, json } = await answer(routes, req, log);
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    const durationMs = Math.round((performance.now() - from) * 10) / 10;
    log.debug({ method: req.method, path: req.url, status, durationMs }, 'answered');
  });
}

async function answer(routes, req, log) {
  try {
    const { pathname, searchParams } = new URL(req.url, 'http://service');
    for (const [method, pattern, handler] of routes) {
      const match = req.method === method ? pattern.exec(pathname) : null;
      if (match === null) continue;
      const body = method === 'GET' ? undefined : await readJson(req);
      const json = await handler({ params: match.groups ?? {}, query: searchParams, body });
      return { status: method === 'POST' ? 201 : 200, json };
    }
    return { status: 404, json: { error: `no route ${req.method} ${pathname}` } };
  } catch (err) {
    const status = err.statusCode ?? 500;
    if (status >= 500) log.error({ err, method: req.method, path: req.url }, err.message);
    return { status, json: { error: err.message } };
  }
}

async function readJson(req) {
  const parts = [];
  let bytes = 0;
  for await (const part of req) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw Object.assign(new Error('body too large'), { statusCode: 413 });
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch (cause) {
    throw Object.assign(new Error('body is not JSON', { cause }), { statusCode: 400 });
  }
}
