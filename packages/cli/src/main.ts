/** The program: parses the command line by the table, calls the command, turns what comes of it into an exit code. */
import { AodeError, type AodeErrorCode, errorLine, isAodeError, visible } from '@aode/base';
import { Command as Parser, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { type Call, type CommandSpec, EXIT } from './command.ts';
import { COMMANDS, COMMON_OPTIONS } from './commands.ts';
import { paintFor } from './paint.ts';
import { type Shell, systemShell } from './shell.ts';

/** Runs `aode ARGV` in this process. The first Ctrl-C asks the command to end, the second ends it. */
export async function main(argv: readonly string[]): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(EXIT.interrupted);
      interruption.abort();
    });
  }
  // A child of a program that has died without a word is not left behind.
  process.once('disconnect', () => interruption.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `aode causes | head`: the reader has seen enough.
    if (error.code === 'EPIPE') process.exit(EXIT.good);
    throw error;
  });
  process.exitCode = await runCommand(argv, systemShell(interruption.signal));
  // The channel to a parent would keep the process alive.
  if (process.connected) process.disconnect();
}

/** Runs `aode ARGV` in `shell` and returns the exit code. Only a bug makes it throw. */
export async function runCommand(argv: readonly string[], shell: Shell): Promise<number> {
  const verbose = argv.includes('--verbose');
  try {
    return await dispatch(argv, shell);
  } catch (error) {
    if (shell.interrupted.aborted) return EXIT.interrupted;
    const failure = error instanceof CommanderError ? usageError(error) : error;
    if (failure === undefined) return EXIT.good;
    if (!isAodeError(failure)) throw failure;
    shell.err(`${errorLine(failure)}\n`);
    if (verbose) shell.err(`${origin(failure)}\n`);
    return exitCodeOf(failure.code);
  }
}

async function dispatch(argv: readonly string[], shell: Shell): Promise<number> {
  let result: Promise<number> | undefined;
  const program = programFor(shell, (spec, args, parser) => {
    result = call(spec, args, parser, shell);
  });
  if (argv.length === 0) program.outputHelp();
  else program.parse(argv, { from: 'user' });
  return (await result) ?? EXIT.good;
}

type Action = (spec: CommandSpec, args: readonly string[], parser: Parser) => void;

function programFor(shell: Shell, action: Action): Parser {
  const program = new Parser('aode')
    .description('Logs and traces of Node.js services that line up, and the cause of what fails.')
    .version(versionText(), '-V, --version')
    .exitOverride()
    .enablePositionalOptions()
    .helpCommand(false)
    .configureOutput({ writeOut: shell.out, writeErr: () => undefined });
  for (const spec of COMMANDS) {
    const command = program.command(spec.name).summary(spec.summary).description(spec.text);
    if (spec.argument !== '') command.arguments(spec.argument);
    if (spec.passThrough === true) command.passThroughOptions();
    for (const { flags, what } of [...spec.options, ...COMMON_OPTIONS]) command.option(flags, what);
    command.addHelpText('after', helpTail(spec));
    command.action(() => action(spec, command.args, command));
  }
  return program;
}

function helpTail({ examples, json }: CommandSpec): string {
  const rows = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  const shape = json === undefined ? '' : `\n\nJSON: ${json}`;
  return `\nExamples:\n${rows.join('\n')}${shape}`;
}

async function call(
  spec: CommandSpec,
  args: readonly string[],
  parser: Parser,
  shell: Shell,
): Promise<number> {
  const options: Readonly<Record<string, unknown>> = parser.opts();
  const flag = (name: string): boolean => options[name] === true;
  const run = await spec.load();
  const what: Call = {
    shell,
    paint: paintFor(shell, options['color'] !== false),
    args,
    json: flag('json'),
    quiet: flag('quiet'),
    text: (name) => {
      const value = options[name];
      return typeof value === 'string' ? value : undefined;
    },
    flag,
  };
  return await run(what);
}

/** Undefined for --help and --version, which commander ends by an error too. */
function usageError(error: CommanderError): AodeError | undefined {
  if (error.exitCode === 0) return undefined;
  const why = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new AodeError('AODE_CLI_USAGE', { why }, error);
}

function exitCodeOf(code: AodeErrorCode): number {
  switch (code) {
    case 'AODE_CLI_USAGE':
    case 'AODE_TRACE_ID_INVALID':
      return EXIT.usage;
    case 'AODE_TRACE_NOT_FOUND':
      return EXIT.found;
    default:
      return EXIT.unreachable;
  }
}

/** The stacks of an error and of what it came from. */
function origin(error: Error): string {
  const stacks: string[] = [];
  let at: unknown = error;
  while (at instanceof Error) {
    stacks.push((at.stack ?? at.message).split('\n').map(visible).join('\n'));
    at = at.cause;
  }
  return stacks.join('\ncaused by ');
}

function versionText(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const version = typeof file === 'object' && file !== null && 'version' in file ? file.version : 'unknown';
  return `aode ${String(version)}`;
}
