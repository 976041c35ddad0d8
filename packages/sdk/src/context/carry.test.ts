/** Contexts over what Node.js keeps by itself, and over what it does not: with carry, and by the libraries in use. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { context as contextApi, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { createPool } from 'generic-pool';
import { Redis } from 'ioredis';
import mysql from 'mysql2';
import pgPool from 'pg-pool';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { carry, type CarriedContext } from './carry.ts';

let recorder: Recorder;
before(() => {
  recorder = startRecorder();
});
after(() => recorder[Symbol.dispose]());

const active = (): string | undefined => trace.getActiveSpan()?.spanContext().spanId;

/** Runs `fn` in a span of its own and hands it the id. */
async function inSpan<T>(fn: (id: string | undefined) => Promise<T>): Promise<T> {
  return await recorder.provider.getTracer('t').startActiveSpan('work', { root: true }, async (span) => {
    try {
      return await fn(span.spanContext().spanId);
    } finally {
      span.end();
    }
  });
}

test('timers, promises, ticks, emitters and streams keep the context by themselves', async () => {
  await inSpan(async (id) => {
    assert.equal(active(), id);
    await sleep(1);
    assert.equal(active(), id);
    assert.equal(await new Promise((resolve) => setTimeout(() => resolve(active()), 1)), id);
    assert.equal(await new Promise((resolve) => setImmediate(() => resolve(active()))), id);
    assert.equal(await new Promise((resolve) => process.nextTick(() => resolve(active()))), id);
    assert.equal(await new Promise((resolve) => queueMicrotask(() => resolve(active()))), id);
    const emitter = new EventEmitter();
    const heard = once(emitter, 'x');
    setImmediate(() => emitter.emit('x'));
    await heard;
    assert.equal(active(), id);
    const stream = new PassThrough();
    const seen: unknown[] = [];
    stream.on('data', () => seen.push(active()));
    setImmediate(() => stream.end('x'));
    await pipeline(stream, new PassThrough().resume());
    assert.deepEqual([...seen, active()], [id, id]);
  });
});

test('a callback that is called from elsewhere runs there, and where it was made when carried', async () => {
  const waiting: (() => void)[] = [];
  const seen: Record<string, unknown> = {};
  const own = await inSpan(async (id) => {
    waiting.push(
      () => (seen['plain'] = active()),
      carry(() => (seen['carried'] = active())),
    );
    return id;
  });
  const other = await inSpan(async (id) => {
    for (const call of waiting) call();
    return id;
  });
  assert.notEqual(own, other);
  assert.deepEqual(seen, { plain: other, carried: own });
});

test('a carried function keeps its this, its arguments and what it returns', () => {
  const carried = carry(function sum(this: { readonly base: number }, a: number, b: number): number {
    return this.base + a + b;
  });
  assert.equal(carried.call({ base: 1 }, 2, 3), 6);
  assert.equal(carried.length, 2);
});

test('a listener that was added in a request and carried hears in its context', async () => {
  const emitter = new EventEmitter();
  let seen: unknown;
  const own = await inSpan(async (id) => {
    emitter.on(
      'x',
      carry(() => (seen = active())),
    );
    return id;
  });
  emitter.emit('x');
  assert.equal(seen, own);
});

