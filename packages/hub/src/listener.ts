/** Beginning and end of a listening server. */
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { AodeError, type AodeErrorCode, type Clock, durationMs } from '@aode/base';

/** Loopback only. A hub that answers other machines needs TLS, which it does not have. */
const HOST = '127.0.0.1';

/**
 * Connections of one listener. A sender needs one and a browser six; three listeners that are full stay below the 1024
 * open files that a process usually has, so that the store can still open its own.
 */
export const CONNECTIONS_MAX = 256;

/** A whole request must have come in this time, by HTTP as by gRPC; slower ones hold room that others need. */
export const REQUEST_TIMEOUT_MS = 60_000;

/** How node:http is told. It looks for connections that are late every 30 s by default, which makes 10 s up to 40. */
export const HTTP_TIMEOUTS: {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
} = {
  headersTimeout: 10_000,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: 1000,
};

/** What is under way when a server ends may take this long; who has not got ready by then is cut off. */
const GRACE_MS = 5000;
/** A connection whose request has just been answered is kept open for the next one; so often they are looked for. */
const SWEEP_MS = 50;

const CODES: ReadonlyMap<string | undefined, AodeErrorCode> = new Map([
  ['EADDRINUSE', 'AODE_PORT_IN_USE'],
  ['EACCES', 'AODE_PORT_REFUSED'],
] as const);

/** Base address once the server listens. Rejects with AODE_PORT_IN_USE or AODE_PORT_REFUSED. */
export function listen(
  server: Server,
  port: number,
  what: string,
  connectionsMax: number = CONNECTIONS_MAX,
): Promise<string> {
  server.maxConnections = connectionsMax;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = CODES.get(error.code);
      reject(code === undefined ? error : new AodeError(code, { what, port, why: error.code }, error));
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      const own = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${HOST}:${own}`);
    });
  });
}

/** Closes connections as they fall idle, and after a while all of them, until disposed of. */
export function endConnections(server: HttpServer, clock: Clock): Disposable {
  let timer: Disposable | undefined;
  const sweep = (leftMs: number): void => {
    server.closeIdleConnections();
    if (leftMs <= 0) server.closeAllConnections();
    else timer = clock.timer(durationMs(SWEEP_MS), () => sweep(leftMs - SWEEP_MS));
  };
  sweep(GRACE_MS);
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}

/** Takes no more requests and resolves when those under way have been answered, or given up. */
export async function endServer(server: HttpServer, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  using _ending = endConnections(server, clock);
  await closed;
}

/** Calls `cutOff` when `ended` takes longer than what is under way is granted. */
export async function withinGrace(ended: Promise<void>, clock: Clock, cutOff: () => void): Promise<void> {
  using _grace = clock.timer(durationMs(GRACE_MS), cutOff);
  await ended;
}
