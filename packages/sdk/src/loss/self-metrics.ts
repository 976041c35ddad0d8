/**
 * What the SDK says of itself as OTLP metrics: the loss ledger, what was not as it should be, how the pools stand.
 * Names are those of OpenTelemetry's semantic conventions for SDK metrics (otel/sdk-metrics, development) where one
 * means the same, `aode.sdk.…` where none does; docs/guide/sdk-health.md lists them.
 */
import { type Attribute, type Metric, type NumberPoint, type ScopeMetrics, TEMPORALITY } from '@aode/wire';
import type { ClockReport } from '../clock/clock-reading.ts';
import type { LedgerLossReason, SignalLedger } from './ledger.ts';

export interface SelfState {
  readonly spans: SignalLedger;
  readonly lines: SignalLedger;
  /** Data points of earlier reports. */
  readonly points: {
    readonly delivered: number;
    readonly dropped: Readonly<Partial<Record<LedgerLossReason, number>>>;
  };
  /** Bytes that wait in the journal. */
  readonly journalBytes: number;
  /** Records that other processes have left. */
  readonly inherited: { readonly delivered: number; readonly dropped: number };
  /** By reason, without zeros. */
  readonly problems: Readonly<Partial<Record<string, number>>>;
  readonly chunkCount: number;
  readonly chunksFree: number;
  /** Age of the oldest trace that may still be asked for; undefined without one. */
  readonly horizonSeconds: number | undefined;
  /** Undefined while no trace has begun here. */
  readonly samplingProbability: number | undefined;
  readonly agent: 'worker' | 'inline';
  readonly stepSeconds: number;
  /** Of an agent that works for its own thread alone: several of a process are told apart by it. */
  readonly threadId: number | undefined;
  readonly clock: ClockReport | undefined;
}

export interface SelfMoment {
  readonly startUnixNano: bigint;
  readonly timeUnixNano: bigint;
}

/** Who says it, as the scope of these metrics. */
const SELF_SCOPE = '@aode/sdk';

/** Sums without anything in them are said too: that nothing was lost is what a reader wants to know. */
export function selfMetrics(state: SelfState, moment: SelfMoment): ScopeMetrics {
  const make = new MetricMaker(moment);
  const { spans, lines, points } = state;
  const metrics: Metric[] = [
    make.sum('otel.sdk.span.started', '{span}', [[spans.started]]),
    make.upDown('otel.sdk.span.live', '{span}', spans.open),
    make.sum('aode.sdk.span.ended', '{span}', [[spans.ended]]),
    ...signalMetrics(make, { noun: 'span', unit: '{span}', ledger: spans }),
    make.sum('otel.sdk.log.created', '{log_record}', [[lines.started]]),
    ...signalMetrics(make, { noun: 'log', unit: '{log_record}', ledger: lines }),
    make.sum(
      'otel.sdk.exporter.metric_data_point.exported',
      '{data_point}',
      bySettlement(points, 'otlp_http_metric_exporter'),
    ),
    make.sum('aode.sdk.agent.step.time', 's', [[state.stepSeconds]]),
    make.gauge('aode.sdk.agent.running', '1', 1, { 'aode.sdk.agent': state.agent }),
    make.gauge('aode.sdk.journal.size', 'By', state.journalBytes),
    make.gauge('aode.sdk.pool.chunk.count', '{chunk}', state.chunkCount),
    make.gauge('aode.sdk.pool.chunk.free', '{chunk}', state.chunksFree),
  ];
  const problems = Object.entries(state.problems).map(([reason, count = 0]): SumPoint => [
    count,
    { 'aode.sdk.problem': reason },
  ]);
  if (problems.length > 0) metrics.push(make.sum('aode.sdk.problems', '{problem}', problems));
  const { delivered, dropped } = state.inherited;
  if (delivered + dropped > 0) {
    const points: readonly SumPoint[] = [[delivered], [dropped, { 'error.type': 'dropped' }]];
    metrics.push(make.sum('aode.sdk.journal.inherited', '{record}', points));
  }
  const { horizonSeconds, samplingProbability } = state;
  if (horizonSeconds !== undefined) metrics.push(make.gauge('aode.sdk.horizon', 's', horizonSeconds));
  if (samplingProbability !== undefined) {
    metrics.push(make.gauge('aode.sdk.sampling.probability', '1', samplingProbability));
  }
  if (state.clock !== undefined) metrics.push(...clockMetrics(make, state.clock));
  const { threadId } = state;
  const attributes = threadId === undefined ? [] : [{ key: 'thread.id', value: BigInt(threadId) }];
  const scope = { name: SELF_SCOPE, version: '', attributes, droppedAttributesCount: 0 };
  return { scope, schemaUrl: '', metrics };
}

