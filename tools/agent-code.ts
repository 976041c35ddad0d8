/**
 * Puts the agent's worker, with all that it imports, as one text into the built SDK: a worker that starts from a text
 * needs no file, and is found whatever a bundler has done to the application.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const SDK = join(import.meta.dirname, '../packages/sdk');

const build = await rolldown({
  input: join(SDK, 'src/agent/agent-worker.ts'),
  platform: 'node',
  resolve: { conditionNames: ['@aode/source', 'node', 'import'] },
});
const { output } = await build.generate({ format: 'cjs', minify: { compress: true, mangle: false } });
await build.close();
const [program] = output;
if (output.length !== 1) throw new Error(`the agent is ${output.length} files, and must be one`);
writeFileSync(
  join(SDK, 'dist/agent/agent-code.js'),
  `export const AGENT_CODE = ${JSON.stringify(program.code)};\n`,
);
