/** What the SDK can be told of the way of log lines: rows of options.ts. */
import type { OptionRow } from '../options.ts';
import { ms } from '../option-text.ts';

/** What happens to a line when the ring of its thread is full. */
export type LogOverflow = 'spill' | 'drop' | 'block';

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

export const LINE_DEFAULTS: LineOptions = {
  logOverflow: 'spill',
  logFlushMs: 200,
  logDurable: 'fatal',
  sync: 'off',
  syncTimeoutMs: 100,
};

/** One of these words. */
function word<T extends string>(...words: readonly T[]): (value: string) => T | undefined {
  return (value) => words.find((one) => one === value);
}

export const LINE_OPTIONS: { readonly [K in keyof LineOptions]: OptionRow<LineOptions[K]> } = {
  logOverflow: {
    env: ['AODE_LOG_OVERFLOW'],
    type: 'spill, drop or block',
    parse: word('spill', 'drop', 'block'),
    fallback: LINE_DEFAULTS.logOverflow,
    sentence:
      'When lines come faster than they are written: spill keeps them in memory up to its bound; drop gives them up, ' +
      'those below info first, then those below warn; block waits for room, at most a second. What is lost is counted.',
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
    parse: word('off', 'fatal', 'error'),
    fallback: LINE_DEFAULTS.logDurable,
    sentence: 'From this level on a line is on stable storage before the call that writes it returns.',
  },
  sync: {
    env: ['AODE_SYNC'],
    type: 'off or critical',
    parse: word('off', 'critical'),
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
