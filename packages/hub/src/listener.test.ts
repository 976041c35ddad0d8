/** The end of a hub while clients hold on to their connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { CONNECTIONS_MAX, HTTP_TIMEOUTS, listen } from './listener.ts';
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

/** Moves the time on, as its listeners end, until it has ended. */
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

// The timers of node:http know no other clock than the machine's; the tests of other files run meanwhile.
const IDLE_MS_MAX = HTTP_TIMEOUTS.headersTimeout + 2 * HTTP_TIMEOUTS.connectionsCheckingInterval;
test('a connection that asks nothing is closed in time', { timeout: IDLE_MS_MAX + 3000 }, async (t) => {
  const { hub } = await open(t);
  const idle = async (address: string): Promise<void> => {
    const socket = await say(address, '');
    t.after(() => socket.destroy());
    const gone = once(socket, 'close');
    socket.resume();
    await gone;
  };
  await Promise.all([idle(hub.addresses.board), idle(hub.addresses.otlpHttp)]);
});

test('a listener takes so many connections and no more', { timeout: 30_000 }, async (t) => {
  const server = createServer();
  const address = await listen(server, 0, 'a test');
  const sockets: Socket[] = [];
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  const dropped = once(server, 'drop');
  const taken = new Promise<void>((resolve) => {
    let count = 0;
    server.on('connection', (socket) => {
      // Read to its end, else it would outlive its client and this test.
      socket.resume();
      if ((count += 1) === CONNECTIONS_MAX) resolve();
    });
  });
  for (let index = 0; index < CONNECTIONS_MAX; index++) sockets.push(await say(address, ''));
  await taken;
  sockets.push(await say(address, ''));
  await dropped;
});

test('a port that this user may not have is not said to be in use', async () => {
  const server = createServer();
  // No port needs rights everywhere (and none for root), so what the system says is said here in its stead.
  const listened = listen(server, 0, 'a test');
  // It listens all the same, and only then can be closed.
  const listening = new Promise<void>((resolve) => server.once('listening', resolve));
  server.emit('error', Object.assign(new Error('listen EACCES'), { code: 'EACCES' }));
  await assert.rejects(listened, { code: 'AODE_PORT_REFUSED' });
  await listening;
  server.close();
});

test(
  'while one listener waits for its last request, no other takes new ones',
  { timeout: 30_000 },
  async (t) => {
    const { hub, clock } = await open(t);
    const { board, otlpHttp, otlpGrpc } = hub.addresses;
    const held = await say(board, 'POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    held.resume();
    const ended = hub.close();
    for (const address of [otlpHttp, otlpGrpc]) {
      await assert.rejects(say(address, GET), { code: 'ECONNREFUSED' }, address);
    }
    assert.ok(!held.closed);
    await pass(clock, ended);
  },
);
