/**
 * What the SDK can be told, in one table: names, environment variables, type, default, sentence. Parsing, precedence,
 * error messages (resolve-options.ts) and docs/reference/sdk-options.md (option-page.ts) all come from it.
 */
import { SHIP_OPTIONS, type ShipOptions } from './agent/ship-options.ts';
import { CLOCK_OPTIONS, type ClockOptions } from './clock/clock-options.ts';
import {
  baggageKeys,
  flag,
  headerName,
  hosts,
  instrumentations,
  journalBytes,
  list,
  memoryBytes,
  ms,
  otelInstrumentations,
  pairs,
  ports,
  text,
} from './option-text.ts';
import { isTraceRate, type KeepRule, readKeepRules, TRACES_PER_SECOND_MAX } from '@aode/wire';
import type { OptionRow, OptionSources } from './option-row.ts';
import { LOG_OPTIONS, type LogOptions } from './log/log-options.ts';
import { readOtelSampler, readProbability } from './sampling/otel-sampler.ts';

export interface SdkOptions extends ClockOptions, ShipOptions, LogOptions {
  readonly disabled: boolean;
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly propagators: readonly string[];
  readonly requestIdHeader: string;
  readonly untrustedPorts: readonly (number | 'all')[];
  readonly baggageAllow: readonly string[];
  readonly trustedHosts: readonly string[];
  /** Of the baseline sample: 0, or from 2^-56 to 1. */
  readonly samplingProbability: number;
  readonly samplingTracesPerSecondMin: number;
  /** Path of a JSON file that is read again when it changes. */
  readonly samplingFile: string | undefined;
  readonly keep: readonly KeepRule[];
  /** `auto`, `none`, or names; those with a minus before them are left out. */
  readonly instrumentations: readonly string[];
  /** Bound of all memory that recording takes in this process; 0 for the default. */
  readonly memoryBytesMax: number;
  /** `auto`, `off`, or a path. */
  readonly journalDirectory: string;
  readonly journalBytesMax: number;
  /** Longest time between a record that is kept and one on stable storage. */
  readonly journalSyncMs: number;
  readonly agent: 'worker' | 'inline';
  readonly flushIntervalMs: number;
  /** Between two reports of the SDK on itself; 0 for none. */
  readonly metricIntervalMs: number;
  readonly exitTimeoutMs: number;
  readonly spanDeadlineMs: number;
  /** One of so many spans; 0 for none. */
  readonly spanPlaces: number;
}

