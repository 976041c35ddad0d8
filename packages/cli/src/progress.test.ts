import { monoNs } from '@aode/base';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from './progress.ts';
import { recordingShell, type RecordingShell } from './recording-shell.ts';

function shellAt(time: { ms: number }, errIsTerminal: boolean): RecordingShell {
  const { clock } = recordingShell();
  return recordingShell({
    errIsTerminal,
    clock: { ...clock, mono: () => monoNs(BigInt(time.ms) * 1_000_000n) },
  });
}

test('on a terminal, after a second, five times a second, and wiped at the end', () => {
  const time = { ms: 0 };
  const shell = shellAt(time, true);
  const progress = createProgress(shell, false);
  for (const ms of [0, 500, 999, 1000, 1100, 1199, 1200]) {
    time.ms = ms;
    progress.show(() => `at ${ms}`);
  }
  assert.equal(shell.written.err, '\r\u001b[Kat 1000\r\u001b[Kat 1200');
  progress.clear();
  progress.clear();
  assert.equal(shell.written.err, '\r\u001b[Kat 1000\r\u001b[Kat 1200\r\u001b[K');
});

test('never into a file, and not when quiet', () => {
  for (const [terminal, quiet] of [
    [false, false],
    [true, true],
  ] as const) {
    const time = { ms: 0 };
    const shell = shellAt(time, terminal);
    const progress = createProgress(shell, quiet);
    time.ms = 5000;
    progress.show(() => 'news');
    progress.clear();
    assert.equal(shell.written.err, '');
  }
});
