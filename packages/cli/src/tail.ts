/** `aode tail`: log lines of all services as the hub gets them, until Ctrl-C. */
import { AodeError, isAodeError, isTraceId, unixNs, visible } from '@aode/base';
import { SEVERITY } from '@aode/wire';
import type { LogRow, LogTailResponse } from '@aode/wire/hub-api';
import stringWidth from 'string-width';
import { timeText } from './amount.ts';
import { type Call, EXIT } from './command.ts';
import { fitted } from './fitted-text.ts';
import { type HubClient, hubClient } from './hub-client.ts';
import type { Paint } from './paint.ts';
import { severityPaint } from './severity-paint.ts';

/** A line is on the screen within this time; the hub answers in a few milliseconds where there is nothing new. */
const POLL_MS = 500;
/** A hub that is being started again takes about as long. */
const AWAY_MS = 1000;
/** Lines of one answer; more of them come with the next, at once. */
const LIMIT = 1000;
const LINES_DEFAULT = 10;
const LINES_MAX = 2000;

type Query = Readonly<Record<string, string | number>>;

export async function tail(call: Call): Promise<number> {
  const { shell } = call;
  const count = linesOf(call.text('lines'));
  const filters = filtersOf(call);
  const hub = hubClient(call.text('hub'), shell);
  // Whoever has mistyped the address is told so, and does not wait.
  const first = await ask(hub, { ...filters, limit: Math.max(1, count) });
  if (count > 0) print(first.logs, call);
  try {
    for await (const lines of following(hub, { filters, cursor: first.cursor, call })) print(lines, call);
  } catch (error) {
    if (!shell.interrupted.aborted) throw error;
  }
  // Ctrl-C is how it is meant to end.
  return EXIT.good;
}

interface Follow {
  readonly filters: Query;
  readonly cursor: string;
  readonly call: Call;
}

async function* following(
  hub: HubClient,
  { filters, cursor: start, call }: Follow,
): AsyncGenerator<readonly LogRow[]> {
  const { shell, paint, quiet } = call;
  let cursor = start;
  let isAway = false;
  for (;;) {
    let waitMs = POLL_MS;
    try {
      const answer = await ask(hub, { ...filters, cursor, limit: LIMIT });
      if (isAway && !quiet) shell.err(`${paint.dim('the hub is back')}\n`);
      isAway = false;
      ({ cursor } = answer);
      if (answer.more) waitMs = 0;
      yield answer.logs;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!isAway && !quiet) shell.err(`${paint.dim('the hub does not answer; waiting for it')}\n`);
      isAway = true;
      waitMs = AWAY_MS;
    }
    if (waitMs > 0) await shell.sleep(waitMs);
  }
}

/** Of a hub that is being started, ends, or has much to do. */
function isPassing(error: unknown): boolean {
  if (!isAodeError(error)) return false;
  if (error.code === 'AODE_HUB_UNREACHABLE') return true;
  return error.code === 'AODE_HUB_ANSWER' && Number(error.detail['status']) >= 500;
}

async function ask(hub: HubClient, query: Query): Promise<LogTailResponse> {
  const answer = await hub.get<LogTailResponse>('logs/tail', query);
  if (answer !== undefined) return answer;
  throw new AodeError('AODE_HUB_ANSWER', {
    hub: hub.url,
    status: 404,
    says: 'it is older than this program',
  });
}

function print(lines: readonly LogRow[], { shell, json, paint }: Call): void {
  if (lines.length === 0) return;
  const asJson = json || !shell.outIsTerminal;
  const text = (line: LogRow): string =>
    asJson ? JSON.stringify(line) : tailLine(line, paint, shell.columns);
  shell.out(`${lines.map(text).join('\n')}\n`);
}

/** `14:03:22.123 payment error  card declined  4bf9…`: cut to the terminal, but never its trace. */
export function tailLine(line: LogRow, paint: Paint, columns: number): string {
  const { severityNumber, severityText, traceId } = line;
  const time = timeText(unixNs(BigInt(line.timeUnixNano)));
  const service = visible(line.service);
  const level = visible(severityText === '' ? 'log' : severityText.toLowerCase().slice(0, 8)).padEnd(
    LEVEL_COLUMNS,
  );
  const trace = traceId === '' ? '' : `  ${visible(traceId)}`;
  const taken = time.length + stringWidth(service) + stringWidth(level) + trace.length + GAPS;
  const body = fitted(visible(line.body), Math.max(BODY_COLUMNS_MIN, columns - taken));
  const colour = severityPaint(severityNumber, paint);
  return `${paint.dim(time)} ${paint.strong(service)} ${colour(level)} ${body}${paint.dim(trace)}`;
}

/** `error`, with the texts behind it in one column. */
const LEVEL_COLUMNS = 5;
const GAPS = 3;
const BODY_COLUMNS_MIN = 40;

function filtersOf({ text, args }: Call): Query {
  const service = text('service');
  const level = text('level');
  const trace = text('trace')?.toLowerCase();
  const [wanted] = args;
  if (trace !== undefined && !isTraceId(trace)) throw new AodeError('AODE_TRACE_ID_INVALID');
  return {
    ...(service === undefined ? {} : { service }),
    ...(level === undefined ? {} : { severity: severityOf(level) }),
    ...(trace === undefined ? {} : { traceId: trace }),
    ...(wanted === undefined ? {} : { text: wanted }),
  };
}

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

function severityOf(level: string): number {
  const name = level.toLowerCase();
  if (LEVELS.includes(name)) return SEVERITY[name] ?? 0;
  throw new AodeError('AODE_CLI_USAGE', { why: `--level takes one of ${LEVELS.join(', ')}, not '${level}'` });
}

function linesOf(text: string | undefined): number {
  if (text === undefined) return LINES_DEFAULT;
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= LINES_MAX) return count;
  throw new AodeError('AODE_CLI_USAGE', {
    why: `--lines takes a number from 0 to ${LINES_MAX}, not '${text}'`,
  });
}
