/** The logical clock on its way back over real HTTP, between two clocks that are three seconds apart. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { seededRandom, systemClock, unixNs } from '@aode/base';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { CLOCK_HEADER } from '../clock/answer-clock.ts';
import { createLogicalClock, type LogicalClock } from '../clock/logical-clock.ts';
import { parseStamp } from '../clock/own-member.ts';
import { newTimeMemory, SharedTime } from '../clock/shared-time.ts';
import { CLOCK_REFUSED } from '../clock/span-stamp.ts';
import { createHostTrust } from '../context/trust-boundary.ts';
import { openLocalServer } from '../testing/local-server.ts';
import { type Recorder, startRecorder } from '../testing/recorder.ts';
import { Timeline } from '../trace/timeline.ts';
import { traceFetch } from './fetch.ts';
import { traceHttpClients } from './http-client.ts';
import { traceHttpServers } from './http-server.ts';

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

interface World extends Recorder {
  readonly caller: LogicalClock;
  readonly server: LogicalClock;
  /** How often one was not followed. */
  readonly refused: () => number;
}

interface Given {
  readonly serverOffMs?: number;
  readonly trusted?: readonly string[];
  readonly untrustedPorts?: readonly 'all'[];
}

/** Callers and servers of one process, each with a clock of its own. */
function begin({ serverOffMs = 3000, trusted = ['*'], untrustedPorts = [] }: Given = {}): World {
  let refused = 0;
  const clockOff = (offMs: number): LogicalClock => {
    const clock = { ...systemClock, now: () => unixNs(systemClock.now() + BigInt(offMs) * 1_000_000n) };
    const shared = new SharedTime(newTimeMemory(clock));
    const timeline = new Timeline(clock, shared);
    return createLogicalClock({ shared, timeline, offsetMsMax: 10_000, onRefused: () => (refused += 1) });
  };
  const [caller, server] = [clockOff(0), clockOff(serverOffMs)];
  const recorder = startRecorder(systemClock, { logical: caller });
  const parts = {
    tracer: recorder.provider.getTracer('t'),
    losses: recorder.losses,
    random: seededRandom(7),
    requestIdHeader: 'x-request-id',
    untrustedPorts: new Set(untrustedPorts),
    isTrusted: createHostTrust(trusted),
  };
  const undo = [
    traceHttpServers({ ...parts, logical: server }),
    traceHttpClients({ ...parts, logical: caller }),
    traceFetch({ ...parts, logical: caller }),
  ];
  open.push(() => {
    for (const one of undo) one[Symbol.dispose]();
    recorder[Symbol.dispose]();
  });
  return { ...recorder, caller, server, refused: () => refused };
}

async function serve(listener: RequestListener): Promise<URL> {
  const server = await openLocalServer(listener);
  open.push(() => server[Symbol.dispose]());
  return server.url;
}

type Ask = (url: URL) => Promise<readonly string[]>;

