/**
 * `npm start`: a hub with its board, the shop of twelve services and its customers; after a minute of calm one fault.
 * Ctrl-C ends everything, and nothing stays behind if this process is killed: each child ends when its channel closes.
 *
 *   npm start -- [--no-fault] [--fault payment-500] [--fault-after 60] [--rate 10] [--data DIR] [--memory]
 *                [--port 16686] [--otlp-http-port 4318] [--otlp-grpc-port 4317] [--shop-port 7100]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { faultOf } from '../examples/shop/faults.ts';
import { SERVICES } from '../examples/shop/services.ts';
import { boardIsBuilt, buildBoard } from './board.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = '--conditions=@aode/source';
/** How long the board is asked whether all services have appeared. */
const APPEAR_MS_MAX = 60_000;
/** How `aode up` ends when it cannot start: a busy port, a data directory in use. */
const EXIT_UNREACHABLE = 3;
/** A child that has not ended by then is killed. */
const STOP_MS = 8000;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(ROOT, '.aode/data') },
    fault: { type: 'string', default: 'payment-500' },
    'fault-after': { type: 'string', default: '60' },
    memory: { type: 'boolean', default: false },
    'no-fault': { type: 'boolean', default: false },
    'otlp-grpc-port': { type: 'string', default: '4317' },
    'otlp-http-port': { type: 'string', default: '4318' },
    port: { type: 'string', default: '16686' },
    rate: { type: 'string', default: '10' },
    'shop-port': { type: 'string', default: '7100' },
  },
});

const from = performance.now();
const secondsSince = (at: number): string => ((performance.now() - at) / 1000).toFixed(1);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const children: ChildProcess[] = [];
let ending = false;

/** Ends the children, the last one started first, so that the hub still takes what the shop has to say at its end. */
async function end(exitCode: number): Promise<never> {
  ending = true;
  for (const child of children.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(late);
  }
  return process.exit(exitCode);
}

interface ChildOptions {
  readonly what: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it writes is ours to read. */
  readonly silent: boolean;
  /** In a process group of its own, so that Ctrl-C reaches it only through us. */
  readonly detached: boolean;
}

/** Runs unbuilt source. When it ends before it is asked to, everything ends; why, it has said itself. */
function start({ what, file, args, env, silent, detached }: ChildOptions): ChildProcess {
  const child = fork(join(ROOT, file), args, {
    cwd: ROOT,
    detached,
    execArgv: [SOURCE],
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.aode/compiled'), ...env },
    stdio: ['ignore', silent ? 'pipe' : 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  child.once('exit', (code, signal) => {
    if (ending) return;
    // An exit code of `aode` comes with its own line.
    if (code !== EXIT_UNREACHABLE) {
      process.stderr.write(`${what} has ended (${signal ?? code}), so everything does\n`);
    }
    void end(code === 0 || code === null ? 1 : code);
  });
  return child;
}

interface HubAddresses {
  readonly board: string;
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
}

async function startHub(): Promise<HubAddresses> {
  const ports = (['port', 'otlp-http-port', 'otlp-grpc-port'] as const).flatMap((o) => [
    `--${o}`,
    options[o],
  ]);
  const child = start({
    what: 'the hub',
    file: 'packages/cli/bin/aode.js',
    args: ['up', '--json', ...ports, ...(options.memory ? ['--memory'] : ['--data', options.data])],
    env: {},
    silent: true,
    detached: true,
  });
  if (child.stdout === null) throw new Error('the hub has no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return JSON.parse(line) as HubAddresses;
}

/** Address of the shop's own page, once its services run. */
async function startShop(otlpHttp: string): Promise<string> {
  const child = start({
    what: 'the shop',
    file: 'examples/shop/shop.ts',
    args: [
      '--import=@aode/sdk/register',
      `--rate=${options.rate}`,
      `--port=${options['shop-port']}`,
      `--state=${join(ROOT, '.aode/shop.json')}`,
    ],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp, AODE_JOURNAL_DIRECTORY: join(ROOT, '.aode/journal') },
    silent: false,
    detached: false,
  });
  const [{ page }] = (await once(child, 'message')) as [{ page: string }];
  return page;
}

/** Asks the hub, as the board does, until all services have been seen since the start. */
async function allOnBoard(board: string, startMs: number): Promise<boolean> {
  const until = performance.now() + APPEAR_MS_MAX;
  while (performance.now() < until) {
    const answer = await fetch(`${board}/aode/v1/services?start=${startMs}&end=${Date.now() + 1000}`);
    const { services } = (await answer.json()) as { services: { name: string }[] };
    const seen = new Set(services.map((s) => s.name));
    if (SERVICES.every(({ name }) => seen.has(name))) return true;
    await pause(250);
  }
  return false;
}

async function breakSomething(page: string, seconds: number): Promise<void> {
  await pause(seconds * 1000);
  const state = (await (await fetch(`${page}state`)).json()) as { fault: string | null };
  if (state.fault !== null) return;
  await fetch(`${page}faults/${options.fault}`, { method: 'POST' });
  say(
    `fault on: ${faultOf(options.fault)?.title ?? options.fault}; the board's Causes page will say who is to blame`,
  );
  say('mend it with `npm run fault -- heal`');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (ending) for (const child of children) child.kill('SIGKILL');
    else void end(0);
  });
}
const faultAfter = Number(options['fault-after']);
if (faultOf(options.fault) === undefined || !Number.isFinite(faultAfter)) {
  process.stderr.write(
    `no such fault, or not a number of seconds: ${options.fault}, ${options['fault-after']}\n`,
  );
  process.exit(2);
}
if (!boardIsBuilt()) {
  say('building the board (only when it has changed) ...');
  if (!buildBoard()) process.exit(1);
  say(`built after ${secondsSince(from)} s`);
}
const startMs = Date.now();
const hub = await startHub();
const page = await startShop(hub.otlpHttp);
say(`
  board    ${hub.board}
  shop     ${page}
  OTLP     ${hub.otlpHttp} (HTTP)  ${hub.otlpGrpc} (gRPC)
`);
const all = await allOnBoard(hub.board, startMs);
say(
  all
    ? `${SERVICES.length} services on the board ${secondsSince(from)} s after the start`
    : 'not all services have appeared on the board',
);
say(options['no-fault'] ? 'no fault will come by itself' : `in ${faultAfter} s one of them starts to fail`);
say('Ctrl-C ends everything');
if (!options['no-fault']) await breakSomething(page, faultAfter);
