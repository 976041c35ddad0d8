/** `aode causes`: who is to blame, with evidence. */
import { AodeError } from '@aode/base';
import type { CausesResponse } from '@aode/wire/hub-api';
import { causesText } from './causes-text.ts';
import { type Call, EXIT } from './command.ts';
import { hubClient } from './hub-client.ts';
import { newestData } from './newest-data.ts';
import { timeRange } from './time-range.ts';

const LIMIT_DEFAULT = 3;

export async function causes(call: Call): Promise<number> {
  const { shell, json, paint } = call;
  const limit = limitOf(call.text('limit'));
  const hub = hubClient(call.text('hub'), shell);
  const range = timeRange({ since: call.text('since'), until: call.text('until') }, shell.clock);
  const at = call.text('at');
  const answer = await hub.get<CausesResponse>('causes', {
    start: range.startMs,
    end: range.endMs,
    ...(at === undefined ? {} : { at: timeRange({ since: at }, shell.clock).startMs }),
  });
  if (answer === undefined)
    throw new AodeError('AODE_HUB_UNREACHABLE', { hub: hub.url, why: 'it is no hub' });
  const shown: CausesResponse = { ...answer, causes: answer.causes.slice(0, limit) };
  if (json) shell.out(`${JSON.stringify(shown)}\n`);
  else {
    shell.out(causesText(shown, paint));
    const page = `${hub.url}/causes?start=${range.startMs}&end=${range.endMs}`;
    const newest = answer.state === 'not-enough-data' ? await newestData(hub, range) : undefined;
    if (newest !== undefined) shell.out(`the newest data: aode causes ${newest}\n`);
    if (!call.quiet) shell.err(`${paint.dim(page)}\n`);
  }
  return EXIT.good;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new AodeError('AODE_CLI_USAGE', { why: `--limit takes a whole number above 0, not '${text}'` });
}
