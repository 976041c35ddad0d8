/** gateway: the only door from outside. Gives each request an id, forwards it, writes the access log. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { host, port, started, urlOf } from '../lib/lifecycle.js';
import { createLog } from '../lib/logger.js';

const log = createLog('gateway');
const STOREFRONT = urlOf('storefront');
const ROUTES = [/^\/api\/products\/[\w-]+$/, /^\/api\/search$/, /^\/api\/carts\/[\w-]+\/(items|checkout)$/];

const server = createServer(async (req, res) => {
  const from = performance.now();
  const requestId = req.headers['x-request-id'] ?? randomUUID();
  const { pathname, search } = new URL(req.url, 'http://gateway');
  let status = 404;
  let body = JSON.stringify({ error: 'not found' });
  if (ROUTES.some((route) => route.test(pathname))) {
    ({ status, body } = await forward(req, pathname.replace('/api', '') + search, requestId));
  }
  res.writeHead(status, { 'content-type': 'application/json', 'x-request-id': requestId }).end(body);

  const durationMs = Math.round(performance.now() - from);
  const line = { requestId, method: req.method, path: pathname, status, durationMs };
  if (status >= 500) log.error(line, `${req.method} ${pathname} failed with ${status}`);
  else log.info(line, 'request served');
});

async function forward(req, path, requestId) {
  try {
    const response = await fetch(STOREFRONT + path, {
      method: req.method,
      headers: { 'content-type': 'application/json', 'x-request-id': requestId },
      body: req.method === 'GET' ? undefined : Buffer.concat(await req.toArray()),
      signal: AbortSignal.timeout(8000),
    });
    return { status: response.status, body: await response.text() };
  } catch (err) {
    log.error({ err, requestId, upstream: STOREFRONT }, 'storefront did not answer');
    return {
      status: err.name === 'TimeoutError' ? 504 : 502,
      body: JSON.stringify({ error: 'bad gateway' }),
    };
  }
}

server.listen(port, host, () => started(log, () => server.close()));
