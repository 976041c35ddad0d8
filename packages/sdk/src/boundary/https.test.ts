/** node:https on both sides, over TLS with a shared key, which needs no certificate. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, get, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { seededRandom } from '@aode/base';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { SPAN_KIND } from '@aode/wire';
import { startRecorder } from '../testing/recorder.ts';
import { traceHttpClients } from './http-client.ts';
import { traceHttpServers } from './http-server.ts';

test('https: a server span below its client span, with scheme and address', async () => {
  using recorder = startRecorder();
  const tracer = recorder.provider.getTracer('t');
  const parts = {
    tracer,
    losses: recorder.losses,
    random: seededRandom(1),
    requestIdHeader: 'x-request-id',
    untrustedPorts: new Set<number>(),
    isTrusted: () => true,
  };
  using _servers = traceHttpServers(parts);
  using _clients = traceHttpClients(parts);
  const psk = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
  const server = createServer({ ...tls, pskCallback: () => psk }, (_, response) => void response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options: RequestOptions & ConnectionOptions = {
    ...tls,
    host: '127.0.0.1',
    port,
    agent: false,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  };
  const sent = get(options);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  const spans = await recorder.ended(2);
  server.close();
  const above = spans.find(({ kind }) => kind === SPAN_KIND.client);
  const below = spans.find(({ kind }) => kind === SPAN_KIND.server);
  assert.ok(above !== undefined && below !== undefined);
  assert.equal(below.parentSpanId, above.spanId);
  assert.equal(attributesOf(below)['url.scheme'], 'https');
  assert.equal(attributesOf(above)['url.full'], `https://127.0.0.1:${port}/`);
  assert.equal(attributesOf(above)['server.port'], BigInt(port));
});
