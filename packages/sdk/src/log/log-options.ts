/** What the SDK can be told about lines: a part of the table of options. */
import { flag, type Parse } from '../option-text.ts';

interface LogRow<T> {
  readonly env: readonly string[];
  readonly type: string;
  readonly parse: Parse<T>;
  readonly fallback: T;
  readonly sentence: string;
}

export interface LogOptions {
  readonly logs: boolean;
  readonly debugLines: 'off' | 'debug' | 'trace';
  readonly consoleLines: 'off' | 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly lineCharsMax: number;
}

const oneOf =
  <T extends string>(...names: readonly T[]): Parse<T> =>
  (value) =>
    names.find((name) => name === value);

/** Less would cut what people write, more would let one line fill what is there for a trace. */
const LINE_CHARS = { least: 1024, most: 16 * 1024 * 1024 };

export const LOG_OPTIONS: { readonly [K in keyof LogOptions]: LogRow<LogOptions[K]> } = {
  logs: {
    env: ['AODE_LOGS'],
    type: 'true or false',
    parse: flag,
    fallback: true,
    sentence: 'Log lines are sent too; either way they carry the ids of their request.',
  },
  debugLines: {
    env: ['AODE_DEBUG_LINES'],
    type: 'off, debug or trace',
    parse: oneOf('off', 'debug', 'trace'),
    fallback: 'off',
    sentence:
      "pino's lines below the level of their logger, down to this one, are recorded with their trace and sent if it " +
      'is kept; the logger writes what it always wrote.',
  },
  consoleLines: {
    env: ['AODE_CONSOLE_LINES'],
    type: 'off, trace, debug, info, warn or error',
    parse: oneOf('off', 'trace', 'debug', 'info', 'warn', 'error'),
    fallback: 'off',
    sentence:
      'What the application writes by `console`, from this level on, is sent too; `console.log` is of level info. ' +
      'Its output stays as it is.',
  },
  lineCharsMax: {
    env: ['AODE_LINE_CHARS'],
    type: `${LINE_CHARS.least} to ${LINE_CHARS.most}, UTF-16 units`,
    parse: (value) => {
      const chars = /^\d{1,8}$/.test(value) ? Number(value) : 0;
      return chars >= LINE_CHARS.least && chars <= LINE_CHARS.most ? chars : undefined;
    },
    fallback: 256 * 1024,
    sentence:
      'Longest line that is sent; of a longer one the beginning is, with its length as `aode.log.original_chars`, ' +
      'counted as `line_cut`.',
  },
};
