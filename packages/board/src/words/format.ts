/**
 * Numbers, durations and times by Intl, one set a language. A figure is number and unit apart, because the unit is
 * set smaller; `flat` joins them by a space that does not break.
 */

export type Lang = 'en' | 'zh';

export interface Figure {
  readonly value: string;
  readonly unit: string;
}

export interface Format {
  /** Thousands apart by a narrow space. */
  number(value: number, digits?: number): string;
  percent(share: number): Figure;
  duration(nano: number): Figure;
  bytes(count: number): Figure;
  /** Hours and minutes; seconds and milliseconds on wish. */
  clock(ms: number, precision?: 'minute' | 'second' | 'milli'): string;
  /** Day and time, for titles and for ranges on another day. */
  dateTime(ms: number): string;
  /** Month and day alone, where there is no room for more. */
  day(ms: number): string;
  plural(count: number): 'one' | 'other';
}

const LOCALE: Readonly<Record<Lang, string>> = { en: 'en-GB', zh: 'zh-CN' };
const NARROW_SPACE = '\u202f';
const NO_BREAK = '\u00a0';

export function flat(figure: Figure): string {
  return figure.unit === '' ? figure.value : `${figure.value}${NO_BREAK}${figure.unit}`;
}

/** Duration in its fitting unit with three digits that count: 7.0 ms, 98 ms, 1.84 s. */
function scaled(nano: number): readonly [number, string, number] {
  const size = Math.abs(nano);
  if (size === 0) return [0, 'ms', 0];
  if (size < 1e3) return [nano, 'ns', 0];
  if (size < 9.95e5) return [nano / 1e3, 'µs', size < 1e4 ? 1 : 0];
  if (size < 9.995e8) return [nano / 1e6, 'ms', size < 9.95e6 ? 1 : 0];
  if (size < 60e9) return [nano / 1e9, 's', 2];
  if (size < 3600e9) return [nano / 60e9, 'min', 1];
  return [nano / 3600e9, 'h', 1];
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `timeZone` is the browser's own unless a test says otherwise. */
export function createFormat(lang: Lang, timeZone?: string): Format {
  const locale = LOCALE[lang];
  const numbers = new Map<number, Intl.NumberFormat>();
  const clocks = clockFormats(locale, timeZone);
  const plurals = new Intl.PluralRules(locale);
  const number = (value: number, digits = 0): string => {
    let format = numbers.get(digits);
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, {
        maximumFractionDigits: digits,
        minimumFractionDigits: digits,
      });
      numbers.set(digits, format);
    }
    return format
      .formatToParts(value)
      .map((part) => (part.type === 'group' ? NARROW_SPACE : part.value))
      .join('');
  };
  return {
    number,
    percent(share) {
      const percent = share * 100;
      const digits = percent >= 9.95 || percent === 0 ? 0 : percent >= 0.995 ? 1 : 2;
      return { value: number(percent, digits), unit: '%' };
    },
    duration(nano) {
      const [value, unit, digits] = scaled(nano);
      return { value: number(value, digits), unit };
    },
    bytes(count) {
      const power = Math.min(BYTE_UNITS.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
      const value = count / 1000 ** power;
      return { value: number(value, power > 0 && value < 10 ? 1 : 0), unit: BYTE_UNITS[power] ?? 'B' };
    },
    clock: (ms, precision = 'minute') => clocks[precision].format(ms),
    dateTime: (ms) => clocks.date.format(ms),
    day: (ms) => clocks.day.format(ms),
    plural: (count) => (plurals.select(count) === 'one' ? 'one' : 'other'),
  };
}

type ClockName = 'minute' | 'second' | 'milli' | 'date' | 'day';

function clockFormats(locale: string, timeZone: string | undefined): Record<ClockName, Intl.DateTimeFormat> {
  const zone = timeZone === undefined ? {} : { timeZone };
  const base = { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return {
    minute: new Intl.DateTimeFormat(locale, base),
    second: new Intl.DateTimeFormat(locale, { ...base, second: '2-digit' }),
    milli: new Intl.DateTimeFormat(locale, { ...base, second: '2-digit', fractionalSecondDigits: 3 }),
    date: new Intl.DateTimeFormat(locale, {
      ...base,
      second: '2-digit',
      year: 'numeric',
      month: 'short',
      day: 'numeric',
    }),
    day: new Intl.DateTimeFormat(locale, { ...zone, month: 'short', day: 'numeric' }),
  };
}
