/** Where the data are when a range holds none: imported data keep their own times, often of years ago. */
import type { StatusResponse } from '@aode/wire/hub-api';
import type { HubClient } from './hub-client.ts';
import type { MsRange } from './time-range.ts';

/** Options that reach the newest data by a range as long as `range`; undefined when that holds them, or none are. */
export async function newestData(hub: HubClient, range: MsRange): Promise<string | undefined> {
  const status = await hub.get<StatusResponse>('status', {});
  if (status === undefined || status.dataRange === null) return undefined;
  // Whole seconds, the last one included: `--until` is exclusive.
  const endMs = (Number(BigInt(status.dataRange.endUnixNano) / 1_000_000_000n) + 1) * 1000;
  if (endMs > range.startMs && endMs <= range.endMs) return undefined;
  const text = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return `--since ${text(endMs - (range.endMs - range.startMs))} --until ${text(endMs)}`;
}
