/** The table of all commands. */
import type { CommandSpec, OptionSpec } from './command.ts';

/** Taken by every command. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { flags: '-q, --quiet', what: 'print results and errors only, no progress and no advice' },
  { flags: '--no-color', what: 'no colours; as NO_COLOR does, and as is usual when nobody looks' },
  { flags: '--verbose', what: 'with an error: where it came from' },
];

const JSON_OPTION: OptionSpec = { flags: '--json', what: 'print JSON of the shape below' };
const HUB_OPTION: OptionSpec = {
  flags: '--hub <url>',
  what: 'where the hub is; default AODE_HUB, else http://127.0.0.1:16686',
};
const TIME_OPTIONS: readonly OptionSpec[] = [
  { flags: '--since <time>', what: 'start: 15m, 2h, 1d, or a moment such as 2026-03-01T14:00Z; default 15m' },
  { flags: '--until <time>', what: 'end, exclusive, in the same forms; default now' },
];

const UP: CommandSpec = {
  name: 'up',
  argument: '',
  summary: 'start hub and board in this terminal',
  text:
    'Receives OTLP, keeps it, and serves the board, on this machine only. Says where to look and how to connect a ' +
    'service; Ctrl-C ends it after everything that was answered is on disk.',
  options: [
    {
      flags: '--data <dir>',
      what: 'where to keep the data; default $XDG_DATA_HOME/aode or ~/.local/share/aode',
    },
    { flags: '--memory', what: 'keep nothing on disk' },
    { flags: '--keep <time>', what: 'how long data stay, from their arrival: 12h, 30d; default 7d' },
    {
      flags: '--disk <size>',
      what: 'how much may be kept: 500MB, 50GB; the oldest goes first; default 20GB (in memory 512MB)',
    },
    { flags: '--port <number>', what: 'board and API; default 16686, 0 takes a free one' },
    { flags: '--otlp-http-port <number>', what: 'OTLP/HTTP; default 4318' },
    { flags: '--otlp-grpc-port <number>', what: 'OTLP/gRPC; default 4317' },
    { flags: '--open', what: 'open the board in the browser' },
    { flags: '--json', what: 'print one line of JSON of the shape below when it is ready' },
  ],
  examples: [
    ['aode up', 'hub and board with your own data directory'],
    ['aode up --memory --port 0', 'a hub for a test, on a free port, gone when it ends'],
    ['aode up --data /srv/aode --keep 30d --disk 100GB', 'data elsewhere, and more of them'],
  ],
  json: '{ board: string, otlpHttp: string, otlpGrpc: string, data: string | null, pid: number }',
  load: async () => (await import('./up.ts')).up,
};

const RUN: CommandSpec = {
  name: 'run',
  argument: '<command...>',
  summary: 'run a Node.js program with the SDK preloaded',
  text:
    'The program takes the place of aode: signals, exit code and the standard streams are its own. Whatever Node.js ' +
    'process it starts is instrumented too, but package managers, compilers and bundlers (npm, npx, pnpm, yarn, tsc, ' +
    'esbuild, vite, ...) are passed over: `aode run -- npm start` shows your program and not npm.',
  options: [
    {
      flags: '--service <name>',
      what: 'service.name, as OTEL_SERVICE_NAME; default: name in the nearest package.json',
    },
    {
      flags: '--otlp <url>',
      what: 'where to send, as OTEL_EXPORTER_OTLP_ENDPOINT; default http://127.0.0.1:4318',
    },
  ],
  examples: [
    ['aode run -- npm start', 'whatever the start script runs'],
    ['aode run -- node app.js', 'one program'],
    ['aode run --service orders -- node --enable-source-maps dist/main.js', 'with a name for the board'],
  ],
  json: undefined,
  passThrough: true,
  load: async () => (await import('./run.ts')).run,
};

const IMPORT: CommandSpec = {
  name: 'import',
  argument: '<file...>',
  summary: 'load OTLP JSON lines into the hub',
  text:
    'A line is one OTLP JSON message: an object with resourceSpans, resourceLogs or resourceMetrics, as the file ' +
    'exporter of the OpenTelemetry Collector writes it. Files may be compressed (gzip, zstd); - is standard input. ' +
    'Everything keeps its own time. A line that cannot be read is named and skipped; the exit code is then 1.',
  options: [
    {
      flags: '--otlp <url>',
      what: 'where the hub receives OTLP/HTTP; default OTEL_EXPORTER_OTLP_ENDPOINT, else http://127.0.0.1:4318',
    },
    JSON_OPTION,
  ],
  examples: [
    ['aode import traces.jsonl logs.jsonl.gz', 'two files, one of them compressed'],
    ['kubectl logs collector | aode import -', 'from a pipe'],
    ['aode import --json *.zst', 'counts for a script'],
  ],
  json:
    '{ files: number, lines: number, badLines: number, spans: number, logs: number, points: number, ' +
    'refused: number, startUnixMs: number | null, endUnixMs: number | null, seconds: number }',
  load: async () => (await import('./import.ts')).importFiles,
};

const EXPLAIN: CommandSpec = {
  name: 'explain',
  argument: '[trace-id]',
  summary: 'show one trace with its log lines and its cause',
  text:
    'The tree of spans with the log lines under the span that wrote them, and what the trace itself says about its ' +
    'failure: the deepest error that no callee explains.',
  options: [
    { flags: '--last', what: 'the newest trace instead of one given by id' },
    { flags: '--error', what: 'with --last: the newest failed trace' },
    { flags: '--service <name>', what: 'with --last: the newest one in which this service takes part' },
    HUB_OPTION,
    ...TIME_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    ['aode explain 4bf92f3577b34da6a3ce929d0e0e4736', 'a trace whose id you have from a log line'],
    ['aode explain --last --error', 'the newest failure'],
    ['aode explain --last --service payment --json', 'the newest trace through payment, for a script'],
  ],
  json: 'TraceResponse of /aode/v1/traces/{traceId}',
  load: async () => (await import('./explain.ts')).explain,
};

const CAUSES: CommandSpec = {
  name: 'causes',
  argument: '',
  summary: 'rank the likely causes of what is going wrong',
  text:
    'Which services are to blame for what changed in the time asked for, the likeliest first, each with its ' +
    'evidence: what was expected, what was seen, how often, and a trace to look at.',
  options: [
    { flags: '--at <time>', what: 'when the trouble began; default: found from the data' },
    { flags: '--limit <number>', what: 'how many causes to show; default 3' },
    HUB_OPTION,
    ...TIME_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    ['aode causes', 'of the last 15 minutes'],
    ['aode causes --since 2h --until 1h', 'of an hour in the past'],
    ['aode causes --json --limit 1', 'the first one, for a script'],
  ],
  json: 'CausesResponse of /aode/v1/causes, with at most --limit causes',
  load: async () => (await import('./causes.ts')).causes,
};

const TAIL: CommandSpec = {
  name: 'tail',
  argument: '[text]',
  summary: 'print log lines as they arrive, with their trace',
  text:
    'Follows the lines of all services until Ctrl-C, in the order in which the hub gets them: each once, also those ' +
    'that are late. Only lines that contain the text, if there is one; case does not matter. On a terminal a line ' +
    'each, with the id for aode explain; in a pipe, or with --json, as JSON. It waits for a hub that is started again.',
  options: [
    { flags: '--service <name>', what: 'of this service alone' },
    { flags: '--level <level>', what: 'from this level on: trace, debug, info, warn, error, fatal' },
    { flags: '--trace <id>', what: 'of this trace alone' },
    { flags: '-n, --lines <number>', what: 'so many of the last lines first; default 10' },
    HUB_OPTION,
    { flags: '--json', what: 'print each line as JSON of the shape below, also on a terminal' },
  ],
  examples: [
    ['aode tail', 'everything'],
    ["aode tail --service payment --level warn 'card declined'", 'what goes wrong with cards'],
    ['aode tail --level error | jq -r \'.traceId + " " + .body\'', 'for a script'],
  ],
  json: 'LogRow of /aode/v1/logs/tail, one a line',
  load: async () => (await import('./tail.ts')).tail,
};

const WAL: CommandSpec = {
  name: 'wal',
  argument: '<action> [directory]',
  summary: 'look into journals on disk, and mend them',
  text:
    'What services keep on disk until the hub has it, in the directory of one journal or in any above it; default: ' +
    'where the SDK puts them. ls: who has left what, since when, and whether a process owns it. cat: all that waits, ' +
    'as OTLP JSON lines that aode import takes; exit code 1 if some of it is damaged. verify: ' +
    'which files are damaged, and where; exit code 1 if any is. ' +
    'repair: takes what is whole out of damaged files and sets these aside; only where no process owns the journal. ' +
    'The others change nothing, and may be used while a service runs.',
  options: [
    {
      flags: '--trace <id>',
      what: 'ls, cat: only what is of this trace; sizes and damage are of the whole journal',
    },
    JSON_OPTION,
  ],
  examples: [
    ['aode wal ls', 'what waits on this machine'],
    ['aode wal cat ~/.local/state/aode/journal/shop | aode import -', 'into a hub, by hand'],
    ['aode wal verify /srv/state/aode/journal', 'a volume after a crash'],
  ],
  json:
    'ls: { directory, service, pid, segments, bytes, frames, spans, logs, points, firstUnixNano, lastUnixNano, ' +
    'recordsPerSecond, damages }[]; verify: { directory, frames, troubles: { path, damages: { start, end }[], ' +
    'tornBytes, unreadable }[] }[]; cat prints JSON anyway',
  load: async () => (await import('./wal.ts')).wal,
};

const SAMPLING: CommandSpec = {
  name: 'sampling',
  argument: '',
  summary: 'show and set what the hub says about sampling',
  text:
    'What services with the SDK sample and keep while they run, over what they were started with and what their file ' +
    'says. Without a setting it only shows. A setting counts for all services, or with --service for that one.',
  options: [
    { flags: '--service <name>', what: 'of this service alone' },
    { flags: '--probability <p>', what: 'of traces that begin: 0, or from 2^-56 to 1; none takes it back' },
    {
      flags: '--traces-per-second-min <n>',
      what: 'so many are kept whatever --probability says; none takes it back',
    },
    { flags: '--keep <rules>', what: 'rules as in AODE_KEEP; none takes them back' },
    { flags: '--clear', what: 'take all settings back, first' },
    HUB_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ['aode sampling', 'what is set'],
    ['aode sampling --service payment --probability 1', 'all traces that begin in payment, for now'],
    ['aode sampling --clear', 'as the services were started'],
  ],
  json: 'SamplingDocument of /aode/v1/sampling',
  load: async () => (await import('./sampling.ts')).sampling,
};

const DOCTOR: CommandSpec = {
  name: 'doctor',
  argument: '[command...]',
  summary: 'prove that each boundary carries the context',
  text:
    'Without a command: what a service finds around it (Node.js, SDK, hub, clock, disk), and a probe in the ' +
    'current folder that takes a request over each boundary. With one: runs the program with the SDK preloaded, ' +
    'says which boundaries it has used, and names by file and line the spans that were never ended or ended ' +
    'twice, where the context was lost, and what was loaded too early. The program prints on standard error, and ' +
    'gets SIGTERM when its time is over. A program that cannot be run gives exit code 3.',
  options: [
    { flags: '--for <time>', what: 'how long the program may run if it does not end before; default 20s' },
    HUB_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ['aode doctor', 'environment and boundaries, in the folder of your service'],
    ['aode doctor -- node app.js', 'one program, for 20 seconds'],
    ['aode doctor --json --for 2m -- npm start', 'two minutes under load, for a pipeline'],
  ],
  json:
    '{ environment: { name: string, severity: "good" | "note" | "problem", text: string }[], ' +
    'probes: { boundary: string, traceId: "kept" | "lost", logId: "present" | "absent" | "unknown", ' +
    'span: "ended" | "open" | "none", by: string }[] | null, processes: DoctorReport[] of @aode/sdk | null, ' +
    'findings: { kind: string, severity: "note" | "problem", text: string, place: string | null, ' +
    'script: string | null }[] }',
  passThrough: true,
  load: async () => (await import('./doctor/doctor.ts')).doctor,
};

export const COMMANDS: readonly CommandSpec[] = [
  UP,
  RUN,
  DOCTOR,
  IMPORT,
  EXPLAIN,
  CAUSES,
  TAIL,
  SAMPLING,
  WAL,
];
