/**
 * Reference pages that are derived from code: each generator returns the text of its page.
 *
 *   node --conditions=@aode/source tools/docs.ts            fails when a page is out of date
 *   node --conditions=@aode/source tools/docs.ts --update   writes them
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cliReference } from '../packages/cli/src/reference.ts';
import { hubMetricsReference, hubOptionsReference } from '../packages/hub/src/reference.ts';
import { optionsPage } from '../packages/sdk/src/options-page.ts';

/** Path -> text. */
const PAGES: ReadonlyMap<string, () => string> = new Map([
  ['docs/reference/cli.md', cliReference],
  ['docs/reference/sdk-options.md', optionsPage],
  ['docs/reference/hub-metrics.md', hubMetricsReference],
  ['docs/reference/hub-options.md', hubOptionsReference],
]);

const update = process.argv.includes('--update');
let stale = 0;
for (const [path, text] of PAGES) {
  const wanted = text();
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue;
  if (update) writeFileSync(path, wanted);
  else {
    stale += 1;
    process.stderr.write(`${path} is out of date: node --conditions=@aode/source tools/docs.ts --update\n`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