test('a message takes the trace, the baggage and the request id to another thread', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads';
    import { context, propagation, trace } from '@opentelemetry/api';
    import { carry, startAode } from '@aode/sdk';
    const aode = startAode({ agent: 'inline', exitTimeoutMs: 0, samplingProbability: 0 });
    parentPort.once('message', ({ carried }) => carry.fromMessage(carried, () => setTimeout(() => {
      trace.getTracer('w').startActiveSpan('in thread', (span) => {
        const { traceId } = span.spanContext();
        span.end();
        const baggage = propagation.getBaggage(context.active())?.getEntry('tier')?.value;
        parentPort.postMessage({ traceId, baggage, again: carry.toMessage() });
      });
    }, 1)));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(resolved(source))}`), {
    execArgv: ['--conditions=@aode/source'],
  });
  const context = contextApi.active();
  const baggage = propagation.createBaggage({ tier: { value: 'gold' } });
  await contextApi.with(propagation.setBaggage(context, baggage), async () => {
    await inSpan(async () => {
      worker.postMessage({ carried: carry.toMessage() });
      const traceId = trace.getActiveSpan()?.spanContext().traceId;
      const [answer] = (await once(worker, 'message')) as [{ traceId: string; baggage: string }];
      assert.equal(answer.traceId, traceId);
      assert.equal(answer.baggage, 'gold');
    });
  });
  await worker.terminate();
});

/** The same with packages by URL, because a data: module has no folder to find them from. */
function resolved(source: string): string {
  return source.replaceAll(/from '(@[^']+)'/g, (_, name: string) => `from '${import.meta.resolve(name)}'`);
}

test('what is no context in a message changes nothing, whatever it is', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.equal(
        carry.fromMessage(value as CarriedContext, () => contextApi.active()),
        ROOT_CONTEXT,
      );
    }),
  );
  assert.deepEqual(carry.toMessage(), {});
  const bad = { traceparent: '00-0-0-01', requestId: 'a\nb' };
  assert.equal(carry.fromMessage(bad, active), undefined);
});

test('generic-pool: whoever waits for a resource goes on in its own context', async () => {
  const pool = createPool({ create: async () => ({}), destroy: async () => undefined }, { max: 1 });
  const held = await inSpan(async () => await pool.acquire());
  const waiter = inSpan(async (id) => {
    const resource = await pool.acquire();
    assert.equal(active(), id);
    await pool.release(resource);
  });
  await inSpan(async () => await pool.release(held));
  await waiter;
  await pool.drain();
  await pool.clear();
});

/** What pg-pool uses of a client of pg. */
function idleClient(): EventEmitter {
  return Object.assign(new EventEmitter(), {
    connect: (done: (error?: Error) => void) => void setImmediate(done),
    end: (done: () => void) => void setImmediate(done),
  });
}

test('pg-pool: a callback runs in the context of whoever releases, and in its own when carried', async () => {
  const pool = new pgPool({
    max: 1,
    Client: function () {
      return idleClient();
    },
  } as never);
  const held = await pool.connect();
  const seen: Record<string, unknown> = {};
  const done = new EventEmitter();
  const own = await inSpan(async (id) => {
    pool.connect((_error, _client, release) => {
      seen['plain'] = active();
      release?.();
    });
    pool.connect(
      carry((_error: unknown, _client: unknown, release?: () => void) => {
        seen['carried'] = active();
        release?.();
        done.emit('done');
      }),
    );
    return id;
  });
  const other = await inSpan(async (id) => {
    const both = once(done, 'done');
    held.release();
    await both;
    return id;
  });
  assert.deepEqual(seen, { plain: other, carried: own });
  await inSpan(async (id) => {
    const client = await pool.connect();
    assert.equal(active(), id);
    client.release();
  });
  await pool.end();
});

/** What is used of the server's side of a connection, which the types of mysql2 leave out. */
interface ServerConnection extends EventEmitter {
  sequenceId: number;
  serverHandshake(hello: object): void;
  writeOk(): void;
}

test('mysql2 over its own protocol: promises keep the context, callbacks when carried', async () => {
  const server = mysql.createServer(() => undefined) as unknown as EventEmitter & {
    readonly _server: Server;
    listen(port: number, done: () => void): void;
    close(done: () => void): void;
  };
  server.on('connection', (connection: ServerConnection) => {
    connection.serverHandshake({
      protocolVersion: 4,
      serverVersion: 'test',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff,
    });
    connection.on('query', () => {
      connection.writeOk();
      connection.sequenceId = 0;
    });
    connection.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const pool = mysql.createPool({
    host: '127.0.0.1',
    port: portOf(server._server),
    user: 'u',
    connectionLimit: 1,
  });
  await Promise.all(
    [1, 2, 3].map(() =>
      inSpan(async (id) => {
        await pool.promise().query('select 1');
        assert.equal(active(), id);
        const seen = await new Promise((resolve) =>
          pool.query(
            'select 1',
            carry(() => resolve(active())),
          ),
        );
        assert.equal(seen, id);
      }),
    ),
  );
  await pool.promise().end();
  await new Promise<void>((resolve) => server.close(resolve));
});

test('ioredis over its own protocol: promises keep the context', async () => {
  const server = createServer((socket) => {
    socket.on('data', (data) => socket.write('+OK\r\n'.repeat(data.toString().split('*').length - 1)));
    socket.on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const redis = new Redis(portOf(server), '127.0.0.1', { enableReadyCheck: false });
  await Promise.all(
    [1, 2, 3].map((i) =>
      inSpan(async (id) => {
        await redis.set('k', i);
        assert.equal(active(), id);
      }),
    ),
  );
  redis.disconnect();
  server.close();
});

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
