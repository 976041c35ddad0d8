import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Clock, systemClock, systemRandom } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import { encodeExportResponse } from '@aode/wire';
import { openReceiver, type Receiver } from '../otlp-receiver.ts';
import { createPoster, POST_DEFAULTS, type PostOptions } from './create-poster.ts';
import type { PostResult } from './otlp-post.ts';

async function post(
  receiver: Pick<Receiver, 'endpoint'>,
  given: Partial<PostOptions> = {},
  clock: Clock = systemClock,
): Promise<PostResult> {
  const options = { ...POST_DEFAULTS, endpoints: [receiver.endpoint], timeoutMs: 5000, ...given };
  const poster = createPoster(options, { clock, random: systemRandom, onTrouble: () => undefined });
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

async function answered(
  status: number,
  headers: Record<string, string> = {},
  body?: Uint8Array,
): Promise<PostResult> {
  await using receiver = await openReceiver();
  receiver.answer = (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
  return await post(receiver);
}

describe('the answer', () => {
  const done = { kind: 'done', rejectedCount: 0, errorMessage: '' } as const;

  test('2xx is done, also with an answer that is none', async () => {
    assert.deepEqual(await answered(200), done);
    assert.deepEqual(await answered(202), done);
    assert.deepEqual(await answered(200, {}, Buffer.from('<html>')), done);
    assert.deepEqual(await answered(200, {}, new Uint8Array(200_000)), done);
  });

  test('a page for people is no answer, whatever its status', async () => {
    const why = 'status 200 with a page of HTML';
    const result = await answered(200, { 'content-type': 'text/html; charset=utf-8' }, Buffer.from('<html>'));
    assert.deepEqual(result, { kind: 'again', why, afterMs: undefined });
  });

  test('a word is one, also from a server that calls it HTML when nobody says what it is', async () => {
    assert.deepEqual(await answered(200, { 'content-type': 'text/html' }, Buffer.from('ok')), done);
    assert.deepEqual(await answered(200, { 'content-type': 'text/html' }), done);
  });

  test('a partial success says how many and why', async () => {
    const body = encodeExportResponse('traces', { rejectedCount: 3, errorMessage: 'bad ids' }, 'protobuf');
    assert.deepEqual(await answered(200, {}, Buffer.from(body)), {
      kind: 'done',
      rejectedCount: 3,
      errorMessage: 'bad ids',
    });
  });

  test('so does one in JSON, whoever asked for it', async () => {
    const json = { 'content-type': 'application/json' };
    const body = Buffer.from('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}');
    assert.deepEqual(await answered(200, json, body), {
      kind: 'done',
      rejectedCount: 2,
      errorMessage: 'too old',
    });
    assert.deepEqual(await answered(200, json, Buffer.from('{"status":"success"}')), done);
  });
});

describe('asked to come again', () => {
  test('429, 502, 503 and 504 are tried again, when asked for after Retry-After', async () => {
    for (const status of [429, 502, 503, 504]) {
      const why = `status ${status}`;
      // What stands before the receiver does not know whether that has taken it.
      const doubt = status === 502 || status === 504 ? { isInDoubt: true } : {};
      assert.deepEqual(await answered(status), { kind: 'again', why, afterMs: undefined, ...doubt });
      const asked = await answered(status, { 'retry-after': '7' });
      assert.deepEqual(asked, { kind: 'again', why, afterMs: 7000, ...doubt });
    }
  });

  test('Retry-After is seconds, or a date by the clock of the answer; an hour is the most', async () => {
    const date = 'Sat, 28 Nov 2026 12:00:00 GMT';
    const cases: readonly (readonly [header: string, afterMs: number | undefined])[] = [
      ['0', 0],
      ['3600', 3_600_000],
      ['3601', 3_600_000],
      ['Sat, 28 Nov 2026 12:00:30 GMT', 30_000],
      ['Sat, 28 Nov 2026 11:59:30 GMT', 0],
      ['Sun, 28 Nov 2027 12:00:00 GMT', 3_600_000],
      ['soon', undefined],
      ['-1', undefined],
      ['1.5', undefined],
      ['2026-11-28', undefined],
      ['Sat, 99 Nov 2026 12:00:30 GMT', undefined],
    ];
    for (const [header, afterMs] of cases) {
      const result = await answered(503, { 'retry-after': header, date });
      assert.deepEqual(result, { kind: 'again', why: 'status 503', afterMs }, header);
    }
  });

  test('a date without that of the answer is held against our clock', async () => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      response.sendDate = false;
      response.writeHead(503, { 'retry-after': 'Tue, 14 Nov 2023 22:14:20 GMT' }).end();
      return true;
    };
    // 22:13:20.
    const result = await post(receiver, {}, manualClock(1_700_000_000_000_000_000n));
    assert.equal(result.kind === 'again' ? result.afterMs : undefined, 60_000);
  });
});

