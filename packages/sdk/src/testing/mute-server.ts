/** A receiver that is none. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

interface Mute extends AsyncDisposable {
  readonly endpoint: string;
}

/** Accepts connections, does `what` with each, and never answers by itself. */
export async function openMute(what: (socket: Socket) => void = () => undefined): Promise<Mute> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    what(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
