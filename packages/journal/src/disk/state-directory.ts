/** Where journals lie unless somebody says otherwise. */
import { join } from 'node:path';

/** As the XDG Base Directory Specification names it; undefined for a user without a home. */
export function defaultJournalDirectory(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { XDG_STATE_HOME: state, HOME: home } = env;
  if (state?.startsWith('/') === true) return join(state, 'aode', 'journal');
  return home === undefined || home === '' ? undefined : join(home, '.local', 'state', 'aode', 'journal');
}
