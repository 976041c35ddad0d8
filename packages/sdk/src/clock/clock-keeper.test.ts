/** Real sockets against servers on loopback that lie, step, complain and fall silent, while the wall clock is set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Clock, systemClock, systemRandom, unixNs } from '@aode/base';
import { manualClock } from '@aode/base/manual-clock';
import { startNtpServer, type TestNtpServer, trueTime } from '../testing/ntp-server.ts';
import { Timeline } from '../trace/timeline.ts';
import { type ClockSettings, keepClock } from './clock-keeper.ts';
import { frameOf, newTimeMemory, SharedTime } from './shared-time.ts';
import { openUdp } from './sources/udp.ts';
import { systemClockEffects } from './system-effects.ts';

const PACE = { burstCount: 4, burstMs: 10, pollMsMin: 40, pollMsMax: 80, timeoutMs: 100 };
const SETTINGS: ClockSettings = { sources: ['sntp'], servers: [], slewPpm: 100_000 };

/** Loopback is quick, but the machine may be busy with other tests. */
const WAIT_MS = 60_000;

class Bench implements Disposable {
  readonly servers: readonly TestNtpServer[];
  readonly shared: SharedTime;
  wallOffMs: number;
  readonly #timeline: Timeline;
  readonly #keeper: Disposable;
  #last = 0n;

  constructor(servers: readonly TestNtpServer[], wallOffMs = 0, slewPpm = SETTINGS.slewPpm) {
    this.servers = servers;
    this.wallOffMs = wallOffMs;
    const clock: Clock = {
      ...systemClock,
      now: () => unixNs(trueTime() + BigInt(Math.round(this.wallOffMs * 1e6))),
    };
    this.shared = new SharedTime(newTimeMemory(clock));
    this.#timeline = new Timeline(clock, this.shared);
    this.#keeper = keepClock(
      this.shared,
      {
        ...SETTINGS,
        slewPpm,
        servers: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
      },
      { ...systemClockEffects(clock, systemRandom), open: openUdp, pace: PACE },
    );
  }

  /** Reads until `isDone`: never back, and the true time always inside the bound. Gives the error of the last one. */
  async read(isDone: (status: string, offMs: number) => boolean): Promise<number> {
    const until = systemClock.ticks() + WAIT_MS;
    for (;;) {
      const before = trueTime();
      const { utc, errorMs, status } = this.#timeline.reading();
      const after = trueTime();
      assert.ok(utc > this.#last, 'a reading went back');
      this.#last = utc;
      const low = Number(utc - after) / 1e6;
      const high = Number(utc - before) / 1e6;
      assert.ok(low <= errorMs && high >= -errorMs, `${low} to ${high} is not within ${errorMs}`);
      if (isDone(status, (low + high) / 2)) return (low + high) / 2;
      assert.ok(systemClock.ticks() < until, `still ${status}: ${JSON.stringify(this.report())}`);
      await setTimeout(2);
    }
  }

  report(): ReturnType<SharedTime['report']> {
    return this.shared.report(frameOf(this.shared, systemClock).now());
  }

  async count(reason: string, least: number): Promise<void> {
    await this.read(() => (this.report().refused[reason] ?? 0) >= least);
  }

  [Symbol.dispose](): void {
    this.#keeper[Symbol.dispose]();
    for (const server of this.servers) server[Symbol.dispose]();
  }
}

const servers = (...offs: readonly number[]): Promise<TestNtpServer[]> =>
  Promise.all(offs.map((offMs) => startNtpServer(offMs)));

/** On a busy machine an answer may be long under way: then the bound is wide, and the next ones make it better. */
const isSynchronised = (status: string, offMs: number): boolean =>
  status === 'synchronised' && Math.abs(offMs) < 10;

test('1 of 3 lies, the wall clock is wrong from the start: right before the first reading', async () => {
  using bench = new Bench(await servers(800, 0, 0), -800);
  // Nobody reads until the clock is set.
  const until = systemClock.ticks() + WAIT_MS;
  const isGood = (): boolean => {
    const { status, errorMs = Number.POSITIVE_INFINITY } = bench.report();
    return status === 'synchronised' && errorMs < 8;
  };
  while (!isGood() && systemClock.ticks() < until) await setTimeout(2);
  const off = await bench.read(() => true);
  assert.ok(Math.abs(off) < 10, String(off));
});

test('2 of 5 lie and the wall clock is set by 800 ms to and fro: slewed, within 10 ms, never back', async () => {
  using bench = new Bench(await servers(800, 800, 0, 0, 0), 300);
  await bench.read(isSynchronised);
  for (const wallOffMs of [-800, 0, 800, 0]) {
    const { steps } = bench.report();
    bench.wallOffMs = wallOffMs;
    // The keeper looks once a second.
    await bench.read(() => bench.report().steps > steps);
    const off = await bench.read(isSynchronised);
    assert.ok(Math.abs(off) < 10, String(off));
  }
});

