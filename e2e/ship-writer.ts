/** An application that writes numbered lines with pino, so many a second, and what a hub has of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { RECORD_UID_KEY } from '@aode/wire';
import type { LogTailResponse } from '@aode/wire/hub-api';
import { getJson } from './hub-process.ts';

const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

const PROGRAM = `
const log = require('PINO')({ level: 'info' }, { write() {} });
const aode = globalThis[Symbol.for('aode.sdk')];
const rate = Number(process.env.LINES_PER_SECOND);
const start = performance.now();
let n = 0;
const timer = setInterval(() => {
  for (const due = ((performance.now() - start) * rate) / 1000; n < due; n += 1) log.info({ n }, 'line');
}, 5);
process.stdin.once('data', async () => {
  clearInterval(timer);
  const isFlushed = await aode.flush(600_000);
  console.log(JSON.stringify({ count: n, isFlushed, losses: aode.losses(), ledger: aode.ledger().lines }));
  process.exit();
});
console.log('writes');
`;

export interface WriterEnd {
  /** Lines that were written: n is 0 to this. */
  readonly count: number;
  readonly isFlushed: boolean;
  readonly losses: Readonly<Record<string, number>>;
  readonly ledger: { readonly delivered: number; readonly waiting: number };
}

export interface ShipWriter {
  readonly child: ChildProcess;
  /** What the SDK has said on standard error. */
  complaints(): string;
  /** Stops writing, waits until everything is delivered, and ends the process. */
  stop(): Promise<WriterEnd>;
}

/** Starts it in `folder`, where its journal lies, and waits until it writes. */
export async function startShipWriter(
  folder: string,
  linesPerSecond: number,
  env: Readonly<Record<string, string>>,
): Promise<ShipWriter> {
  const file = join(folder, 'writer.cjs');
  writeFileSync(file, PROGRAM.replace('PINO', resolve('node_modules/pino')));
  const child = spawn(process.execPath, ['--conditions=@aode/source', '--import', REGISTER, file], {
    cwd: resolve('packages/sdk'),
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'writer',
      AODE_JOURNAL_DIRECTORY: join(folder, 'journal'),
      AODE_JOURNAL_BYTES: String(4 * 1024 ** 3),
      LINES_PER_SECOND: String(linesPerSecond),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const lines = createInterface(child.stdout);
  await once(lines, 'line');
  return {
    child,
    complaints: () => said,
    async stop() {
      child.stdin.write('stop\n');
      const [line] = (await once(lines, 'line')) as [string];
      await once(child, 'exit');
      return JSON.parse(line) as WriterEnd;
    },
  };
}

/** Of one hub, in the order in which they came. */
export interface Arrivals {
  readonly numbers: readonly number[];
  /** Names of the records (log.record.uid) as writer and number within it. */
  readonly names: readonly (readonly [writer: string, number: number])[];
}

/** Where the lines of a hub end now. */
export async function tailCursor(board: string): Promise<string> {
  return (await getJson<LogTailResponse>(`${board}/aode/v1/logs/tail?limit=1`)).cursor;
}

/** Whether a line has come since. */
export async function hasMore(board: string, cursor: string): Promise<boolean> {
  const tail = await getJson<LogTailResponse>(
    `${board}/aode/v1/logs/tail?limit=1&cursor=${encodeURIComponent(cursor)}`,
  );
  return tail.logs.length > 0;
}

/** All that came since `cursor`. */
export async function arrivalsSince(board: string, cursor: string): Promise<Arrivals> {
  const numbers: number[] = [];
  const names: [string, number][] = [];
  let at = cursor;
  for (let more = true; more;) {
    const url = `${board}/aode/v1/logs/tail?limit=2000&cursor=${encodeURIComponent(at)}`;
    const page = await getJson<LogTailResponse>(url);
    for (const { attributes } of page.logs) {
      const valueOf = (wanted: string): unknown => attributes.find(({ key }) => key === wanted)?.value;
      numbers.push(Number(valueOf('n')));
      const name = valueOf(RECORD_UID_KEY);
      const uid = typeof name === 'string' ? name : '';
      const split = uid.lastIndexOf('-');
      names.push([uid.slice(0, split), Number.parseInt(uid.slice(split + 1), 36)]);
    }
    at = page.cursor;
    more = page.more;
  }
  return { numbers, names };
}
