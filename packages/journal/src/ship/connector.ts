/**
 * Sockets to an endpoint: straight or by a proxy, plain or by TLS, ready to be written to. They keep the process alive
 * only while their owner wants it. Requests of Aode's own are not traced: whoever makes a request to reach somewhere
 * uses an agent from here.
 */
import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { AodeError } from '@aode/base';
import { proxyFor, type ProxyServer, type ProxySettings } from './proxy.ts';
import { readTlsFiles, type TlsFiles, type TlsMaterials } from './tls-files.ts';

export interface ConnectorOptions {
  readonly endpoint: string;
  /** By CONNECT even where the endpoint is plain HTTP: what is spoken is no HTTP/1. */
  readonly isTunnelled: boolean;
  readonly tls: TlsFiles;
  readonly proxy: ProxySettings;
  /** Of making one connection, with all that belongs to it. */
  readonly timeoutMs: number;
}

export interface Connector {
  readonly endpoint: URL;
  /** That wants to be told the whole address in each request; undefined where there is none, or a tunnel. */
  readonly proxy: ProxyServer | undefined;
  /** `protocols` in the order in which they are offered (ALPN). Throws AODE_TLS_FILE_INVALID and what sockets throw. */
  connect(protocols: readonly string[]): Promise<Socket>;
  keepAlive(on: boolean): void;
  /** Says of a socket of ours, which somebody has changed in that, whether it keeps the process alive. */
  keep(socket: Pick<Socket, 'ref' | 'unref'>): void;
  /** Breaks off what there is. */
  close(): void;
}

/** Of an error of a connection, what people can read: of what OpenSSL says the reason, not the line of its source. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, reason, message } = error as Error & { readonly code?: unknown; readonly reason?: unknown };
  if (typeof code !== 'string') return message;
  // No answer of HTTP at all. Other complaints of the parser are about one.
  if (code === 'HPE_INVALID_CONSTANT') return `what listens there does not speak HTTP/1.1: ${PORTS}`;
  if (!code.startsWith('ERR_SSL_') || typeof reason !== 'string') return message;
  const isOther = code === 'ERR_SSL_WRONG_VERSION_NUMBER';
  return isOther ? 'what listens there does not speak TLS' : `TLS: ${reason}`;
}

/** What is mostly wrong where somebody speaks something else. */
export const PORTS = 'OTLP is at 4318 over HTTP and at 4317 over gRPC';

/** Agents of requests that are Aode's own and are not traced. */
const OWN_AGENTS = new WeakSet<object>();

export function isOwnAgent(agent: unknown): boolean {
  return typeof agent === 'object' && agent !== null && OWN_AGENTS.has(agent);
}

/** An agent for requests to the endpoint of `connector`; it keeps connections open for the next request. */
export function createOwnAgent(connector: Connector): HttpAgent | HttpsAgent {
  const { protocol } = connector.endpoint;
  const agent = new (protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
  OWN_AGENTS.add(agent);
  agent.createConnection = (_, done) => {
    const refuse = (error: unknown): void => done?.(error as Error, undefined as never);
    connector.connect(['http/1.1']).then((socket) => done?.(null, socket), refuse);
    return undefined;
  };
  // Node.js lets every request on a connection that was kept hold the process.
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request);
    connector.keep(socket as Socket);
  };
  return agent;
}

/** An address with several of them is tried on one for this long; Node's 250 ms are too short across continents. */
const ADDRESS_MS = 1500;

export function createConnector(options: ConnectorOptions): Connector {
  const { tls, timeoutMs } = options;
  const endpoint = new URL(options.endpoint);
  const isSecure = endpoint.protocol === 'https:';
  const isTunnelled = isSecure || options.isTunnelled;
  const proxy = proxyFor(endpoint, isTunnelled, options.proxy);
  const sockets = new Set<Socket>();
  let isKept = false;
  let isClosed = false;
  const keep: Connector['keep'] = (socket) => void (isKept ? socket.ref() : socket.unref());
  const own = <S extends Socket>(socket: S): S => {
    sockets.add(socket);
    keep(socket);
    // Errors end the steps below and the requests above; between them nobody listens.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    if (isClosed) socket.destroy();
    return socket;
  };
  const dial = async (to: URL, signal: AbortSignal): Promise<Socket> => {
    const socket = own(connectTcp({ ...addressOf(to), autoSelectFamilyAttemptTimeout: ADDRESS_MS }));
    await settled(socket, 'connect', signal);
    socket.setNoDelay(true);
    return socket;
  };
  const secure = async (socket: Socket, to: SecureTarget, signal: AbortSignal): Promise<Socket> => {
    const secured = own(connectTls(secureOptions(socket, to)));
    await settled(secured, 'secureConnect', signal);
    return secured;
  };
  return {
    endpoint,
    proxy: isTunnelled ? undefined : proxy,
    async connect(protocols) {
      const signal = AbortSignal.timeout(timeoutMs);
      const materials = isSecure ? readTlsFiles(tls) : {};
      let socket = await dial(proxy?.url ?? endpoint, signal);
      if (proxy?.url.protocol === 'https:') {
        socket = await secure(socket, { url: proxy.url, protocols: ['http/1.1'], materials: {} }, signal);
      }
      if (proxy !== undefined && isTunnelled) await tunnel(socket, { endpoint, proxy, signal });
      return isSecure ? await secure(socket, { url: endpoint, protocols, materials }, signal) : socket;
    },
    keepAlive(on) {
      isKept = on;
      for (const socket of sockets) keep(socket);
    },
    keep,
    close() {
      isClosed = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Destroys the socket when it comes to nothing. */
async function settled(socket: Socket | TLSSocket, event: string, signal: AbortSignal): Promise<void> {
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? new Error(`no connection in time (${event})`, { cause: error }) : error;
  }
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');
const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
const addressOf = (url: URL): { readonly host: string; readonly port: number } => ({
  host: hostOf(url),
  port: portOf(url),
});

interface SecureTarget {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly materials: TlsMaterials;
}

function secureOptions(socket: Socket, { url, protocols, materials }: SecureTarget): ConnectionOptions {
  const host = hostOf(url);
  // Servers are not to be named by their address (RFC 6066, § 3); the certificate is held against it all the same.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return { socket, host, ...name, ALPNProtocols: [...protocols], ...materials };
}

interface Tunnel {
  readonly endpoint: URL;
  readonly proxy: ProxyServer;
  readonly signal: AbortSignal;
}

/** Asks the proxy to pass on what follows. */
async function tunnel(socket: Socket, { endpoint, proxy, signal }: Tunnel): Promise<void> {
  const agent = new HttpAgent();
  OWN_AGENTS.add(agent);
  agent.createConnection = () => socket;
  const path = `${endpoint.hostname}:${portOf(endpoint)}`;
  const { authorization } = proxy;
  const headers = {
    host: path,
    ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
  };
  const asked = httpRequest({ method: 'CONNECT', path, agent, headers, signal });
  asked.on('error', () => undefined);
  asked.end();
  const [answer, , head] = (await once(asked, 'connect')) as [IncomingMessage, Socket, Buffer];
  if (answer.statusCode === 200) {
    // A server of HTTP/2 speaks first.
    if (head.length > 0) socket.unshift(head);
    return;
  }
  socket.destroy();
  throw new AodeError('AODE_PROXY_REFUSED', { status: answer.statusCode, proxy: proxy.url.host });
}
