/** A connection of HTTP/2 to an endpoint: by TLS, or in the clear with prior knowledge (RFC 9113, § 3.3). */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Connector } from './connector.ts';

/** Throws what connecting throws. Whoever has requests under way hears of the session's errors by them. */
export async function openHttp2(connector: Connector): Promise<ClientHttp2Session> {
  const { endpoint } = connector;
  const socket = await connector.connect(['h2']);
  if (endpoint.protocol === 'https:' && (socket as TLSSocket).alpnProtocol !== 'h2') {
    socket.destroy();
    throw new Error('the server does not speak HTTP/2');
  }
  const session = connect(endpoint.origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  session.on('error', () => undefined);
  return session;
}
