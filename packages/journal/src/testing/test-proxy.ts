/** A forward proxy for tests: whatever name it is asked for, it goes to this machine. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface TestProxy extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Request lines. */
  readonly asked: string[];
  /** Value of Proxy-Authorization without which it answers 407; undefined for none. */
  wanted: string | undefined;
  /** What CONNECT is answered with instead of 200. */
  refusal: number | undefined;
}

export async function openTestProxy(): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const own = <S extends Socket>(socket: S): S => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const isAllowed = ({ method, url, headers }: IncomingMessage): boolean => {
    proxy.asked.push(`${method ?? ''} ${url ?? ''}`);
    return proxy.wanted === undefined || headers['proxy-authorization'] === proxy.wanted;
  };
  const server = createServer((incoming, response) => {
    if (!isAllowed(incoming)) {
      response.writeHead(407).end();
      return;
    }
    const { port, pathname } = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const outgoing = request({ host: '127.0.0.1', port, path: pathname, method: incoming.method, headers });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.writeHead(502).end());
    incoming.pipe(outgoing);
  });
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    own(socket);
    const status = isAllowed(incoming) ? (proxy.refusal ?? 200) : 407;
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const to = own(connect({ host: '127.0.0.1', port: Number((incoming.url ?? '').split(':').at(-1)) }));
    to.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(to).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: TestProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    wanted: undefined,
    refusal: undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return proxy;
}