test('an honest server begins to lie, and the liar repents', async () => {
  const [one, two, three] = await servers(0, 0, 0);
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  using bench = new Bench([one, two, three]);
  await bench.read(isSynchronised);
  for (const [first, second] of [
    [-800, 0],
    [0, 0],
    [0, 800],
  ] as const) {
    const asked = three.asked + 5;
    one.offMs = first;
    two.offMs = second;
    const off = await bench.read((...now) => three.asked >= asked && isSynchronised(...now));
    assert.ok(Math.abs(off) < 10, String(off));
  }
});

test('answers that say nothing: each has its reason, and the others are enough', async () => {
  const [odd, ...others] = await servers(0, 0, 0);
  assert.ok(odd !== undefined);
  using bench = new Bench([odd, ...others]);
  await bench.read(isSynchronised);
  odd.manner = () => ({ leap: 3 });
  await bench.count('server_unsynchronised', 1);
  odd.manner = () => ({ stratum: 16 });
  await bench.count('server_unsynchronised', 2);
  odd.manner = () => ({ origin: 1n });
  await bench.count('forged', 2);
  odd.manner = () => ({ rootDispersion: 2 });
  await bench.count('distance', 1);
  odd.manner = () => undefined;
  await bench.count('timeout', 1);
  odd.manner = () => ({});
  odd.copies = 3;
  const { asked } = odd;
  await bench.read((...now) => odd.asked > asked + 2 && isSynchronised(...now));
  odd.manner = () => ({ stratum: 0, referenceId: 0x44454e59 });
  await bench.count('kiss_deny', 1);
  const silent = odd.asked;
  const [other] = others;
  assert.ok(other !== undefined);
  const goOn = other.asked + 3;
  await bench.read((...now) => other.asked > goOn && isSynchronised(...now));
  assert.equal(odd.asked, silent);
});

test('all fall silent: holdover; nobody was ever there: unsynchronised', async () => {
  const [one, two, three] = await servers(0, 0, 0);
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  using bench = new Bench([one, two, three]);
  await bench.read(isSynchronised);
  for (const server of bench.servers) server.manner = () => undefined;
  await bench.read((status) => status === 'holdover');
  for (const server of bench.servers) server.manner = () => ({});
  await bench.read(isSynchronised);

  const [gone] = await servers(0);
  assert.ok(gone !== undefined);
  gone[Symbol.dispose]();
  using alone = new Bench([gone].map((server) => ({ ...server, [Symbol.dispose]: () => undefined })));
  await alone.read(() => (alone.report().refused['unreachable'] ?? 0) > 0);
  assert.equal(alone.report().status, 'unsynchronised');
});

test('nothing to ask, nothing that can be asked: once a second a look, and no more', () => {
  const clock = manualClock();
  const shared = new SharedTime(newTimeMemory(clock));
  const asked: string[] = [];
  const effects = {
    ...systemClockEffects(clock, systemRandom),
    bootMs: () => clock.ticks(),
    has: (file: string) => asked.push(file) < 0,
  };
  const keeper = keepClock(shared, { ...SETTINGS, sources: ['auto'] }, effects);
  assert.deepEqual(asked, ['chronyc', 'ntpq', 'timedatectl']);
  assert.equal(clock.timerCount, 1);
  clock.advance(999);
  clock.setWall(0n);
  assert.equal(shared.report(999).steps, 0);
  clock.advance(1);
  assert.deepEqual([shared.report(1000).steps, shared.report(1000).status], [1, 'suspect']);
  keeper[Symbol.dispose]();
  assert.equal(clock.timerCount, 0);
});

test('while nobody records it is looked at half as often, and at once as often as ever when somebody does', () => {
  const clock = manualClock();
  const shared = new SharedTime(newTimeMemory(clock));
  let recordedCount = 0;
  let looks = 0;
  const effects = {
    ...systemClockEffects(clock, systemRandom),
    bootMs: () => {
      looks += 1;
      return clock.ticks();
    },
    recordedCount: () => recordedCount,
  };
  using keeper = keepClock(shared, { ...SETTINGS, sources: ['none'] }, effects);
  assert.ok(keeper !== undefined);
  const looksIn = (seconds: number, record: () => void): number => {
    const before = looks;
    for (let i = 0; i < seconds; i += 1) {
      record();
      clock.advance(1000);
    }
    return looks - before;
  };
  assert.equal(
    looksIn(10, () => undefined),
    5,
  );
  const isRecorded = (): void => void (recordedCount += 1);
  looksIn(2, isRecorded);
  assert.equal(looksIn(10, isRecorded), 10);
});
