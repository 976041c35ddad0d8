/** Both protocols over TLS with certificates on both sides, and by proxies: real servers, real certificates. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:https';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type AodeError, systemClock, systemRandom } from '@aode/base';
import { openReceiver } from '../otlp-receiver.ts';
import { makeCertificates } from '../testing/certificates.ts';
import { openGrpcReceiver } from '../testing/grpc-receiver.ts';
import { openTestProxy } from '../testing/test-proxy.ts';
import { createPoster, POST_DEFAULTS, type PostOptions } from './create-poster.ts';
import type { PostResult } from './otlp-post.ts';
import { NO_TLS_FILES } from './tls-files.ts';

const certificates = makeCertificates();
after(() => certificates[Symbol.dispose]());
const { ca, clientCert, clientKey } = certificates;
const text = (path: string): string => readFileSync(path, 'utf8');

const BODY = new Uint8Array([0x0a, 0x00]);
const TRUST = { ...NO_TLS_FILES, certificate: ca };
const MUTUAL = { certificate: ca, clientCertificate: clientCert, clientKey };
/** Of a server that demands a certificate of the client. */
const DEMANDING: ServerOptions = {
  cert: text(certificates.serverCert),
  key: text(certificates.serverKey),
  ca: text(ca),
  requestCert: true,
  rejectUnauthorized: true,
};

interface SecureReceiver extends AsyncDisposable {
  readonly endpoint: string;
  readonly count: () => number;
}

