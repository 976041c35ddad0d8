/**
 * `node --import @aode/sdk/register app.js`: the SDK in front of an application that knows nothing of it. Whatever goes
 * wrong is one line on standard error, and the application runs.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { AodeError, errorLine, isAodeError } from '@aode/base';
import { startInEvalWorkers } from './eval-worker.ts';
import type * as start from './start.ts';

/**
 * Loaded by `require`, which can fail without harm: what is missing (`@opentelemetry/api`, a function of a newer
 * Node.js) would stop the application before its first line if it were imported above.
 */
function startBeside(): void {
  const url = import.meta.url as string | undefined;
  const file = url?.replace(/register\.(ts|js)$/, 'start.$1');
  if (url === undefined || file === undefined || file === url) throw inBundle();
  const require = createRequire(url) as NodeJS.Require | undefined;
  if (require === undefined) throw inBundle();
  (require(fileURLToPath(file)) as typeof start).startAode();
  startInEvalWorkers(fileURLToPath(url));
}

/** Bundlers take away the address of this file (esbuild) or the function that begins with it (webpack). */
function inBundle(): AodeError {
  const why = 'it is part of a bundle: start node with --import, or call startAode() in the bundled code';
  return new AodeError('AODE_REGISTER_FAILED', { why });
}

const OLDEST = [22, 15] as const;

try {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    const why = `needs Node ${OLDEST.join('.')} or newer, this is ${process.versions.node}`;
    throw new AodeError('AODE_REGISTER_FAILED', { why });
  }
  startBeside();
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  const coded = isAodeError(error) ? error : new AodeError('AODE_REGISTER_FAILED', { why }, error);
  process.stderr.write(`aode: ${errorLine(coded)}; this process is not observed\n`);
}
