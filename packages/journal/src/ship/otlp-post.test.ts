import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeExportResponse } from '@aode/wire';
import { openReceiver, type Receiver } from '../otlp-receiver.ts';
import { createPoster, type PostOptions, type PostResult } from './otlp-post.ts';

async function post(
  receiver: Pick<Receiver, 'endpoint'>,
  given: Partial<PostOptions> = {},
): Promise<PostResult> {
  const options = {
    endpoint: receiver.endpoint,
    headers: {},
    compression: 'none',
    timeoutMs: 5000,
    ...given,
  } as const;
  const poster = createPoster(options);
  poster.keepAlive(true);
  const result = await poster.post('traces', new Uint8Array([0x0a, 0x00]));
  poster.close();
  return result;
}

describe('the request', () => {
  test('path, type and headers; the path of the endpoint stays', async () => {
    await using receiver = await openReceiver();
    await post({ endpoint: `${receiver.endpoint}/otlp` }, { headers: { 'x-token': 't' } });
    const [request] = receiver.requests;
    assert.equal(request?.path, '/otlp/v1/traces');
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.equal(request?.headers['x-token'], 't');
    assert.equal(request?.headers['content-encoding'], undefined);
    assert.deepEqual([...(request?.body ?? [])], [0x0a, 0x00]);
  });

  test('gzip', async () => {
    await using receiver = await openReceiver();
    await post(receiver, { compression: 'gzip' });
    assert.equal(receiver.requests[0]?.headers['content-encoding'], 'gzip');
    assert.deepEqual([...(receiver.requests[0]?.body ?? [])], [0x0a, 0x00]);
  });
});

describe('the answer', () => {
  const answered = async (
    status: number,
    headers: Record<string, string> = {},
    body?: Uint8Array,
  ): Promise<PostResult> => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      response.writeHead(status, headers).end(body);
      return true;
    };
    return await post(receiver);
  };
  const done = { kind: 'done', rejectedCount: 0, errorMessage: '' } as const;

  test('2xx is done, also with an answer that is none', async () => {
    assert.deepEqual(await answered(200), done);
    assert.deepEqual(await answered(202), done);
    assert.deepEqual(await answered(200, {}, Buffer.from('<html>')), done);
    assert.deepEqual(await answered(200, {}, new Uint8Array(200_000)), done);
  });

  test('a partial success says how many and why', async () => {
    const body = encodeExportResponse('traces', { rejectedCount: 3, errorMessage: 'bad ids' }, 'protobuf');
    assert.deepEqual(await answered(200, {}, Buffer.from(body)), {
      kind: 'done',
      rejectedCount: 3,
      errorMessage: 'bad ids',
    });
  });

  test('429, 502, 503 and 504 are tried again, when asked for after Retry-After', async () => {
    for (const status of [429, 502, 503, 504]) {
      const why = `status ${status}`;
      assert.deepEqual(await answered(status), { kind: 'again', why, afterMs: undefined });
      assert.deepEqual(await answered(status, { 'retry-after': '7' }), { kind: 'again', why, afterMs: 7000 });
    }
    for (const header of ['soon', '-1', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT']) {
      const result = await answered(503, { 'retry-after': header });
      assert.deepEqual(result, { kind: 'again', why: 'status 503', afterMs: undefined });
    }
  });

  test('every other status is final', async () => {
    for (const status of [400, 401, 404, 413, 500, 501, 301]) {
      assert.deepEqual(await answered(status), { kind: 'never', why: `status ${status}` });
    }
  });
});

describe('no answer', () => {
  test('nobody listens: again', async () => {
    const result = await post({ endpoint: 'http://127.0.0.1:1' });
    assert.equal(result.kind, 'again');
    assert.match(result.kind === 'again' ? result.why : '', /ECONNREFUSED/);
  });

  test('silence, and an answer that dribbles on: again, after the timeout', async () => {
    await using receiver = await openReceiver();
    const wanted = { kind: 'again', why: 'no answer within 60 ms', afterMs: undefined };
    receiver.answer = () => true;
    assert.deepEqual(await post(receiver, { timeoutMs: 60 }), wanted);
    let timer: NodeJS.Timeout | undefined;
    receiver.answer = (_, response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write('.'), 5);
      return true;
    };
    assert.deepEqual(await post(receiver, { timeoutMs: 60 }), wanted);
    clearInterval(timer);
  });

  test('a connection that breaks within the answer: again', async () => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('part', () => response.destroy());
      return true;
    };
    assert.equal((await post(receiver)).kind, 'again');
  });

  test('a request that Node.js refuses to make: never, and no rejection', async () => {
    const result = await post({ endpoint: 'http://127.0.0.1:1' }, { headers: { 'in valid': 'x' } });
    assert.equal(result.kind, 'never');
  });
});
