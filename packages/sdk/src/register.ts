/**
 * `node --import @aode/sdk/register app.js`: the SDK in front of an application that knows nothing of it. Whatever goes
 * wrong is one line on standard error, and the application runs.
 */
import { AodeError, errorLine, isAodeError } from '@aode/base';
import { startAode } from './start.ts';

try {
  startAode();
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  const coded = isAodeError(error) ? error : new AodeError('AODE_REGISTER_FAILED', { why }, error);
  process.stderr.write(`aode: ${errorLine(coded)}; this process is not observed\n`);
}
