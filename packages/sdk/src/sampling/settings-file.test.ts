import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, test, type TestContext } from 'node:test';
import { errorLine } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { createSampling, type Sampling, type SamplingSettings } from './settings.ts';
import { followSettingsFile } from './settings-file.ts';

const START: SamplingSettings = { probability: 0.01, tracesPerSecondMin: 10, keep: [] };

interface Followed {
  readonly path: string;
  readonly sampling: Sampling;
  readonly lines: readonly string[];
  readonly clock: ManualClock;
  readonly follower: Disposable;
  /** A look at the file, from the time being up to the next wait. */
  readonly look: () => Promise<void>;
}

function follow(t: TestContext, before?: (path: string) => void): Followed {
  const folder = mkdtempSync(join(tmpdir(), 'aode-sampling-'));
  const path = join(folder, 'sampling.json');
  before?.(path);
  const clock = manualClock();
  const lines: string[] = [];
  const sampling = createSampling(START);
  const diag = { warn: (error: Parameters<typeof errorLine>[0]) => void lines.push(errorLine(error)) };
  const follower = followSettingsFile({ path, sampling, start: START, clock, diag });
  t.after(() => {
    follower[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  const look = async (): Promise<void> => {
    clock.advance(1000);
    while (clock.timerCount === 0) await setImmediate();
  };
  return { path, sampling, lines, clock, follower, look };
}

const write = (path: string, value: unknown): void =>
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));

describe('what the file says', () => {
  test('holds from the start', (t) => {
    const { sampling, lines } = follow(t, (path) =>
      write(path, { probability: 0.05, tracesPerSecondMin: 0 }),
    );
    assert.deepEqual(sampling.settings, { ...START, probability: 0.05, tracesPerSecondMin: 0 });
    assert.deepEqual(lines, []);
  });

  test('is read again when it changes; what it does not name is as at the start', async (t) => {
    const { path, sampling, look, lines } = follow(t);
    assert.deepEqual(sampling.settings, START);
    await look();
    write(path, { probability: 0.5, keep: [{ name: 'pay', route: '/pay' }] });
    await look();
    assert.equal(sampling.settings.probability, 0.5);
    assert.equal(sampling.rules.onRoute('/pay'), 'pay');
    write(path, { tracesPerSecondMin: 0 });
    await look();
    assert.deepEqual(sampling.settings, { ...START, tracesPerSecondMin: 0 });
    assert.deepEqual(lines, []);
  });

  test('may be replaced by rename, or behind a symbolic link', async (t) => {
    const { path, sampling, look } = follow(t);
    write(`${path}.new`, { probability: 0.25 });
    renameSync(`${path}.new`, path);
    await look();
    assert.equal(sampling.settings.probability, 0.25);
    write(`${path}.1`, { probability: 0.1 });
    symlinkSync(`${path}.1`, `${path}.link`);
    renameSync(`${path}.link`, path);
    await look();
    assert.equal(sampling.settings.probability, 0.1);
    write(`${path}.2`, { probability: 0.2 });
    symlinkSync(`${path}.2`, `${path}.link`);
    renameSync(`${path}.link`, path);
    await look();
    assert.equal(sampling.settings.probability, 0.2);
  });

  test('does not undo what code has applied until it changes', async (t) => {
    const { path, sampling, look } = follow(t, (at) => write(at, { probability: 0.5 }));
    sampling.apply({ probability: 0.125 });
    await look();
    assert.equal(sampling.settings.probability, 0.125);
    write(path, { probability: 0.75 });
    await look();
    assert.equal(sampling.settings.probability, 0.75);
  });

  test('is gone with the file', async (t) => {
    const { path, sampling, look, lines } = follow(t, (at) => write(at, { probability: 0.5 }));
    rmSync(path);
    await look();
    assert.deepEqual(sampling.settings, START);
    sampling.apply({ probability: 0.125 });
    await look();
    assert.equal(sampling.settings.probability, 0.125);
    write(path, { probability: 0.5 });
    await look();
    assert.equal(sampling.settings.probability, 0.5);
    assert.deepEqual(lines, []);
  });
});

test('content that cannot be used is said once, and the settings stay', async (t) => {
  const { path, sampling, look, lines } = follow(t, (at) => write(at, { probability: 0.5 }));
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ['{"probability":', /option samplingFile, value .*sampling\.json, it is no JSON/],
    ['', /it is no JSON/],
    ['[]', /it is no object/],
    [{ probability: 2 }, /option probability of .*sampling\.json, value 2, it is neither/],
    [{ probability: 0.1, keep: [{}] }, /option keep of .*rule 1: name/],
    [{ probabilty: 1 }, /option probabilty of .*it is none of/],
    [' '.repeat(1024 * 1024 + 1), /longer than 1048576 bytes/],
  ];
  for (const [i, [content, line]] of cases.entries()) {
    write(path, content);
    await look();
    await look();
    assert.equal(lines.length, i + 1);
    assert.match(lines.at(-1) ?? '', /^AODE_OPTION_INVALID: /);
    assert.match(lines.at(-1) ?? '', line);
    assert.equal(sampling.settings.probability, 0.5);
  }
  write(path, `{"probability":0.2}${' '.repeat(1024 * 1024 - 19)}`);
  await look();
  assert.equal(sampling.settings.probability, 0.2);
});

test('a file that cannot be read is said once, at the start as later', async (t) => {
  const { path, sampling, look, lines } = follow(t, (at) => mkdirSync(at));
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /it cannot be read: EISDIR/);
  await look();
  await look();
  assert.equal(lines.length, 1);
  rmSync(path, { recursive: true });
  write(path, { probability: 0.5 });
  await look();
  assert.equal(sampling.settings.probability, 0.5);
});

test('after disposing nobody looks any more', async (t) => {
  const { clock, follower } = follow(t);
  assert.equal(clock.timerCount, 1);
  follower[Symbol.dispose]();
  assert.equal(clock.timerCount, 0);
  const other = follow(t);
  other.clock.advance(1000);
  other.follower[Symbol.dispose]();
  for (let i = 0; i < 100; i += 1) await setImmediate();
  assert.equal(other.clock.timerCount, 0);
});

test('it keeps no process alive', () => {
  const source = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { systemClock } from '@aode/base';
    import { createSampling } from ${source('./settings.ts')};
    import { followSettingsFile } from ${source('./settings-file.ts')};
    const start = { probability: 0.01, tracesPerSecondMin: 10, keep: [] };
    const sampling = createSampling(start);
    const diag = { warn() {} };
    followSettingsFile({ path: '/nowhere/sampling.json', sampling, start, clock: systemClock, diag });
  `;
  const args = ['--conditions=@aode/source', '--input-type=module', '-e', program];
  const { status, signal, stderr } = spawnSync(process.execPath, args, {
    cwd: import.meta.dirname,
    timeout: 20_000,
    encoding: 'utf8',
  });
  assert.deepEqual([status, signal], [0, null], stderr);
});
