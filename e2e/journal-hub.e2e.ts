/**
 * Real processes and a real hub: however often processes are killed and the hub is away, what was kept is in the hub,
 * once.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { seededRandom } from '@aode/base';
import type { LogsResponse, TracesResponse } from '@aode/wire/hub-api';
import { freePorts, getJson, startHubProcess } from './hub-process.ts';

const ROUNDS = Number(process.env['AODE_JOURNAL_ROUNDS'] ?? 8);
const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

/** Records spans and lines, numbered, and says every now and then up to which number all is on disk or in the hub. */
const WRITER = `
const { trace } = require('@opentelemetry/api');
const log = require('pino')({ level: 'info' }, { write() {} });
const tracer = trace.getTracer('t');
const aode = globalThis[Symbol.for('aode.sdk')];
let n = Number(process.env.FIRST);
const turn = async () => {
  for (let i = 0; i < 20; i += 1, n += 1) {
    tracer.startActiveSpan('work ' + n, (span) => { log.info({ n }, 'line'); log.info({ n }, 'line'); span.end(); });
  }
  const upTo = n;
  if (await aode.durable(5000)) console.log('safe ' + upTo);
  setImmediate(turn);
};
turn();
`;

interface Writer {
  readonly child: ChildProcess;
  /** Everything before this number is safe. */
  safe(): number;
}

async function startWriter(folder: string, endpoint: string, first: number): Promise<Writer> {
  const child = spawn(
    process.execPath,
    ['--conditions=@aode/source', '--import', REGISTER, join(folder, 'writer.cjs')],
    {
      cwd: resolve('packages/sdk'),
      env: {
        ...process.env,
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_SERVICE_NAME: 'writer',
        AODE_SAMPLING_PROBABILITY: '1',
        AODE_JOURNAL_DIRECTORY: join(folder, 'journal'),
        FIRST: String(first),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let safe = first;
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => (safe = Number(line.replace('safe ', ''))));
  await once(lines, 'line');
  return { child, safe: () => safe };
}

test(`${ROUNDS} times: processes killed, the hub killed, the hub away: all that was safe is there, once`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'aode-journal-hub-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // Where it finds its packages.
  const modules = resolve('node_modules');
  writeFileSync(join(folder, 'writer.cjs'), WRITER.replaceAll("require('", `require('${modules}/`));
  const seed = Number(process.env['AODE_JOURNAL_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const ports = await freePorts();
  const data = join(folder, 'data');
  const endpoint = `http://127.0.0.1:${ports.http}`;
  const ranges: { readonly from: number; readonly to: number }[] = [];
  let hub = await startHubProcess(data, ports);
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = round * 1_000_000;
    const writer = await startWriter(folder, endpoint, from);
    const isAway = random.chance(1, 2);
    if (isAway) {
      hub.child.kill(random.chance(1, 2) ? 'SIGKILL' : 'SIGINT');
      await once(hub.child, 'exit');
    }
    const wanted = writer.safe() + 40 + random.below(200);
    while (writer.safe() < wanted) await once(writer.child.stdout ?? assert.fail('no output'), 'data');
    const to = writer.safe();
    writer.child.kill('SIGKILL');
    await once(writer.child, 'exit');
    ranges.push({ from, to });
    if (isAway) hub = await startHubProcess(data, ports);
  }
  // The last one delivers what the others have left.
  const last = await startWriter(folder, endpoint, ROUNDS * 1_000_000);
  const place = join(folder, 'journal', 'writer');
  const journals = (): readonly string[] => readdirSync(place).filter((name) => !name.startsWith('clock-'));
  while (journals().length > 1) await once(last.child.stdout ?? assert.fail('no output'), 'data');
  last.child.kill('SIGKILL');
  await once(last.child, 'exit');

  const spans = await countsOf(hub.board, 'spans');
  const lines = await countsOf(hub.board, 'logs');
  let checked = 0;
  for (const { from, to } of ranges) {
    for (let n = from; n < to; n += 1) {
      assert.equal(spans.get(n), 1, `span ${n}`);
      assert.equal(lines.get(n), 2, `lines of ${n}`);
      checked += 1;
    }
  }
  for (const [n, count] of spans) assert.ok(count === 1, `span ${n} is there ${count} times`);
  for (const [n, count] of lines) assert.ok(count <= 2, `lines of ${n} are there ${count} times`);
  t.diagnostic(`${checked} spans and ${2 * checked} lines were safe, and are there`);
  await hub.stop();
});

/** How often each number is there, as a span or as a line. */
async function countsOf(board: string, what: 'spans' | 'logs'): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  const add = (n: number, count: number): void => void counts.set(n, (counts.get(n) ?? 0) + count);
  const end = Date.now() + 60_000;
  const range = `start=${end - 3_600_000}&end=${end}&limit=1000`;
  for (let cursor: string | null = ''; cursor !== null;) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    if (what === 'spans') {
      const page: TracesResponse = await getJson(`${board}/aode/v1/traces?${range}${from}`);
      for (const { rootName, spanCount } of page.traces)
        add(Number(rootName.replace('work ', '')), spanCount);
      cursor = page.nextCursor;
    } else {
      const page: LogsResponse = await getJson(`${board}/aode/v1/logs?${range}${from}`);
      for (const { attributes } of page.logs) {
        add(Number(attributes.find(({ key }) => key === 'n')?.value), 1);
      }
      cursor = page.nextCursor;
    }
  }
  return counts;
}
