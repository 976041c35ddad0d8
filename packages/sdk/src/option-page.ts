/** The options as a page for people, derived from their table. */
import { SDK_OPTIONS } from './options.ts';

/** Read without a table: with no SDK, or before there is one. */
const VARIABLES = [
  [
    'AODE_LOG_OUTPUT',
    'Lines of `log` on standard output: `auto` (text on a terminal, JSON in a pipe), `json`, `pretty` or `off`; ' +
      'without an SDK, too ([logs](../guide/logs.md)).',
  ],
  [
    'AODE_DOCTOR',
    'Folder into which the process writes what `aode doctor` reads ([doctor](../guide/doctor.md)).',
  ],
] as const;

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
    '## Variables that are no options',
    '',
    '| variable | |',
    '|---|---|',
    ...VARIABLES.map(([name, sentence]) => `| \`${name}\` | ${sentence} |`),
    '',
  ].join('\n');
}
