/** How the SDK instances are, by the metrics that they report of themselves (docs/guide/sdk-health.md). */
import type { SdkHealthResponse, SdkInstance } from '@aode/wire/hub-api';
import { valueText } from './attribute-row.ts';
import { inRange, nanoOf } from './filter.ts';
import { Parameters, type Row, bigOf, bytesOf, numberOf, rowsOf, textOf } from './query.ts';
import { unpackMetric } from './raw-record.ts';
import { attributesOf, huesOf, type ReadContext, resourcesOf } from './read-context.ts';
import { reportKey, type SdkNumbers, sdkNumbers, type SdkReport, togetherOf } from './sdk-ledger.ts';
import type { TimeRange } from './store.ts';

/** More rows than this nobody reads; those heard of last are kept. */
const INSTANCES_MAX = 500;

/** The last report before the range is looked for so far back: twenty of the usual intervals. */
const BEFORE_MS = 5 * 60_000;

/** In every report, and in nobody else's metrics. */
const MARK = 'aode.sdk.agent.running';

export async function readSdkHealth(context: ReadContext, range: TimeRange): Promise<SdkHealthResponse> {
  const rows = await pointRows(context, range);
  const agents = agentsOf(rows);
  const resources = await resourcesOf(
    context.connection,
    agents.map(({ resourceId }) => resourceId),
  );
  const byResource = Map.groupBy(agents, ({ resourceId }) => resourceId);
  const instances = [...byResource].flatMap(([id, parts]): SdkInstance[] => {
    const last = togetherOf(parts.map((part) => part.last));
    if (last === undefined) return [];
    const attributes = attributesOf(resources, id);
    const of = (key: string): string => {
      const found = attributes.find((attribute) => attribute.key === key);
      return found === undefined ? '' : valueText(found.value);
    };
    return [
      {
        service: parts[0]?.service ?? '',
        instanceId: of('service.instance.id'),
        sdkVersion: of('telemetry.distro.version'),
        hostName: of('host.name'),
        processId: of('process.pid'),
        runtime: `${of('process.runtime.name')} ${of('process.runtime.version')}`.trim(),
        startedUnixNano: String(last.startNs),
        lastSeenUnixNano: String(
          parts.reduce((newest, { lastNs }) => (lastNs > newest ? lastNs : newest), 0n),
        ),
        ...numbersOf(last, parts, range),
      },
    ];
  });
  instances.sort((a, b) => order(a.service, b.service) || order(a.instanceId, b.instanceId));
  return { instances, hues: await huesOf(context.connection, new Set(instances.map((row) => row.service))) };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What had been counted when the range began: by the last report before it; else nothing where the process began later;
 * else by the first report there is, because nobody knows when the rest happened.
 */
function numbersOf(last: SdkReport, parts: readonly AgentReports[], range: TimeRange): SdkNumbers {
  const startNs = nanoOf(range.startMs);
  const before = parts.flatMap((part) => part.before ?? (part.last.startNs >= startNs ? [] : [part.first]));
  return sdkNumbers(last, togetherOf(before));
}

/** Of each agent the rows of three reports: the first and the last in the range, the last before it. */
async function pointRows({ connection }: ReadContext, range: TimeRange): Promise<readonly Row[]> {
  const p = new Parameters();
  const start = p.u64(nanoOf(range.startMs));
  const reach = { startMs: range.startMs - BEFORE_MS, endMs: range.endMs };
  return rowsOf(
    connection,
    `WITH reports AS (
       SELECT resource_id, scope_id, max(time_ns) AS last, min(time_ns) FILTER (time_ns >= ${start}) AS first,
         max(time_ns) FILTER (time_ns < ${start}) AS before
       FROM points WHERE metric_id IN (SELECT id FROM metrics WHERE name = '${MARK}')
         AND ${inRange('time_ns', reach, p)}
       GROUP BY resource_id, scope_id HAVING last >= ${start}
       ORDER BY last DESC, resource_id LIMIT ${INSTANCES_MAX}
     )
     SELECT resource_id, scope_id, service, time_ns, name, value, points.raw AS raw, last, first
     FROM points JOIN reports USING (resource_id, scope_id) JOIN metrics ON metrics.id = metric_id
     WHERE ${inRange('time_ns', reach, p)} AND time_ns IN (last, first, before) AND value IS NOT NULL
       AND (starts_with(name, 'aode.sdk.') OR starts_with(name, 'otel.sdk.'))`,
    p,
  );
}

interface AgentReports {
  readonly resourceId: number;
  readonly service: string;
  readonly lastNs: bigint;
  readonly last: SdkReport;
  readonly first: SdkReport;
  readonly before: SdkReport | undefined;
}

function agentsOf(rows: readonly Row[]): readonly AgentReports[] {
  const byAgent = Map.groupBy(rows, (row) => `${numberOf(row, 'resource_id')}/${numberOf(row, 'scope_id')}`);
  return [...byAgent.values()].flatMap((own): AgentReports[] => {
    const [any] = own;
    if (any === undefined) return [];
    const byTime = Map.groupBy(own, (row) => bigOf(row, 'time_ns'));
    const at = (time: bigint | undefined): SdkReport | undefined => {
      const found = time === undefined ? undefined : byTime.get(time);
      return found === undefined ? undefined : reportOf(found);
    };
    const [lastNs, firstNs] = [bigOf(any, 'last'), bigOf(any, 'first')];
    const last = at(lastNs);
    const first = at(firstNs);
    if (last === undefined || first === undefined) return [];
    return [
      {
        resourceId: numberOf(any, 'resource_id'),
        service: textOf(any, 'service'),
        lastNs,
        last,
        first,
        before: at([...byTime.keys()].find((time) => time < firstNs)),
      },
    ];
  });
}

function reportOf(rows: readonly Row[]): SdkReport {
  const values = new Map<string, number>();
  let startNs = 0n;
  let agent: SdkReport['agent'] = null;
  for (const row of rows) {
    const { data } = unpackMetric(bytesOf(row, 'raw'));
    const point = data.kind === 'none' ? undefined : data.dataPoints[0];
    if (point === undefined) continue;
    const name = textOf(row, 'name');
    values.set(reportKey(name, point.attributes), numberOf(row, 'value'));
    if (data.kind === 'sum') startNs = point.startTimeUnixNano;
    if (name === MARK) agent = agentOf(point.attributes.find(({ key }) => key === 'aode.sdk.agent')?.value);
  }
  return { values, startNs, agent };
}

const agentOf = (value: unknown): SdkReport['agent'] =>
  value === 'worker' || value === 'inline' ? value : null;
