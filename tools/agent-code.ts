/**
 * Puts the agent's worker and the sender at the exit, each with all that it imports, as texts into the built SDK: what
 * starts from a text needs no file, and is found whatever a bundler has done to the application.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const SDK = join(import.meta.dirname, '../packages/sdk');

async function textOf(file: string): Promise<string> {
  const build = await rolldown({
    input: join(SDK, 'src/agent', file),
    platform: 'node',
    resolve: { conditionNames: ['@aode/source', 'node', 'import'] },
  });
  const { output } = await build.generate({ format: 'cjs', minify: { compress: true, mangle: false } });
  await build.close();
  const [program] = output;
  if (output.length !== 1) throw new Error(`${file} is ${output.length} files, and must be one`);
  return JSON.stringify(program.code);
}

writeFileSync(
  join(SDK, 'dist/agent/agent-code.js'),
  `export const AGENT_CODE = ${await textOf('agent-worker.ts')};
export const SENDER_CODE = ${await textOf('exit-sender.ts')};
`,
);
