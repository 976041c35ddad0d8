/** Contract of a store: what SDK instances report of themselves, read back as their ledgers. */
import assert from 'node:assert/strict';
import { type Metric, TEMPORALITY } from '@aode/wire';
import type { SdkInstance } from '@aode/wire/hub-api';
import type { Store } from '../store/store.ts';
import { attributesOf, gaugeOf, metricsRequest } from './records.ts';
import { AROUND, check, MINUTE_MS, NOON_MS, type StoreUnderTest } from './store-contract.ts';
import { at } from './world.ts';

/** Ten minutes from noon on. */
const RANGE = { startMs: NOON_MS, endMs: NOON_MS + 10 * MINUTE_MS };

interface Said {
  readonly service?: string;
  readonly instance?: string;
  readonly startMs: number;
  readonly atMs: number;
  /** Spans that were lost on the way out, beside ten for each of the other fates. */
  readonly refused?: number;
  readonly started?: number;
}

/** One report as an SDK sends it. */
async function report(store: Store, said: Said): Promise<void> {
  const { service = 'pay', instance = 'pay-1', refused = 0, startMs, atMs } = said;
  const kept = 20 + refused;
  const started = said.started ?? kept + 30;
  const sum = (name: string, value: number, reason: Readonly<Record<string, string>> = {}): Metric => ({
    ...gaugeOf(name, 0n, 0),
    data: {
      kind: 'sum',
      aggregationTemporality: TEMPORALITY.cumulative,
      isMonotonic: true,
      dataPoints: [
        {
          attributes: attributesOf({ 'otel.component.type': 'x', ...reason }),
          startTimeUnixNano: at(startMs),
          timeUnixNano: at(atMs),
          flags: 0,
          value: BigInt(value),
          exemplars: [],
        },
      ],
    },
  });
  await store.write(
    metricsRequest({ 'service.name': service, 'service.instance.id': instance, ...PROCESS }, [
      sum('aode.sdk.agent.running', 1, { 'aode.sdk.agent': 'worker' }),
      sum('otel.sdk.span.started', started),
      sum('otel.sdk.span.live', 10),
      sum('aode.sdk.span.ended', kept + 20),
      sum('otel.sdk.processor.span.processed', kept),
      sum('aode.sdk.span.evicted', 9),
      sum('otel.sdk.processor.span.processed', 1, { 'error.type': 'too_large' }),
      sum('aode.sdk.span.undecided', 10),
      sum('otel.sdk.exporter.span.exported', 10),
      ...(refused > 0 ? [sum('otel.sdk.exporter.span.exported', refused, { 'error.type': 'refused' })] : []),
      sum('otel.sdk.exporter.span.inflight', 10),
      sum('aode.sdk.problems', refused + 2, { 'aode.sdk.problem': 'span_unfinished' }),
      gaugeOf('aode.sdk.horizon', at(atMs), 41.5),
      gaugeOf('aode.sdk.sampling.probability', at(atMs), 0.01),
      gaugeOf('aode.sdk.pool.chunk.count', at(atMs), 100n),
      gaugeOf('aode.sdk.pool.chunk.free', at(atMs), 25n),
      // Somebody else's, which is not asked for.
      gaugeOf('process.cpu.utilization', at(atMs), 0.5),
    ]),
  );
}

const PROCESS = {
  'telemetry.distro.version': '0.1.0',
  'host.name': 'h1',
  'process.pid': 77n,
  'process.runtime.name': 'nodejs',
  'process.runtime.version': '24.1.0',
};

const only = async (store: Store, range = RANGE): Promise<SdkInstance> => {
  const { instances } = await store.sdkHealth(range);
  assert.equal(instances.length, 1);
  return instances[0] ?? assert.fail();
};

/** Registers the tests. */
export function storeHealth(under: StoreUnderTest): void {
  oneInstance(under);
  changes(under);
  manyInstances(under);
}

