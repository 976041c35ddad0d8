import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unixNs } from '@aode/base';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { NO_REQUEST, withRequest } from '../context/request-context.ts';
import { PoolReader } from '../pool/pool-reader.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import { folder, run } from '../testing/application.ts';
import type { Losses } from '../losses.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { recordLines } from '../testing/line-recorder.ts';
import { createLoggerProvider, type EmittedFields, type EmittedLog } from './logger-provider.ts';

const NOW = unixNs(1_700_000_000_000_000_000n);

interface Emitted {
  readonly logs: EmittedLog[];
  readonly losses: ReturnType<Losses['counts']>;
}

/** What was emitted, after its way through the pool. */
function emitted(...all: readonly EmittedFields[]): Emitted {
  const buffer = new ArrayBuffer(1024 * 1024);
  const pool = new PoolWriter(buffer, () => undefined);
  const { writer, losses } = recordLines(ROOT_CONTEXT, { dye: ['tenant'] });
  const provider = createLoggerProvider({
    clock: { now: () => NOW },
    emitted: (log) => void pool.line(log),
    requests: writer,
  });
  const logger = provider.getLogger('lib', '1.0');
  for (const fields of all) logger.emit(fields);
  pool.sealAll();
  const logs: EmittedLog[] = [];
  new PoolReader(buffer).read(Number.MAX_SAFE_INTEGER, {
    span: () => undefined,
    line: (line) => void ('record' in line && logs.push(line)),
    ask: () => undefined,
    taken: () => undefined,
    damaged: () => assert.fail(),
  });
  return { logs, losses: losses.counts() };
}

const SPAN = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 3 };
const inside: Context = trace.setSpanContext(ROOT_CONTEXT, SPAN);

test('every field arrives as it was given', () => {
  const { logs } = emitted({
    eventName: 'order.placed',
    timestamp: [1_600_000_000, 5],
    observedTimestamp: [1_600_000_001, 6],
    severityNumber: 17,
    severityText: 'ERROR',
    body: { id: 7, tags: ['a', null], raw: new Uint8Array([1]) },
    attributes: { a: 1, nested: { b: [true] }, 'exception.type': 'own' },
    exception: new RangeError('beyond'),
    context: inside,
  });
  const [log] = logs;
  assert.ok(log !== undefined);
  const { 'exception.stacktrace': stack, ...attributes } = attributesOf(log.record);
  assert.match(String(stack), /^RangeError: beyond\n/);
  assert.deepEqual(attributes, {
    a: 1n,
    nested: { entries: [{ key: 'b', value: [true] }] },
    'exception.type': 'own',
    'exception.message': 'beyond',
  });
  assert.deepEqual([log.scope.name, log.scope.version], ['lib', '1.0']);
  assert.deepEqual(
    { ...log.record, attributes: [] },
    {
      timeUnixNano: 1_600_000_000_000_000_005n,
      observedTimeUnixNano: 1_600_000_001_000_000_006n,
      severityNumber: 17,
      severityText: 'ERROR',
      body: {
        entries: [
          { key: 'id', value: 7n },
          { key: 'tags', value: ['a', null] },
          { key: 'raw', value: new Uint8Array([1]) },
        ],
      },
      attributes: [],
      droppedAttributesCount: 0,
      flags: 3,
      traceId: SPAN.traceId,
      spanId: SPAN.spanId,
      eventName: 'order.placed',
    },
  );
});

test('nothing given: now, no severity, no ids; a severity that is none is unspecified', () => {
  const { logs } = emitted({}, ...[24, 25, -1, 1.5, '9'].map((severityNumber) => ({ severityNumber })));
  const { record } = logs[0] as EmittedLog;
  assert.deepEqual([record.timeUnixNano, record.observedTimeUnixNano], [NOW, NOW]);
  assert.deepEqual([record.body, record.traceId, record.spanId, record.flags], [null, '', '', 0]);
  assert.deepEqual(
    logs.map((log) => log.record.severityNumber),
    [0, 24, 0, 0, 0, 0],
  );
});

