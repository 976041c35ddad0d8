/** `aode up`: hub and board until Ctrl-C. */
import { AodeError } from '@aode/base';
import { HUB_DEFAULTS, type HubAddresses, startHub } from '@aode/hub';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { bytesOf } from './amount.ts';
import { type Call, EXIT } from './command.ts';
import type { Paint } from './paint.ts';
import type { Environment } from './program.ts';
import { lengthMsOf } from './time-range.ts';

const PORT_MAX = 65_535;

export async function up(call: Call): Promise<number> {
  const { shell, json, quiet, paint } = call;
  const dataDirectory = dataDirectoryOf(call);
  await using hub = await startHub(
    {
      dataDirectory,
      boardPort: portOf(call, 'port') ?? HUB_DEFAULTS.boardPort,
      otlpHttpPort: portOf(call, 'otlpHttpPort') ?? HUB_DEFAULTS.otlpHttpPort,
      otlpGrpcPort: portOf(call, 'otlpGrpcPort') ?? HUB_DEFAULTS.otlpGrpcPort,
      ageMaxMs: optional(call.text('keep'), (text) => lengthMsOf('--keep', text)),
      token: tokenOf(shell.env),
      bytesMax: optional(call.text('disk'), (text) => bytesOf('--disk', text)),
    },
    shell.clock,
  );
  if (json) {
    shell.out(`${JSON.stringify({ ...hub.addresses, data: dataDirectory ?? null, pid: process.pid })}\n`);
  } else {
    shell.out(whereText(hub.addresses, dataDirectory, paint));
    if (!quiet) shell.out(howText(hub.addresses, paint));
  }
  if (call.flag('open')) openInBrowser(hub.addresses.board);
  if (!shell.interrupted.aborted) await once(shell.interrupted, 'abort');
  if (!quiet && !json) shell.err('\nending: what was answered is being written\n');
  // Ctrl-C is how it is meant to end.
  return EXIT.good;
}

/** Undefined keeps everything in memory. */
function dataDirectoryOf(call: Call): string | undefined {
  const given = call.text('data');
  if (!call.flag('memory')) return given === undefined ? userDataDirectory(call.shell.env) : resolve(given);
  if (given === undefined) return undefined;
  throw new AodeError('AODE_CLI_USAGE', { why: 'up takes either --data or --memory' });
}

/** XDG Base Directory Specification: an XDG_DATA_HOME that is not absolute is to be ignored. */
export function userDataDirectory(env: Environment): string {
  const base = env['XDG_DATA_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.local/share'), 'aode');
}

/** By the environment alone: arguments of a command can be read by everybody on the machine. Empty is none. */
function tokenOf(env: Environment): string | undefined {
  const token = env['AODE_TOKEN'];
  return token === '' ? undefined : token;
}

function portOf(call: Call, option: string): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port;
  throw new AodeError('AODE_CLI_USAGE', { why: `a port is a number from 0 to ${PORT_MAX}, not '${text}'` });
}

function optional<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function whereText(
  { board, otlpHttp, otlpGrpc }: HubAddresses,
  data: string | undefined,
  paint: Paint,
): string {
  return [
    '',
    `  board      ${paint.strong(board)}`,
    `  OTLP       ${otlpHttp} (HTTP)  ${otlpGrpc} (gRPC)`,
    `  data       ${data ?? 'in memory, gone at the end'}`,
    '',
    '',
  ].join('\n');
}

function howText({ otlpHttp }: HubAddresses, paint: Paint): string {
  const standard = otlpHttp.endsWith(`:${HUB_DEFAULTS.otlpHttpPort}`);
  const option = standard ? '' : ` --otlp ${otlpHttp}`;
  const variable = standard ? '' : `OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttp} `;
  return [
    'Connect a service:',
    `  npx aode run${option} -- npm start`,
    `  ${variable}node --import @aode/sdk/register app.js`,
    `  any OpenTelemetry SDK: OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttp}`,
    '',
    paint.dim('Ctrl-C ends it.'),
    '',
  ].join('\n');
}

/** Best effort: the address is on the screen anyway. */
function openInBrowser(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
