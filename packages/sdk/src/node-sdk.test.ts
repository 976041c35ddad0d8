/**
 * One application, once on OpenTelemetry's SDK and once on Aode, told apart by its import alone: both are received by
 * the same receiver and compared field by field. What differs on purpose is written down here, and in
 * docs/guide/opentelemetry.md with its reason.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import type { LogRecord, Span } from '@aode/wire';
import { type Ended, folder, run } from './testing/application.ts';
import { switchedApplication } from './testing/switched-application.ts';

interface Observed {
  readonly receiver: Receiver;
  readonly ended: Ended;
}

async function observed(sdk: Parameters<typeof switchedApplication>[0]): Promise<Observed> {
  const receiver = await openReceiver();
  using app = folder({ 'package.json': '{"name":"from-package"}', 'app.cjs': switchedApplication(sdk) });
  const ended = await run({
    cwd: app.path,
    args: ['app.cjs'],
    register: false,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_RESOURCE_ATTRIBUTES: 'team=payments,region=eu',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  return { receiver, ended };
}

type Fields = Readonly<Record<string, unknown>>;

/** Ours says more, or says it with less in it. */
const ADDED = [
  'aode.request_id',
  'aode.keep.reason',
  'aode.clock.hlc',
  'aode.clock.error_ms',
  'aode.log.count.info',
  'request_id',
  'aode.log.count.warn',
  'aode.log.count.error',
  'aode.log.first_error',
];

function comparableAttributes(of: Pick<Span, 'attributes'>): Fields {
  const all: Record<string, unknown> = { ...attributesOf(of) };
  for (const key of ADDED) delete all[key];
  const ports = ['server.port', 'network.peer.port'];
  for (const key of ports) if (key in all) all[key] = typeof all[key];
  for (const [key, value] of Object.entries(all)) {
    if (typeof value !== 'string') continue;
    if (key === 'url.full') all[key] = value.replace(/:\d+/, ':PORT').replace('full=1', 'full=REDACTED');
    if (key === 'url.query') all[key] = value.replace('full=1', 'full=REDACTED');
    // Whose frames lie between the application and Node.js.
    if (key === 'exception.stacktrace') all[key] = value.split('\n', 1)[0];
  }
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** W3C level 2's random bit is set by Aode and not by the SDK. */
const RANDOM = 2;

/** A method that nobody knows is `HTTP` in a name (semantic conventions, § HTTP); the SDK writes what came. */
const nameOf = ({ name }: Span): string => name.replace(/^SEARCH\b/, 'HTTP');

function targetOf(span: Span): string {
  const { 'url.path': path, 'url.full': url } = attributesOf(span);
  return typeof path === 'string' ? path : typeof url === 'string' ? url : '';
}

function comparable(spans: readonly Span[]): readonly Fields[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path = (span: Span): string => {
    const parent = byId.get(span.parentSpanId);
    const above = parent === undefined ? span.parentSpanId : path(parent);
    return `${above}/${nameOf(span)} ${targetOf(span)}`;
  };
  const all = spans.map((span) => ({
    path: path(span).replaceAll(/:\d+/g, ':PORT').replaceAll('full=1', 'full=REDACTED'),
    kind: span.kind,
    attributes: comparableAttributes(span),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      name: event.name,
      // The application gives some of them a time of the year 2023.
      time: event.timeUnixNano < 1_710_000_000_000_000_000n ? event.timeUnixNano : 'now',
      attributes: comparableAttributes(event),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      to: byId.get(link.spanId)?.name ?? [link.traceId, link.spanId],
      attributes: comparableAttributes(link),
      droppedAttributesCount: link.droppedAttributesCount,
      flags: link.flags & ~RANDOM,
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: span.status,
    flags: span.flags & ~RANDOM,
    isOfItsParentsTrace: [byId.get(span.parentSpanId)?.traceId ?? span.traceId].includes(span.traceId),
    start: span.name === 'root' ? [span.startTimeUnixNano, span.endTimeUnixNano] : 'now',
  }));
  return all.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

const comparableLogs = (logs: readonly LogRecord[], spans: readonly Span[]): readonly Fields[] =>
  logs.map((log) => ({
    ...log,
    timeUnixNano: 'now',
    observedTimeUnixNano: 'now',
    attributes: comparableAttributes(log),
    flags: log.flags & ~RANDOM,
    traceId: log.traceId === spans.find(({ spanId }) => spanId === log.spanId)?.traceId,
    spanId: spans.find(({ spanId }) => spanId === log.spanId)?.name,
  }));

/** Where both speak of the same thing. */
const RESOURCE = [
  'service.name',
  'team',
  'region',
  'shard',
  'canary',
  'zones',
  'host.name',
  'host.arch',
  'os.type',
  'os.version',
  'process.executable.path',
  'process.runtime.name',
  'process.runtime.version',
  'process.runtime.description',
];

function comparableResource({ resources }: Receiver): Fields {
  const all = attributesOf(resources[0] ?? { attributes: [] });
  return Object.fromEntries(RESOURCE.map((key) => [key, all[key]]));
}

describe('an application on sdk-node that has changed its import', () => {
  test('its spans, log records and resource are equal, field by field', async () => {
    const [before, after] = await Promise.all([
      observed('@opentelemetry/sdk-node'),
      observed('@aode/sdk/node-sdk'),
    ]);
    await using one = before.receiver;
    await using other = after.receiver;
    for (const { ended } of [before, after]) {
      assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, 'done\n', '']);
    }
    assert.equal(one.spans.length, 24);
    assert.deepStrictEqual(comparable(other.spans), comparable(one.spans));
    assert.equal(one.logs.length, 2);
    assert.deepStrictEqual(comparableLogs(other.logs, other.spans), comparableLogs(one.logs, one.spans));
    assert.deepStrictEqual(comparableResource(other), comparableResource(one));
  });
});

