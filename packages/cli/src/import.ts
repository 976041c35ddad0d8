/** `aode import`: files of OTLP JSON lines into the hub, everything at its own time. */
import {
  AodeError,
  elapsedMs,
  errorLine,
  isAodeError,
  REQUEST_BYTES_MAX,
  systemRandom,
  unixMs,
  unixNs,
} from '@aode/base';
import { countText, dateText, manyText } from './amount.ts';
import { type Call, EXIT } from './command.ts';
import { baseUrl } from './hub-client.ts';
import { linesOf } from './import-line.ts';
import { type ImportMessage, importMessage } from './import-message.ts';
import { type ImportSender, importSender } from './import-sender.ts';
import { type ImportSource, importSource } from './import-source.ts';
import { createProgress, type Progress } from './progress.ts';
import type { Shell } from './shell.ts';

/** Where a hub receives OTLP/HTTP when nothing else is said. */
const OTLP_DEFAULT = 'http://127.0.0.1:4318';
/** Bad lines that are named; the rest is counted. */
const BAD_LINES_NAMED = 10;

/** What has come of it so far. */
interface Tally {
  lines: number;
  badLines: number;
  traces: number;
  logs: number;
  metrics: number;
  first: bigint | undefined;
  last: bigint;
  bytesRead: number;
}

export async function importFiles(call: Call): Promise<number> {
  const { shell } = call;
  const from = shell.clock.mono();
  const tally: Tally = {
    lines: 0,
    badLines: 0,
    traces: 0,
    logs: 0,
    metrics: 0,
    first: undefined,
    last: 0n,
    bytesRead: 0,
  };
  const consumed = (bytes: number): void => {
    tally.bytesRead += bytes;
  };
  const endpoint = call.text('otlp') ?? shell.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? OTLP_DEFAULT;
  const sender = importSender(baseUrl('--otlp', endpoint), shell, systemRandom);
  const sources: ImportSource[] = [];
  for (const name of call.args) sources.push(await importSource(name, shell.stdin, consumed));
  const progress = createProgress(shell, call.quiet);
  const show = progressText(tally, sources, shell);
  try {
    for (const source of sources) await importSourceLines(source, { tally, sender, progress, show, shell });
    await sender.finish();
  } finally {
    progress.clear();
  }
  const seconds = elapsedMs(from, shell.clock.mono()) / 1000;
  report(call, tally, { files: sources.length, refused: sender.refusedCount, seconds });
  return tally.badLines + sender.refusedCount > 0 ? EXIT.found : EXIT.good;
}

interface Import {
  readonly tally: Tally;
  readonly sender: ImportSender;
  readonly progress: Progress;
  readonly show: () => string;
  readonly shell: Shell;
}

async function importSourceLines(
  source: ImportSource,
  { tally, sender, progress, show, shell }: Import,
): Promise<void> {
  for await (const { number, bytes } of linesOf(source.read(), REQUEST_BYTES_MAX)) {
    shell.interrupted.throwIfAborted();
    tally.lines += 1;
    const message = readLine(bytes);
    if (isAodeError(message)) {
      tally.badLines += 1;
      progress.clear();
      if (tally.badLines <= BAD_LINES_NAMED)
        shell.err(`${errorLine(badLine(source.name, number, message))}\n`);
    } else {
      count(tally, message);
      await sender.add(message.signal, message.bytes);
    }
    progress.show(show);
  }
}

function readLine(bytes: Uint8Array | undefined): ImportMessage | AodeError {
  if (bytes === undefined)
    return new AodeError('AODE_OTLP_LIMIT', { why: `longer than ${REQUEST_BYTES_MAX} bytes` });
  try {
    return importMessage(bytes);
  } catch (error) {
    if (isAodeError(error)) return error;
    throw error;
  }
}

function badLine(file: string, number: number, error: AodeError): AodeError {
  const why = Object.values(error.detail).map(String).join(' ');
  return new AodeError('AODE_IMPORT_LINE', { at: `${file}:${number}`, why }, error);
}

/* oxlint-disable no-param-reassign -- a tally is there to be added to */
function count(tally: Tally, { signal, count: records, times }: ImportMessage): void {
  tally[signal] += records;
  if (times === undefined) return;
  if (tally.first === undefined || times.first < tally.first) tally.first = times.first;
  if (times.last > tally.last) tally.last = times.last;
}
/* oxlint-enable no-param-reassign */

/** `45 % · 123 456 records · 23 400/s · 12 s left`. */
function progressText(tally: Tally, sources: readonly ImportSource[], shell: Shell): () => string {
  const from = shell.clock.mono();
  const total = sources.every((s) => s.bytes !== undefined)
    ? sources.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
    : undefined;
  return () => {
    const seconds = elapsedMs(from, shell.clock.mono()) / 1000;
    const records = tally.traces + tally.logs + tally.metrics;
    const parts = [`${countText(records)} records`, `${countText(records / seconds)}/s`];
    if (total !== undefined && tally.bytesRead > 0) {
      const share = tally.bytesRead / total;
      parts.unshift(`${Math.floor(share * 100)} %`);
      parts.push(`${Math.ceil((seconds / share) * (1 - share))} s left`);
    }
    return parts.join(' · ');
  };
}

interface Outcome {
  readonly files: number;
  readonly refused: number;
  readonly seconds: number;
}

function report(
  { shell, json, quiet, paint }: Call,
  tally: Tally,
  { files, refused, seconds }: Outcome,
): void {
  const { lines, badLines, traces: spans, logs, metrics: points, first, last } = tally;
  if (json) {
    const startUnixMs = first === undefined ? null : unixMs(unixNs(first));
    // End exclusive, as everywhere in the hub's API.
    const endUnixMs = first === undefined ? null : unixMs(unixNs(last)) + 1;
    const outcome = { files, lines, badLines, spans, logs, points, refused, startUnixMs, endUnixMs };
    shell.out(`${JSON.stringify({ ...outcome, seconds: Math.round(seconds * 1000) / 1000 })}\n`);
    return;
  }
  const what = [manyText(spans, 'span'), manyText(logs, 'log line'), manyText(points, 'point')].join(', ');
  const rate = countText((spans + logs + points) / Math.max(seconds, 0.001));
  shell.out(`${what} from ${manyText(files, 'file')} in ${seconds.toFixed(1)} s (${rate}/s)\n`);
  if (badLines > 0) shell.out(`${paint.warn(manyText(badLines, 'bad line'))} left out\n`);
  if (refused > 0) shell.out(`${paint.warn(manyText(refused, 'record'))} refused by the hub\n`);
  if (first !== undefined && !quiet) {
    shell.err(paint.dim(`from ${dateText(unixNs(first))} to ${dateText(unixNs(last))}\n`));
  }
}
