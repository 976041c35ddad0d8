/** A question over UDP: a socket of a random port that takes answers of its server alone and keeps no process alive. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import type { NtpServer, UdpEvents, UdpSocket } from './sntp.ts';

export function openUdp({ host, port }: NtpServer, events: UdpEvents): UdpSocket {
  let socket: Socket | undefined;
  let isClosed = false;
  const fail = (): void => {
    if (!isClosed) events.onError();
  };
  try {
    lookup(host, (error, address, family) => {
      if (isClosed) return;
      if (error !== null) fail();
      else socket = connect({ address, family, port }, events, fail);
    });
  } catch {
    // Names may not be looked up here: the question runs into its time limit.
  }
  return {
    send(bytes) {
      socket?.send(bytes, (error) => {
        if (error !== null) fail();
      });
    },
    [Symbol.dispose]() {
      isClosed = true;
      try {
        socket?.close();
      } catch {
        // It has closed itself.
      }
    },
  };
}

interface Address {
  readonly address: string;
  readonly family: number;
  readonly port: number;
}

function connect(
  { address, family, port }: Address,
  events: UdpEvents,
  fail: () => void,
): Socket | undefined {
  try {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.unref();
    socket.on('error', fail);
    socket.on('message', events.onMessage);
    socket.connect(port, address, () => events.onReady());
    return socket;
  } catch {
    fail(); // The permission model, or no descriptor left.
    return undefined;
  }
}
