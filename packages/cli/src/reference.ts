/** docs/reference/cli.md, from the table of commands. */
import type { CommandSpec } from './command.ts';
import { COMMANDS, COMMON_OPTIONS } from './commands.ts';

/** The text of the page. */
export function cliReference(): string {
  const commands = COMMANDS.map(section).join('\n');
  return `# The command line: \`aode\`

*Derived from \`packages/cli/src/commands.ts\`; change it there.*

\`npx aode COMMAND\`, on Node.js 22.15 or newer. \`aode COMMAND --help\` says the same on a terminal.

| command | does |
|---|---|
${COMMANDS.map((c) => `| [\`aode ${usage(c)}\`](#aode-${c.name}) | ${c.summary} |`).join('\n')}

Taken by every command: ${COMMON_OPTIONS.map(({ flags, what }) => `\`${flags}\` (${what})`).join('; ')}; \`-h, --help\`;
\`aode --version\`.

Results go to standard output, everything else to standard error. Progress is shown on a terminal only, for what takes
longer than a second. Text from telemetry is printed with its control characters made visible. An error is one line,
\`AODE_CODE: what (details) — what to do\`; each code is explained in [errors.md](errors.md).

| exit code | means |
|---|---|
| 0 | good |
| 1 | done, but something was found: a bad line, no such trace, a lost context |
| 2 | wrong use; nothing was done |
| 3 | the hub or a file could not be reached or read, or the hub could not start |
| 130 | interrupted |

\`aode run\` ends with the exit code of the program it runs; 127 and 126 when there is none or it may not be executed.

${commands}`;
}

function section(command: CommandSpec): string {
  const options = command.options.map(({ flags, what }) => `| \`${flags}\` | ${what} |`).join('\n');
  const examples = command.examples.map(([line, what]) => `${line.padEnd(longest(command))}   # ${what}`);
  const json = command.json === undefined ? '' : `\n\`--json\`: \`${command.json}\`\n`;
  return `## aode ${command.name}

\`aode ${usage(command)}\`

${command.text}

| option | |
|---|---|
${options}

\`\`\`
${examples.join('\n')}
\`\`\`
${json}`;
}

/** \`explain [options] [trace-id]\`. */
function usage({ name, argument }: CommandSpec): string {
  const dashes = name === 'run' ? '-- ' : '';
  if (argument === '[command...]') return `${name} [options] [-- <command...>]`;
  return `${name} [options]${argument === '' ? '' : ` ${dashes}${argument}`}`;
}

function longest({ examples }: CommandSpec): number {
  return Math.max(...examples.map(([line]) => line.length));
}
