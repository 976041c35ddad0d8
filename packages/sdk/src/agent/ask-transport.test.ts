/** Asks by both versions of HTTP, to the endpoint that is in use, against servers that answer as the test says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { POST_DEFAULTS } from '@aode/journal';
import type { AskTransport } from './ask-client.ts';
import { createAskTransport } from './ask-transport.ts';

type Asked = IncomingMessage | Http2ServerRequest;
type Answer = ServerResponse | Http2ServerResponse;

interface Hub extends AsyncDisposable {
  readonly endpoint: string;
  readonly asked: string[];
  /** Connections ever made. */
  connectionCount: number;
  answer: (request: Asked, response: Answer) => void;
}

async function openHub(protocol: 'http/protobuf' | 'grpc'): Promise<Hub> {
  const sockets = new Set<Socket>();
  const handle = (request: Asked, response: Answer): void => {
    hub.asked.push(`${request.method} ${request.url} ${String(request.headers['x-token'])}`);
    request.resume();
    hub.answer(request, response);
  };
  const server: Server = protocol === 'grpc' ? createHttp2Server(handle) : createServer(handle);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    hub.connectionCount += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hub: Hub = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    connectionCount: 0,
    answer: (_, response) => statusOnly(response, 202),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return hub;
}

function statusOnly(response: Answer, status: number): void {
  response.statusCode = status;
  response.end();
}

/** One answer at a time, whichever type it has. */
function say(response: Answer, text: string): void {
  if ('stream' in response) response.write(text);
  else response.write(text);
}

const ASKER = {
  instance: 'me',
  resource: {
    attributes: [{ key: 'service.name', value: 'shop' }],
    droppedAttributesCount: 0,
    entityRefs: [],
  },
};

interface Heard {
  readonly lines: string[];
  readonly ended: Promise<number | undefined>;
  readonly stream: Disposable;
}

function listen(transport: AskTransport, after: string, onLine: () => void = () => undefined): Heard {
  const lines: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<number | undefined>();
  const hear = (line: string): void => {
    lines.push(line);
    onLine();
  };
  return { lines, ended, stream: transport.open(after, hear, resolve) };
}

for (const protocol of ['http/protobuf', 'grpc'] as const) {
  describe(`asks beside ${protocol}`, () => {
    const transportTo = (endpoints: readonly string[], inUse = { active: 0 }): AskTransport & Disposable =>
      createAskTransport(
        { ...POST_DEFAULTS, endpoints, protocol, headers: { 'X-Token': 't' }, timeoutMs: 500 },
        ASKER,
        inUse,
      );

    test('a post says the status; none where nobody answers', async () => {
      await using hub = await openHub(protocol);
      using transport = transportTo([hub.endpoint]);
      assert.equal(await transport.post('{}'), 202);
      hub.answer = (_, response) => statusOnly(response, 404);
      assert.equal(await transport.post('{}'), 404);
      hub.answer = () => undefined;
      assert.equal(await transport.post('{}'), undefined);
      assert.equal(hub.asked[0], 'POST /aode/v1/asks t');
      using nowhere = transportTo(['http://127.0.0.1:1']);
      assert.equal(await nowhere.post('{}'), undefined);
    });

    test('a stream is lines, however they are cut; its end is told once', async () => {
      await using hub = await openHub(protocol);
      using transport = transportTo([hub.endpoint]);
      let open: Answer | undefined;
      hub.answer = (_, response) => {
        open = response;
        say(response, 'one\ntw');
      };
      const heard = listen(transport, 'c-1', () => {
        if (open === undefined) return;
        if (heard.lines.length === 1) say(open, 'o\n');
        else open.end();
      });
      assert.equal(await heard.ended, 200);
      assert.deepEqual(heard.lines, ['one', 'two']);
      assert.equal(hub.asked[0], 'GET /aode/v1/asks?instance=me&service=shop&after=c-1 t');
      heard.stream[Symbol.dispose]();
    });

    test('a stream that is refused, is no stream, breaks, or is let go', async () => {
      await using hub = await openHub(protocol);
      using transport = transportTo([hub.endpoint]);
      hub.answer = (_, response) => statusOnly(response, 503);
      assert.equal(await listen(transport, '').ended, 503);
      hub.answer = (_, response) => say(response, 'x'.repeat(200_000));
      assert.equal(await listen(transport, '').ended, 200);
      hub.answer = (request) => request.socket.destroy();
      assert.equal(await listen(transport, '').ended, undefined);
      hub.answer = (_, response) => say(response, 'one\n');
      const heard = listen(transport, '', () => heard.stream[Symbol.dispose]());
      assert.equal(await heard.ended, undefined);
      assert.deepEqual(heard.lines, ['one']);
    });

    test('both go to the endpoint in use', async () => {
      await using first = await openHub(protocol);
      await using second = await openHub(protocol);
      const inUse = { active: 0 };
      using transport = transportTo([first.endpoint, second.endpoint], inUse);
      await transport.post('{}');
      inUse.active = 1;
      await transport.post('{}');
      await listen(transport, '').ended;
      assert.deepEqual([first.asked.length, second.asked.length], [1, 2]);
    });
  });
}

test('by HTTP/2 all share one connection, also those who come before it is there', async () => {
  await using hub = await openHub('grpc');
  using transport = createAskTransport(
    { ...POST_DEFAULTS, endpoints: [hub.endpoint], protocol: 'grpc', timeoutMs: 500 },
    ASKER,
    { active: 0 },
  );
  const { stream } = listen(transport, '');
  using _ = stream;
  assert.deepEqual(await Promise.all([transport.post('{}'), transport.post('{}')]), [202, 202]);
  assert.equal(hub.connectionCount, 1);
});
