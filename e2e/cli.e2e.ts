/** The commands against a real hub, each as its own process. */
import type { LogsResponse, TraceResponse, TracesResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { freePorts, getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const ROOT = join(import.meta.dirname, '..');
const AODE = ['--conditions=@aode/source', join(ROOT, 'packages/cli/bin/aode.js')];
const directory = mkdtempSync(join(tmpdir(), 'aode-cli-'));
let hub: HubProcess;

before(async () => {
  hub = await startHubProcess(undefined);
});
after(async () => {
  await hub.stop();
  rmSync(directory, { recursive: true });
});

function aode(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...AODE, ...args], {
    encoding: 'utf8',
    env: { ...process.env, AODE_HUB: hub.board, OTEL_EXPORTER_OTLP_ENDPOINT: hub.http },
  });
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(performance.now() < deadline, 'not within 15 s');
    await pause(100);
  }
}

const START_MS = 1_600_000_000_000;

function span(i: number, parent: string, over: object = {}): object {
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: `00f067aa0ba902b${i}`,
    parentSpanId: parent,
    name: `step ${i}`,
    kind: 2,
    startTimeUnixNano: `${START_MS + i}000000`,
    endTimeUnixNano: `${START_MS + 50 - i}000000`,
    ...over,
  };
}

test('import: files and a pipe, at their own times, every record queryable', async () => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'old-system' } }] };
  const failed = { status: { code: 2, message: 'broken' } };
  const traces = JSON.stringify({
    resourceSpans: [
      { resource, scopeSpans: [{ spans: [span(1, ''), span(2, '00f067aa0ba902b1', failed)] }] },
    ],
  });
  const record = {
    timeUnixNano: `${START_MS + 5}000000`,
    severityNumber: 17,
    severityText: 'ERROR',
    body: { stringValue: 'it \u001b[31mbroke' },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b2',
  };
  const logs = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
  const packed = join(directory, 'traces.jsonl.gz');
  writeFileSync(packed, gzipSync(`${traces}\n`));
  const result = spawnSync(process.execPath, [...AODE, 'import', '--json', '--otlp', hub.http, packed, '-'], {
    encoding: 'utf8',
    input: `${logs}\n`,
  });
  assert.equal(result.status, 0, result.stderr);
  const counts = JSON.parse(result.stdout) as Record<string, number>;
  assert.equal(counts['spans'], 2);
  assert.equal(counts['logs'], 1);
  const range = `start=${counts['startUnixMs']}&end=${counts['endUnixMs']}`;
  const found = await getJson<TracesResponse>(`${hub.board}/aode/v1/traces?${range}`);
  assert.deepEqual(
    found.traces.map((t) => [t.spanCount, t.logCount, t.startUnixNano]),
    [[2, 1, `${START_MS + 1}000000`]],
  );
  const lines = await getJson<LogsResponse>(`${hub.board}/aode/v1/logs?${range}`);
  assert.equal(lines.totalCount, 1);
});

test('explain: by id and the last one, text and JSON', () => {
  const since = [
    '--since',
    new Date(START_MS - 1000).toISOString(),
    '--until',
    new Date(START_MS + 1000).toISOString(),
  ];
  const text = aode('explain', '--last', '--error', ...since);
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /^old-system: step 1/);
  assert.match(text.stdout, /└ old-system step 2 {2}✕/);
  assert.match(text.stdout, /error it \\x1b\[31mbroke/);
  const json = aode('explain', '4BF92F3577B34DA6A3CE929D0E0E4736', '--json');
  assert.equal((JSON.parse(json.stdout) as TraceResponse).spans.length, 2);
  const unknown = aode('explain', 'f'.repeat(32));
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /^AODE_TRACE_NOT_FOUND: [^\n]+\n$/);
});

