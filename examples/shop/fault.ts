/**
 * Breaks something in the running shop, or mends it.
 *
 *   npm run fault                    lists the faults
 *   npm run fault -- payment-500     switches one on
 *   npm run fault -- heal            switches it off
 *
 * It finds the shop that `npm start` runs; another one is given as `--url http://127.0.0.1:7100/`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ShopState } from './control-page.ts';
import { FAULTS } from './faults.ts';

const STATE_FILE = join(import.meta.dirname, '../../.aode/shop.json');

/** Address of the page of the shop that says of itself that it runs. */
function addressOf(url: string | undefined): string | undefined {
  if (url !== undefined) return url;
  if (!existsSync(STATE_FILE)) return undefined;
  const state: unknown = JSON.parse(readFileSync(STATE_FILE, 'utf8'));
  return typeof state === 'object' && state !== null && 'url' in state ? String(state.url) : undefined;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { url: { type: 'string' } },
    allowPositionals: true,
  });
  const [name] = positionals;
  if (name === undefined || (name !== 'heal' && !FAULTS.some((fault) => fault.name === name))) {
    const rows = [...FAULTS.map((fault) => [fault.name, fault.what]), ['heal', 'ends the fault']];
    process.stdout.write('npm run fault -- NAME\n\n');
    for (const [key = '', what = ''] of rows) process.stdout.write(`  ${key.padEnd(16)} ${what}\n`);
    return name === undefined ? 0 : 2;
  }
  const url = addressOf(values.url);
  if (url === undefined) {
    process.stderr.write('no shop is running here: start it with `npm start`\n');
    return 3;
  }
  const path = name === 'heal' ? 'heal' : `faults/${name}`;
  try {
    const response = await fetch(new URL(path, url), { method: 'POST' });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const state = (await response.json()) as ShopState;
    process.stdout.write(state.fault === null ? 'healed\n' : `fault on: ${state.fault}\n`);
    return 0;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`the shop at ${url} could not be reached (${why}): start it with \`npm start\`\n`);
    return 3;
  }
}

process.exitCode = await main();
