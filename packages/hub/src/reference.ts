/** docs/reference/hub-options.md and hub-metrics.md, from the tables that the hub itself obeys. */
import { ASK_STREAMS_MAX } from './asks/ask-desk.ts';
import { ASKS_MAX, RETAIN_MS } from './asks/ask-log.ts';
import { HUB_DEFAULTS, type HubOptions } from './options.ts';
import { WAITING_BYTES_MAX } from './receive/admission.ts';
import { HUB_METRICS } from './self/counters.ts';
import { DIGEST_WINDOW_MS } from './store/digest-window.ts';
import { DUCKDB_STORE_DEFAULTS } from './store/duckdb-store.ts';
import { ATTRIBUTES_MAX } from './store/refusal.ts';

interface OptionRow {
  /** Of `aode up`; '' where only `startHub` has it. */
  readonly flag: string;
  readonly standard: string;
  readonly what: string;
}

const MIB = 1024 * 1024;
const inMiB = (bytes: number): string => `${bytes / MIB} MiB`;
const inGB = (bytes: number): string => (bytes < 1e9 ? `${bytes / 1e6} MB` : `${bytes / 1e9} GB`);
const inDays = (ms: number): string => `${ms / 86_400_000} days`;
const store = DUCKDB_STORE_DEFAULTS;

const OPTIONS: Readonly<Record<keyof HubOptions, OptionRow>> = {
  dataDirectory: {
    flag: '--data DIR, --memory',
    standard: '`aode up`: `$XDG_DATA_HOME/aode`, else `~/.local/share/aode`; `startHub`: in memory',
    what: 'Where the data are kept. Created if need be, readable by its owner only, used by one hub at a time.',
  },
  boardPort: {
    flag: '--port',
    standard: String(HUB_DEFAULTS.boardPort),
    what: 'Board, API, health and metrics. 0 takes a free port.',
  },
  otlpHttpPort: {
    flag: '--otlp-http-port',
    standard: String(HUB_DEFAULTS.otlpHttpPort),
    what: 'OTLP/HTTP. 0 takes a free port.',
  },
  otlpGrpcPort: {
    flag: '--otlp-grpc-port',
    standard: String(HUB_DEFAULTS.otlpGrpcPort),
    what: 'OTLP/gRPC. 0 takes a free port.',
  },
  bytesMax: {
    flag: '--disk SIZE',
    standard: `${inGB(store.bytesMax)}, in memory ${inGB(store.memoryOnlyBytesMax)}`,
    what: 'How much is kept. Beyond it the oldest arrivals go.',
  },
  ageMaxMs: {
    flag: '--keep TIME',
    standard: inDays(store.ageMaxMs),
    what: 'How long data stay, counted from their arrival.',
  },
  token: {
    flag: '',
    standard: 'none',
    what:
      'What senders must show as `Authorization: Bearer TOKEN`, by OTLP and for asks. `aode up` takes it from ' +
      '`AODE_TOKEN`, and so does `aode import`. A secret: 1 to 512 visible ASCII characters.',
  },
  requestBytesMax: {
    flag: '',
    standard: inMiB(HUB_DEFAULTS.requestBytesMax),
    what: 'Largest request after decompression, as the OTLP specification recommends.',
  },
};

const LIMITS: readonly (readonly [string, string])[] = [
  ['bytes of requests under way at once', inMiB(WAITING_BYTES_MAX)],
  ['asks kept', `${ASKS_MAX} of the last ${RETAIN_MS / 60_000} minutes`],
  ['SDK instances that listen for asks', String(ASK_STREAMS_MAX)],
  ['attributes of one record', String(ATTRIBUTES_MAX)],
  ['time in which a repeated request is recognised', `${DIGEST_WINDOW_MS / 60_000} minutes`],
  ['memory of the engine for buffers and queries', inGB(store.memoryBytesMax)],
  ['threads of one query', String(store.threads)],
  ['time for one question', `${store.queryTimeoutMs / 1000} s`],
  ['spans, and lines, in one answer about a trace', String(store.traceSpansMax)],
];

export function hubOptionsReference(): string {
  const rows = Object.entries(OPTIONS).map(
    ([name, { flag, standard, what }]) =>
      `| \`${name}\` | ${flag === '' ? '' : `\`${flag}\``} | ${standard} | ${what} |`,
  );
  const limits = LIMITS.map(([what, limit]) => `| ${what} | ${limit} |`);
  return `# Hub options

*Derived from \`packages/hub/src/reference.ts\`; change it there.*

For \`startHub(options)\` of \`@aode/hub\` and for [\`aode up\`](cli.md#aode-up). All listeners are on 127.0.0.1;
there is no option to change that, because a hub that answers other machines needs TLS, which this one does not have.

| option | of \`aode up\` | default | |
|---|---|---|---|
${rows.join('\n')}

Limits that have no option, because their reasons do not depend on the user:

| limit | |
|---|---|
${limits.join('\n')}
`;
}

export function hubMetricsReference(): string {
  const rows = Object.entries(HUB_METRICS).map(
    ([name, [type, what]]) => `| \`${name}\` | ${type} | ${what} |`,
  );
  return `# What the hub says of itself

*Derived from \`packages/hub/src/self/counters.ts\`; change it there.*

\`GET /metrics\` on the board's port, Prometheus text format 0.0.4. Counters start at 0 with the hub.

| metric | type | |
|---|---|---|
${rows.join('\n')}

\`outcome\` of \`aode_hub_requests_total\` is \`stored\`, an [error code](errors.md), \`aborted\` when the sender went
away, or why the request was refused unread: \`host_refused\`, \`path_unknown\`, \`method_refused\`,
\`content_type_unknown\`, \`content_encoding_unknown\`. \`reason\` of \`aode_hub_refused_total\` is explained in
[OTLP](../formats/otlp.md).
`;
}
