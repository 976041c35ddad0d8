/** A client against a server of the test, on a clock of the test; real sockets are in clock-keeper.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, type ManualClock } from '@aode/base/manual-clock';
import { seededRandom } from '@aode/base';
import type { ClockSample } from '../source-history.ts';
import { decodePacket, encodePacket, MODE, type NtpPacket, ntpOfUnix } from './ntp-packet.ts';
import { SntpClient, SNTP_PACE, type UdpEvents } from './sntp.ts';

interface Question {
  readonly events: UdpEvents;
  readonly cookie: () => bigint;
  isClosed: boolean;
}

class Bench {
  readonly clock: ManualClock = manualClock();
  readonly zeroNs = 1_700_000_000_000_000_000n;
  readonly samples: ClockSample[] = [];
  readonly refused: string[] = [];
  readonly questions: Question[] = [];
  readonly client: SntpClient;

  constructor() {
    this.client = new SntpClient({
      server: { host: 'time.test', port: 123 },
      frame: { zeroNs: this.zeroNs, now: () => this.clock.ticks() },
      clock: this.clock,
      random: seededRandom(1),
      pace: SNTP_PACE,
      open: (_server, events) => {
        let sent: NtpPacket | undefined;
        const question = { events, isClosed: false, cookie: () => sent?.transmit ?? 0n };
        this.questions.push(question);
        return {
          send: (bytes) => void (sent = decodePacket(bytes)),
          [Symbol.dispose]: () => void (question.isClosed = true),
        };
      },
      events: {
        onSample: (sample) => void this.samples.push(sample),
        onRefused: (reason) => void this.refused.push(reason),
      },
    });
    this.client.start();
  }

  get question(): Question {
    const last = this.questions.at(-1);
    assert.ok(last !== undefined);
    return last;
  }

  /** The newest question is answered: `outMs` and `backMs` under way, by a server that is ahead by `offMs`. */
  answer({ outMs = 1, backMs = 1, offMs = 0 }, more: Partial<NtpPacket> = {}): void {
    const { events, cookie } = this.question;
    events.onReady();
    this.clock.advance(outMs);
    const there = ntpOfUnix(this.zeroNs + BigInt(Math.round((this.clock.ticks() + offMs) * 1e6)));
    this.clock.advance(backMs);
    const packet = { ...ANSWER, origin: cookie(), receive: there, transmit: there, ...more };
    events.onMessage(encodePacket(packet));
  }

  next(): void {
    const before = this.questions.length;
    for (let i = 0; i < 2000 && this.questions.length === before; i += 1) this.clock.advance(1000);
  }
}

const ANSWER: NtpPacket = {
  leap: 0,
  version: 4,
  mode: MODE.server,
  stratum: 1,
  poll: 4,
  precision: -20,
  rootDelay: 0.01,
  rootDispersion: 0.001,
  referenceId: 0,
  reference: 0n,
  origin: 0n,
  receive: 0n,
  transmit: 0n,
};

const kiss = (code: string): Partial<NtpPacket> => ({
  stratum: 0,
  referenceId: Buffer.from(code, 'latin1').readUInt32BE(),
});

test('the offset is that of the middle, and the time within half the way, both delays and the drift', () => {
  const bench = new Bench();
  bench.answer({ outMs: 10, backMs: 30, offMs: 500 });
  const [sample] = bench.samples;
  assert.ok(sample !== undefined && Math.abs(sample.offsetMs - 490) < 0.001);
  assert.ok(Math.abs(sample.errorMs - (20 + 5 + 1 + 0.008)) < 0.01, String(sample.errorMs));
  assert.ok(Math.abs(sample.offsetMs - 500) <= sample.errorMs);
  assert.deepEqual([sample.askedAt, sample.at, sample.nextMs], [0, 40, 2000]);
  assert.ok(bench.question.isClosed);
});

