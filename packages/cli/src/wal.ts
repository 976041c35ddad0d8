/** `aode wal`: looks into journals on disk, and mends them. */
import {
  AodeError,
  errorLine,
  isAodeError,
  isTraceId,
  systemClock,
  systemRandom,
  unixNs,
  visible,
} from '@aode/base';
import {
  defaultJournalDirectory,
  openDiskJournal,
  type RecoveredFrame,
  type SegmentTrouble,
} from '@aode/journal';
import { countText, dateText, manyText } from './amount.ts';
import { type Call, EXIT } from './command.ts';
import { frameLine, type JournalFiles, journalsBelow } from './journal-files.ts';

export async function wal(call: Call): Promise<number> {
  const [action = '', given] = call.args;
  const root = given ?? usualDirectory(call.shell.env);
  const traceId = traceIdOf(call);
  if (traceId !== undefined && !isTraceId(traceId)) throw new AodeError('AODE_TRACE_ID_INVALID');
  if (root === undefined)
    throw new AodeError('AODE_CLI_USAGE', { why: 'there is no home; name a directory' });
  return act(call, action, root);
}

const traceIdOf = ({ text }: Call): string | undefined => text('trace')?.toLowerCase();

/** Where an SDK with this environment puts them. */
function usualDirectory(env: Call['shell']['env']): string | undefined {
  const named = env['AODE_JOURNAL_DIRECTORY'] ?? '';
  return named === '' || named === 'auto' || named === 'off' ? defaultJournalDirectory(env) : named;
}

const ACTIONS: Readonly<Record<string, (call: Call, journals: readonly JournalFiles[]) => number>> = {
  ls: list,
  cat: print,
  verify,
  repair,
};

function act(call: Call, action: string, root: string): number {
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run === undefined) {
    throw new AodeError('AODE_CLI_USAGE', { why: `wal takes ls, cat, verify or repair, not '${action}'` });
  }
  if (traceIdOf(call) !== undefined && run !== list && run !== print)
    throw new AodeError('AODE_CLI_USAGE', { why: `wal ${action} takes no --trace, it is about files` });
  const { journals, unreadable } = journalsBelow(root);
  const code = run(call, journals);
  for (const { directory, why } of unreadable) {
    call.shell.err(`${visible(directory)} cannot be read: ${visible(why)}\n`);
  }
  return code === EXIT.good && unreadable.length > 0 ? EXIT.found : code;
}

const nothingText = (traceId: string | undefined): string =>
  `nothing${traceId === undefined ? '' : ' of this trace'} waits here\n`;

interface Listed {
  readonly directory: string;
  readonly service: string | null;
  readonly pid: number | null;
  readonly segments: number;
  readonly bytes: number;
  readonly frames: number;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  readonly firstUnixNano: string | null;
  readonly lastUnixNano: string | null;
  readonly recordsPerSecond: number | null;
  readonly damages: number;
}

function list(call: Call, journals: readonly JournalFiles[]): number {
  const { shell, paint, json, quiet } = call;
  const traceId = traceIdOf(call);
  const all = journals.map((journal) => listed(journal, traceId));
  // Of one trace: where something of it is.
  const rows = traceId === undefined ? all : all.filter(({ frames }) => frames > 0);
  if (json) shell.out(`${JSON.stringify(rows)}\n`);
  else {
    for (const row of rows) shell.out(`${rowText(row, paint)}\n`);
    if (rows.length === 0 && !quiet) shell.err(nothingText(traceId));
  }
  return EXIT.good;
}

