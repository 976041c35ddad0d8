/**
 * Requests for the servers of the request benches, and the backend that these call. Bare sockets: a client that costs
 * little leaves the machine to the server.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What the backend answers and the server passes on; the end of every response. */
const ANSWER = '{"item":7,"stock":12}';
const END = `\r\n\r\n${ANSWER}`;
const REQUEST = [
  'GET /orders/4711?expand=items HTTP/1.1',
  'host: shop.internal:8080',
  'user-agent: bench/1.0',
  'accept: application/json',
  '\r\n',
].join('\r\n');

export interface Backend extends AsyncDisposable {
  readonly port: number;
}

export async function startBackend(): Promise<Backend> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': ANSWER.length }).end(ANSWER);
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A connection with one request under way at most. */
class Connection {
  readonly #socket: Socket;
  #text = '';
  #done: () => void = () => undefined;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      this.#text += part;
      if (!this.#text.endsWith(END)) return;
      if (!this.#text.startsWith('HTTP/1.1 200 ')) throw new Error(`answered ${this.#text.slice(0, 40)}`);
      this.#text = '';
      this.#done();
    });
    socket.once('close', () => {
      if (!this.#isClosed) throw new Error('the server has closed a connection');
    });
  }

  send(done: () => void): void {
    this.#done = done;
    this.#socket.write(REQUEST);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }
}

async function open(port: number, count: number): Promise<Connection[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets.map((socket) => new Connection(socket));
}

const CONNECTIONS = 8;

/** So many requests, each connection sending its next when the last was answered. */
export async function sendAll(port: number, count: number): Promise<void> {
  const connections = await open(port, CONNECTIONS);
  let left = count;
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          const next = (): void => {
            if (left <= 0) {
              resolve();
              return;
            }
            left -= 1;
            connection.send(next);
          };
          next();
        }),
    ),
  );
  for (const connection of connections) connection.close();
}

const CONNECTIONS_AT_RATE = 64;

/**
 * Requests at a fixed rate for a time. A latency counts from the moment at which the request was to be sent, whether or
 * not a connection was free then: a server that stalls is charged for all that waited (Tene, "How NOT to Measure
 * Latency", on coordinated omission). Milliseconds, in the order of the answers.
 */
export async function sendAtRate(port: number, perSecond: number, seconds: number): Promise<Float64Array> {
  const free = await open(port, CONNECTIONS_AT_RATE);
  const all = [...free];
  const count = Math.round(perSecond * seconds);
  const latencies = new Float64Array(count);
  const waiting: number[] = [];
  let answered = 0;
  let due = 0;
  await new Promise<void>((resolve) => {
    const start = performance.now();
    const send = (intended: number): void => {
      const connection = free.pop();
      if (connection === undefined) {
        waiting.push(intended);
        return;
      }
      connection.send(() => {
        latencies[answered++] = performance.now() - intended;
        free.push(connection);
        if (answered === count) resolve();
        const next = waiting.shift();
        if (next !== undefined) send(next);
      });
    };
    const tick = (): void => {
      // All that is due by now, each with the millisecond in which it was due.
      const passed = performance.now() - start;
      while (due < count && (due * 1000) / perSecond <= passed) {
        send(start + Math.ceil((due * 1000) / perSecond));
        due += 1;
      }
      if (due < count) setTimeout(tick, 1);
    };
    tick();
  });
  for (const connection of all) connection.close();
  return latencies;
}
