/** What an application sees of the exchange on its messages: nothing. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import {
  createServer,
  type OutgoingHttpHeader,
  type RequestListener,
  Server,
  ServerResponse,
} from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { seededRandom } from '@aode/base';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { get, serve } from '../testing/site.ts';
import { traceHttpServers } from './http-server.ts';

let recorder: Recorder;
let tracing: Disposable;
beforeEach(() => {
  recorder = startRecorder();
  tracing = traceHttpServers({
    tracer: recorder.provider.getTracer('t'),
    losses: recorder.losses,
    random: seededRandom(7),
    requestIdHeader: 'x-request-id',
    untrustedPorts: new Set(),
  });
});
afterEach(() => {
  tracing[Symbol.dispose]();
  recorder[Symbol.dispose]();
});

interface Emitting {
  emit: (this: unknown, event: string | symbol, ...args: unknown[]) => boolean;
}

describe('beside others who change `emit`', () => {
  test('who changes it for all emitters later is called too', async () => {
    const events = new Set<string | symbol>();
    const everywhere = EventEmitter.prototype as Emitting;
    const { emit } = everywhere;
    everywhere.emit = function late(event, ...args) {
      if (this instanceof Server || this instanceof ServerResponse) events.add(event);
      return emit.call(this, event, ...args);
    };
    try {
      await using site = await serve((_, response) => void response.end('ok'));
      await get(site.port);
      await recorder.ended(1);
    } finally {
      everywhere.emit = emit;
    }
    assert.ok(events.has('request') && events.has('finish'));
  });

  test('a server that hands its request to another: one span', async () => {
    const inner = createServer((_, response) => void response.end('ok'));
    await using site = await serve((request, response) => void inner.emit('request', request, response));
    await get(site.port);
    await recorder.ended(1);
    assert.equal(recorder.spans.length, 1);
  });

  test('after it is disposed of, what others have put over it goes on, without spans', async () => {
    const servers = Server.prototype as Emitting;
    const { emit } = servers;
    let calls = 0;
    const over: Emitting['emit'] = function over(event, ...args) {
      calls += 1;
      return emit.call(this, event, ...args);
    };
    servers.emit = over;
    try {
      tracing[Symbol.dispose]();
      assert.equal(servers.emit, over);
      await using site = await serve((_, response) => void response.end());
      await get(site.port);
    } finally {
      Reflect.deleteProperty(servers, 'emit');
    }
    assert.ok(calls > 0);
    assert.equal(recorder.spans.length, 0);
  });

  test('after it is disposed of, servers are as before', async () => {
    tracing[Symbol.dispose]();
    assert.equal(Object.hasOwn(Server.prototype, 'emit'), false);
    await using site = await serve((_, response) => void response.end());
    await get(site.port);
    assert.equal(recorder.spans.length, 0);
  });
});

describe('headers of the answer', () => {
  const ways: Readonly<Record<string, (response: ServerResponse) => void>> = {
    implicit: (r) => void r,
    'status only': (r) => r.writeHead(201),
    'an object': (r) => r.writeHead(201, { 'X-A': '1', 'set-cookie': ['a=1', 'b=2'] }),
    'a reason and an object': (r) => r.writeHead(201, 'Made', { 'x-a': '1' }),
    'a flat list': (r) => r.writeHead(201, ['x-a', '1', 'x-b', '2']),
    'a list of pairs': (r) =>
      r.writeHead(201, [
        ['x-a', '1'],
        ['x-b', '2'],
      ] as unknown as OutgoingHttpHeader[]),
    'nothing, said': (r) => r.writeHead(201, undefined),
    'a header set before': (r) => void r.setHeader('x-a', '1'),
    'set before, and an object': (r) => r.setHeader('x-a', '1').writeHead(201, { 'x-a': '2' }),
    'its own, set': (r) => void r.setHeader('X-Request-ID', 'mine'),
    'its own, in an object': (r) => r.writeHead(201, { 'X-Request-Id': 'mine' }),
    'its own, in pairs': (r) =>
      r.writeHead(201, [['X-Request-Id', 'mine']] as unknown as OutgoingHttpHeader[]),
    'its own, in a list': (r) => r.writeHead(201, ['X-Request-Id', 'mine']),
  };

  for (const [way, write] of Object.entries(ways)) {
    test(`${way}: as the application has them, with the request id unless it is its own`, async () => {
      const listener: RequestListener = (_, response) => {
        response.sendDate = false;
        write(response);
        response.end('ok');
      };
      await using traced = await serve(listener);
      const answer = await get(traced.port, '/', { 'x-request-id': 'r-1' });
      tracing[Symbol.dispose]();
      await using bare = await serve(listener);
      const wanted = await get(bare.port);
      assert.deepEqual(answer, {
        ...wanted,
        headers: { ...wanted.headers, 'x-request-id': wanted.headers['x-request-id'] ?? 'r-1' },
      });
    });
  }

  test('nobody listens to a message but the application', async () => {
    const counts: number[] = [];
    await using site = await serve((request, response) => {
      counts.push(request.listenerCount('close'), response.listenerCount('close'));
      assert.ok(!Object.hasOwn(response, 'emit'));
      response.end();
    });
    await get(site.port);
    tracing[Symbol.dispose]();
    await get(site.port);
    assert.deepEqual(counts.slice(0, 2), counts.slice(2));
  });
});
