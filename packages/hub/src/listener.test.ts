/** The end of a hub while clients hold on to their connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { type Hub, startHub } from './start.ts';
import { type ManualClock, manualClock } from './testing/manual-clock.ts';
import { NOON_MS } from './testing/store-contract.ts';

/** More than what is under way is granted, in steps in which every sweep comes to its turn. */
const LONG_MS = 6000;
const STEP_MS = 50;

async function open(t: TestContext): Promise<{ readonly hub: Hub; readonly clock: ManualClock }> {
  const clock = manualClock(NOON_MS);
  const hub = await startHub({ boardPort: 0, otlpHttpPort: 0, otlpGrpcPort: 0 }, clock);
  t.after(() => hub.close());
  return { hub, clock };
}

/** Moves the time on, as the hub ends one listener after the other, until it has ended. */
async function pass(clock: ManualClock, ended: Promise<void>): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  const startMs = clock.ms;
  while (!isOver && clock.ms < startMs + 4 * LONG_MS) {
    clock.advance(STEP_MS);
    await new Promise((turn) => setImmediate(turn));
  }
  await ended;
}

async function say(address: string, text: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(address).port), host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

const GET = 'GET /aode/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

test('connections that are kept for a next request go at once', { timeout: 30_000 }, async (t) => {
  const { hub, clock } = await open(t);
  const socket = await say(hub.addresses.board, GET);
  const gone = once(socket, 'close');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1.1 200 /);
  socket.resume();
  const ended = hub.close();
  // One sweep for the case that the answer was not wholly out yet; the time to cut it off never comes.
  clock.advance(STEP_MS);
  await gone;
  await pass(clock, ended);
});

for (const listener of ['board', 'otlpHttp'] as const) {
  test(`half a request does not hold up the end of ${listener}`, { timeout: 30_000 }, async (t) => {
    const { hub, clock } = await open(t);
    const socket = await say(hub.addresses[listener], 'POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    const gone = once(socket, 'close');
    socket.resume();
    await pass(clock, hub.close());
    await gone;
  });
}

test('half a gRPC request does not hold up the end either', { timeout: 30_000 }, async (t) => {
  const { hub, clock } = await open(t);
  const session = connectHttp2(hub.addresses.otlpGrpc);
  t.after(() => session.destroy());
  session.on('error', () => undefined);
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
    },
    { endStream: false },
  );
  stream.on('error', () => undefined);
  stream.write(Buffer.from([0, 0, 0, 1, 0, 1]));
  await once(session, 'remoteSettings');
  const gone = once(session, 'close');
  await pass(clock, hub.close());
  await gone;
});