/** An error bound that nobody knows is left out. */
function clockMetrics(make: MetricMaker, clock: ClockReport): readonly Metric[] {
  const { status, errorMs, leftMs, epoch, steps, sleeps, refused } = clock;
  const reasons = Object.entries(refused).map(([reason, count]): SumPoint => [
    count,
    { 'error.type': reason },
  ]);
  const metrics = [
    make.gauge('aode.sdk.clock.status', '1', 1, { 'aode.sdk.clock.status': status }),
    make.gauge('aode.sdk.clock.offset', 's', leftMs / 1000),
    make.sum('aode.sdk.clock.disturbances', '{disturbance}', [
      [steps, { 'aode.sdk.clock.disturbance': 'step' }],
      [sleeps, { 'aode.sdk.clock.disturbance': 'sleep' }],
      [epoch, { 'aode.sdk.clock.disturbance': 'epoch' }],
    ]),
  ];
  if (errorMs !== undefined) metrics.push(make.gauge('aode.sdk.clock.error', 's', errorMs / 1000));
  if (reasons.length > 0) metrics.push(make.sum('aode.sdk.clock.refused', '{sample}', reasons));
  return metrics;
}

interface SignalParts {
  readonly noun: 'span' | 'log';
  readonly unit: string;
  readonly ledger: SignalLedger;
}

/** Both signals go the same way behind their beginning. */
function signalMetrics(make: MetricMaker, { noun, unit, ledger }: SignalParts): readonly Metric[] {
  const exporter = `otlp_http_${noun}_exporter`;
  const { pool_full, too_large, ring_full, ...dropped } = ledger.dropped;
  const pooled: SumPoint[] = [[ledger.kept, component('aode_pool')]];
  for (const [reason, count] of Object.entries({ pool_full, too_large, ring_full })) {
    if (count !== undefined) pooled.push([count, failed('aode_pool', reason)]);
  }
  return [
    make.sum(`otel.sdk.processor.${noun}.processed`, unit, pooled),
    make.sum(`aode.sdk.${noun}.evicted`, unit, [[ledger.evicted]]),
    make.gauge(`aode.sdk.${noun}.undecided`, unit, ledger.undecided),
    make.sum(
      `otel.sdk.exporter.${noun}.exported`,
      unit,
      bySettlement({ delivered: ledger.delivered, dropped }, exporter),
    ),
    make.upDown(`otel.sdk.exporter.${noun}.inflight`, unit, ledger.waiting, component(exporter)),
  ];
}

type SumPoint = readonly [value: number, attributes?: Readonly<Record<string, string>>];

function bySettlement({ delivered, dropped }: SelfState['points'], exporter: string): readonly SumPoint[] {
  const lost = Object.entries(dropped).map(([reason, count]): SumPoint => [count, failed(exporter, reason)]);
  return [[delivered, component(exporter)], ...lost];
}

/** Which of several; there is one of each in a process. */
function component(type: string): Readonly<Record<string, string>> {
  return { 'otel.component.type': type, 'otel.component.name': `${type}/0` };
}

function failed(type: string, reason: string): Readonly<Record<string, string>> {
  return { ...component(type), 'error.type': reason };
}

class MetricMaker {
  readonly #moment: SelfMoment;

  constructor(moment: SelfMoment) {
    this.#moment = moment;
  }

  /** Counts up since the start. */
  sum(name: string, unit: string, points: readonly SumPoint[]): Metric {
    return this.#summed(name, unit, points, true);
  }

  /** Goes up and down: OpenTelemetry's UpDownCounter. */
  upDown(
    name: string,
    unit: string,
    value: number,
    attributes: Readonly<Record<string, string>> = {},
  ): Metric {
    return this.#summed(name, unit, [[value, attributes]], false);
  }

  #summed(name: string, unit: string, points: readonly SumPoint[], isMonotonic: boolean): Metric {
    const dataPoints = points.map(([value, attributes = {}]) => this.#point(unit, value, attributes));
    const data = {
      kind: 'sum',
      dataPoints,
      aggregationTemporality: TEMPORALITY.cumulative,
      isMonotonic,
    } as const;
    return { name, description: '', unit, metadata: [], data };
  }

  gauge(
    name: string,
    unit: string,
    value: number,
    attributes: Readonly<Record<string, string>> = {},
  ): Metric {
    const point = { ...this.#point(unit, value, attributes), startTimeUnixNano: 0n };
    return { name, description: '', unit, metadata: [], data: { kind: 'gauge', dataPoints: [point] } };
  }

  #point(unit: string, value: number, attributes: Readonly<Record<string, string>>): NumberPoint {
    const { startUnixNano, timeUnixNano } = this.#moment;
    return {
      attributes: Object.entries(attributes).map(([key, text]): Attribute => ({ key, value: text })),
      startTimeUnixNano: startUnixNano,
      timeUnixNano,
      flags: 0,
      value: asInt(unit, value),
      exemplars: [],
    };
  }
}

/** What is counted is whole; seconds and shares are not. */
const asInt = (unit: string, value: number): bigint | number =>
  unit.startsWith('{') || unit === 'By' ? BigInt(value) : value;
