import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { manualClock } from '@aode/base/manual-clock';
import type { ClockSample } from '../source-history.ts';
import type { HostCommand, HostReading } from './host-command.ts';
import { HostSource } from './host-source.ts';
import { hasCommand, runCommand } from './run-command.ts';

const ZERO = 1_700_000_000_000_000_000n;

function bench(answers: Record<string, () => HostReading | Error>) {
  const clock = manualClock(ZERO);
  const samples: ClockSample[] = [];
  const refused: string[] = [];
  const asked: string[] = [];
  let during = (): void => undefined;
  const command = (name: string): HostCommand => ({
    name: 'chrony',
    file: name,
    args: [],
    read: () => answers[name]?.() as HostReading,
  });
  const source = new HostSource({
    commands: Object.keys(answers).map(command),
    async run(file) {
      asked.push(file);
      const answer = answers[file]?.();
      during();
      if (answer instanceof Error) throw answer;
      return '';
    },
    frame: { zeroNs: ZERO, now: () => clock.ticks() },
    clock,
    events: {
      onSample: (sample) => void samples.push(sample),
      onRefused: (reason) => void refused.push(reason),
    },
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i += 1) await setImmediate();
  };
  return {
    clock,
    samples,
    refused,
    asked,
    source,
    settle,
    whileRunning: (run: () => void) => void (during = run),
  };
}

test('the wall clock carries what the daemon says of it', async () => {
  const { clock, samples, source, settle } = bench({ one: () => ({ correctionMs: 800, errorMs: 3 }) });
  clock.setWall(ZERO - 500_000_000n);
  source.start();
  await settle();
  assert.deepEqual(samples, [{ source: 'host', askedAt: 0, at: 0, offsetMs: 300, errorMs: 5, nextMs: 5000 }]);
  clock.advance(4999);
  await settle();
  assert.equal(samples.length, 1);
  clock.advance(1);
  await settle();
  assert.equal(samples.length, 2);
  source[Symbol.dispose]();
  assert.equal(clock.timerCount, 0);
});

test('while nobody records a daemon that answers is asked seldom, and at once when somebody does', async () => {
  const { clock, samples, source, settle } = bench({ one: () => ({ correctionMs: 0, errorMs: 3 }) });
  source.rest(true);
  source.start();
  await settle();
  assert.deepEqual(
    samples.map(({ nextMs }) => nextMs),
    [64_000],
  );
  clock.advance(63_999);
  source.rest(true);
  await settle();
  assert.equal(samples.length, 1);
  source.rest(false);
  source.rest(false);
  await settle();
  assert.deepEqual(
    samples.map(({ at, nextMs }) => [at, nextMs]),
    [
      [0, 64_000],
      [63_999, 5000],
    ],
  );
  clock.advance(5000);
  await settle();
  assert.equal(samples.length, 3);
  source[Symbol.dispose]();
  assert.equal(clock.timerCount, 0);
});

test('one that is resting is asked when the wall clock was set', async () => {
  const { clock, samples, source, settle } = bench({ one: () => ({ correctionMs: 0, errorMs: 3 }) });
  source.rest(true);
  source.start();
  await settle();
  clock.advance(10);
  source.hurry();
  await settle();
  assert.equal(samples.length, 2);
  source[Symbol.dispose]();
});

test('a wall clock that is set while it is asked for says nothing', async () => {
  const { clock, samples, refused, source, settle, whileRunning } = bench({
    one: () => ({ correctionMs: 0, errorMs: 3 }),
  });
  whileRunning(() => clock.setWall(ZERO + 5_000_000n));
  source.start();
  await settle();
  assert.deepEqual([samples.length, refused], [0, ['step']]);
});

test('the first that answers is the one; when it falls silent the others have their turn', async () => {
  const answers: Record<string, () => HostReading | Error> = {
    one: () => new Error('not there'),
    two: () => ({ correctionMs: 0, errorMs: 1 }),
    three: () => 'malformed',
  };
  const { clock, samples, asked, source, settle } = bench(answers);
  source.start();
  await settle();
  assert.deepEqual(asked, ['one', 'two']);
  clock.advance(5000);
  await settle();
  assert.deepEqual(asked.splice(0), ['one', 'two', 'two']);
  answers['two'] = () => 'server_unsynchronised';
  clock.advance(5000);
  await settle();
  assert.deepEqual(asked, ['two', 'three', 'one']);
  assert.equal(samples.length, 2);
});

test('nobody is there: asked ever more seldom, for ever', async () => {
  const { clock, asked, refused, source, settle } = bench({ one: () => new Error('not there') });
  source.start();
  for (let i = 0; i < 20; i += 1) {
    await settle();
    clock.advance(320_000);
  }
  await settle();
  const before = asked.length;
  clock.advance(319_999);
  await settle();
  assert.equal(asked.length, before);
  assert.ok(refused.every((reason) => reason === 'unreachable'));
});

test('programs of the host: found or not, killed when they take too long', async () => {
  assert.equal(hasCommand('node'), true);
  assert.equal(hasCommand('no-such-program'), false);
  assert.equal(await runCommand('node', ['-p', '6 * 7'], 20_000), '42\n');
  await assert.rejects(runCommand('no-such-program', [], 1000));
  await assert.rejects(runCommand('node', ['-e', 'process.exit(3)'], 20_000));
  await assert.rejects(runCommand('node', ['-e', 'setInterval(() => {}, 1000)'], 50));
});
