/** `aode doctor` on a program that is broken in three places, on one that is not, and on the shop. */
import type { DoctorReport } from '@aode/sdk';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const AODE = ['--conditions=@aode/source', join(ROOT, 'packages/cli/bin/aode.js'), 'doctor'];
const folder = mkdtempSync(join(tmpdir(), 'aode-doctor-e2e-'));
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
writeFileSync(join(folder, 'package.json'), '{"name":"app","type":"module"}');
after(() => rmSync(folder, { recursive: true }));

/** A pool made at home: whoever gives a connection back calls the next in line. */
writeFileSync(
  join(folder, 'pool.js'),
  `const waiting = [];
setInterval(() => {
  for (const next of waiting.splice(0)) next();
}, 5).unref();
export const acquire = (callback) => waiting.push(callback);
`,
);

const app = (
  wrap: string,
  early: string,
  late: string,
  end: string,
): string => `import { createServer } from 'node:http';
import { trace } from '@opentelemetry/api';
import { carry } from '@aode/sdk';
import { acquire } from './pool.js';
${early}
import { startAode } from '@aode/sdk';
startAode();
${late}
const log = pino();
const server = createServer((request, response) => {
  const span = trace.getTracer('app').startSpan('work');
  acquire(${wrap}(() => {
    log.info('done');
    response.end('x');
    ${end}
  }));
});
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  for (let i = 0; i < 3; i += 1) await (await fetch(url)).text();
  server.close();
});
`;

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** In the folder of the program. */
async function doctor(args: readonly string[], cwd: string = folder): Promise<Answer> {
  const child = spawn(process.execPath, [...AODE, ...args], {
    cwd,
    env: { ...process.env, AODE_EXIT_TIMEOUT: '100' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, out, err };
}

interface Diagnosis {
  readonly probes:
    | readonly { readonly boundary: string; readonly traceId: string; readonly logId: string }[]
    | null;
  readonly processes: readonly DoctorReport[];
  readonly findings: readonly {
    readonly kind: string;
    readonly severity: string;
    readonly place: string | null;
  }[];
}

test('three planted breaks are named by file and line, exit code 1', async () => {
  writeFileSync(join(folder, 'broken.js'), app('', `import { pino } from 'pino';`, '', ''));
  const json = await doctor(['--json', '--', 'node', '--conditions=@aode/source', 'broken.js']);
  assert.equal(json.code, 1, json.err);
  const { findings } = JSON.parse(json.out) as Diagnosis;
  const script = join(folder, 'broken.js');
  const problems = findings.filter(({ severity }) => severity === 'problem');
  assert.deepEqual(problems.map(({ kind, place }) => `${kind} ${place}`).toSorted(), [
    `context_lost ${script}:14:14`,
    `loaded_early ${script}:5`,
    `span_unfinished ${script}:11:39`,
  ]);
  const plain = await doctor(['--', 'node', '--conditions=@aode/source', 'broken.js']);
  assert.equal(plain.code, 1, plain.err);
  for (const { place } of problems) assert.ok(plain.out.includes(`at ${String(place)}`), plain.out);
  assert.ok(plain.out.includes(`called back from ${join(folder, 'pool.js')}:3:`));
});

test('the same program mended: nothing found, exit code 0', async () => {
  const late = `const { pino } = await import('pino');`;
  writeFileSync(join(folder, 'mended.js'), app('carry', '', late, 'span.end();'));
  const { code, out, err } = await doctor(['--json', '--', 'node', '--conditions=@aode/source', 'mended.js']);
  assert.equal(code, 0, out + err);
  const { findings, processes } = JSON.parse(out) as Diagnosis;
  assert.deepEqual(findings, []);
  assert.deepEqual(
    processes[0]?.boundaries.toSorted((a, b) => a.boundary.localeCompare(b.boundary)),
    [
      { boundary: 'fetch', count: 3 },
      { boundary: 'http server', count: 3 },
      { boundary: 'log lines', count: 3 },
    ],
  );
});

test('without a program: the boundaries of this folder, each kept', async () => {
  const { code, out, err } = await doctor(['--json']);
  assert.equal(code, 0, out + err);
  const { probes } = JSON.parse(out) as Diagnosis;
  assert.ok((probes?.length ?? 0) >= 8);
  for (const { boundary, traceId, logId } of probes ?? []) {
    assert.deepEqual([traceId, logId], ['kept', 'present'], boundary);
  }
});

test('a program that is killed has reported by then; one that does not exist gives 3', async () => {
  const killed = `import { trace } from '@opentelemetry/api';
    trace.getTracer('app').startSpan('open');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500);`;
  writeFileSync(join(folder, 'killed.js'), killed);
  const { code, out } = await doctor(['--json', '--', 'node', '--conditions=@aode/source', 'killed.js']);
  assert.equal(code, 1);
  const { findings } = JSON.parse(out) as Diagnosis;
  assert.deepEqual(
    findings.map(({ kind, place }) => [kind, place]),
    [['span_unfinished', `${join(folder, 'killed.js')}:2:28`]],
  );
  assert.equal((await doctor(['--', 'no-such-program'])).code, 3);
  assert.equal((await doctor(['--for', 'ever', '--', 'node', '-v'])).code, 2);
});

test('the shop is clean: all of its services report, none has a problem', async () => {
  // Twelve services and their agents start from source on the cores that there are.
  const shop = ['node', '--conditions=@aode/source', 'examples/shop/shop.ts', '--rate', '5'];
  const { code, out, err } = await doctor(['--json', '--for', '90s', '--', ...shop], ROOT);
  const { findings, processes } = JSON.parse(out) as Diagnosis;
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'problem'),
    [],
  );
  assert.equal(code, 0, err);
  const serving = processes.filter(({ boundaries }) =>
    boundaries.some(({ boundary }) => boundary === 'http server'),
  );
  assert.ok(serving.length >= 12, `${serving.length} processes have served a request`);
});
