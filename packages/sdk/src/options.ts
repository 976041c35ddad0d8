/**
 * What the SDK can be told, in one table: names, environment variables, type, default, sentence. Parsing, precedence,
 * error messages and docs/reference/sdk-options.md all come from it.
 *
 *   code > AODE_* > OTEL_* > "aode" in the nearest package.json > default
 */
import { AodeError } from '@aode/base';
import type { Environment } from './env.ts';

export interface SdkOptions {
  readonly disabled: boolean;
  /** Base address of an OTLP/HTTP receiver; `/v1/traces` and `/v1/logs` are appended. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  readonly timeoutMs: number;
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly propagators: readonly string[];
  readonly requestIdHeader: string;
  readonly untrustedPorts: readonly (number | 'all')[];
  readonly baggageAllow: readonly string[];
  readonly trustedHosts: readonly string[];
  readonly logs: boolean;
  readonly queueBytesMax: number;
  readonly flushIntervalMs: number;
  readonly exitTimeoutMs: number;
}

/** From the text of a variable; undefined for what the option cannot be. */
type Parse<T> = (text: string) => T | undefined;

interface Row<T> {
  /** Highest precedence first. */
  readonly env: readonly string[];
  readonly type: string;
  readonly parse: Parse<T>;
  readonly fallback: T;
  readonly sentence: string;
  /** The value may hold a secret and does not appear in messages. */
  readonly isSecret?: boolean;
  /** Items of the list may be numbers. */
  readonly takesNumbers?: boolean;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/i;
/** What Node.js lets into the value of a header. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const BAGGAGE_KEY = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const LINE_KEYS: ReadonlySet<string> = new Set(
  'level,time,pid,hostname,msg,err,trace_id,span_id,request_id,correlation_id,__proto__'.split(','),
);
/** A name or an address, the names below one, or all. */
const HOST_PATTERN = /^(?:\*|(?:\*\.)?[a-z0-9_.:-]{1,255})$/i;

const text: Parse<string> = (value) => value;
const flag: Parse<boolean> = (value) => {
  const lower = value.toLowerCase();
  return lower === 'true' || lower === '1' ? true : lower === 'false' || lower === '0' ? false : undefined;
};
const ms: Parse<number> = (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined);
const size: Parse<number> = (value) => (/^\d{1,12}$/.test(value) ? Number(value) : undefined);
const url: Parse<string> = (value) => {
  if (!URL.canParse(value)) return undefined;
  const { protocol, search, hash } = new URL(value);
  if (!/^https?:$/.test(protocol) || search !== '' || hash !== '') return undefined;
  return value.replace(/\/+$/, '');
};
/** `key=value,key=value` with percent-encoding, as OpenTelemetry writes lists. */
const pairs: Parse<Record<string, string>> = (value) => {
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
const headers: Parse<Record<string, string>> = (value) => {
  const given = pairs(value);
  const fits = ([name, one]: [string, string]): boolean => HEADER_NAME.test(name) && HEADER_VALUE.test(one);
  return given !== undefined && Object.entries(given).every(fits) ? given : undefined;
};
const list = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const ports: Parse<(number | 'all')[]> = (value) => {
  const given = list(value);
  if (given.length === 1 && given[0] === 'all') return ['all'];
  const numbers = given.map((one) => (/^\d{1,5}$/.test(one) ? Number(one) : 0));
  return numbers.every((one) => one > 0 && one < 65_536) ? numbers : undefined;
};
/** Each is a key of W3C Baggage, and none that a log line or a record has of its own. */
const baggageKeys: Parse<string[]> = (value) => {
  const given = list(value);
  return given.every((key) => BAGGAGE_KEY.test(key) && !LINE_KEYS.has(key)) ? given : undefined;
};
const hosts: Parse<string[]> = (value) => {
  const given = list(value);
  return given.every((one) => HOST_PATTERN.test(one)) ? given : undefined;
};

/** The table. Order is that of the reference page. */
export const SDK_OPTIONS: { readonly [K in keyof SdkOptions]: Row<SdkOptions[K]> } = {
  disabled: {
    env: ['AODE_DISABLED', 'OTEL_SDK_DISABLED'],
    type: 'true or false',
    parse: flag,
    fallback: false,
    sentence: 'Nothing is patched, recorded or sent.',
  },
  endpoint: {
    env: ['AODE_HUB_OTLP', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    type: 'http or https URL',
    parse: url,
    fallback: 'http://127.0.0.1:4318',
    isSecret: true,
    sentence: 'Base address of an OTLP/HTTP receiver; /v1/traces and /v1/logs are appended.',
  },
  headers: {
    env: ['AODE_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    type: 'key=value,…',
    parse: headers,
    fallback: {},
    sentence: 'Headers of every request to the receiver, for instance a token.',
    isSecret: true,
  },
  compression: {
    env: ['AODE_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    type: 'none or gzip',
    parse: (value) => (value === 'none' || value === 'gzip' ? value : undefined),
    fallback: 'none',
    sentence: 'Compression of requests; worth its CPU beyond the own machine.',
  },
  timeoutMs: {
    env: ['AODE_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    type: 'milliseconds',
    parse: ms,
    fallback: 10_000,
    sentence: 'Longest wait for the answer to one request.',
  },
  serviceName: {
    env: ['AODE_SERVICE_NAME', 'OTEL_SERVICE_NAME'],
    type: 'text',
    parse: text,
    fallback: undefined,
    sentence:
      'service.name; else that of OTEL_RESOURCE_ATTRIBUTES, the name in the nearest package.json, or ' +
      'unknown_service:node.',
  },
  resourceAttributes: {
    env: ['AODE_RESOURCE_ATTRIBUTES', 'OTEL_RESOURCE_ATTRIBUTES'],
    type: 'key=value,…',
    parse: pairs,
    fallback: {},
    sentence: 'Attributes of this process, above those that are detected.',
  },
  propagators: {
    env: ['AODE_PROPAGATORS', 'OTEL_PROPAGATORS'],
    type: 'tracecontext, baggage, b3, b3multi, jaeger, xray, datadog, x-trace-id, none',
    parse: list,
    fallback: ['tracecontext', 'baggage', 'x-trace-id'],
    sentence:
      'Headers by which the context is read from requests, in this order, and written to them, all of them. Other ' +
      'names are ignored, with a line that says so.',
  },
  requestIdHeader: {
    env: ['AODE_REQUEST_ID_HEADER'],
    type: 'header name',
    parse: (value) => (HEADER_NAME.test(value) ? value.toLowerCase() : undefined),
    fallback: 'x-request-id',
    sentence:
      'Header of the request id: honoured when it is 1 to 128 visible ASCII characters, echoed, passed on.',
  },
  untrustedPorts: {
    env: ['AODE_UNTRUSTED_PORTS'],
    type: 'port,… or all',
    parse: ports,
    fallback: [],
    takesNumbers: true,
    sentence:
      'Ports of HTTP listeners whose callers nobody vouches for: each request begins a new trace, with a link to the ' +
      'one that it names, and its baggage is dropped.',
  },
  baggageAllow: {
    env: ['AODE_BAGGAGE_ALLOW'],
    type: 'key,…',
    parse: baggageKeys,
    fallback: [],
    sentence:
      'Keys of baggage that are taken in, shown on spans and log lines, and sent on; no others are then. Empty: all ' +
      'are taken in and sent on, none is shown.',
  },
  trustedHosts: {
    env: ['AODE_TRUSTED_HOSTS'],
    type: 'host, *.domain, private, * or none, …',
    parse: hosts,
    fallback: ['private'],
    sentence:
      'Hosts that baggage and tracestate are sent to; any other gets ids and flags only. private: loopback, ' +
      'addresses of RFC 1918 and 4193, names without a dot or below .localhost, .local, .internal, .home.arpa, .svc.',
  },
  logs: {
    env: ['AODE_LOGS'],
    type: 'true or false',
    parse: flag,
    fallback: true,
    sentence: 'Log lines are sent too; either way they carry the ids of their request.',
  },
  queueBytesMax: {
    env: ['AODE_QUEUE_BYTES'],
    type: 'bytes',
    parse: size,
    fallback: 16 * 1024 * 1024,
    sentence: 'What may wait to be sent; beyond it new records are dropped and counted.',
  },
  flushIntervalMs: {
    env: ['AODE_FLUSH_INTERVAL', 'OTEL_BSP_SCHEDULE_DELAY'],
    type: 'milliseconds',
    parse: ms,
    fallback: 500,
    sentence: 'Longest time that a record waits for others to be sent with it.',
  },
  exitTimeoutMs: {
    env: ['AODE_EXIT_TIMEOUT'],
    type: 'milliseconds',
    parse: ms,
    fallback: 2000,
    sentence: 'Longest time by which the exit of the process is put off to deliver what waits.',
  },
};

export interface OptionSources {
  /** What `startAode` was given. */
  readonly code: Partial<SdkOptions>;
  readonly env: Environment;
  /** The "aode" object of the nearest package.json. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** All options resolved. Throws AODE_OPTION_INVALID with the name and where the value came from. */
export function resolveOptions(sources: OptionSources): SdkOptions {
  const keys = Object.keys(SDK_OPTIONS) as (keyof SdkOptions)[];
  return Object.freeze(
    Object.fromEntries(keys.map((key) => [key, resolve(key, sources)])) as unknown as SdkOptions,
  );
}

/** A list of propagators that comes while the SDK runs; throws as `resolveOptions` does. */
export function checkedPropagators(value: unknown): readonly string[] {
  return checked(SDK_OPTIONS.propagators, value, 'propagators') as readonly string[];
}

function resolve(key: keyof SdkOptions, { code, env, manifest }: OptionSources): unknown {
  const row: Row<unknown> = SDK_OPTIONS[key];
  if (code[key] !== undefined) return checked(row, code[key], key);
  for (const name of row.env) {
    const value = env[name]?.trim();
    // An empty variable counts as unset (OpenTelemetry, environment variable specification).
    if (value !== undefined && value !== '') return parsed(row, value, name);
  }
  const own = manifest[key];
  return own === undefined ? row.fallback : checked(row, own, `"aode".${key} in package.json`);
}

function parsed(row: Row<unknown>, value: string, source: string): unknown {
  return row.parse(value) ?? refuse(row, value, source);
}

/** A value from code or JSON has its type already, and must be one that its text could have stood for. */
function checked(row: Row<unknown>, value: unknown, source: string): unknown {
  const asText = textFor(row, value);
  return asText === undefined ? refuse(row, value, source) : parsed(row, asText, source);
}

/** The text that a variable would hold for `value`; undefined when its type is wrong. */
function textFor({ fallback, takesNumbers }: Row<unknown>, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(fallback)) {
    const fits = (one: unknown): boolean =>
      typeof one === 'string' || (takesNumbers === true && typeof one === 'number');
    return Array.isArray(value) && value.every(fits) ? value.join(',') : undefined;
  }
  if (typeof fallback === 'object') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    if (!entries.every(([name, one]) => typeof one === 'string' && !/[,=]/.test(name))) return undefined;
    return entries
      .map(([name, one]) => `${name}=${encodeURIComponent(String(one).toWellFormed())}`)
      .join(',');
  }
  return typeof value === typeof fallback && fallback !== undefined ? String(value) : undefined;
}

function refuse({ type, isSecret }: Row<unknown>, value: unknown, option: string): never {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const shown = isPlain ? String(value) : typeof value;
  const detail = { option, value: isSecret === true ? undefined : shown, expected: type };
  throw new AodeError('AODE_OPTION_INVALID', detail);
}

/** docs/reference/sdk-options.md. */
export function optionsPage(): string {
  const cell = (value: unknown): string => {
    if (value === undefined) return '–';
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    return `\`${shown}\``;
  };
  const rows = Object.entries(SDK_OPTIONS).map(
    ([key, { env, type, fallback, sentence }]) =>
      `| \`${key}\` | ${env.map((name) => `\`${name}\``).join(', ')} | ${type} | ${cell(fallback)} | ${sentence} |`,
  );
  return [
    '# SDK options',
    '',
    '*Derived from `packages/sdk/src/options.ts`; change it there.*',
    '',
    'Each can be given in code (`startAode({ … })`), by an environment variable, or under `"aode"` in the nearest',
    'package.json. Precedence: code, then the variables in the order of the table (`AODE_*` before `OTEL_*`), then',
    'package.json, then the default. An empty variable counts as unset. A value that an option cannot have is',
    '[AODE_OPTION_INVALID](errors.md#aode_option_invalid): `startAode` throws it, `@aode/sdk/register` prints it and',
    'the application runs unobserved.',
    '',
    '| option | variables | type | default | |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
