/** Applications that stay with OpenTelemetry's SDK and ship through Aode, as real processes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attributesOf, openReceiver } from '@aode/journal/otlp-receiver';
import { SPAN_KIND, STATUS_CODE } from '@aode/wire';
import { type Ended, folder, run } from './testing/application.ts';

const SETUP = `
import { context, propagation, SpanKind, SpanStatusCode, trace, ROOT_CONTEXT } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler, AlwaysOnSampler, createAlwaysRecordSampler, TracerProvider,
} from '@opentelemetry/sdk-trace';
import { AodeSpanProcessor } from '@aode/sdk/span-processor';
const processor = new AodeSpanProcessor();
const providerOf = (sampler) => new TracerProvider({
  sampler,
  resource: resourceFromAttributes({ 'service.name': 'theirs', shard: 3 }),
  spanProcessors: [processor],
});
`;

async function application(script: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  using app = folder({ 'package.json': '{"name":"app"}', 'app.mjs': SETUP + script });
  return await run({ cwd: app.path, args: ['app.mjs'], register: false, env });
}

describe('AodeSpanProcessor', { concurrency: 2 }, () => {
  test('every field of a span arrives, with the resource and the ids of the SDK', async () => {
    await using receiver = await openReceiver();
    const { stdout, stderr } = await application(
      `
      const tracer = providerOf(new AlwaysOnSampler()).getTracer('lib', '1.0');
      const remote = { traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: 1, isRemote: true };
      const outer = tracer.startSpan('outer', {
        kind: SpanKind.SERVER,
        startTime: [1700000000, 5],
        attributes: { text: 'a', whole: 7, list: ['x'], map: { a: null } },
      }, trace.setSpanContext(ROOT_CONTEXT, remote));
      const inner = tracer.startSpan('inner', { links: [{ context: remote, attributes: { why: 'x' } }] },
        trace.setSpan(ROOT_CONTEXT, outer));
      inner.addEvent('step', { n: 1 }, [1700000001, 7]);
      inner.setStatus({ code: SpanStatusCode.ERROR, message: 'broke' });
      inner.end([1700000002, 8]);
      outer.end([1700000003, 9]);
      await processor.forceFlush();
      const { started, ended, kept } = processor.ledger().spans;
      console.log(inner.spanContext().spanId, started, ended, kept);
      await processor.shutdown();
      tracer.startSpan('too late').end();
    `,
      { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
    );
    assert.equal(stderr, '');
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['inner', 'outer'],
    );
    const [inner, outer] = receiver.spans;
    assert.ok(inner !== undefined && outer !== undefined);
    assert.equal(stdout, `${inner.spanId} 2 2 2\n`);
    assert.equal(outer.traceId, '3'.repeat(32));
    assert.equal(outer.parentSpanId, '4'.repeat(16));
    assert.equal(outer.kind, SPAN_KIND.server);
    assert.equal(outer.flags, 0x301);
    assert.deepEqual(
      [outer.startTimeUnixNano, outer.endTimeUnixNano],
      [1_700_000_000_000_000_005n, 1_700_000_003_000_000_009n],
    );
    assert.deepEqual(attributesOf(outer), {
      text: 'a',
      whole: 7n,
      list: ['x'],
      map: { entries: [{ key: 'a', value: null }] },
    });
    assert.equal(inner.parentSpanId, outer.spanId);
    assert.equal(inner.flags, 0x101);
    assert.deepEqual(inner.status, { code: STATUS_CODE.error, message: 'broke' });
    assert.deepEqual(
      inner.events.map(({ name, timeUnixNano }) => [name, timeUnixNano]),
      [['step', 1_700_000_001_000_000_007n]],
    );
    assert.deepEqual(
      inner.links.map((link) => [link.traceId, link.spanId, attributesOf(link)]),
      [['3'.repeat(32), '4'.repeat(16), { why: 'x' }]],
    );
    const resource = attributesOf(receiver.resources[0] ?? { attributes: [] });
    assert.equal(resource['service.name'], 'theirs');
    assert.equal(resource['shard'], 3n);
    assert.equal(resource['telemetry.distro.name'], 'aode');
  });
});

describe('AodeSpanProcessor and the engine', { concurrency: 2 }, () => {
  test('spans that end in front of process.exit arrive, without a flush', async () => {
    await using receiver = await openReceiver();
    const { code, stderr } = await application(
      `
      const tracer = providerOf(new AlwaysOnSampler()).getTracer('lib');
      for (let i = 0; i < 1000; i += 1) tracer.startSpan('work').end();
      process.exit(3);
    `,
      { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
    );
    assert.deepEqual([code, stderr], [3, '']);
    assert.equal(receiver.spans.length, 1000);
  });

  test('what the SDK records without sampling is held, and kept whole where the trace fails', async () => {
    await using receiver = await openReceiver();
    await application(
      `
      const tracer = providerOf(createAlwaysRecordSampler(new AlwaysOffSampler())).getTracer('lib');
      for (const fails of [false, true]) {
        const outer = tracer.startSpan(fails ? 'failing' : 'fine', { kind: SpanKind.SERVER });
        const inside = trace.setSpan(ROOT_CONTEXT, outer);
        tracer.startSpan('before', {}, inside).end();
        if (fails) outer.setStatus({ code: SpanStatusCode.ERROR });
        outer.end();
        tracer.startSpan('after', {}, inside).end();
      }
    `,
      { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
    );
    assert.deepEqual(receiver.spans.map(({ name }) => name).toSorted(), ['after', 'before', 'failing']);
    assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
  });
});