test('larger than a chunk of the pool: whole', () => {
  const body = 'x'.repeat(50_000);
  assert.equal(emitted({ body }).logs[0]?.record.body, body);
});

test('what its request is known by, behind what the record says itself', () => {
  const baggage = propagation.createBaggage({ tenant: { value: 'blue' }, secret: { value: 'x' } });
  const context = withRequest(propagation.setBaggage(inside, baggage), {
    ...NO_REQUEST,
    requestId: 'r-1',
    correlationId: 'order-7',
  });
  const { logs } = emitted({ context, attributes: { request_id: 'own' } });
  assert.deepEqual(attributesOf((logs[0] as EmittedLog).record), {
    request_id: 'own',
    tenant: 'blue',
    correlation_id: 'order-7',
  });
});

test('a logger that wants no context has none, also inside of a span', () => {
  const recorder = recordLines(inside);
  const logs: EmittedLog[] = [];
  const provider = createLoggerProvider({
    clock: { now: () => NOW },
    emitted: (log) => void logs.push(log),
    requests: recorder.writer,
  });
  provider.getLogger('lib', '', { includeTraceContext: false }).emit({ context: inside });
  provider.getLogger('lib', '', { includeTraceContext: true }).emit({ context: inside });
  assert.deepEqual(
    logs.map(({ record }) => record.traceId),
    ['', SPAN.traceId],
  );
});

test('a body that is longer than a value may be: cut, marked, counted', () => {
  const whole = emitted({ body: 'x'.repeat(65_536) });
  assert.deepEqual([whole.losses, whole.logs[0]?.record.attributes], [{}, []]);
  const cut = emitted({ body: 'x'.repeat(65_537) });
  assert.equal(cut.logs[0]?.record.body, 'x'.repeat(65_536));
  assert.deepEqual(attributesOf((cut.logs[0] as EmittedLog).record), { 'aode.log.original_chars': 65_537n });
  assert.deepEqual(cut.losses, { line_cut: 1 });
});

test('nothing throws, and each is a record or counted', () => {
  for (const value of HOSTILE) {
    for (const key of ['body', 'attributes', 'timestamp', 'context', 'exception', 'severityText'] as const) {
      const { logs, losses } = emitted({ [key]: value });
      // A context that cannot be read costs the ids, counted, and not the record.
      assert.ok(logs.length === 1 || losses.boundary_failed === 1, key);
    }
    emitted(value as EmittedFields);
  }
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }), (body) => {
      assert.equal(emitted({ body, attributes: { body } }).logs.length, 1);
    }),
  );
});

describe('in an application', () => {
  for (const [name, load] of [
    ['@opentelemetry/api', "const { logs } = require('@opentelemetry/api');"],
    ['@opentelemetry/api-logs', "const { logs } = require('@opentelemetry/api-logs');"],
  ] as const) {
    test(`${name}: a record belongs to the span that was active`, async () => {
      await using receiver = await openReceiver();
      using app = folder({
        'package.json': '{"name":"app"}',
        'app.cjs': `${load}
          const { trace } = require('@opentelemetry/api');
          const logger = logs.getLogger('shop', '1.0');
          console.log(logger.enabled());
          trace.getTracer('t').startActiveSpan('work', (span) => {
            logger.emit({ severityNumber: 13, body: 'inside', attributes: { n: 1 } });
            logs.getLogger('@opentelemetry/instrumentation-pino').emit({ body: 'sent by the patch of pino' });
            span.end();
          });`,
      });
      const ended = await run({
        cwd: app.path,
        args: ['app.cjs'],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_TRACES_SAMPLER: 'always_on' },
      });
      assert.deepEqual([ended.stderr, ended.stdout], ['', 'true\n']);
      const [span] = receiver.spans;
      assert.deepEqual(
        receiver.logs.map(({ body, severityNumber, traceId, spanId }) => ({
          body,
          severityNumber,
          traceId,
          spanId,
        })),
        [{ body: 'inside', severityNumber: 13, traceId: span?.traceId, spanId: span?.spanId }],
      );
    });
  }
});
