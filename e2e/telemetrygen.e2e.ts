/**
 * OpenTelemetry's own load generator, written in Go by other people, delivers every span, line and point by each
 * protocol, and the hub gives back what it was told to send.
 */
import type {
  LogsResponse,
  MetricsResponse,
  StatusResponse,
  TraceResponse,
  TracesResponse,
} from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getJson, type HubProcess, startHubProcess } from './hub-process.ts';

const TELEMETRYGEN = join(process.env['AODE_PEERS'] ?? join(homedir(), '.cache/aode-peers'), 'telemetrygen');
const TRACES = 50;
const CHILDREN = 5;
const LOGS = 200;

let hub: HubProcess;
before(async () => {
  assert.ok(
    existsSync(TELEMETRYGEN),
    `no telemetrygen at ${TELEMETRYGEN}: run e2e/peers.sh telemetrygen (needs Go)`,
  );
  hub = await startHubProcess(undefined);
});
after(async () => {
  await hub.stop();
});

function send(signal: string, protocol: 'http' | 'grpc', args: readonly string[]): string {
  const endpoint = (protocol === 'http' ? hub.http : hub.grpc).replace('http://', '');
  const service = `gen-${signal}-${protocol}`;
  const common = ['--otlp-insecure', '--otlp-endpoint', endpoint, '--rate', '0', '--service', service];
  const all = [signal, ...common, ...(protocol === 'http' ? ['--otlp-http'] : []), ...args];
  const result = spawnSync(TELEMETRYGEN, all, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(result.status, 0, result.stderr);
  return service;
}

const range = `start=${Date.now() - 3_600_000}&end=${Date.now() + 3_600_000}`;
const api = <T>(path: string): Promise<T> => getJson<T>(`${hub.board}/aode/v1/${path}`);

for (const protocol of ['http', 'grpc'] as const) {
  test(`traces by ${protocol}`, async () => {
    const attribute = ['--telemetry-attributes', 'hello="wörld"', '--telemetry-attributes', 'count=7'];
    const counts = ['--traces', `${TRACES}`, '--child-spans', `${CHILDREN}`];
    const service = send('traces', protocol, [...counts, ...attribute, '--status-code', 'Error']);
    const found = await api<TracesResponse>(`traces?service=${service}&limit=1000&${range}`);
    assert.equal(found.traces.length, TRACES);
    assert.equal(found.totalCount, TRACES);
    for (const { traceId } of found.traces) {
      const { spans } = await api<TraceResponse>(`traces/${traceId}`);
      assert.equal(spans.length, CHILDREN + 1);
      const root = spans.find((s) => s.parentSpanId === '');
      assert.equal(root?.name, 'lets-go');
      assert.ok(spans.every((s) => s.service === service && s.statusCode === 2));
      const value = root?.attributes.find((a) => a.key === 'hello');
      assert.deepEqual(value, { key: 'hello', type: 'string', value: 'wörld' });
    }
    const byAttribute = await api<TracesResponse>(
      `traces?service=${service}&attribute=${encodeURIComponent('hello=wörld')}&limit=1000&${range}`,
    );
    assert.equal(byAttribute.traces.length, TRACES);
  });

  test(`log lines by ${protocol}`, async () => {
    const service = send('logs', protocol, [
      '--logs',
      `${LOGS}`,
      '--body',
      'line of a generator',
      '--severity-text',
      'Warn',
      '--severity-number',
      '13',
    ]);
    const found = await api<LogsResponse>(`logs?service=${service}&limit=2000&${range}`);
    assert.equal(found.logs.length, LOGS);
    assert.equal(found.totalCount, LOGS);
    assert.ok(found.logs.every((l) => l.body === 'line of a generator' && l.severityNumber === 13));
  });

  test(`metric points by ${protocol}`, async () => {
    const service = send('metrics', protocol, [
      '--metrics',
      '40',
      '--metric-type',
      'Sum',
      '--otlp-metric-name',
      'gen.count',
    ]);
    const { metrics } = await api<MetricsResponse>(`metrics?${range}`);
    const row = metrics.find((m) => m.service === service && m.name === 'gen.count');
    assert.equal(row?.kind, 'sum');
    assert.equal(row.pointCount, 40);
  });
}

test('nothing was lost on the way', async () => {
  const status = await api<StatusResponse>('status');
  assert.deepEqual(status.lost, {});
  assert.equal(status.stored.spans, 2 * TRACES * (CHILDREN + 1));
  assert.equal(status.stored.logs, 2 * LOGS);
  assert.equal(status.stored.points, 2 * 40);
});
