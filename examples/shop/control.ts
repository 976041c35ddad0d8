/**
 * The shop's own small server, on loopback: its page, its state, and the switch for faults. Only for the person at this
 * machine: a request for another host name, or a POST sent by a page of another origin, is refused.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { controlPage, type ShopState } from './control-page.ts';
import { faultOf } from './faults.ts';

export interface ShopControl {
  state(): ShopState;
  /** Null heals. */
  setFault(name: string | null): void;
  /** Last log lines of a service, undefined when there is none of that name. */
  lines(service: string): readonly string[] | undefined;
}

export async function serveControl(port: number, shop: ShopControl): Promise<Server> {
  const server = createServer((req, res) => answer(req, res, shop, port));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function answer(req: IncomingMessage, res: ServerResponse, shop: ShopControl, port: number): void {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { origin, host = '' } = req.headers;
  if (!own.includes(host)) return end(res, 403, 'wrong host');
  const path = new URL(req.url ?? '/', 'http://shop').pathname;
  if (req.method === 'POST') {
    if (origin !== undefined && !own.some((o) => origin === `http://${o}`))
      return end(res, 403, 'wrong origin');
    return change(path, req, res, shop);
  }
  if (path === '/') return end(res, 200, controlPage(shop.state()), 'text/html; charset=utf-8');
  if (path === '/state') return end(res, 200, JSON.stringify(shop.state()), 'application/json');
  const lines = shop.lines(path.replace('/logs/', ''));
  if (lines === undefined) return end(res, 404, 'not here');
  return end(res, 200, lines.join('\n'));
}

function change(path: string, req: IncomingMessage, res: ServerResponse, shop: ShopControl): void {
  const name = path === '/heal' ? null : path.replace('/faults/', '');
  if (name !== null && faultOf(name) === undefined) return end(res, 404, 'no such fault');
  shop.setFault(name);
  // A form goes back to the page, a program gets the state.
  if (req.headers.accept?.includes('text/html') === true) {
    res.writeHead(303, { location: '/' }).end();
    return undefined;
  }
  return end(res, 200, JSON.stringify(shop.state()), 'application/json');
}

function end(res: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  res
    .writeHead(status, {
      'content-type': type,
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}
