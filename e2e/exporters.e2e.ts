/**
 * The exporters of OpenTelemetry JS, by each protocol, packed and plain, deliver records that use every field they
 * have; what lies in the hub's data directory afterwards is compared with them field by field.
 */
import { OTLPLogExporter as LogGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogProto } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricProto } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TraceGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TraceJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TraceProto } from '@opentelemetry/exporter-trace-otlp-proto';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  readStoredRecords,
  type StoredRecord,
  type StoredRecords,
} from '../packages/hub/src/testing/stored-records.ts';
import { expectedLog, expectedMetrics, expectedPlace, expectedSpan } from './exporter-expected.ts';
import { newRecords, type Records } from './exporter-records.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';

interface Exporter<T> {
  export(records: T, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

const PROTOCOLS = {
  'otlp-grpc': [TraceGrpc, LogGrpc, MetricGrpc],
  'otlp-http': [TraceJson, LogJson, MetricJson],
  'otlp-proto': [TraceProto, LogProto, MetricProto],
} as const;
type Protocol = keyof typeof PROTOCOLS;

const WAYS = (Object.keys(PROTOCOLS) as Protocol[]).flatMap((protocol) =>
  (['none', 'gzip'] as const).map((compression) => ({
    protocol,
    compression,
    name: `${protocol}, ${compression}`,
  })),
);

function deliver<T>(exporter: Exporter<T>, records: T): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  exporter.export(records, ({ code, error }) => {
    if (code === 0) resolve();
    else reject(error ?? new Error(`export ended with ${code}`));
  });
  return promise.finally(() => exporter.shutdown());
}

async function send(
  hub: HubProcess,
  { protocol, compression }: (typeof WAYS)[number],
  records: Records,
): Promise<void> {
  const [Trace, Log, Metric] = PROTOCOLS[protocol];
  // As a user sets it; the exporters read it when they are made.
  process.env['OTEL_EXPORTER_OTLP_COMPRESSION'] = compression;
  const url = (path: string): { url: string } => ({
    url: protocol === 'otlp-grpc' ? hub.grpc : `${hub.http}/v1/${path}`,
  });
  await deliver(new Trace(url('traces')), [...records.spans]);
  await deliver(new Log(url('logs')), [...records.logs]);
  await deliver(new Metric(url('metrics')), records.metrics);
}

/** What of the stored records came by this way: each way has a resource of its own. */
function ofWay<T>(stored: readonly StoredRecord<T>[], name: string): StoredRecord<T>[] {
  return stored.filter(({ resource }) =>
    resource.resource.attributes.some(({ key, value }) => key === 'way' && value === name),
  );
}

const data = mkdtempSync(join(tmpdir(), 'aode-exporters-'));
const sent = new Map<string, Records>();
let stored: StoredRecords;

test('every exporter is answered with success', { timeout: 120_000 }, async (t) => {
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const hub = await startHubProcess(data);
  try {
    for (const way of WAYS) {
      const records = newRecords(way.name, { json: way.protocol === 'otlp-http' });
      sent.set(way.name, records);
      await send(hub, way, records);
    }
  } finally {
    assert.equal(await hub.stop(), 0);
  }
  stored = await readStoredRecords(data);
});

for (const { name } of WAYS) {
  test(`${name}: every field of every span`, () => {
    const { spans, place } = recordsOf(name);
    const found = ofWay(stored.spans, name);
    assert.equal(found.length, spans.length);
    for (const [index, span] of spans.entries()) {
      assert.deepEqual(found[index], { ...expectedPlace(place), record: expectedSpan(span) });
    }
  });

  test(`${name}: every field of every log record`, () => {
    const { logs, place } = recordsOf(name);
    const found = ofWay(stored.logs, name);
    assert.equal(found.length, logs.length);
    for (const [index, log] of logs.entries()) {
      assert.deepEqual(found[index], { ...expectedPlace(place), record: expectedLog(log) });
    }
  });

  test(`${name}: every field of every metric point`, () => {
    const { metrics, place } = recordsOf(name);
    const found = ofWay(stored.points, name);
    const expected = expectedMetrics(metrics);
    assert.equal(found.length, expected.length);
    for (const [index, record] of expected.entries()) {
      assert.deepEqual(found[index], { ...expectedPlace(place), record });
    }
  });
}

function recordsOf(name: string): Records {
  const records = sent.get(name);
  assert.ok(records !== undefined, 'was sent');
  return records;
}
