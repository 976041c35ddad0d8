/** The options of the clock, as rows of the SDK's one table (options.ts), and what their texts mean. */
import type { OptionRow } from '../option-row.ts';
import { list, type Parse } from '../option-text.ts';
import { serverOf } from './server-name.ts';

const CLOCK_SOURCES: ReadonlySet<string> = new Set(['chrony', 'ntpq', 'timedatectl', 'sntp']);

/** `auto` and `none` stand alone. */
const clockSources: Parse<string[]> = (value) => {
  const given = list(value);
  if (given.length === 1 && (given[0] === 'auto' || given[0] === 'none')) return given;
  return given.length > 0 && given.every((one) => CLOCK_SOURCES.has(one)) ? given : undefined;
};

/** More do not agree better, and each is asked by every process. */
const CLOCK_SERVERS_MAX = 16;

const clockServers: Parse<string[]> = (value) => {
  const given = [...new Set(list(value))];
  return given.length <= CLOCK_SERVERS_MAX && given.every((one) => serverOf(one).port > 0)
    ? given
    : undefined;
};

/** A whole number of this range, without a sign. */
function whole(value: string, least: number, most: number): number | undefined {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  return number >= least && number <= most ? number : undefined;
}

export interface ClockOptions {
  /** `auto`, `none`, or names of sources. */
  readonly clockSources: readonly string[];
  /** NTP servers, `host` or `host:port`. */
  readonly clockServers: readonly string[];
  readonly clockSlewPpm: number;
  readonly clockRemoteOffsetMsMax: number;
}

export const CLOCK_OPTIONS: { readonly [K in keyof ClockOptions]: OptionRow<ClockOptions[K]> } = {
  clockSources: {
    env: ['AODE_CLOCK_SOURCES'],
    type: 'auto, none, or some of chrony, ntpq, timedatectl, sntp',
    parse: clockSources,
    fallback: ['auto'],
    sentence:
      'Who is asked for the time. auto: the time daemon of this host, by its tool, if there is one, and the ' +
      'servers of clockServers. none: readings are monotonic from the first look at the wall clock.',
  },
  clockServers: {
    env: ['AODE_CLOCK_SERVERS'],
    type: 'host or host:port, …; at most 16',
    parse: clockServers,
    fallback: [],
    sentence: 'NTP servers that are asked directly, and no others ever. Of three one may lie, of five two.',
  },
  clockSlewPpm: {
    env: ['AODE_CLOCK_SLEW_PPM'],
    type: '1 to 100000, whole',
    parse: (value) => whole(value, 1, 100_000),
    fallback: 500,
    sentence: 'How fast the clock may be corrected, in millionths: at 500 a second takes 33 minutes.',
  },
  clockRemoteOffsetMsMax: {
    env: ['AODE_CLOCK_REMOTE_OFFSET'],
    type: 'milliseconds, 0 to 3600000',
    parse: (value) => whole(value, 0, 3_600_000),
    fallback: 10_000,
    sentence:
      'How far the clock of a caller, or of a server that answers, may be ahead and still be followed by the logical ' +
      'clock that orders cause and effect; one beyond it is counted and marked on the span.',
  },
};