describe('of a refusal is said', () => {
  test('of a part that is not taken, too, as a line; also where that is much', async () => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      const errorMessage = `too old\n${'x'.repeat(100_000)}`;
      const partialSuccess = { rejectedSpans: '2', errorMessage };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ partialSuccess }));
      return true;
    };
    const { endpoint } = receiver;
    const result = await post(receiver, { endpoints: [endpoint, `${endpoint}/b`] });
    assert.ok(result.kind === 'done' && result.rejectedCount === 2);
    assert.match(result.errorMessage, new RegExp(`^${endpoint}: too old x{192}…$`));
  });

  test('what the receiver says', async () => {
    const body = Buffer.from('{"code":16,"message":"no such token"}');
    const result = await answered(401, { 'content-type': 'application/json' }, body);
    assert.equal(result.kind === 'never' ? result.why : '', 'status 401: no such token');
  });

  test('which one of several endpoints it was', async () => {
    await using receiver = await openReceiver();
    receiver.answer = (_, response) => {
      response.writeHead(401).end();
      return true;
    };
    const { endpoint } = receiver;
    const endpoints = [`${endpoint.replace('//', '//user:secret@')}/otlp`, endpoint];
    const result = await post(receiver, { endpoints });
    assert.equal(
      result.kind === 'never' ? result.why : '',
      `${endpoint}/otlp: status 401; ${endpoint}: status 401`,
    );
  });
});

describe('every other status is final there', () => {
  test('who is the reason', async () => {
    for (const status of [400, 413, 422])
      assert.deepEqual(await answered(status), { kind: 'never', why: `status ${status}` });
    for (const status of [301, 401, 403, 404, 415])
      assert.deepEqual(await answered(status), {
        kind: 'never',
        why: `status ${status}`,
        isOfReceiver: true,
      });
    for (const status of [500, 501])
      assert.deepEqual(await answered(status), {
        kind: 'never',
        why: `status ${status}`,
        isOfReceiver: true,
        isInDoubt: true,
      });
  });
});

describe('no answer', () => {
  test('nobody listens: again', async () => {
    const result = await post({ endpoint: 'http://127.0.0.1:1' });
    assert.equal(result.kind, 'again');
    assert.match(result.kind === 'again' ? result.why : '', /ECONNREFUSED/);
    assert.ok(!('isInDoubt' in result));
  });

  test('a connection that was kept and has ended meanwhile is made anew, once', async () => {
    await using receiver = await openReceiver();
    const poster = createPoster({ ...POST_DEFAULTS, endpoints: [receiver.endpoint] });
    poster.keepAlive(true);
    const body = new Uint8Array([0x0a, 0x00]);
    assert.equal((await poster.post('traces', body)).kind, 'done');
    let broken = 0;
    receiver.answer = (_, response) => {
      broken += 1;
      if (broken === 1) response.socket?.resetAndDestroy();
      return broken === 1;
    };
    assert.equal((await poster.post('traces', body)).kind, 'done');
    assert.equal(broken, 2);
    receiver.answer = (_, response) => {
      response.socket?.resetAndDestroy();
      return true;
    };
    const result = await poster.post('traces', body);
    assert.deepEqual([result.kind, 'isInDoubt' in result], ['again', true]);
    assert.equal(receiver.requests.length, 5);
    poster.close();
  });

  test('silence, and an answer that dribbles on: again, after the timeout', async () => {
    await using receiver = await openReceiver();
    const wanted = { kind: 'again', why: 'no answer within 60 ms', afterMs: undefined, isInDoubt: true };
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
