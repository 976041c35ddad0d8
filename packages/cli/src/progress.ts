/** One line of progress on standard error that is written over itself; only on a terminal, only after a second. */
import { elapsedMs } from '@aode/base';
import type { Shell } from './shell.ts';

/** What takes less needs no progress. */
const FIRST_MS = 1000;
const EVERY_MS = 200;

export interface Progress {
  /** To be called as often as there is news; `text` is asked for only when it is shown. */
  show(text: () => string): void;
  /** Wipes the line, so that what is written next starts on a clean one. */
  clear(): void;
}

export function createProgress(shell: Shell, quiet: boolean): Progress {
  const started = shell.clock.mono();
  let shownMs = FIRST_MS - EVERY_MS;
  let visible = false;
  const on = shell.errIsTerminal && !quiet;
  return {
    show(text) {
      if (!on) return;
      const nowMs = elapsedMs(started, shell.clock.mono());
      if (nowMs - shownMs < EVERY_MS) return;
      shownMs = nowMs;
      visible = true;
      shell.err(`\r\x1b[K${text()}`);
    },
    clear() {
      if (visible) shell.err('\r\x1b[K');
      visible = false;
    },
  };
}
