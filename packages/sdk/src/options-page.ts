/** The reference page of the options, derived from their table. */
import { SDK_OPTIONS } from './options.ts';

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
