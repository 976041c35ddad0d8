/** What the SDK can be told about lines: a part of the table of options. */
import type { OptionRow } from '../option-row.ts';
import { flag, ms, type Parse } from '../option-text.ts';

/** What happens to a line when the ring of its thread is full. */
export type LogOverflow = 'spill' | 'drop' | 'block';

/** The way of a line from its logger to the disk. */
export interface LineOptions {
  readonly logOverflow: LogOverflow;
  /** Longest time that a line is in memory alone, which the end of the process takes along. */
  readonly logFlushMs: number;
  /** From this level on a line is on stable storage before the call that writes it returns. */
  readonly logDurable: 'off' | 'fatal' | 'error';
  /** `critical`: a span that fails is on stable storage before its `end` returns. */
  readonly sync: 'off' | 'critical';
  /** Bound of either. */
  readonly syncTimeoutMs: number;
}

export interface LogOptions extends LineOptions {
  readonly logs: boolean;
  readonly debugLines: 'off' | 'debug' | 'trace';
  readonly consoleLines: 'off' | 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly lineCharsMax: number;
}

export const LINE_DEFAULTS: LineOptions = {
  logOverflow: 'spill',
  logFlushMs: 200,
  logDurable: 'fatal',
  sync: 'off',
  syncTimeoutMs: 1000,
};

const oneOf =
  <T extends string>(...names: readonly T[]): Parse<T> =>
  (value) =>
    names.find((name) => name === value);

/** Less would cut what people write, more would let one line fill what is there for a trace. */
const LINE_CHARS = { least: 1024, most: 16 * 1024 * 1024 };

export const LOG_OPTIONS: { readonly [K in keyof LogOptions]: OptionRow<LogOptions[K]> } = {
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
      'Longest line that is sent; of a longer one message and beginning are, with its length as ' +
      '`aode.log.original_chars`, counted as `line_cut`.',
  },
  logOverflow: {
    env: ['AODE_LOG_OVERFLOW'],
    type: 'spill, drop or block',
    parse: oneOf('spill', 'drop', 'block'),
    fallback: LINE_DEFAULTS.logOverflow,
    sentence:
      'When lines come faster than they are written: spill keeps them in memory up to its bound and then waits for ' +
      'room, at most a second; drop gives them up, those below info first, then those below warn; block waits at ' +
      'once, as long. What is lost is counted.',
  },
  logFlushMs: {
    env: ['AODE_LOG_FLUSH_INTERVAL'],
    type: 'milliseconds',
    parse: ms,
    fallback: LINE_DEFAULTS.logFlushMs,
    sentence: 'Longest time that a line is in memory alone, where the end of the process takes it along.',
  },
  logDurable: {
    env: ['AODE_LOG_DURABLE'],
    type: 'off, fatal or error',
    parse: oneOf('off', 'fatal', 'error'),
    fallback: LINE_DEFAULTS.logDurable,
    sentence: 'From this level on a line is on stable storage before the call that writes it returns.',
  },
  sync: {
    env: ['AODE_SYNC'],
    type: 'off or critical',
    parse: oneOf('off', 'critical'),
    fallback: LINE_DEFAULTS.sync,
    sentence: 'critical: a span that fails is on stable storage, with its trace, before its end() returns.',
  },
  syncTimeoutMs: {
    env: ['AODE_SYNC_TIMEOUT'],
    type: 'milliseconds',
    parse: ms,
    fallback: LINE_DEFAULTS.syncTimeoutMs,
    sentence: 'Longest time that a call waits for stable storage; then it returns all the same.',
  },
};