describe('what a NodeSDK of OpenTelemetry takes and this one does not', () => {
  const application = async (configuration: string, env: Record<string, string> = {}): Promise<Ended> => {
    using app = folder({
      'package.json': '{"name":"app"}',
      'app.mjs': `import { trace, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
        import { NodeSDK } from '@aode/sdk/node-sdk';
        let sdk;
        try { sdk = new NodeSDK(${configuration}); } catch (error) { console.log(error.code, error.detail.option); }
        sdk?.start();
        console.log(trace.getTracer('t').startSpan('s').isRecording(), propagation.fields().length);
        await sdk?.shutdown();`,
    });
    const fast = { AODE_EXIT_TIMEOUT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
    return await run({ cwd: app.path, args: ['app.mjs'], register: false, env: { ...fast, ...env } });
  };

  for (const key of ['traceExporter', 'spanProcessors', 'logRecordProcessors', 'metricReaders']) {
    test(`${key} is refused where it is constructed`, async () => {
      const value = key.endsWith('s') ? '[{}]' : '{}';
      const { stdout } = await application(`{ ${key}: ${value} }`);
      assert.equal(stdout, `AODE_OPTION_INVALID ${key}\nfalse 0\n`);
    });
  }

  test('sampler, views and others are ignored with a line; no propagator is none', async () => {
    const { stdout, stderr } = await application(
      '{ sampler: {}, views: [], idGenerator: {}, textMapPropagator: null, metricReaders: [] }',
    );
    assert.equal(stdout, 'true 0\n');
    assert.match(
      stderr,
      /^aode: AODE_OPTION_INVALID: .*option sampler, idGenerator, views, it has no meaning here/,
    );
  });

  test('a value of the environment that is none: a line, and the application runs', async () => {
    const { code, stdout, stderr } = await application('{}', { AODE_LOGS: 'perhaps' });
    assert.equal(code, 0);
    assert.equal(stdout, 'false 0\n');
    assert.match(stderr, /AODE_OPTION_INVALID.*; this process is not observed\n$/);
  });
});
