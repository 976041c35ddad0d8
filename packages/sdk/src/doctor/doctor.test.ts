/** What a process under observation reports, as a real one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder, run } from '../testing/application.ts';
import { instrumenterOf } from './known-packages.ts';
import { importLine } from './loaded-packages.ts';
import type { DoctorReport } from './report.ts';

interface Examined {
  readonly report: DoctorReport;
  readonly files: string;
}

async function examine(app: string, register: boolean, more: Record<string, string> = {}): Promise<Examined> {
  using files = folder({ 'package.json': '{"name":"app","type":"module"}', 'app.js': app, ...more });
  const reports = mkdtempSync(join(tmpdir(), 'aode-reports-'));
  try {
    const env = { AODE_DOCTOR: reports, AODE_EXIT_TIMEOUT: '1' };
    const ended = await run({ cwd: files.path, args: ['app.js'], env, register });
    assert.equal(ended.code, 0, ended.stderr);
    const names = readdirSync(reports);
    assert.equal(names.length, 1);
    const report = JSON.parse(readFileSync(join(reports, names[0] ?? ''), 'utf8')) as DoctorReport;
    return { report, files: files.path };
  } finally {
    rmSync(reports, { recursive: true });
  }
}

const BROKEN = `import { createServer } from 'node:http';
import { pino } from 'pino';
import { startAode } from '@aode/sdk';
import { trace } from '@opentelemetry/api';
startAode();
const tracer = trace.getTracer('app');
tracer.startSpan('open');
const twice = tracer.startSpan('twice');
twice.end();
twice.end();
twice.setAttribute('late', 1);
pino().info('x');
`;

test('open spans, misused spans and early packages, each with its line', async () => {
  const { report, files } = await examine(BROKEN, false);
  const app = `${files}/app.js`;
  assert.equal(report.isOver, true);
  assert.deepEqual(
    report.unfinished.map(({ name, place, count }) => [name, place, count]),
    [['open', `${app}:7:8`, 1]],
  );
  assert.deepEqual(report.misused, [
    { name: 'twice', how: 'ended twice', startedAt: `${app}:8:22`, place: `${app}:10:7`, count: 1 },
    { name: 'twice', how: 'written after its end', startedAt: `${app}:8:22`, place: `${app}:11:7`, count: 1 },
  ]);
  assert.deepEqual(report.early, [{ name: 'pino', importedAt: `${app}:2`, lateBy: `${app}:5:1` }]);
  assert.equal(report.ledger?.spans.open, 1);
  assert.deepEqual(
    report.libraries.map(({ name, instrumentedBy }) => [name, instrumentedBy]),
    [['pino', 'Aode']],
  );
  assert.match(report.api ?? '', /^1\./);
});

test('a preload heals what would be too early without it, and the report still says so', async () => {
  const { report, files } = await examine(BROKEN, true);
  assert.deepEqual(
    report.early.map(({ importedAt }) => importedAt),
    [`${files}/app.js:2`],
  );
  assert.deepEqual(report.boundaries, [{ boundary: 'log lines', count: 1 }]);
});

test('a module that was required early is named by the file that required it', async () => {
  const app = `import './lib.cjs';\nimport { startAode } from '@aode/sdk';\nstartAode();\n`;
  const { report, files } = await examine(app, false, { 'lib.cjs': `\n\nrequire('pino');\n` });
  assert.deepEqual(
    report.early.map(({ importedAt }) => importedAt),
    [`${files}/lib.cjs:3`],
  );
});

test('a healthy program has nothing to report', async () => {
  const app = `import { trace } from '@opentelemetry/api';
    import { pino } from 'pino';
    trace.getTracer('app').startActiveSpan('work', (span) => { pino().info('x'); span.end(); });`;
  const { report } = await examine(app, true);
  const { early, unfinished, misused, lostContexts, losses, failure } = report;
  assert.deepEqual([early, unfinished, misused, lostContexts, losses], [[], [], [], [], {}]);
  assert.equal(failure, undefined);
});

test('a SDK that cannot start says why', async () => {
  const app = `import { trace } from '@opentelemetry/api';
    import { startAode } from '@aode/sdk';
    trace.setGlobalTracerProvider({ getTracer: () => undefined });
    try { startAode(); } catch {}`;
  const { report } = await examine(app, false);
  assert.match(report.failure ?? '', /another OpenTelemetry SDK/);
});

test('who instruments what: Aode, a contrib package that is loaded, or nobody', () => {
  const loaded = (name: string): boolean => name === '@opentelemetry/instrumentation-pg';
  assert.equal(instrumenterOf('pino', loaded), 'Aode');
  assert.equal(instrumenterOf('pg-pool', loaded), '@opentelemetry/instrumentation-pg');
  assert.equal(instrumenterOf('mysql2', loaded), undefined);
});

test('the line that imports a package; the file alone where there is none', () => {
  const file = import.meta.filename;
  assert.equal(importLine('node:test', [undefined, file]), `${file}:6`);
  assert.equal(importLine('no-such-package', ['/not/there', file]), '/not/there');
  assert.equal(importLine('x', []), undefined);
});
