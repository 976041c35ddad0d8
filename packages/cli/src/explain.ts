/** `aode explain`: one trace, its log lines, its cause. */
import { AodeError, type TraceId, traceId } from '@aode/base';
import type { TraceResponse, TracesResponse } from '@aode/wire/hub-api';
import { type Call, EXIT } from './command.ts';
import { type HubClient, hubClient } from './hub-client.ts';
import { newestData } from './newest-data.ts';
import { timeRange } from './time-range.ts';
import { traceText } from './trace-text.ts';

export async function explain(call: Call): Promise<number> {
  const { shell, paint, json } = call;
  const hub = hubClient(call.text('hub'), shell);
  const id = await wantedTrace(call, hub);
  const trace = await hub.get<TraceResponse>(`traces/${id}`, {});
  if (trace === undefined) throw new AodeError('AODE_TRACE_NOT_FOUND', { trace: id, hub: hub.url });
  if (json) shell.out(`${JSON.stringify(trace)}\n`);
  else {
    shell.out(traceText(trace, { paint, columns: shell.columns }));
    if (!call.quiet) shell.err(`${paint.dim(`${hub.url}/trace/${id}`)}\n`);
  }
  return EXIT.good;
}

/** The id that was given, or the newest that matches. */
async function wantedTrace(call: Call, hub: HubClient): Promise<TraceId> {
  const [given] = call.args;
  const last = call.flag('last');
  if ((given === undefined) !== last) {
    throw new AodeError('AODE_CLI_USAGE', { why: 'explain takes either a trace id or --last' });
  }
  if (given !== undefined) return traceId(given.toLowerCase());
  const range = timeRange({ since: call.text('since'), until: call.text('until') }, call.shell.clock);
  const service = call.text('service');
  const found = await hub.get<TracesResponse>('traces', {
    start: range.startMs,
    end: range.endMs,
    limit: 1,
    ...(call.flag('error') ? { error: true } : {}),
    ...(service === undefined ? {} : { service }),
  });
  const newest = found?.traces[0];
  if (newest === undefined) {
    const wanted = call.flag('error') ? 'the newest failed one' : 'the newest one';
    const newest = await newestData(hub, range);
    throw new AodeError('AODE_TRACE_NOT_FOUND', { wanted, hub: hub.url, newest });
  }
  return traceId(newest.traceId);
}