function oneInstance(under: StoreUnderTest): void {
  check(under, 'an SDK instance as it reports of itself', async ({ store }) => {
    await report(store, { startMs: 0, atMs: 60_000, refused: 5 });
    const { spans, lines, ...row } = await only(store);
    assert.deepEqual(row, {
      service: 'pay',
      instanceId: 'pay-1',
      sdkVersion: '0.1.0',
      hostName: 'h1',
      processId: '77',
      runtime: 'nodejs 24.1.0',
      startedUnixNano: String(at(0)),
      lastSeenUnixNano: String(at(60_000)),
      agent: 'worker',
      problems: { span_unfinished: { total: 7, inRange: 7 } },
      horizonSeconds: 41.5,
      samplingProbability: 0.01,
      chunkCount: 100,
      chunksFree: 25,
      addsUp: true,
    });
    assert.deepEqual(spans, {
      started: { total: 55, inRange: 55 },
      open: 10,
      ended: { total: 45, inRange: 45 },
      kept: { total: 25, inRange: 25 },
      evicted: { total: 9, inRange: 9 },
      undecided: 10,
      delivered: { total: 10, inRange: 10 },
      waiting: 10,
      droppedBefore: { too_large: { total: 1, inRange: 1 } },
      dropped: { refused: { total: 5, inRange: 5 } },
    });
    assert.equal(lines.started.total, 0);
    const { hues } = await store.sdkHealth(RANGE);
    assert.deepEqual(Object.keys(hues), ['pay']);
  });
}

function changes(under: StoreUnderTest): void {
  check(under, 'what changed in the range is counted from the last report before it', async ({ store }) => {
    await report(store, { startMs: -MINUTE_MS * 30, atMs: -45_000, refused: 1 });
    await report(store, { startMs: -MINUTE_MS * 30, atMs: -15_000, refused: 3 });
    await report(store, { startMs: -MINUTE_MS * 30, atMs: 0, refused: 4 });
    await report(store, { startMs: -MINUTE_MS * 30, atMs: 15_000, refused: 8 });
    const { spans, lastSeenUnixNano } = await only(store);
    assert.deepEqual(spans.dropped['refused'], { total: 8, inRange: 5 });
    assert.deepEqual(spans.delivered, { total: 10, inRange: 0 });
    assert.equal(lastSeenUnixNano, String(at(15_000)));
    // The end is exclusive.
    const before = await only(store, { startMs: NOON_MS - 60_000, endMs: NOON_MS });
    assert.deepEqual(before.spans.dropped['refused'], { total: 3, inRange: 2 });
  });

  check(under, 'without a report before the range, from the first one in it', async ({ store }) => {
    await report(store, { startMs: -MINUTE_MS * 30, atMs: 15_000, refused: 4 });
    await report(store, { startMs: -MINUTE_MS * 30, atMs: 30_000, refused: 6 });
    const { spans } = await only(store);
    assert.deepEqual(spans.dropped['refused'], { total: 6, inRange: 2 });
  });
}

function manyInstances(under: StoreUnderTest): void {
  check(
    under,
    'a ledger that does not add up is told apart; instances stand by service',
    async ({ store }) => {
      await report(store, { startMs: 0, atMs: 1000, service: 'b', instance: '2' });
      await report(store, { startMs: 0, atMs: 1000, service: 'b', instance: '1', started: 51 });
      await report(store, { startMs: 0, atMs: 1000, service: 'a', instance: '3' });
      const { instances } = await store.sdkHealth(AROUND);
      assert.deepEqual(
        instances.map(({ service, instanceId, addsUp }) => [service, instanceId, addsUp]),
        [
          ['a', '3', true],
          ['b', '1', false],
          ['b', '2', true],
        ],
      );
      assert.deepEqual((await store.sdkHealth({ startMs: 0, endMs: NOON_MS })).instances, []);
    },
  );

  check(under, 'what an SDK says of itself is no symptom of its service', async ({ store }) => {
    await report(store, { startMs: 0, atMs: 1000 });
    const { points } = await store.window(AROUND, 1000);
    assert.deepEqual(
      points.map(({ name }) => name),
      ['process.cpu.utilization'],
    );
  });
}
