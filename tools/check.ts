/** `npm run check`: everything that reads the code without running it, fastest first. */
import './node-version.js';
import { runSteps } from './run.ts';

process.exitCode = runSteps('check', [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'tidy', command: ['node', 'tools/tidy.ts'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'types of the board', command: ['tsc', '-p', 'packages/board'] },
  { name: 'types of tools, benches and examples', command: ['tsc', '-p', 'tsconfig.tools.json'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'api', command: ['node', 'tools/api.ts'] },
  { name: 'licences', command: ['node', 'tools/licences.ts'] },
  { name: 'derived pages', command: ['node', '--conditions=@aode/source', 'tools/docs.ts'] },
  { name: 'size of the board', command: ['node', 'tools/board-size.ts'] },
  { name: 'dead code', command: ['knip'] },
]);