test('a range without data says where the data are', () => {
  const nothing = aode('explain', '--last');
  assert.equal(nothing.status, 1);
  const found = /newest (--since \S+ --until [^\s,)]+)/.exec(nothing.stderr)?.[1]?.split(' ') ?? [];
  const text = aode('explain', '--last', ...found);
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /^old-system: step/);
  assert.match(aode('causes').stdout, /the newest data: aode causes --since 2020-\S+ --until 2020-/);
});

test('causes: two spans are not enough data, and that is an answer', () => {
  const result = aode('causes', '--json');
  assert.equal(result.status, 0, result.stderr);
  assert.notEqual((JSON.parse(result.stdout) as { state: string }).state, 'fault');
});

/** A project as people have it: `npm start` runs a script that serves one request and ends. */
function project(name: string): string {
  const root = join(directory, name);
  mkdirSync(root);
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const scripts = { start: 'node app.js' };
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ name, version: '1.2.3', type: 'module', scripts }),
  );
  const app = `
    import { createServer } from 'node:http';
    import { pino } from 'pino';
    const log = pino();
    const server = createServer((req, res) => { log.info('asked for something'); res.end('ok'); });
    server.listen(0, '127.0.0.1', async () => {
      const answer = await fetch('http://127.0.0.1:' + server.address().port + '/things/7');
      process.stderr.write(await answer.text() + '\\n');
      server.close();
      server.closeAllConnections();
      process.exitCode = 5;
    });`;
  writeFileSync(join(root, 'app.js'), app);
  return root;
}

test('run -- npm start: the program is seen, npm is not, and its exit code comes through', async () => {
  const cwd = project('little-app');
  const result = spawnSync(
    process.execPath,
    [...AODE, 'run', '--otlp', hub.http, '--', 'npm', 'start', '--silent'],
    {
      cwd,
      encoding: 'utf8',
    },
  );
  assert.equal(result.status, 5, result.stderr);
  assert.match(result.stderr, /^ok$/m);
  const trace = await until(async () => {
    const { traces } = await getJson<TracesResponse>(`${hub.board}/aode/v1/traces?service=little-app`);
    return traces.find((t) => t.logCount > 0);
  });
  const { spans, logs } = await getJson<TraceResponse>(`${hub.board}/aode/v1/traces/${trace.traceId}`);
  assert.ok(spans.some((s) => s.kind === 2) && spans.some((s) => s.kind === 3));
  assert.equal(logs[0]?.body, 'asked for something');
  const { services } = await getJson<{ services: { name: string }[] }>(`${hub.board}/aode/v1/services`);
  assert.deepEqual(
    services.map((s) => s.name),
    ['little-app'],
  );
});

test('up: a busy port is one line and exit code 3; its parent gone, it ends', async () => {
  const busy = aode(
    'up',
    '--memory',
    '--port',
    new URL(hub.board).port,
    '--otlp-http-port',
    '0',
    '--otlp-grpc-port',
    '0',
  );
  assert.equal(busy.status, 3);
  assert.match(busy.stderr, /^AODE_PORT_IN_USE: [^\n]+\n$/);

  const ports = await freePorts();
  const program = `
    const { fork } = require('node:child_process');
    const flags = ['--memory', '--json', '--port', '${ports.board}', '--otlp-http-port', '0', '--otlp-grpc-port', '0'];
    const options = { execArgv: [${JSON.stringify(AODE[0])}], silent: true };
    const child = fork(${JSON.stringify(AODE[1])}, ['up', ...flags], options);
    child.stdout.once('data', () => process.stdout.write(String(child.pid)));`;
  const parent: ChildProcess = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(parent.stdout !== null);
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  parent.kill('SIGKILL');
  await until(async () => {
    try {
      process.kill(Number(pid), 0);
      return undefined;
    } catch {
      return true;
    }
  });
});

test('in a checkout the installed name runs the source, with nothing built', () => {
  const bin = join(ROOT, 'node_modules/.bin/aode');
  const { stdout, stderr, status } = spawnSync(bin, ['--version'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^aode \d+\.\d+\.\d+\n$/);
});