function listed(journal: JournalFiles, traceId: string | undefined): Listed {
  const { directory, view, resource } = journal;
  const { segments, troubles } = view.recovery;
  const service = resource?.attributes.find(({ key }) => key === 'service.name')?.value;
  const frames = view.recovery.frames
    .map((frame) => ({ ...frame, line: frameLine(journal, frame, traceId) }))
    .filter(({ line }) => traceId === undefined || (line?.recordCount ?? 0) > 0);
  // What cannot be read waits all the same.
  const countOf = ({ line, recordCount }: (typeof frames)[number]): number =>
    traceId === undefined ? recordCount : (line?.recordCount ?? 0);
  const records = (signal: RecoveredFrame['signal']): number =>
    frames.reduce((sum, frame) => sum + (frame.signal === signal ? countOf(frame) : 0), 0);
  const lines = frames.map(({ line }) => line).filter((line) => line !== undefined);
  const first = lines.flatMap((line) => line.first ?? []).reduce<bigint | null>(least, null);
  const last = lines.flatMap((line) => line.last ?? []).reduce<bigint | null>(greatest, null);
  const [spans, logs, points] = [records('traces'), records('logs'), records('metrics')];
  const seconds = first === null || last === null ? 0 : Number(last - first) / 1e9;
  return {
    directory,
    service: typeof service === 'string' ? service : null,
    pid: view.pid ?? null,
    segments: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    frames: frames.length,
    spans,
    logs,
    points,
    firstUnixNano: first === null ? null : String(first),
    lastUnixNano: last === null ? null : String(last),
    recordsPerSecond: seconds > 0 ? (spans + logs) / seconds : null,
    damages: troubles.reduce(
      (sum, { damages, unreadable, foreign }) =>
        sum + damages.length + Number((unreadable ?? foreign) !== undefined),
      0,
    ),
  };
}

const least = (a: bigint | null, b: bigint): bigint => (a === null || b < a ? b : a);
const greatest = (a: bigint | null, b: bigint): bigint => (a === null || b > a ? b : a);

function rowText(row: Listed, paint: Call['paint']): string {
  const { directory, service, pid, spans, logs, points, bytes, firstUnixNano, lastUnixNano, damages } = row;
  const what = [manyText(spans, 'span'), manyText(logs, 'line'), manyText(points, 'point')].join(', ');
  const range =
    firstUnixNano === null || lastUnixNano === null
      ? ''
      : `  ${dateText(unixNs(BigInt(firstUnixNano)))} to ${dateText(unixNs(BigInt(lastUnixNano)))}`;
  const rate = row.recordsPerSecond === null ? '' : `  ${countText(row.recordsPerSecond)}/s`;
  const owner = pid === null ? '' : paint.good(`  in use by ${pid}`);
  const damage = damages === 0 ? '' : paint.error(`  ${manyText(damages, 'damage')}`);
  return [
    `${paint.strong(visible(service ?? 'unknown service'))}${owner}${damage}`,
    `  ${what}  ${countText(Math.ceil(bytes / 1024))} KiB${range}${rate}`,
    paint.dim(`  ${visible(directory)}`),
  ].join('\n');
}

/** Each frame that waits as a line of OTLP JSON: `aode import -` takes it. */
function print(call: Call, journals: readonly JournalFiles[]): number {
  const { shell, quiet } = call;
  const traceId = traceIdOf(call);
  let unreadable = 0;
  let printed = 0;
  for (const journal of journals) {
    for (const frame of journal.view.recovery.frames) {
      const line = frameLine(journal, frame, traceId);
      if (line === undefined) unreadable += 1;
      else if (traceId === undefined || line.recordCount > 0) {
        shell.out(`${line.json}\n`);
        printed += 1;
      }
    }
  }
  if (printed === 0 && !quiet) shell.err(nothingText(traceId));
  if (unreadable > 0) shell.err(`${manyText(unreadable, 'frame')} could not be read\n`);
  const isDamaged = !journals.every(({ view }) => view.recovery.troubles.every(isHarmless));
  if (isDamaged) shell.err('some of it is damaged and not among this: aode wal verify\n');
  return unreadable > 0 || isDamaged ? EXIT.found : EXIT.good;
}

interface Verified {
  readonly directory: string;
  readonly frames: number;
  readonly troubles: readonly SegmentTrouble[];
}

