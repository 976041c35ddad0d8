/** The word that a trace is kept, upstream over real HTTP: written into responses, heeded in answers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage, type RequestListener } from 'node:http';
import { afterEach, describe, test } from 'node:test';
import { seededRandom, systemClock } from '@aode/base';
import { trace } from '@opentelemetry/api';
import { createHostTrust } from '../context/trust-boundary.ts';
import { openLocalServer } from '../testing/local-server.ts';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { VERDICT_HEADER } from '../trace/verdict.ts';
import { traceFetch } from './fetch.ts';
import { traceHttpClients } from './http-client.ts';
import { traceHttpServers } from './http-server.ts';

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

interface Traced {
  readonly servers?: boolean;
  readonly clients?: boolean;
  readonly trusted?: readonly string[];
}

/** Nothing is in the sample. */
function record({ servers = false, clients = false, trusted = ['*'] }: Traced): Recorder {
  const recorder = startRecorder(systemClock, { sampling: { probability: 0 } });
  const parts = {
    tracer: recorder.provider.getTracer('t'),
    losses: recorder.losses,
    random: seededRandom(7),
    requestIdHeader: 'x-request-id',
    untrustedPorts: new Set<number>(),
    isTrusted: createHostTrust(trusted),
  };
  const undo = [
    ...(servers ? [traceHttpServers(parts)] : []),
    ...(clients ? [traceHttpClients(parts), traceFetch(parts)] : []),
  ];
  open.push(() => {
    for (const one of undo) one[Symbol.dispose]();
    recorder[Symbol.dispose]();
  });
  return recorder;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = await openLocalServer(listener);
  open.push(() => server[Symbol.dispose]());
  return server.url.href;
}

async function ask(url: string): Promise<IncomingMessage> {
  const [answer] = (await once(httpGet(url), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'close');
  return answer;
}

describe('a response', () => {
  const listeners: Readonly<Record<string, readonly [RequestListener, string | undefined]>> = {
    'of 500, given to writeHead': [(_, response) => response.writeHead(500).end(), 'keep'],
    'of 503, set before': [(_, response) => ((response.statusCode = 503), response.end()), 'keep'],
    'of 500 with headers as a list': [
      (_, response) => response.writeHead(500, 'Broken', ['x-own', '1']).end(),
      'keep',
    ],
    'of 200 of a trace that a span has failed': [
      (_, response) => {
        trace.getActiveSpan()?.setAttribute('http.response.status_code', 500);
        response.end();
      },
      'keep',
    ],
    'of 404': [(_, response) => response.writeHead(404).end(), undefined],
    'of 200': [(_, response) => response.end('x'), undefined],
  };
  for (const [what, [listener, expected]] of Object.entries(listeners)) {
    test(what, async () => {
      const recorder = record({ servers: true });
      const answer = await ask(await serve(listener));
      assert.equal(answer.headers[VERDICT_HEADER], expected);
      if (expected !== undefined) assert.equal((await recorder.ended(1)).length, 1);
    });
  }
});

describe('an answer that says so', () => {
  const keeping: RequestListener = (_, response) => response.setHeader(VERDICT_HEADER, 'keep').end('x');

  test('keeps the trace of the caller, by node:http and by fetch, and asks nobody', async () => {
    const recorder = record({ clients: true });
    const url = await serve(keeping);
    await ask(url);
    await (await fetch(url)).text();
    const spans = await recorder.ended(2);
    assert.deepEqual([spans.length, recorder.asks], [2, []]);
  });

  test('is not believed of a host beyond the trust boundary, nor in other words', async () => {
    const recorder = record({ clients: true, trusted: ['elsewhere'] });
    await (await fetch(await serve(keeping))).text();
    const strange = await serve((_, response) => response.setHeader(VERDICT_HEADER, 'yes').end('x'));
    await (await fetch(strange)).text();
    await ask(strange);
    assert.deepEqual(recorder.spans, []);
    assert.equal(recorder.recorder.open.count, 0, 'they have ended');
  });
});
