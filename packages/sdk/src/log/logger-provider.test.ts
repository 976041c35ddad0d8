import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unixNs } from '@aode/base';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { PoolReader } from '../pool/pool-reader.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import { folder, run } from '../testing/application.ts';
import { HOSTILE } from '../testing/hostile.ts';
import { createLoggerProvider, type EmittedFields, type EmittedLog } from './logger-provider.ts';

const NOW = unixNs(1_700_000_000_000_000_000n);

/** What was emitted, after its way through the pool. */
function emitted(...all: readonly EmittedFields[]): { readonly logs: EmittedLog[]; readonly failed: number } {
  const buffer = new ArrayBuffer(1024 * 1024);
  const pool = new PoolWriter(buffer, () => undefined);
  let failed = 0;
  const provider = createLoggerProvider({
    clock: { now: () => NOW },
    emitted: (log) => void pool.line(log),
    failed: () => (failed += 1),
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
  return { logs, failed };
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

test('nothing throws, and each is a record or counted', () => {
  for (const value of HOSTILE) {
    for (const key of ['body', 'attributes', 'timestamp', 'context', 'exception', 'severityText'] as const) {
      const { logs, failed } = emitted({ [key]: value });
      assert.equal(logs.length + failed, 1, key);
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