test('a burst, then every 16 s, then ever more seldom, up to 1024 s', () => {
  const bench = new Bench();
  const gaps: number[] = [];
  for (let i = 0; i < 60; i += 1) {
    bench.answer({});
    gaps.push(bench.samples.at(-1)?.nextMs ?? 0);
    bench.next();
  }
  assert.deepEqual(gaps.slice(0, 10), [...Array<number>(7).fill(2000), 32_000, 32_000, 32_000]);
  assert.equal(gaps.at(-1), 1_024_000);
  assert.ok(gaps.every((gap, i) => gap >= (gaps[i - 1] ?? 0)));
  bench.client.hurry();
  bench.next();
  bench.answer({});
  assert.equal(bench.samples.at(-1)?.nextMs, 2000);
});

test('a forged answer is counted, and the true one behind it is still heard; a second one is not', () => {
  const bench = new Bench();
  bench.question.events.onReady();
  bench.question.events.onMessage(encodePacket({ ...ANSWER, origin: 1n }));
  bench.question.events.onMessage(new Uint8Array(47));
  bench.question.events.onMessage(encodePacket({ ...ANSWER, ...kiss('DENY'), origin: 2n }));
  assert.deepEqual(bench.refused, ['forged', 'malformed', 'forged']);
  bench.answer({});
  bench.question.events.onMessage(encodePacket({ ...ANSWER, origin: bench.question.cookie() }));
  assert.equal(bench.samples.length, 1);
  assert.equal(bench.refused.length, 3);
});

test('an answer of before is forged for the next question', () => {
  const bench = new Bench();
  bench.answer({});
  const old = bench.question.cookie();
  bench.next();
  bench.question.events.onReady();
  bench.question.events.onMessage(encodePacket({ ...ANSWER, origin: old }));
  assert.deepEqual(bench.refused, ['forged']);
});

test('RATE: half as often, and never as often again', () => {
  const bench = new Bench();
  bench.answer({}, kiss('RATE'));
  assert.deepEqual(bench.refused, ['kiss_rate']);
  const before = bench.clock.ticks();
  bench.next();
  assert.ok(bench.clock.ticks() - before >= 32_000);
  bench.answer({});
  bench.client.hurry();
  const again = bench.clock.ticks();
  bench.next();
  assert.ok(bench.clock.ticks() - again >= 32_000);
});

test('DENY and RSTR: never again; other kisses say nothing', () => {
  for (const code of ['DENY', 'RSTR']) {
    const bench = new Bench();
    bench.answer({}, kiss(code));
    bench.client.hurry();
    bench.clock.advance(10_000_000);
    assert.equal(bench.questions.length, 1);
    assert.equal(bench.clock.timerCount, 0);
  }
  const bench = new Bench();
  bench.answer({}, kiss('INIT'));
  assert.deepEqual(bench.refused, ['kiss_other']);
  bench.next();
  assert.equal(bench.questions.length, 2);
});

test('nobody answers: asked ever more seldom, for ever', () => {
  const bench = new Bench();
  for (let i = 0; i < 40; i += 1) bench.next();
  assert.ok(bench.refused.every((reason) => reason === 'timeout'));
  const before = bench.clock.ticks();
  bench.next();
  assert.ok(bench.clock.ticks() - before >= 1_000_000);
  assert.ok(bench.questions.slice(0, -1).every(({ isClosed }) => isClosed));
});

test('what is wrong with an answer is its reason', () => {
  const reasons: string[] = [];
  for (const more of [{ leap: 3 }, { stratum: 16 }, { transmit: 0n }]) {
    const bench = new Bench();
    bench.answer({}, more);
    reasons.push(...bench.refused);
  }
  const late = new Bench();
  late.answer({}, { receive: ntpOfUnix(late.zeroNs), transmit: ntpOfUnix(late.zeroNs + 5_000_000_000n) });
  reasons.push(...late.refused);
  const unreachable = new Bench();
  unreachable.question.events.onError();
  reasons.push(...unreachable.refused);
  assert.deepEqual(reasons, [
    'server_unsynchronised',
    'server_unsynchronised',
    'invalid',
    'invalid',
    'unreachable',
  ]);
});

test('disposed of while it waits and while it asks: no timer, no socket', () => {
  const asking = new Bench();
  asking.client[Symbol.dispose]();
  assert.deepEqual([asking.clock.timerCount, asking.question.isClosed], [0, true]);
  const waiting = new Bench();
  waiting.answer({});
  waiting.client[Symbol.dispose]();
  assert.equal(waiting.clock.timerCount, 0);
});
