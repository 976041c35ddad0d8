/** `aode import` against a receiver that decodes what it is sent with the product's own codec. */
import { decodeLogs, decodeMetrics, decodeTraces, encodeExportResponse } from '@aode/wire';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runCommand } from './main.ts';
import { closedUrl, type RecordingShell, recordingShell } from './recording-shell.ts';

const directory = mkdtempSync(join(tmpdir(), 'aode-import-'));
let server: Server;
let url = '';
/** Names of spans, bodies of lines, names of metrics, as they arrived. */
let arrived: string[] = [];
/** Status codes to be answered before requests are taken again. */
let refusals: number[] = [];
let rejectedCount = 0;

before(async () => {
  server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray());
    const status = refusals.shift();
    if (status !== undefined) {
      res.writeHead(status, { 'retry-after': '2' }).end();
      return;
    }
    const signal = req.url === '/v1/traces' ? 'traces' : req.url === '/v1/logs' ? 'logs' : 'metrics';
    arrived.push(...namesIn(signal, body));
    res.end(encodeExportResponse(signal, { rejectedCount, errorMessage: '' }, 'protobuf'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  url = `http://127.0.0.1:${address.port}`;
});
beforeEach(() => {
  arrived = [];
  refusals = [];
  rejectedCount = 0;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

function namesIn(signal: 'traces' | 'logs' | 'metrics', body: Uint8Array): string[] {
  if (signal === 'traces') {
    return decodeTraces(body).flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map((span) => span.name)));
  }
  if (signal === 'logs') {
    return decodeLogs(body).flatMap((r) =>
      r.scopeLogs.flatMap((s) => s.logRecords.map((l) => l.body as string)),
    );
  }
  return decodeMetrics(body).flatMap((r) => r.scopeMetrics.flatMap((s) => s.metrics.map((m) => m.name)));
}

const traceLine = (...names: string[]): string => {
  const spans = names.map((name, i) => ({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: `00f067aa0ba902b${i}`,
    name,
    startTimeUnixNano: String(1_600_000_000_000_000_000n + BigInt(i) * 1_000_000_000n),
    endTimeUnixNano: '1600000010000000000',
  }));
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
};
const logLine = (body: string): string =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: body } }] }] }] });
const metricLine = (name: string): string =>
  JSON.stringify({
    resourceMetrics: [
      { scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints: [{ asDouble: 1 }, { asInt: '2' }] } }] }] },
    ],
  });

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

async function importInto(
  args: readonly string[],
  shell: RecordingShell = recordingShell(),
): Promise<number> {
  return await runCommand(['import', '--otlp', url, ...args], shell);
}

test('all three signals, plain and compressed, arrive whole and are counted', async () => {
  const shell = recordingShell();
  const plain = file('all.jsonl', `${traceLine('a', 'b')}\n\n${logLine('said')}\n`);
  const packed = file('more.jsonl.gz', gzipSync(`${metricLine('m')}\n${traceLine('c')}`));
  assert.equal(await importInto(['--json', plain, packed], shell), 0);
  assert.deepEqual(arrived.toSorted(), ['a', 'b', 'c', 'm', 'said']);
  assert.deepEqual(JSON.parse(shell.written.out), {
    files: 2,
    lines: 4,
    badLines: 0,
    spans: 3,
    logs: 1,
    points: 2,
    refused: 0,
    startUnixMs: 0,
    endUnixMs: 1_600_000_001_001,
    seconds: 0,
  });
  assert.equal(shell.written.err, '');
});

test('a bad line is named, the others are imported, the exit code is 1', async () => {
  const shell = recordingShell();
  const bad = ['{"resourceSpans":', '{"spans":[]}', '[]', 'null', '{"resourceSpans":[{"scopeSpans":7}]}'];
  const path = file('bad.jsonl', [traceLine('good'), ...bad, traceLine('also good')].join('\n'));
  assert.equal(await importInto([path], shell), 1);
  assert.deepEqual(arrived, ['good', 'also good']);
  const lines = shell.written.err
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('AODE_'));
  assert.equal(lines.length, bad.length);
  lines.forEach((line, i) => assert.match(line, new RegExp(`^AODE_IMPORT_LINE: .*bad\\.jsonl:${i + 2}`)));
  assert.match(shell.written.out, /^2 spans, 0 log lines, 0 points from 1 file .*\n5 bad lines left out\n$/);
});

test('a busy hub is asked again after the time it names, and nothing is lost or doubled', async () => {
  refusals = [503, 429];
  const shell = recordingShell();
  assert.equal(await importInto([file('busy.jsonl', traceLine('patient'))], shell), 0);
  assert.deepEqual(arrived, ['patient']);
  assert.deepEqual(
    shell.slept.map((ms) => ms >= 2000),
    [true, true],
  );
});

test('many requests: everything arrives once', async () => {
  const names = Array.from({ length: 400 }, (_, i) => `${i} ${'x'.repeat(10_000)}`);
  assert.equal(await importInto([file('many.jsonl', names.map((name) => traceLine(name)).join('\n'))]), 0);
  assert.deepEqual(arrived.toSorted(), names.toSorted());
});

test('what the hub refuses is counted and makes the exit code 1', async () => {
  rejectedCount = 1;
  const shell = recordingShell();
  assert.equal(await importInto([file('refused.jsonl', traceLine('a', 'b'))], shell), 1);
  assert.match(shell.written.out, /1 record refused by the hub/);
});

test('an answer that no retry can change ends it with its status', async () => {
  refusals = [413];
  const shell = recordingShell();
  assert.equal(await importInto([file('large.jsonl', traceLine('a'))], shell), 3);
  assert.match(shell.written.err, /^AODE_HUB_ANSWER: .*status 413/);
});

test('a request that fails while others succeed is not forgotten', async () => {
  refusals = [400];
  const names = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(10_000)}`);
  const path = file('half.jsonl', names.map((name) => traceLine(name)).join('\n'));
  const shell = recordingShell();
  assert.equal(await importInto([path], shell), 3);
  assert.match(shell.written.err, /^AODE_HUB_ANSWER: .*status 400/);
});

test('a missing file is said before anything is sent', async () => {
  const shell = recordingShell();
  const there = file('there.jsonl', traceLine('a'));
  assert.equal(await importInto([there, join(directory, 'missing')], shell), 3);
  assert.match(shell.written.err, /^AODE_IMPORT_FILE: file cannot be read \(file .*missing, .*ENOENT/);
  assert.deepEqual(arrived, []);
});

test('no hub: after its patience is over, one line and exit code 3', async () => {
  const shell = recordingShell();
  const path = file('nobody.jsonl', traceLine('a'));
  assert.equal(await runCommand(['import', '--otlp', await closedUrl(), path], shell), 3);
  assert.match(shell.written.err, /^AODE_HUB_UNREACHABLE: .* — .*\n$/);
  assert.ok(shell.slept.length > 3);
});
