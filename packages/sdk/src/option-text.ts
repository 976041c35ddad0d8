/** What the text of a variable means, by the kinds of options there are; `options.ts` says which option is of which. */

/** Undefined for what the option cannot be. */
export type Parse<T> = (text: string) => T | undefined;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/i;
/** What Node.js lets into the value of a header. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const BAGGAGE_KEY = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const LINE_KEYS: ReadonlySet<string> = new Set(
  'level,time,pid,hostname,msg,err,trace_id,span_id,request_id,correlation_id,__proto__'.split(','),
);
/** A name or an address, the names below one, or all. */
const HOST_PATTERN = /^(?:\*|(?:\*\.)?[a-z0-9_.:-]{1,255})$/i;

export const text: Parse<string> = (value) => value;
export const flag: Parse<boolean> = (value) => {
  const lower = value.toLowerCase();
  return lower === 'true' || lower === '1' ? true : lower === 'false' || lower === '0' ? false : undefined;
};
export const ms: Parse<number> = (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined);
/** Below the least a pool could not hold the requests under way, above the most it is a mistake of units. */
export const memoryBytes: Parse<number> = (value) => {
  const bytes = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  return bytes === 0 || (bytes >= 4 * 1024 * 1024 && bytes <= 1024 * 1024 * 1024) ? bytes : undefined;
};
/** Below the least it would not hold what one request to the receiver takes. */
export const journalBytes: Parse<number> = (value) => {
  const bytes = /^\d{1,11}$/.test(value) ? Number(value) : -1;
  return bytes >= 1024 * 1024 && bytes <= 64 * 1024 * 1024 * 1024 ? bytes : undefined;
};
/** `key=value,key=value` with percent-encoding, as OpenTelemetry writes lists. */
export const pairs: Parse<Record<string, string>> = (value) => {
  const out: [string, string][] = [];
  for (const part of value.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    if (at < 1) return undefined;
    try {
      out.push([part.slice(0, at).trim(), decodeURIComponent(part.slice(at + 1).trim())]);
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(out);
};
export const headers: Parse<Record<string, string>> = (value) => {
  const given = pairs(value);
  const fits = ([name, one]: [string, string]): boolean => HEADER_NAME.test(name) && HEADER_VALUE.test(one);
  return given !== undefined && Object.entries(given).every(fits) ? given : undefined;
};
export const list = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

export const ports: Parse<(number | 'all')[]> = (value) => {
  const given = list(value);
  if (given.length === 1 && given[0] === 'all') return ['all'];
  const numbers = given.map((one) => (/^\d{1,5}$/.test(one) ? Number(one) : 0));
  return numbers.every((one) => one > 0 && one < 65_536) ? numbers : undefined;
};
/** Each is a key of W3C Baggage, and none that a log line or a record has of its own. */
export const baggageKeys: Parse<string[]> = (value) => {
  const given = list(value);
  return given.every((key) => BAGGAGE_KEY.test(key) && !LINE_KEYS.has(key)) ? given : undefined;
};
export const hosts: Parse<string[]> = (value) => {
  const given = list(value);
  return given.every((one) => HOST_PATTERN.test(one)) ? given : undefined;
};

/** Header names are compared in lower case. */
export const headerName: Parse<string> = (value) =>
  HEADER_NAME.test(value) ? value.toLowerCase() : undefined;

/** Names of packages or parts of them, some with a minus before them. */
const INSTRUMENTATION = /^-?(?:@[\w.-]{1,100}\/)?[\w.-]{1,200}$/;

export const instrumentations: Parse<string[]> = (value) => {
  const given = list(value);
  return given.length > 0 && given.every((one) => INSTRUMENTATION.test(one)) ? given : undefined;
};

/** The same from OpenTelemetry's two variables; undefined where neither says anything. */
export function otelInstrumentations(
  enabled: string | undefined,
  disabled: string | undefined,
): string[] | undefined {
  const on = list(enabled ?? '');
  const off = list(disabled ?? '');
  if (on.length === 0 && off.length === 0) return undefined;
  return instrumentations([...(on.length === 0 ? ['auto'] : on), ...off.map((name) => `-${name}`)].join(','));
}
