/**
 * Runs a list of named commands one after the other and prints what each took. What `check`, `.ci/run` and
 * `.ci/nightly` are made of.
 */
import { spawnSync } from 'node:child_process';

export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs all steps, up to the first that fails unless it is to go on; returns the exit code of the first that failed, or
 * 0. A table of seconds closes the output.
 */
export function runSteps(
  title: string,
  steps: readonly Step[],
  { notRun = [], goesOn = false }: { readonly notRun?: readonly string[]; readonly goesOn?: boolean } = {},
): number {
  const rows: string[] = [];
  let code = 0;
  for (const { name, command, env } of steps) {
    process.stdout.write(`\n== ${name}\n`);
    const from = performance.now();
    const [program, ...args] = command;
    const result = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    const seconds = ((performance.now() - from) / 1000).toFixed(1).padStart(7);
    const status = result.status ?? 1;
    const trouble = status === 0 ? '' : `  FAILED (${result.error?.message ?? `exit ${status}`})`;
    rows.push(`${seconds} s  ${name}${trouble}`);
    if (code === 0) code = status;
    if (code !== 0 && !goesOn) break;
  }
  process.stdout.write(`\n== ${title}\n${rows.join('\n')}\n`);
  for (const { name } of steps.slice(rows.length))
    process.stdout.write(`not run: ${name}, because a step failed\n`);
  for (const line of notRun) process.stdout.write(`not run: ${line}\n`);
  return code;
}