/** What a crash has torn at the end of a file is no finding: nobody was told that it was kept. */
function verify({ shell, paint, json, quiet }: Call, journals: readonly JournalFiles[]): number {
  const found = journals.map(({ directory, view }): Verified => {
    const { frames, troubles } = view.recovery;
    return { directory, frames: frames.length, troubles };
  });
  if (json) shell.out(`${JSON.stringify(found)}\n`);
  else {
    for (const { troubles } of found) {
      for (const trouble of troubles) shell.out(`${troubleText(trouble, paint)}\n`);
    }
  }
  const isGood = found.every(({ troubles }) => troubles.every(isHarmless));
  const frames = found.reduce((sum, one) => sum + one.frames, 0);
  const summary = `${manyText(found.length, 'journal')}, ${manyText(frames, 'frame')}`;
  const isTorn = found.some(({ troubles }) => troubles.some(({ tornBytes }) => tornBytes > 0));
  const good = isTorn ? 'whole, up to what is torn at the end' : 'whole';
  if (!json && !quiet) shell.err(`${summary}: ${isGood ? paint.good(good) : paint.error('damaged')}\n`);
  return isGood ? EXIT.good : EXIT.found;
}

const isHarmless = ({ damages, unreadable, foreign }: SegmentTrouble): boolean =>
  damages.length === 0 && unreadable === undefined && foreign === undefined;

function troubleText(trouble: SegmentTrouble, paint: Call['paint']): string {
  const { path, damages, tornBytes, unreadable, foreign } = trouble;
  const ranges = damages.map(({ start, end }) => paint.error(`damaged from byte ${start} to ${end}`));
  const torn = tornBytes === 0 ? [] : [paint.dim(`${manyText(tornBytes, 'byte')} torn at the end`)];
  const why = unreadable === undefined ? [] : [paint.error(`cannot be read: ${visible(unreadable)}`)];
  const other = foreign === undefined ? [] : [paint.error(`is no segment: it ${foreign}`)];
  return `${visible(path)}: ${[...why, ...other, ...ranges, ...torn].join(', ')}`;
}

/** Whole frames out of damaged files, which stay beside them under another name. */
function repair({ shell, quiet }: Call, journals: readonly JournalFiles[]): number {
  let isGood = true;
  const failed = (what: string, why: string): void => {
    isGood = false;
    shell.err(`${visible(what)}: ${visible(why)}\n`);
  };
  for (const { directory, view } of journals) {
    const { troubles } = view.recovery;
    if (troubles.length === 0) continue;
    try {
      const paths = mended(directory, () => (isGood = false));
      for (const path of paths) if (!quiet) shell.out(`${visible(path)} set aside\n`);
      const left = troubles.filter((one) => one.foreign === undefined && !paths.includes(setAsideOf(one)));
      for (const { path } of left) failed(path, 'could not be set aside');
    } catch (error) {
      // It belongs to a process that lives, or cannot be written: the others are mended all the same.
      failed(directory, whyOf(error));
    }
    for (const { path, foreign } of troubles) {
      if (foreign !== undefined) failed(path, `is no segment: it ${foreign}`);
    }
  }
  const isWhole = journals.every(({ view }) => view.recovery.troubles.length === 0);
  if (isWhole && !quiet) shell.err(`${manyText(journals.length, 'journal')}: nothing to repair\n`);
  return isGood ? EXIT.good : EXIT.found;
}

function whyOf(error: unknown): string {
  if (isAodeError(error)) return errorLine(error);
  return error instanceof Error ? error.message : String(error);
}

const setAsideOf = ({ path }: SegmentTrouble): string => `${path}.damaged`;

/** Paths of what was set aside. */
function mended(directory: string, onDropped: () => void): readonly string[] {
  const journal = openDiskJournal({
    directory,
    bytesMax: Infinity,
    unwrittenBytesMax: Infinity,
    segmentBytesMax: SEGMENT_BYTES_MAX,
    origin: new Uint8Array(),
    random: systemRandom,
    clock: systemClock,
    token: '',
    keepsDamaged: true,
    onDropped,
    // Said by `verify`, and about to be mended.
    onTrouble: () => undefined,
  });
  const paths = journal.repair();
  journal.close();
  return paths;
}

const SEGMENT_BYTES_MAX = 4 * 1024 * 1024;
