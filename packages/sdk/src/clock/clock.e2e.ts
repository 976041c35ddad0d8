/**
 * Real processes under libfaketime, which sets their wall clock to and fro by 800 ms while their monotonic clock runs
 * on, against servers of which one lies; a chain of processes whose clocks are off by 3 s; and one that is killed and
 * started again with its wall clock set back. Needs the library: `apt-get install faketime`.
 */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { SPAN_KIND } from '@aode/wire';
import { folder, launch, type Running } from '../testing/application.ts';
import { startNtpServer, trueTimeAt } from '../testing/ntp-server.ts';

const LIBRARY = globSync([
  '/usr/lib/*/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
  '/usr/local/lib/faketime/libfaketimeMT.so.1',
])[0];

/** A wall clock that a file sets while the process runs. */
class WallClock implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'aode-wall-'));
  readonly #file = join(this.#directory, 'off');

  constructor(seconds: number) {
    assert.ok(LIBRARY !== undefined, 'libfaketime is missing: apt-get install faketime');
    this.set(seconds);
  }

  get env(): Record<string, string> {
    return {
      LD_PRELOAD: LIBRARY ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      // By default it would set the monotonic clock as well, and nothing would be seen.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/** A hundred readings a second, each between two of the monotonic clock that all processes of a machine share. */
const READER = `
import { startAode } from '@aode/sdk';
const aode = startAode();
setInterval(() => {
  const before = process.hrtime.bigint();
  const { utc, errorMs, status } = aode.now();
  const after = process.hrtime.bigint();
  const wall = Date.now();
  console.log(JSON.stringify([String(before), String(after), String(utc), errorMs, status, wall]));
}, 10);
`;

interface Read {
  readonly utc: bigint;
  /** Of the true time, as far as it is known to be: a busy machine lets a process wait in the midst of a reading. */
  readonly offMs: number;
  readonly errorMs: number;
  readonly status: string;
  readonly wallOffMs: number;
}

/** All readings so far, and those that come. */
class Readings {
  readonly all: Read[] = [];
  #rest = '';

  constructor({ process }: Running) {
    process.stdout?.on('data', (part: Buffer) => {
      const lines = (this.#rest + part.toString()).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#add(line);
    });
  }

  #add(line: string): void {
    const [before, after, utc, errorMs, status, wall] = JSON.parse(line) as [
      string,
      string,
      string,
      number | null,
      string,
      number,
    ];
    const trueNs = trueTimeAt(BigInt(after));
    const offMs = (at: string): number => Number(BigInt(utc) - trueTimeAt(BigInt(at))) / 1e6;
    this.all.push({
      utc: BigInt(utc),
      offMs: offMs(after) > 0 ? offMs(after) : Math.min(0, offMs(before)),
      errorMs: errorMs ?? Number.POSITIVE_INFINITY,
      status,
      wallOffMs: wall - Number(trueNs / 1_000_000n),
    });
  }

  async until(what: string, isDone: (last: Read) => boolean): Promise<void> {
    for (let i = 0; i < 6000; i += 1) {
      const last = this.all.at(-1);
      if (last !== undefined && isDone(last)) return;
      await setTimeout(10);
    }
    assert.fail(
      `never ${what}: ${JSON.stringify(this.all.at(-1), (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))}`,
    );
  }
}

/** What the server answers is true to the millisecond. */
const SLACK_MS = 1;

for (const startSeconds of [0, -0.8, 0.8]) {
  test(`a wall clock that is set by ±800 ms, ${startSeconds} s off from the start`, async (t) => {
    const servers = await Promise.all([800, 0, 0].map((offMs) => startNtpServer(offMs)));
    using wall = new WallClock(startSeconds);
    using app = folder({ 'package.json': '{"name":"app","type":"module"}', 'app.js': READER });
    const env = {
      ...wall.env,
      AODE_CLOCK_SOURCES: 'sntp',
      AODE_CLOCK_SERVERS: servers.map(({ port }) => `127.0.0.1:${port}`).join(','),
      AODE_CLOCK_SLEW_PPM: '100000',
      AODE_EXIT_TIMEOUT: '1',
    };
    const running = launch({ cwd: app.path, args: ['app.js'], env, register: false });
    try {
      const readings = new Readings(running);
      await readings.until('synchronised', ({ status }) => status === 'synchronised');
      for (const seconds of [-0.8, 0.8, 0]) {
        wall.set(seconds);
        await readings.until('set', ({ wallOffMs }) => Math.abs(wallOffMs - seconds * 1000) < 100);
        // The keeper looks once a second; then it asks its servers, which takes seconds.
        const from = readings.all.length + 150;
        await readings.until(
          'synchronised again',
          ({ status, offMs }) =>
            readings.all.length > from && status === 'synchronised' && Math.abs(offMs) <= 10,
        );
      }
      assertRight(readings.all);
      // Not asserted: on a busy machine an answer may be long under way, and the bound says so until better ones come.
      const converged = readings.all.filter(({ status }) => status === 'synchronised');
      const near = converged.filter(({ offMs }) => Math.abs(offMs) <= 10);
      t.diagnostic(`${near.length} of ${converged.length} synchronised readings are within 10 ms`);
    } finally {
      running.process.kill('SIGKILL');
      await running.ended;
      for (const server of servers) server[Symbol.dispose]();
    }
  });
}

function assertRight(all: readonly Read[]): void {
  all.forEach(({ utc, offMs, errorMs }, i) => {
    const before = all[i - 1];
    assert.ok(before === undefined || utc > before.utc, `reading ${i} went back`);
    assert.ok(Math.abs(offMs) <= errorMs + SLACK_MS, `reading ${i}: ${offMs} is not within ${errorMs}`);
  });
  const steps = all.filter(
    ({ wallOffMs }, i) => Math.abs(wallOffMs - (all[i - 1]?.wallOffMs ?? wallOffMs)) > 500,
  );
  assert.ok(steps.length >= 2, 'the wall clock was set');
}

/** Answers by what the next one answers. */
const LINK = `
import { createServer } from 'node:http';
const server = createServer(async (request, response) => {
  const next = process.env.NEXT;
  response.end(next ? await (await fetch(next)).text() : 'end');
});
server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
process.on('SIGTERM', () => server.close(() => process.exit()));
`;

/** Of a process on such a clock, whose requests go to `next`. */
const linked = (wall: WallClock, next: string, { endpoint }: Receiver): Record<string, string> => ({
  ...wall.env,
  NEXT: next,
  AODE_CLOCK_SOURCES: 'none',
  AODE_SAMPLING_PROBABILITY: '1',
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
});

test('a chain of processes that are off by 3 s either way: by their numbers effect is after cause', async () => {
  await using receiver = await openReceiver();
  const running: Running[] = [];
  const walls: WallClock[] = [];
  using app = folder({ 'package.json': '{"name":"app","type":"module"}', 'app.js': LINK });
  try {
    let next = '';
    for (const seconds of [3, -3, 3, 0]) {
      const wall = new WallClock(seconds);
      walls.push(wall);
      const link = launch({ cwd: app.path, args: ['app.js'], env: linked(wall, next, receiver) });
      running.push(link);
      next = `http://127.0.0.1:${(await link.line(/port (\d+)/))[1]}`;
    }
    assert.equal(await (await fetch(next)).text(), 'end');
    for (const { process } of running) process.kill('SIGTERM');
    await Promise.all(running.map((one) => one.endWithin(60_000)));
    const { spans } = receiver;
    assert.equal(spans.length, 7);
    const number = (span: (typeof spans)[number] | undefined): string =>
      String(attributesOf(span ?? assert.fail())['aode.clock.hlc']);
    let wrongByTime = 0;
    for (const server of spans.filter(({ kind }) => kind === SPAN_KIND.server)) {
      if (server.parentSpanId === '') continue;
      const client = spans.find(({ spanId }) => spanId === server.parentSpanId);
      assert.ok(number(client) < number(server));
      if (server.startTimeUnixNano < (client?.startTimeUnixNano ?? 0n)) wrongByTime += 1;
    }
    // What was measured is what is sent.
    assert.equal(wrongByTime, 1);
  } finally {
    for (const { process } of running) process.kill('SIGKILL');
    for (const wall of walls) wall[Symbol.dispose]();
  }
});

/** Asks twice, one after the other. */
const ASKER = LINK.replace(
  "response.end(next ? await (await fetch(next)).text() : 'end');",
  "for (const path of ['first', 'second']) await (await fetch(next + '/' + path)).text(); response.end('end');",
);

test('what a caller does after an answer is behind what the server did, with clocks 6 s apart', async () => {
  await using receiver = await openReceiver();
  const running: Running[] = [];
  using ahead = new WallClock(3);
  using behind = new WallClock(-3);
  using app = folder({
    'package.json': '{"name":"app","type":"module"}',
    'link.js': LINK,
    'asker.js': ASKER,
  });
  const start = async (script: string, wall: WallClock, next: string): Promise<string> => {
    const one = launch({ cwd: app.path, args: [script], env: linked(wall, next, receiver) });
    running.push(one);
    return `http://127.0.0.1:${(await one.line(/port (\d+)/))[1]}`;
  };
  try {
    const asker = await start('asker.js', behind, await start('link.js', ahead, ''));
    assert.equal(await (await fetch(asker)).text(), 'end');
    for (const { process } of running) process.kill('SIGTERM');
    await Promise.all(running.map((one) => one.endWithin(60_000)));
    const clients = receiver.spans
      .filter(({ kind }) => kind === SPAN_KIND.client)
      .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
    assert.equal(clients.length, 2);
    const [first, second] = clients;
    const server = receiver.spans.find(({ parentSpanId }) => parentSpanId === first?.spanId) ?? assert.fail();
    const number = (span: typeof server | undefined): string =>
      String(attributesOf(span ?? assert.fail())['aode.clock.hlc']);
    assert.ok(number(first) < number(server));
    assert.ok(number(server) < number(second));
    assert.ok(
      (second?.startTimeUnixNano ?? 0n) < server.startTimeUnixNano,
      'by their times it is the other way',
    );
  } finally {
    for (const { process } of running) process.kill('SIGKILL');
  }
});

/** Has sent a span, and another, until it is killed. */
const SENDER = `
import { startAode } from '@aode/sdk';
import { trace } from '@opentelemetry/api';
const aode = startAode();
const tracer = trace.getTracer('t');
for (;;) {
  tracer.startSpan(process.env.NAME).end();
  if (await aode.flush()) console.log('sent');
}
`;

for (const mode of ['worker', 'inline']) {
  test(`${mode}: killed, and started with the wall clock set back: it begins above all it has sent`, async () => {
    await using receiver = await openReceiver();
    using wall = new WallClock(0);
    using app = folder({ 'package.json': '{"name":"app","type":"module"}', 'app.js': SENDER });
    const times = (name: string): readonly bigint[] =>
      receiver.spans.filter((span) => span.name === name).map((span) => span.startTimeUnixNano);
    const live = async (name: string): Promise<void> => {
      const env = {
        ...wall.env,
        NAME: name,
        AODE_AGENT: mode,
        AODE_CLOCK_SOURCES: 'none',
        AODE_SAMPLING_PROBABILITY: '1',
        AODE_JOURNAL_DIRECTORY: join(app.path, 'journal'),
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      };
      const running = launch({ cwd: app.path, args: ['app.js'], env, register: false });
      try {
        await receiver.until(() => times(name).length >= 5);
      } finally {
        running.process.kill('SIGKILL');
        await running.ended;
      }
    };
    await live('before');
    // Nearly a second, of which it takes a part to start.
    wall.set(-0.95);
    await live('after');
    const last = times('before').reduce((most, one) => (one > most ? one : most), 0n);
    assert.ok(times('after').every((time) => time > last));
  });
}
