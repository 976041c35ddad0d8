/**
 * Sampling settings from a file, read again when it changes: JSON, any of the settings by name. What it does not name
 * is as at the start, and so is everything while there is no file.
 *
 * The file is asked about by name once a second, which sees a file that is written over, replaced by `rename`, swapped
 * behind a symbolic link (as Kubernetes does) or changed on another machine; a watch on it would miss most of these.
 * Nothing here keeps the process alive, or waits for a slow disk on the application's thread once it runs.
 */
import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { AodeError, type Clock, type Diag, durationMs, isAodeError } from '@aode/base';
import { readSamplingSettings } from '@aode/wire';
import type { Sampling, SamplingSettings } from './settings.ts';

export interface SettingsFileParts {
  readonly path: string;
  readonly sampling: Sampling;
  /** What holds where the file says nothing. */
  readonly start: SamplingSettings;
  readonly clock: Clock;
  readonly diag: Diag;
}

/** Somebody who turns a knob waits this long at most. */
const INTERVAL = durationMs(1000);
/** A hundred rules of the longest kind have room in it. */
const BYTES_MAX = 1024 * 1024;

/** Applies the file before it returns, and each change until disposed. Content that cannot be used is said once. */
export function followSettingsFile(parts: SettingsFileParts): Disposable {
  const follower = new Follower(parts);
  follower.start();
  return follower;
}

class Follower implements Disposable {
  readonly #parts: SettingsFileParts;
  /** What was last seen of the file; '' for no file. */
  #seen = '';
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(parts: SettingsFileParts) {
    this.#parts = parts;
  }

  start(): void {
    const { path } = this.#parts;
    try {
      // The mark is taken first: a change between the two is seen at the next look.
      const seen = markOf(statSync(path));
      this.#seen = seen.mark;
      this.#use(seen.tooLarge ? undefined : readFileSync(path, 'utf8'));
    } catch (error) {
      this.#fail(error);
    }
    this.#wait();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  #wait(): void {
    if (this.#isOver) return;
    this.#timer = this.#parts.clock.timer(INTERVAL, () => {
      void this.#look().finally(() => this.#wait());
    });
  }

  async #look(): Promise<void> {
    const { path } = this.#parts;
    try {
      const seen = markOf(await stat(path));
      if (seen.mark === this.#seen) return;
      const text = seen.tooLarge ? undefined : await readFile(path, 'utf8');
      this.#seen = seen.mark;
      if (!this.#isOver) this.#use(text);
    } catch (error) {
      if (!this.#isOver) this.#fail(error);
    }
  }

  #use(text: string | undefined): void {
    const { path, sampling, start, diag } = this.#parts;
    try {
      if (text === undefined) throw refusal(path, `it is longer than ${BYTES_MAX} bytes`);
      sampling.apply({ ...start, ...readSamplingSettings(JSON.parse(text) as unknown) });
    } catch (error) {
      if (!isAodeError(error)) diag.warn(refusal(path, 'it is no JSON'));
      else if (error.detail['option'] === 'samplingFile') diag.warn(error);
      else {
        const { option, value, why } = error.detail;
        diag.warn(
          new AodeError('AODE_OPTION_INVALID', { option: `${String(option)} of ${path}`, value, why }),
        );
      }
    }
  }

  /** The file cannot be had. One that is not there is no fault: the settings of the start hold. */
  #fail(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const isAbsent = code === 'ENOENT';
    const mark = isAbsent ? '' : code;
    if (mark === this.#seen) return;
    this.#seen = mark;
    const { path, sampling, start, diag } = this.#parts;
    if (isAbsent) sampling.apply(start);
    else diag.warn(refusal(path, `it cannot be read: ${code}`));
  }
}

const refusal = (path: string, why: string): AodeError =>
  new AodeError('AODE_OPTION_INVALID', { option: 'samplingFile', value: path, why });

/** Differs for another file, and for other content of the same. */
function markOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): {
  readonly mark: string;
  readonly tooLarge: boolean;
} {
  return { mark: `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`, tooLarge: size > BYTES_MAX };
}