/** What an answer has said of the clock, one for each header of the name. */
const ASKS: Readonly<Record<string, Ask>> = {
  async 'node:http'(url) {
    const [answer] = (await once(httpGet(url), 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'close');
    return answer.headersDistinct[CLOCK_HEADER] ?? [];
  },
  async fetch(url) {
    const answer = await fetch(url);
    await answer.text();
    return answer.headers.get(CLOCK_HEADER)?.split(', ') ?? [];
  },
};

/** By somebody whom nobody traces. */
async function askBare({ port }: URL, headers = ''): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`);
  return text(socket);
}

/** Of another server, whose answer is passed on. */
const FOREIGN = 'h:0000000000000001';
type Write = (response: ServerResponse) => unknown;
const WRITES: Readonly<Record<string, Write>> = {
  'nothing said': (response) => response.end('x'),
  'a header set': (response) => response.setHeader('x-own', '1').end('x'),
  flushHeaders: (response) => {
    response.flushHeaders();
    response.end('x');
  },
  writeHead: (response) => response.writeHead(200).end('x'),
  'writeHead with a reason': (response) => response.writeHead(200, 'Fine', { 'x-own': '1' }).end('x'),
  'passed on, set before': (response) => response.setHeader('Aode-Clock', FOREIGN).end('x'),
  'passed on, as an object': (response) =>
    response.writeHead(200, { 'x-own': '1', 'Aode-Clock': FOREIGN }).end('x'),
  'passed on, as an object beside one set before': (response) =>
    response.setHeader('x-own', '1').writeHead(200, { 'aode-clock': FOREIGN }).end('x'),
  'passed on, as a list': (response) =>
    response.writeHead(200, 'Fine', ['x-own', '1', 'Aode-Clock', FOREIGN]).end('x'),
  'passed on, as pairs': (response) =>
    response
      .writeHead(200, [
        ['x-own', '1'],
        ['aode-clock', FOREIGN],
      ] as never)
      .end('x'),
};

for (const [by, ask] of Object.entries(ASKS)) {
  describe(by, () => {
    for (const [how, write] of Object.entries(WRITES)) {
      test(`${how}: what the caller does then is after what the server did`, async () => {
        const { caller, server, losses, refused } = begin();
        let done = 0n;
        const url = await serve((_, response) => {
          done = server.send().logical;
          write(response);
        });
        const [said = assert.fail('nothing said'), ...more] = await ask(url);
        assert.deepEqual(more, []);
        const answered = parseStamp(said)?.logical ?? 0n;
        assert.ok(answered > done);
        assert.ok(caller.send().logical > answered);
        assert.deepEqual([losses.counts(), refused()], [{}, 0]);
      });
    }

    test('a server that is too far ahead is not followed, and the span says so', async () => {
      const world = begin({ serverOffMs: 60_000 });
      await ask(await serve((_, response) => response.end('x')));
      assert.ok(world.caller.send().logical < world.server.send().logical);
      const spans = await world.ended(2);
      const ahead = spans.map((span) => attributesOf(span)[CLOCK_REFUSED]).filter((ms) => ms !== undefined);
      assert.equal(ahead.length, 1);
      assert.ok(Math.abs(Number(ahead[0]) - 60_000) < 5000);
      assert.equal(world.refused(), 1);
    });

    test('one beyond the trust boundary is asked without a clock, and not followed', async () => {
      const world = begin({ trusted: ['none'] });
      assert.deepEqual(await ask(await serve((_, response) => response.end('x'))), []);
      const bare = await serve((request, response) => {
        request.socket.end(
          `HTTP/1.1 200 Fine\r\naode-clock: h:${'f'.repeat(16)}\r\ncontent-length: 0\r\n\r\n`,
        );
        response.destroy();
      });
      await ask(bare).catch(() => undefined);
      assert.ok(world.caller.send().logical < world.server.send().logical);
      assert.equal(world.refused(), 0);
    });
  });
}

test('whoever has sent no clock gets none, whatever the application passes on', async () => {
  begin();
  for (const write of Object.values(WRITES)) {
    const answer = await askBare(await serve((_, response) => write(response)));
    assert.match(answer, /^HTTP\/1\.1 200/);
    assert.doesNotMatch(answer, /aode-clock/i);
  }
});

test('at a port whose callers nobody vouches for, none either', async () => {
  begin({ untrustedPorts: ['all'] });
  const url = await serve((_, response) => response.end('x'));
  for (const ask of Object.values(ASKS)) assert.deepEqual(await ask(url), []);
});

test('the application sees what it has set', async () => {
  begin();
  const seen: unknown[] = [];
  const url = await serve((_, response) => {
    response.setHeader('x-own', '1');
    seen.push({ ...response.getHeaders() });
    response.writeHead(200);
    seen.push(response.getHeader('x-own'));
    response.end('x');
  });
  await ASKS['fetch']?.(url);
  assert.deepEqual(seen, [{ 'x-own': '1' }, '1']);
});
