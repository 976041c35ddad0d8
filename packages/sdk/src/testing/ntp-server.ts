/** NTP servers on loopback whose clock, honesty and manners a test sets while they run. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '@aode/base';
import { decodePacket, encodePacket, MODE, type NtpPacket, ntpOfUnix } from '../clock/sources/ntp-packet.ts';

export interface TestNtpServer extends Disposable {
  readonly port: number;
  /** Added to the true time. */
  offMs: number;
  /** Fields of its answers that are not as they should be; undefined: no answer. */
  manner: (answer: NtpPacket) => Partial<NtpPacket> | undefined;
  /** Each answer is sent so often. */
  copies: number;
  readonly asked: number;
}

/** Monotonic from its start, so that no step of this machine's wall clock is one of the server. */
const startNs = systemClock.now();
const startMono = systemClock.mono();

/** What is true in tests, nanoseconds since 1970. */
export const trueTime = (): bigint => trueTimeAt(systemClock.mono());

/** The same at a moment of the monotonic clock, which all processes of a machine share. */
export const trueTimeAt = (mono: bigint): bigint => startNs + (mono - startMono);

export async function startNtpServer(offMs = 0): Promise<TestNtpServer> {
  const socket = createSocket('udp4');
  let asked = 0;
  const server = {
    port: 0,
    offMs,
    copies: 1,
    manner: (): Partial<NtpPacket> | undefined => ({}),
    get asked() {
      return asked;
    },
    [Symbol.dispose]: () => void socket.close(),
  };
  const now = (): bigint => ntpOfUnix(trueTime() + BigInt(Math.round(server.offMs * 1e6)));
  socket.on('message', (bytes, from) => {
    const receive = now();
    asked += 1;
    const query = decodePacket(bytes);
    if (query === undefined) return;
    const answer = answerTo(query, receive, now());
    const manner = (server as TestNtpServer).manner(answer);
    if (manner === undefined) return;
    for (let i = 0; i < server.copies; i += 1) {
      socket.send(encodePacket({ ...answer, ...manner }), from.port, from.address);
    }
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server.port = socket.address().port;
  return server;
}

function answerTo({ transmit: origin }: NtpPacket, receive: bigint, transmit: bigint): NtpPacket {
  return {
    leap: 0,
    version: 4,
    mode: MODE.server,
    stratum: 1,
    poll: 4,
    precision: -20,
    rootDelay: 0,
    rootDispersion: 0.0001,
    referenceId: 0x47505300,
    reference: receive,
    origin,
    receive,
    transmit,
  };
}
