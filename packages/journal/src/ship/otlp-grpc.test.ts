/** OTLP/gRPC against a server that answers as it is told, over real sockets. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { encodeExportResponse, encodeRpcStatus } from '@aode/wire';
import { answerOk, answerStatus, openGrpcReceiver } from '../testing/grpc-receiver.ts';
import { createPoster, POST_DEFAULTS, type PostOptions } from './create-poster.ts';
import type { Poster, PostResult } from './otlp-post.ts';

const run = promisify(execFile);
const BODY = new Uint8Array([0x0a, 0x00]);
const DONE = { kind: 'done', rejectedCount: 0, errorMessage: '' } as const;

function posterTo(endpoint: string, given: Partial<PostOptions> = {}): Pick<Poster, 'post'> & Disposable {
  const poster = createPoster({ ...POST_DEFAULTS, endpoints: [endpoint], protocol: 'grpc', ...given });
  poster.keepAlive(true);
  return {
    post: (signal, body) => poster.post(signal, body),
    [Symbol.dispose]: () => poster.close(),
  };
}

async function answered(
  answer: (stream: ServerHttp2Stream) => void,
  given: Partial<PostOptions> = {},
): Promise<PostResult> {
  await using receiver = await openGrpcReceiver();
  receiver.answer = answer;
  using poster = posterTo(receiver.endpoint, { timeoutMs: 5000, ...given });
  return await poster.post('traces', BODY);
}

describe('the call', () => {
  test('method, metadata, deadline and framing; the path of the endpoint means nothing', async () => {
    await using receiver = await openGrpcReceiver();
    const headers = { 'X-Token': 't', Authorization: 'Bearer b' };
    using poster = posterTo(`${receiver.endpoint}/ignored`, { headers, timeoutMs: 1500 });
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      assert.deepEqual(await poster.post(signal, BODY), DONE);
    }
    assert.deepEqual(
      receiver.calls.map((call) => call.headers[':path']),
      ['trace.v1.TraceService', 'logs.v1.LogsService', 'metrics.v1.MetricsService'].map(
        (service) => `/opentelemetry.proto.collector.${service}/Export`,
      ),
    );
    const [call] = receiver.calls;
    assert.deepEqual(
      ['te', 'content-type', 'grpc-timeout', 'grpc-encoding', 'x-token', 'authorization'].map(
        (name) => call?.headers[name],
      ),
      ['trailers', 'application/grpc', '1500m', undefined, 't', 'Bearer b'],
    );
    assert.deepEqual([call?.flag, ...(call?.message ?? [])], [0, ...BODY]);
    assert.equal(receiver.sessions.length, 1, 'one connection for all calls');
  });

  test('gzip, and a long deadline', async () => {
    await using receiver = await openGrpcReceiver();
    using poster = posterTo(receiver.endpoint, { compression: 'gzip', timeoutMs: 999_999_999 });
    const large = new Uint8Array(1_000_000).fill(7);
    assert.deepEqual(await poster.post('logs', large), DONE);
    const [call] = receiver.calls;
    assert.deepEqual([call?.headers['grpc-encoding'], call?.flag], ['gzip', 1]);
    assert.equal(call?.headers['grpc-timeout'], '1000000S');
    assert.deepEqual(call?.message, Buffer.from(large));
  });

  test('a user in the address is sent, unless a header says another', async () => {
    await using receiver = await openGrpcReceiver();
    const endpoint = receiver.endpoint.replace('//', '//ann:pw@');
    using plain = posterTo(endpoint);
    using other = posterTo(endpoint, { headers: { authorization: 'Bearer b' } });
    await plain.post('traces', BODY);
    await other.post('traces', BODY);
    assert.deepEqual(
      receiver.calls.map(({ headers }) => headers.authorization),
      [`Basic ${btoa('ann:pw')}`, 'Bearer b'],
    );
  });

  test('what Node.js refuses to send: never, and no rejection', async () => {
    const result = await answered((stream) => answerOk(stream), { headers: { connection: 'close' } });
    assert.equal(result.kind, 'never');
  });
});

const details = (retryDelayMs?: number): Record<string, string> => {
  const status = { code: 8, message: '', ...(retryDelayMs === undefined ? {} : { retryDelayMs }) };
  const text = Buffer.from(encodeRpcStatus(status, 'protobuf')).toString('base64');
  // As gRPC sends it, without padding.
  return { 'grpc-status-details-bin': text.replace(/=+$/, '') };
};
const said = (status: number, more: Readonly<Record<string, string>> = {}): Promise<PostResult> =>
  answered((stream) => answerStatus(stream, { 'grpc-status': String(status), ...more }));

describe('the answer', () => {
  test('a partial success is not tried again; it says how many and why', async () => {
    const partial = { rejectedCount: 3, errorMessage: 'bad ids' };
    const message = encodeExportResponse('traces', partial, 'protobuf');
    assert.deepEqual(await answered((stream) => answerOk(stream, message)), { kind: 'done', ...partial });
  });

  test('taken, though the message is none, is missing, packed or huge', async () => {
    assert.deepEqual(await said(0), DONE);
    assert.deepEqual(await answered((stream) => answerOk(stream, Buffer.from('<html>'))), DONE);
    assert.deepEqual(await answered((stream) => answerOk(stream, new Uint8Array(3_000_000))), DONE);
  });

  test('which codes are tried again is what OTLP says', async () => {
    const again = new Set([1, 4, 10, 11, 14, 15]);
    for (let status = 1; status <= 17; status += 1) {
      const result = await said(status);
      assert.equal(result.kind, again.has(status) ? 'again' : 'never', `status ${status}`);
      const asked = await said(status, details(1500));
      const wanted = again.has(status) || status === 8 ? 1500 : undefined;
      assert.equal(
        asked.kind === 'again' ? asked.afterMs : undefined,
        wanted,
        `status ${status} with RetryInfo`,
      );
    }
  });

  test('RetryInfo: an hour is the most; what cannot be read is none', async () => {
    const patience = async (more: Readonly<Record<string, string>>): Promise<unknown> => {
      const result = await said(14, more);
      return result.kind === 'again' ? result.afterMs : result;
    };
    assert.equal(await patience(details(0)), 0);
    assert.equal(await patience(details(7_200_000)), 3_600_000);
    assert.equal(await patience(details()), undefined);
    assert.equal(await patience({ 'grpc-status-details-bin': 'AAAA' }), undefined);
  });

  test('the reason is what the server says, and readable', async () => {
    const never = await said(3, { 'grpc-message': 'b%C3%BCcher %' });
    assert.deepEqual(never, { kind: 'never', why: 'grpc-status 3: b%C3%BCcher %' });
    assert.deepEqual(await said(3, { 'grpc-message': 'b%C3%BCcher' }), {
      kind: 'never',
      why: 'grpc-status 3: bücher',
    });
  });
});

describe('who is the reason', () => {
  test('of what is final, who is the reason', async () => {
    for (const status of [3, 8])
      assert.deepEqual(await said(status), { kind: 'never', why: `grpc-status ${status}` });
    for (const status of [5, 7, 12, 16]) {
      const wanted = { kind: 'never', why: `grpc-status ${status}`, isOfReceiver: true };
      assert.deepEqual(await said(status), wanted);
    }
    for (const status of [2, 13]) {
      const wanted = { kind: 'never', why: `grpc-status ${status}`, isOfReceiver: true, isInDoubt: true };
      assert.deepEqual(await said(status), wanted);
    }
  });

  test('a server that is none of gRPC: its status counts, and a page of 200 is no answer', async () => {
    const page = (status: number): Promise<PostResult> =>
      answered((stream) => {
        stream.respond({ ':status': status, 'content-type': 'text/html' });
        stream.end('<html>'.repeat(100_000));
      });
    assert.deepEqual(await page(400), { kind: 'never', why: 'status 400, text/html' });
    for (const status of [401, 403, 404]) {
      const wanted = { kind: 'never', why: `status ${status}, text/html`, isOfReceiver: true };
      assert.deepEqual(await page(status), wanted);
    }
    assert.equal((await page(500)).kind, 'never');
    for (const status of [200, 429, 503]) {
      const wanted = { kind: 'again', why: `status ${status}, text/html`, afterMs: undefined };
      assert.deepEqual(await page(status), wanted);
    }
    assert.equal((await page(502)).kind, 'again');
  });
});

describe('no answer', () => {
  test('nobody listens: again, and it was not sent', async () => {
    using poster = posterTo('http://127.0.0.1:1');
    const result = await poster.post('traces', BODY);
    assert.equal(result.kind, 'again');
    assert.match(result.kind === 'again' ? result.why : '', /ECONNREFUSED/);
    assert.ok(!('isInDoubt' in result));
  });

  test('silence: again after the deadline, and the next call takes another connection', async () => {
    await using receiver = await openGrpcReceiver();
    // Long enough for an answer on a machine that has other things to do.
    using poster = posterTo(receiver.endpoint, { timeoutMs: 1000 });
    receiver.answer = () => undefined;
    const wanted = { kind: 'again', why: 'no answer within 1000 ms', afterMs: undefined, isInDoubt: true };
    assert.deepEqual(await poster.post('traces', BODY), wanted);
    receiver.answer = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write('.');
    };
    assert.deepEqual(await poster.post('traces', BODY), wanted);
    receiver.answer = (stream) => answerOk(stream);
    assert.deepEqual(await poster.post('traces', BODY), DONE);
    assert.equal(receiver.sessions.length, 3);
  });

  test('RST_STREAM: again; in doubt unless it was refused untouched', async () => {
    const reset = (code: number): Promise<PostResult> => answered((stream) => stream.close(code));
    const refused = await reset(constants.NGHTTP2_REFUSED_STREAM);
    assert.deepEqual([refused.kind, 'isInDoubt' in refused], ['again', false]);
    for (const code of [constants.NGHTTP2_INTERNAL_ERROR, constants.NGHTTP2_ENHANCE_YOUR_CALM]) {
      const result = await reset(code);
      assert.deepEqual([result.kind, 'isInDoubt' in result], ['again', true]);
    }
  });

  test('a connection lost in the middle of a call: in doubt', async () => {
    const result = await answered((stream) => stream.session?.destroy());
    assert.deepEqual([result.kind, 'isInDoubt' in result], ['again', true]);
  });
});

describe('connections', () => {
  test('one that has ended between two calls, by GOAWAY or without a word, costs nothing', async () => {
    await using receiver = await openGrpcReceiver();
    using poster = posterTo(receiver.endpoint);
    for (const end of ['goaway', 'close', 'destroy'] as const) {
      assert.deepEqual(await poster.post('traces', BODY), DONE);
      const session = receiver.sessions.at(-1);
      assert.ok(session !== undefined);
      session[end]();
      assert.deepEqual(await poster.post('traces', BODY), DONE, end);
    }
  });

  test('GOAWAY in the middle: what was taken is answered, what comes next goes elsewhere', async () => {
    await using receiver = await openGrpcReceiver();
    using poster = posterTo(receiver.endpoint);
    receiver.answer = (stream) => {
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR);
      setImmediate(() => answerOk(stream));
    };
    assert.deepEqual(await poster.post('traces', BODY), DONE);
    receiver.answer = (stream) => answerOk(stream);
    assert.deepEqual(await poster.post('traces', BODY), DONE);
    assert.equal(receiver.sessions.length, 2);
  });

  test('a server of HTTP/1, and one that speaks nonsense: again', async () => {
    const http = createHttpServer((_, response) => response.end('<html>'));
    const noise = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(Buffer.alloc(1000, 0xff));
    });
    for (const server of [http, noise]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      using poster = posterTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
        timeoutMs: 3000,
      });
      assert.equal((await poster.post('traces', BODY)).kind, 'again');
      server.close();
    }
  });
});

test('a call keeps the process alive only while somebody wants it', async () => {
  await using receiver = await openGrpcReceiver();
  receiver.answer = () => undefined;
  for (const isKept of [false, true]) {
    const { stdout } = await run(process.execPath, [
      '--conditions=@aode/source',
      '--input-type=module',
      '--eval',
      `import { createPoster, POST_DEFAULTS } from '${import.meta.resolve('../index.ts')}';
      const to = { endpoints: ['${receiver.endpoint}'], protocol: 'grpc', timeoutMs: ${isKept ? 300 : 60_000} };
      const poster = createPoster({ ...POST_DEFAULTS, ...to });
      poster.keepAlive(${isKept});
      void poster.post('logs', new Uint8Array()).then(({ why }) => console.log(why));`,
    ]);
    // What ends by the deadline was waited for; deadlines themselves keep nothing alive, sockets do.
    assert.equal(stdout, isKept ? 'no answer within 300 ms\n' : '');
  }
});
