/** `aode run -- CMD…`: the program, with the SDK loaded before it in every Node.js process that it consists of. */
import { errorLine } from '@aode/base';
import { fileURLToPath } from 'node:url';
import type { Call } from './command.ts';
import { baseUrl } from './hub-client.ts';
import { become, type Environment, findProgram } from './program.ts';

/** Absolute, because the program may change its directory and start others elsewhere. */
const PRELOAD = new URL('../bin/preload.js', import.meta.url).href;

/** Source is run under this condition, and so must what it loads in other processes. */
const SOURCE_CONDITION = '--conditions=@aode/source';

export async function run({ args, shell, text }: Call): Promise<number> {
  const [name = ''] = args;
  const found = findProgram(name, shell.env['PATH'] ?? '');
  if ('error' in found) {
    shell.err(`${errorLine(found.error)}\n`);
    return found.exitCode;
  }
  const endpoint = text('otlp');
  const fromSource = fileURLToPath(import.meta.url).endsWith('.ts');
  return await become(found.file, args, {
    ...shell.env,
    NODE_OPTIONS: nodeOptions(shell.env, fromSource),
    ...(text('service') === undefined ? {} : { OTEL_SERVICE_NAME: text('service') }),
    ...(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl('--otlp', endpoint) }),
  });
}

/** NODE_OPTIONS with the preload behind what is there, once, however deep `aode run` is nested. */
export function nodeOptions(env: Environment, fromSource: boolean): string {
  const before = env['NODE_OPTIONS'] ?? '';
  const added = [`--import=${PRELOAD}`, ...(fromSource ? [SOURCE_CONDITION] : [])];
  return [before, ...added.filter((option) => !before.includes(option))].filter((o) => o !== '').join(' ');
}
