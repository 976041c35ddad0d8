/**
 * Lines of Aode's own logger on standard output: as text for a person at a terminal, as JSON into a pipe. Collected for
 * one turn of the event loop, and written out when the process ends.
 */
import { AodeError, errorLine, systemClock } from '@aode/base';
import { SEVERITY } from '@aode/wire';
import { environment } from '../env.ts';
import type { LineHead } from './log-line.ts';
import { prettyLine } from './pretty-line.ts';
import { writeQuietly } from './quiet-write.ts';

export interface LogOutput {
  /** Whether anything is written at all. */
  readonly isOn: boolean;
  /** `members` of the line, and of its request: parts of a JSON object, each with a comma before it. Never throws. */
  write(head: LineHead, members: string, origin: string): void;
}

type Mode = 'auto' | 'json' | 'pretty' | 'off';

/** Read here and not among the options: lines are written whether the SDK runs or not. */
const VARIABLE = 'AODE_LOG_OUTPUT';

const MODES: readonly Mode[] = ['auto', 'json', 'pretty', 'off'];

const FATAL = SEVERITY['fatal'] ?? 21;

/** A turn that writes more than this is written in pieces. */
const PIECE_CHARS = 64 * 1024;

class StandardOutput implements LogOutput {
  /** Undefined before the first line: a program that writes none has nothing looked at. */
  #mode: Exclude<Mode, 'auto'> | undefined;
  #waiting = '';
  #isScheduled = false;
  /** Nothing turns any more. */
  #isEnding = false;

  constructor() {
    // Now, because the first line may be one of the end.
    process.once('exit', () => {
      this.#isEnding = true;
      this.#flush();
    });
  }

  get isOn(): boolean {
    this.#mode ??= this.#start();
    return this.#mode !== 'off';
  }

  #start(): Exclude<Mode, 'auto'> {
    const named = modeOf(environment()[VARIABLE]);
    const mode = named === 'auto' ? (process.stdout.isTTY ? 'pretty' : 'json') : named;
    return mode;
  }

  write({ severityText, severityNumber }: LineHead, members: string, origin: string): void {
    if (!this.isOn) return;
    const time = new Date(Number(systemClock.now() / 1_000_000n)).toISOString();
    const line = `{"time":"${time}","level":"${severityText}"${members}${origin}}\n`;
    this.#waiting += this.#mode === 'json' ? line : pretty(line);
    // Nobody knows whether anything comes behind a line of the highest level.
    const isNow = this.#isEnding || severityNumber >= FATAL;
    if (isNow || this.#waiting.length > PIECE_CHARS) this.#flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    }
  }

  #flush(): void {
    this.#isScheduled = false;
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') writeQuietly(process.stdout, text);
  }
}

function pretty(line: string): string {
  return prettyLine(line, {
    colours: process.stdout.isTTY && process.stdout.hasColors(),
    messageKey: 'msg',
    errorKey: 'err',
    labelOf: () => undefined,
  });
}

/** One for the whole thread, so that lines stay in their order. */
export const STANDARD_OUTPUT: LogOutput = new StandardOutput();

/** As everywhere, the empty variable is none; a value that is none is said and passed over. */
function modeOf(value: string | undefined): Mode {
  const mode = MODES.find((one) => one === value);
  if (mode !== undefined || value === undefined || value === '') return mode ?? 'auto';
  const why = `it is ignored; it can be ${MODES.join(', ')}`;
  const error = new AodeError('AODE_OPTION_INVALID', { option: VARIABLE, value, why });
  writeQuietly(process.stderr, `aode: ${errorLine(error)}\n`);
  return 'auto';
}
