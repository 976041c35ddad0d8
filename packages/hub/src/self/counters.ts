/**
 * What the hub knows of itself: counters and gauges by name and labels, as Prometheus text at /metrics, and the losses
 * among them for the board's footer. Nothing that is refused, dropped or expired goes uncounted.
 */
import type { Signal } from '../store/store.ts';

/** Name -> [type, sentence]. docs/reference/hub-metrics.md is derived from this table. */
export const HUB_METRICS = {
  aode_hub_received_total: ['counter', 'Spans, log lines and metric points accepted, by signal.'],
  aode_hub_refused_total: [
    'counter',
    'Records refused one by one while the rest was kept, by signal and reason.',
  ],
  aode_hub_expired_total: ['counter', 'Records removed by retention, by signal.'],
  aode_hub_requests_total: ['counter', 'Export requests, by signal, protocol and outcome.'],
  aode_hub_duplicates_total: ['counter', 'Requests recognised as repeated and not stored again, by signal.'],
  aode_hub_received_bytes_total: ['counter', 'Bytes of export requests after decompression, by signal.'],
  aode_hub_waiting_bytes: ['gauge', 'Bytes of requests that are received and not yet answered.'],
  aode_hub_stored: ['gauge', 'Records in the store, by signal.'],
  aode_hub_stored_bytes: ['gauge', 'Bytes of the store on disk.'],
  aode_hub_asks_total: [
    'counter',
    'Asks for whole traces: `source` is `sdk` or the trigger of the hub, `outcome` is `accepted` or `known`.',
  ],
  aode_hub_asks_kept: ['gauge', 'Asks of the last five minutes, which a stream that begins is told of.'],
  aode_hub_asks_dropped_total: [
    'counter',
    'Asks forgotten before their five minutes were over, for want of room.',
  ],
  aode_hub_asks_pushed_total: ['counter', 'Lines sent to SDK instances, one an ask and instance.'],
  aode_hub_ask_requests_total: ['counter', 'Requests to /aode/v1/asks, by method and outcome.'],
  aode_hub_ask_streams: ['gauge', 'SDK instances that listen for asks.'],
  aode_hub_ask_streams_ended_total: [
    'counter',
    'Streams of asks that ended, by reason: `client`, `shutdown`, `slow` (took nothing for 15 s), `behind`.',
  ],
  aode_hub_triggers_limited_total: [
    'counter',
    'What triggers of the hub saw and did not ask for, by reason: beyond its rate.',
  ],
  aode_hub_uptime_seconds: ['gauge', 'Seconds since start.'],
} as const;

export type HubMetric = keyof typeof HUB_METRICS;

/** Seconds over which the receiving rate is taken. */
const RATE_SECONDS = 10;

export class Counters {
  readonly #values = new Map<HubMetric, Map<string, number>>();
  /** Accepted records per second of the clock, by signal, for the last RATE_SECONDS. */
  readonly #recent = new Map<Signal, { second: number; count: number }[]>();

  add(metric: HubMetric, labels: Readonly<Record<string, string>>, count: number): void {
    const key = labelText(labels);
    const values = this.#values.get(metric) ?? new Map<string, number>();
    this.#values.set(metric, values);
    values.set(key, (values.get(key) ?? 0) + count);
  }

  set(metric: HubMetric, labels: Readonly<Record<string, string>>, value: number): void {
    const values = this.#values.get(metric) ?? new Map<string, number>();
    this.#values.set(metric, values);
    values.set(labelText(labels), value);
  }

  /** Records accepted at this second; feeds the total and the rate. */
  accepted(signal: Signal, count: number, unixSecond: number): void {
    this.add('aode_hub_received_total', { signal }, count);
    const recent = this.#recent.get(signal) ?? [];
    this.#recent.set(signal, recent);
    const last = recent.at(-1);
    if (last?.second === unixSecond) last.count += count;
    else recent.push({ second: unixSecond, count });
    while ((recent[0]?.second ?? unixSecond) < unixSecond - RATE_SECONDS) recent.shift();
  }

  /** Accepted records per second over the last ten whole seconds. */
  rate(signal: Signal, unixSecond: number): number {
    const recent = this.#recent.get(signal) ?? [];
    const within = recent.filter(({ second }) => second < unixSecond && second >= unixSecond - RATE_SECONDS);
    return within.reduce((sum, { count }) => sum + count, 0) / RATE_SECONDS;
  }

  /** Records refused or expired since start, by reason. */
  losses(): Record<string, number> {
    const out: Record<string, number> = {};
    for (const [labels, count] of this.#values.get('aode_hub_refused_total') ?? []) {
      const reason = /reason="([^"]*)"/.exec(labels)?.[1] ?? 'unknown';
      out[reason] = (out[reason] ?? 0) + count;
    }
    for (const count of this.#values.get('aode_hub_expired_total')?.values() ?? []) {
      if (count > 0) out['expired'] = (out['expired'] ?? 0) + count;
    }
    return out;
  }

  /** Prometheus text exposition format 0.0.4. */
  text(): string {
    const names = Object.keys(HUB_METRICS) as HubMetric[];
    return names
      .map((name) => {
        const [type, sentence] = HUB_METRICS[name];
        const rows = [...(this.#values.get(name) ?? [])].map(
          ([labels, value]) => `${name}${labels} ${value}\n`,
        );
        return `# HELP ${name} ${sentence}\n# TYPE ${name} ${type}\n${rows.join('')}`;
      })
      .join('');
  }
}

/** Label values are of closed sets (signals, protocols, reasons), so nothing needs to be escaped. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