/** The table. Order is that of the reference page. */
export const SDK_OPTIONS: { readonly [K in keyof SdkOptions]: OptionRow<SdkOptions[K]> } = {
  disabled: {
    env: ['AODE_DISABLED', 'OTEL_SDK_DISABLED'],
    type: 'true or false',
    parse: flag,
    fallback: false,
    sentence: 'Nothing is patched, recorded or sent.',
  },
  ...SHIP_OPTIONS,
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
    parse: headerName,
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
  samplingProbability: {
    env: ['AODE_SAMPLING_PROBABILITY'],
    type: '0, or 2^-56 to 1',
    parse: readProbability,
    derive: ({ env }) => readOtelSampler(env).probability,
    fallback: 0.01,
    sentence:
      'Part of the traces that are kept whatever becomes of them; else that of OTEL_TRACES_SAMPLER and ' +
      'OTEL_TRACES_SAMPLER_ARG. A trace that came from elsewhere is in the sample where its caller says so.',
  },
  samplingTracesPerSecondMin: {
    env: ['AODE_SAMPLING_TRACES_PER_SECOND_MIN'],
    type: `0 to ${TRACES_PER_SECOND_MAX}, whole`,
    parse: (value) => (/^\d{1,7}$/.test(value) && isTraceRate(Number(value)) ? Number(value) : undefined),
    derive: rateOfOtel,
    fallback: 10,
    sentence:
      'Traces a second that the sample has at least, as far as so many begin; the probability rises for that. 0: it ' +
      'never does. 0 also where the probability is that of OTEL_TRACES_SAMPLER.',
  },
  samplingFile: {
    env: ['AODE_SAMPLING_FILE'],
    type: 'path',
    parse: text,
    fallback: undefined,
    sentence:
      'JSON file of probability, tracesPerSecondMin, keep, any of them; it comes before the options and is read ' +
      'again when it changes.',
  },
  keep: {
    env: ['AODE_KEEP'],
    type: 'list of rules',
    parse: keepRules,
    read: keepRules,
    why: (value) => {
      const rules = readKeepRules(value);
      return typeof rules === 'string' ? rules : undefined;
    },
    fallback: [],
    sentence:
      'Traces that are kept besides, by baggage, attribute or route: JSON, or baggage.KEY=VALUE;attribute.KEY=VALUE;' +
      'route=/PATH/*.',
  },
  ...CLOCK_OPTIONS,
  ...LOG_OPTIONS,
  instrumentations: {
    env: ['AODE_INSTRUMENTATIONS'],
    type: 'auto, none, name, -name, …',
    parse: instrumentations,
    derive: ({ env }) =>
      otelInstrumentations(
        env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'],
        env['OTEL_NODE_DISABLED_INSTRUMENTATIONS'],
      ),
    fallback: ['auto'],
    sentence:
      'Contrib instrumentations in the tree of the application that are enabled: all it depends on, none, or those ' +
      'of these names (`express` for `@opentelemetry/instrumentation-express`) but those with a minus; else those ' +
      'of OTEL_NODE_ENABLED_INSTRUMENTATIONS but those of OTEL_NODE_DISABLED_INSTRUMENTATIONS.',
  },
  memoryBytesMax: {
    env: ['AODE_MEMORY_BYTES'],
    type: 'bytes, 4 MiB to 1 GiB; 0 for min(64 MiB, a tenth of what the process may have)',
    parse: memoryBytes,
    fallback: 0,
    sentence:
      'Bound of all memory that recording takes in this process: what was recorded last, and what waits to be sent. ' +
      'Beyond it the oldest that nobody has asked for gives way, counted.',
  },
  journalDirectory: {
    env: ['AODE_JOURNAL_DIRECTORY'],
    type: 'auto, off, or a path',
    parse: text,
    fallback: 'auto',
    sentence:
      'Where what is kept lies until the receiver has it, below it a directory for each service: whatever kills the ' +
      'process, the next one delivers it. auto: aode/journal in $XDG_STATE_HOME or ~/.local/state. off: in memory ' +
      'alone.',
  },
  journalBytesMax: {
    env: ['AODE_JOURNAL_BYTES'],
    type: 'bytes, 1 MiB to 64 GiB',
    parse: journalBytes,
    fallback: 256 * 1024 * 1024,
    sentence:
      'Bound of the journal of one process on disk. Beyond it the oldest of the least important gives way, counted.',
  },
  journalSyncMs: {
    env: ['AODE_JOURNAL_SYNC'],
    type: 'milliseconds',
    parse: ms,
    fallback: 200,
    sentence:
      'Longest time from a record that is kept to one that survives the end of the machine (fdatasync); the end of ' +
      'the process it survives at once.',
  },
  agent: {
    env: ['AODE_AGENT'],
    type: 'worker or inline',
    parse: (value) => (value === 'worker' || value === 'inline' ? value : undefined),
    fallback: 'worker',
    sentence: "Where records are encoded and sent: in a worker, or on the application's own thread.",
  },
  flushIntervalMs: {
    env: ['AODE_FLUSH_INTERVAL', 'OTEL_BSP_SCHEDULE_DELAY'],
    type: 'milliseconds',
    parse: ms,
    fallback: 500,
    sentence: 'Longest time that a record waits for others to be sent with it.',
  },
  metricIntervalMs: {
    env: ['AODE_METRIC_INTERVAL', 'OTEL_METRIC_EXPORT_INTERVAL'],
    type: 'milliseconds, at least 1 000, or 0',
    parse: (value) => (Number(value) >= 1000 || Number(value) === 0 ? ms(value) : undefined),
    fallback: 15_000,
    sentence:
      'How often the SDK reports on itself, as metrics: what became of all that was recorded; while nothing is, once ' +
      'in 40 s at the most. 0: never, and not at the end of the process either.',
  },
  exitTimeoutMs: {
    env: ['AODE_EXIT_TIMEOUT'],
    type: 'milliseconds',
    parse: ms,
    fallback: 2000,
    sentence: 'Longest time by which the exit of the process is put off to deliver what waits.',
  },
  spanDeadlineMs: {
    env: ['AODE_SPAN_DEADLINE'],
    type: 'milliseconds',
    parse: (value) => (Number(value) >= 1000 ? ms(value) : undefined),
    fallback: 15 * 60_000,
    sentence: 'A span that is open for longer is ended, kept, and marked as incomplete.',
  },
  spanPlaces: {
    env: ['AODE_SPAN_PLACES'],
    type: 'whole number',
    parse: (value) => (/^\d{1,7}$/.test(value) ? Number(value) : undefined),
    fallback: 1000,
    sentence:
      'Of one in so many spans it is noted where in the code they are started; 1 for all, 0 for none.',
  },
};

function keepRules(value: unknown): readonly KeepRule[] | undefined {
  const rules = readKeepRules(value);
  return typeof rules === 'string' ? undefined : rules;
}

/** Whoever names a sampler of OpenTelemetry's has its probability and nothing above it. */
function rateOfOtel({ code, env }: OptionSources): number | undefined {
  const isOwn =
    code.samplingProbability !== undefined || (env['AODE_SAMPLING_PROBABILITY']?.trim() ?? '') !== '';
  return isOwn || readOtelSampler(env).probability === undefined ? undefined : 0;
}
