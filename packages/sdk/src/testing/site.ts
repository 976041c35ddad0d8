/** A server of `node:http` for a test, and requests to it. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Site extends AsyncDisposable {
  readonly port: number;
}

/** A server on a port of its own, until disposed of. */
export async function serve(listener: RequestListener | Server): Promise<Site> {
  const server = listener instanceof Server ? listener : createServer(listener);
  if (!server.listening) server.listen(0, '127.0.0.1');
  if (!server.listening) await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** With node:http, which is not traced here. */
export async function get(
  port: number,
  path = '/',
  headers: Record<string, string | string[]> = {},
): Promise<Answer> {
  const sent = httpRequest({ host: '127.0.0.1', port, path, headers });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return { status: answer.statusCode ?? 0, headers: answer.headers };
}