async function openHttps(): Promise<SecureReceiver> {
  let count = 0;
  const server: Server = createServer(DEMANDING, (request, response) => {
    count += 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function openGrpcs(): Promise<SecureReceiver> {
  const receiver = await openGrpcReceiver(DEMANDING);
  return {
    endpoint: receiver.endpoint,
    count: () => receiver.calls.length,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

async function postTo(
  endpoint: string,
  given: Partial<PostOptions>,
  onTrouble: (error: AodeError) => void = () => undefined,
): Promise<PostResult> {
  const effects = { clock: systemClock, random: systemRandom, onTrouble };
  const poster = createPoster(
    { ...POST_DEFAULTS, endpoints: [endpoint], timeoutMs: 5000, ...given },
    effects,
  );
  poster.keepAlive(true);
  const result = await poster.post('traces', BODY);
  poster.close();
  return result;
}

const why = (result: PostResult): string => (result.kind === 'done' ? '' : result.why);

for (const protocol of ['http/protobuf', 'grpc'] as const) {
  test(`${protocol}: a receiver of the other protocol is said to be one`, async () => {
    await using receiver = await (protocol === 'grpc' ? openReceiver() : openGrpcReceiver());
    assert.match(
      why(await postTo(receiver.endpoint, { protocol })),
      /^what listens there does not speak HTTP\/[\d.]+: OTLP is at 4318 over HTTP and at 4317 over gRPC$/,
    );
  });
}

test('HTTP with a fault in it is not said to be something else', async () => {
  const answers = [
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
    'HTTP/1.1 401 no\r\nx: \u0001\r\n\r\n',
  ];
  for (const answer of answers) {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end(answer)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const said = why(await postTo(endpoint, {}));
    server.close();
    assert.doesNotMatch(said, /speak/);
    assert.match(said, /^Parse Error: /);
  }
});

for (const [protocol, open] of [
  ['http/protobuf', openHttps],
  ['grpc', openGrpcs],
] as const) {
  describe(`${protocol} over TLS`, () => {
    test('both sides show their certificates', async () => {
      await using receiver = await open();
      assert.equal((await postTo(receiver.endpoint, { protocol, tls: MUTUAL })).kind, 'done');
      const named = receiver.endpoint.replace('127.0.0.1', 'localhost');
      assert.equal((await postTo(named, { protocol, tls: MUTUAL })).kind, 'done');
      assert.equal(receiver.count(), 2);
    });

    test('without ours, or with that of a stranger, nothing is taken and nothing is lost', async () => {
      await using receiver = await open();
      const { strangerCert, strangerKey } = certificates;
      const stranger = { certificate: ca, clientCertificate: strangerCert, clientKey: strangerKey };
      for (const tls of [TRUST, stranger]) {
        assert.equal((await postTo(receiver.endpoint, { protocol, tls })).kind, 'again');
      }
      assert.equal(receiver.count(), 0);
    });

    test('a receiver that nobody vouches for, or that is another than it should be, gets nothing', async () => {
      await using receiver = await open();
      const plain = { ...MUTUAL, certificate: '' };
      assert.match(
        why(await postTo(receiver.endpoint, { protocol, tls: plain })),
        /unable to verify|self-signed/,
      );
      const other = receiver.endpoint.replace('127.0.0.1', '127.0.0.2');
      assert.equal((await postTo(other, { protocol, tls: MUTUAL })).kind, 'again');
      assert.equal(receiver.count(), 0);
    });

    test('a receiver without TLS is said to be one', async () => {
      await using receiver = await openReceiver();
      const endpoint = receiver.endpoint.replace('http:', 'https:');
      assert.equal(
        why(await postTo(endpoint, { protocol, tls: MUTUAL })),
        'what listens there does not speak TLS',
      );
    });

    test('a file that cannot be used is named once; the file that is put there is used', async () => {
      await using receiver = await open();
      const file = join(certificates.directory, `late-${protocol === 'grpc'}.pem`);
      const errors: AodeError[] = [];
      const effects = {
        clock: systemClock,
        random: systemRandom,
        onTrouble: (e: AodeError) => void errors.push(e),
      };
      const tls = { ...MUTUAL, clientCertificate: file };
      const poster = createPoster(
        { ...POST_DEFAULTS, endpoints: [receiver.endpoint], protocol, tls },
        effects,
      );
      poster.keepAlive(true);
      assert.equal((await poster.post('traces', BODY)).kind, 'again');
      assert.equal((await poster.post('traces', BODY)).kind, 'again');
      writeFileSync(file, 'not a certificate');
      assert.equal((await poster.post('traces', BODY)).kind, 'again');
      writeFileSync(`${file}.new`, text(clientCert));
      renameSync(`${file}.new`, file);
      assert.equal((await poster.post('traces', BODY)).kind, 'done');
      poster.close();
      assert.deepEqual(
        errors.map(({ code, detail }) => [code, detail['file']]),
        [
          ['AODE_TLS_FILE_INVALID', file],
          ['AODE_TLS_FILE_INVALID', file],
        ],
      );
    });
  });
}

test('what is wrong with certificate and key is said', async () => {
  const { strangerKey, directory } = certificates;
  const broken = join(directory, 'broken.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const cases = [
    [{ ...MUTUAL, clientKey: strangerKey }, strangerKey, /key of another certificate/],
    [{ ...MUTUAL, clientKey: '' }, clientCert, /go together/],
    [{ ...MUTUAL, clientCertificate: '' }, clientKey, /go together/],
    [{ ...MUTUAL, clientKey: clientCert }, clientCert, /./],
    [{ ...TRUST, certificate: broken }, broken, /./],
    [{ ...TRUST, certificate: clientKey }, clientKey, /no certificate in it/],
    [{ ...TRUST, certificate: directory }, directory, /EISDIR/],
  ] as const;
  for (const [tls, file, reason] of cases) {
    const errors: AodeError[] = [];
    const result = await postTo('https://127.0.0.1:1', { tls }, (error) => void errors.push(error));
    assert.equal(result.kind, 'again');
    assert.equal(errors[0]?.detail['file'], file);
    assert.match(String(errors[0]?.detail['why']), reason);
  }
});

describe('by a proxy', () => {
  const through = (address: string, more = {}): PostOptions['proxy'] => ({
    https: address,
    http: address,
    except: '',
    ...more,
  });
  const away = (endpoint: string): string => endpoint.replace('127.0.0.1', 'hub.example');
  const portOf = (endpoint: string): string => new URL(endpoint).port;

  test('plain HTTP says the whole address, and everything else opens a tunnel', async () => {
    await using proxy = await openTestProxy();
    await using plain = await openReceiver();
    await using secure = await openHttps();
    await using grpc = await openGrpcReceiver();
    await using grpcs = await openGrpcs();
    const options = { proxy: through(proxy.address), tls: MUTUAL };
    assert.equal((await postTo(`${away(plain.endpoint)}/otlp`, options)).kind, 'done');
    assert.equal((await postTo(away(secure.endpoint), options)).kind, 'done');
    assert.equal((await postTo(away(grpc.endpoint), { ...options, protocol: 'grpc' })).kind, 'done');
    assert.equal((await postTo(away(grpcs.endpoint), { ...options, protocol: 'grpc' })).kind, 'done');
    assert.deepEqual(proxy.asked, [
      `POST http://hub.example:${portOf(plain.endpoint)}/otlp/v1/traces`,
      ...[secure, grpc, grpcs].map(({ endpoint }) => `CONNECT hub.example:${portOf(endpoint)}`),
    ]);
    assert.equal(plain.requests[0]?.headers.host, `hub.example:${portOf(plain.endpoint)}`);
    assert.deepEqual([secure.count(), grpc.calls.length, grpcs.count()], [1, 1, 1]);
  });

  test('what NO_PROXY names is asked directly', async () => {
    await using proxy = await openTestProxy();
    await using receiver = await openReceiver();
    const except = through(proxy.address, { except: 'hub.example' });
    // Nobody knows this name but the proxy.
    assert.match(why(await postTo(away(receiver.endpoint), { proxy: except })), /hub\.example/);
    assert.equal((await postTo(receiver.endpoint, { proxy: through(proxy.address) })).kind, 'done');
    assert.deepEqual(proxy.asked, []);
  });

  test('its user is sent; a proxy that refuses is waited for, not the receiver blamed', async () => {
    await using proxy = await openTestProxy();
    await using plain = await openReceiver();
    await using secure = await openHttps();
    proxy.wanted = `Basic ${btoa('ann:pw')}`;
    const known = { proxy: through(`http://ann:pw@${proxy.address}`), tls: MUTUAL };
    const unknown = { proxy: through(proxy.address), tls: MUTUAL };
    for (const { endpoint } of [plain, secure]) {
      assert.equal((await postTo(away(endpoint), known)).kind, 'done');
      const refused = await postTo(away(endpoint), unknown);
      assert.deepEqual([refused.kind, 'isInDoubt' in refused], ['again', false]);
      assert.match(why(refused), /407|proxy/);
    }
    assert.equal(plain.requests[0]?.headers['proxy-authorization'], undefined);
    proxy.refusal = 403;
    const errors: AodeError[] = [];
    const refused = await postTo(away(secure.endpoint), known, (error) => void errors.push(error));
    assert.equal(refused.kind, 'again');
    assert.deepEqual(
      errors.map(({ code, detail }) => [code, detail]),
      [['AODE_PROXY_REFUSED', { status: 403, proxy: proxy.address }]],
    );
  });

  test('one that is not there, or says nothing: again, in time', async () => {
    const proxy = through('127.0.0.1:1');
    for (const protocol of ['http/protobuf', 'grpc'] as const) {
      assert.match(why(await postTo('http://hub.example', { proxy, protocol })), /ECONNREFUSED/);
    }
    await using silent = await openReceiver();
    silent.answer = () => true;
    const { host } = new URL(silent.endpoint);
    const result = await postTo('http://hub.example', { proxy: through(host), timeoutMs: 100 });
    assert.equal(result.kind, 'again');
  });
});

test('a host that swallows every packet: again, in time, and it was not sent', async () => {
  // Nobody accepts, and the queue of the kernel is full: what comes is dropped.
  const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port);
    setImmediate(() => process.kill(process.pid, 'SIGSTOP'));
  })`;
  const stopped = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(stopped.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  while (!/^State:\s+T/m.test(readFileSync(`/proc/${stopped.pid}/status`, 'utf8'))) await pause(5);
  const queued: Socket[] = [];
  const isTaken = async (): Promise<boolean> => {
    const socket = connectTcp({ port, host: '127.0.0.1' }).on('error', () => undefined);
    queued.push(socket);
    await Promise.race([once(socket, 'connect'), pause(300)]);
    // A turn that came late has both to tell.
    await new Promise((turn) => setImmediate(turn));
    return !socket.connecting;
  };
  while (await isTaken());
  try {
    for (const protocol of ['http/protobuf', 'grpc'] as const) {
      const result = await postTo(`http://127.0.0.1:${port}`, { protocol, timeoutMs: 200 });
      assert.deepEqual([result.kind, 'isInDoubt' in result], ['again', false], protocol);
      assert.match(why(result), /no answer within 200 ms|no connection in time/);
    }
  } finally {
    for (const socket of queued) socket.destroy();
    stopped.kill('SIGKILL');
  }
});

test('the second request on a connection holds the process no more than the first', async () => {
  await using receiver = await openReceiver();
  let count = 0;
  receiver.answer = () => (count += 1) === 2;
  const child = spawn(process.execPath, [
    '--conditions=@aode/source',
    '--input-type=module',
    '--eval',
    `import { createPoster, POST_DEFAULTS } from '${import.meta.resolve('../index.ts')}';
    const poster = createPoster({ ...POST_DEFAULTS, endpoints: ['${receiver.endpoint}'], timeoutMs: 60_000 });
    poster.keepAlive(true);
    await poster.post('logs', new Uint8Array([0x0a, 0x00]));
    poster.keepAlive(false);
    void poster.post('logs', new Uint8Array([0x0a, 0x00]));`,
  ]);
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.ok(count <= 2);
});
