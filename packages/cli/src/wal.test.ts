/** `aode wal` on journals as the SDK writes them. */
import { newSpanId, newTraceId, seededRandom, systemClock } from '@aode/base';
import { type DiskJournal, openDiskJournal } from '@aode/journal';
import {
  decodeLogsJson,
  encodeResource,
  encodeScopeLogs,
  encodeScopeSpans,
  type LogRecord,
} from '@aode/wire';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCommand } from './main.ts';
import { type RecordingShell, recordingShell, STANDING_MS } from './recording-shell.ts';

const random = seededRandom(1);
const TRACE_ID = newTraceId(random);
const NOON = BigInt(STANDING_MS) * 1_000_000n;
const SCOPE = { name: 'app', version: '', attributes: [], droppedAttributesCount: 0 };
const ORIGIN = encodeResource({
  attributes: [{ key: 'service.name', value: 'shop \u001b[31m' }],
  droppedAttributesCount: 0,
  entityRefs: [],
});

const line = (body: string, traceId: string, at: bigint): LogRecord => ({
  timeUnixNano: at,
  observedTimeUnixNano: at,
  severityNumber: 9,
  severityText: 'INFO',
  body,
  attributes: [],
  droppedAttributesCount: 0,
  flags: 0,
  traceId,
  spanId: newSpanId(random),
  eventName: '',
});

/** A journal in the place of a service, with two frames of lines and one of a span that has no end. */
function journal(t: TestContext): {
  readonly root: string;
  readonly directory: string;
  readonly open: DiskJournal;
} {
  const root = mkdtempSync(join(tmpdir(), 'aode-wal-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, 'shop', 'a1');
  const open = openDiskJournal({
    directory,
    bytesMax: 1e6,
    unwrittenBytesMax: 1e6,
    segmentBytesMax: 4096,
    origin: ORIGIN,
    random,
    clock: systemClock,
    token: '',
    onDropped: () => assert.fail('there is room'),
    onTrouble: (error) => assert.fail(String(error)),
  });
  const logs = (records: readonly LogRecord[]) => {
    const payload = encodeScopeLogs([{ scope: SCOPE, schemaUrl: '', logRecords: records }]);
    open.append({ signal: 'logs', priority: 0, recordCount: records.length, payload });
  };
  logs([line('first', TRACE_ID, NOON), line('second', TRACE_ID, NOON + 1_000_000_000n)]);
  logs([line('other', newTraceId(random), NOON + 2_000_000_000n)]);
  const payload = encodeScopeSpans([{ scope: SCOPE, schemaUrl: '', spans: [] }]);
  open.append({ signal: 'traces', priority: 0, recordCount: 0, payload });
  assert.ok(open.sync());
  return { root, directory, open };
}

async function aode(...argv: string[]): Promise<RecordingShell['written'] & { readonly code: number }> {
  const shell = recordingShell();
  const code = await runCommand(argv, shell);
  return { code, ...shell.written };
}

const segmentOf = (directory: string): string =>
  join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.segment')) ?? assert.fail('no segment'),
  );

/** Somebody else's byte in the middle of the first frame. */
function damage(directory: string): void {
  const path = segmentOf(directory);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('first')] = 0;
  writeFileSync(path, bytes);
}

test('ls: service, owner, counts, times, whatever the directory that is named', async (t) => {
  const { root, directory, open } = journal(t);
  for (const place of [root, join(root, 'shop'), directory]) {
    const { code, out } = await aode('wal', 'ls', place);
    assert.equal(code, 0);
    assert.match(
      out,
      /^shop \\x1b\[31m {2}in use by \d+\n {2}0 spans, 3 lines, 0 points {2}\d+ KiB .* to .* 2\/s\n/,
    );
  }
  open.close();
  const { out } = await aode('wal', 'ls', root, '--json');
  const [row] = JSON.parse(out) as Record<string, unknown>[];
  assert.deepEqual(row, {
    directory,
    service: 'shop \u001b[31m',
    pid: null,
    segments: 1,
    bytes: row?.['bytes'],
    frames: 3,
    spans: 0,
    logs: 3,
    points: 0,
    firstUnixNano: String(NOON),
    lastUnixNano: String(NOON + 2_000_000_000n),
    recordsPerSecond: 1.5,
    damages: 0,
  });
});

test('of one trace: its records alone, also out of a frame that others share', async (t) => {
  const { root, open } = journal(t);
  const records = [line('alien', newTraceId(random), NOON), line('third', TRACE_ID, NOON + 4_000_000_000n)];
  const payload = encodeScopeLogs([{ scope: SCOPE, schemaUrl: '', logRecords: records }]);
  open.append({ signal: 'logs', priority: 0, recordCount: 2, payload });
  assert.ok(open.sync());
  const { out } = await aode('wal', 'cat', root, '--trace', TRACE_ID);
  assert.match(out, /first.*second/);
  assert.match(out, /third/);
  assert.doesNotMatch(out, /alien|other/);
  const listed = await aode('wal', 'ls', root, '--trace', TRACE_ID);
  assert.match(listed.out, /^ {2}0 spans, 3 lines, 0 points .* 12:00:00.000 to .* 12:00:04.000/m);
  const none = await aode('wal', 'ls', root, '--trace', newTraceId(random));
  assert.deepEqual([none.code, none.out, none.err], [0, '', 'nothing of this trace waits here\n']);
  const cat = await aode('wal', 'cat', root, '--trace', newTraceId(random));
  assert.deepEqual([cat.code, cat.out, cat.err], [0, '', 'nothing of this trace waits here\n']);
  const wrong = await aode('wal', 'verify', root, '--trace', TRACE_ID);
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.match(wrong.err, /^AODE_CLI_USAGE: .*takes no --trace/);
});

test('cat: a line of OTLP JSON a frame, with its resource; of one trace alone', async (t) => {
  const { root } = journal(t);
  const all = await aode('wal', 'cat', root);
  assert.equal(all.code, 0);
  const lines = all.out.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  const [logs] = decodeLogsJson(lines[0] ?? '');
  assert.equal(logs?.resource.attributes[0]?.value, 'shop \u001b[31m');
  assert.deepEqual(logs.resource.attributes[1], { key: 'aode.journal.replayed', value: true });
  const bodies = (text: string): unknown[] =>
    text
      .trimEnd()
      .split('\n')
      .flatMap((one) => decodeLogsJson(one))
      .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body)));
  const one = await aode('wal', 'cat', root, '--trace', TRACE_ID.toUpperCase());
  assert.deepEqual(bodies(one.out), ['first', 'second']);
  const none = await aode('wal', 'cat', root, '--trace', 'zz');
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.match(none.err, /^AODE_TRACE_ID_INVALID: /);
});

test('without a directory: where the environment says that the SDK puts them', async (t) => {
  const { root } = journal(t);
  const shell = recordingShell({ env: { AODE_JOURNAL_DIRECTORY: root } });
  assert.equal(await runCommand(['wal', 'ls'], shell), 0);
  assert.match(shell.written.out, /^ {2}.*shop\/a1$/m);
});

test('verify: whole, damaged with its range, torn at the end; repair takes what is whole', async (t) => {
  const { root, directory, open } = journal(t);
  open.close();
  const good = await aode('wal', 'verify', root);
  assert.deepEqual([good.code, good.out, good.err], [0, '', '1 journal, 3 frames: whole\n']);
  damage(directory);
  const bad = await aode('wal', 'verify', root);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /\.segment: damaged from byte \d+ to \d+\n$/);
  assert.match(bad.err, /1 journal, 2 frames: damaged/);
  const rest = await aode('wal', 'cat', root);
  assert.deepEqual([rest.code, rest.out.split('\n').length], [1, 3]);
  assert.match(rest.err, /damaged/);
  const mended = await aode('wal', 'repair', root);
  assert.equal(mended.code, 0);
  assert.match(mended.out, /\.segment\.damaged set aside\n$/);
  const after = await aode('wal', 'verify', root);
  assert.deepEqual([after.code, after.err], [0, '1 journal, 2 frames: whole\n']);
  const again = await aode('wal', 'repair', root);
  assert.deepEqual([again.code, again.out, again.err], [0, '', '1 journal: nothing to repair\n']);
});

test('repair sets aside what holds nothing whole, instead of removing it', async (t) => {
  const { root, directory, open } = journal(t);
  open.close();
  const path = segmentOf(directory);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xaa, 200, bytes.byteLength - 100));
  const stranger = join(directory, '00000009-00000009-00-00000009.segment');
  writeFileSync(stranger, 'precious');
  const found = await aode('wal', 'verify', root);
  assert.match(found.err, /^1 journal, 0 frames: whole, up to what is torn at the end$/m);
  const { code, out, err } = await aode('wal', 'repair', root);
  assert.deepEqual([code, err], [0, '']);
  assert.equal(out.match(/\.segment\.damaged set aside$/gm)?.length, 2);
  assert.deepEqual(readFileSync(`${path}.damaged`), bytes);
  assert.equal(readFileSync(`${stranger}.damaged`, 'utf8'), 'precious');
});

test('repair leaves a journal alone that a process owns', async (t) => {
  const { root, directory } = journal(t);
  damage(directory);
  const { code, err } = await aode('wal', 'repair', root);
  assert.equal(code, 1);
  assert.match(err, /: AODE_JOURNAL_IN_USE: .*\(.*\) — stop it, or choose another directory$/m);
});

test('nothing there, no such directory, no such action', async (t) => {
  const { root } = journal(t);
  const empty = join(root, 'empty');
  assert.equal((await aode('wal', 'ls', empty)).code, 3);
  assert.match((await aode('wal', 'ls', empty)).err, /^AODE_JOURNAL_UNREADABLE: /);
  const wrong = await aode('wal', 'mend', root);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /^AODE_CLI_USAGE: .*ls, cat, verify or repair/);
  assert.match((await aode('wal', 'ls')).err, /AODE_CLI_USAGE: .*no home/);
});

test('one that cannot be looked at keeps no other from being listed and mended', async (t) => {
  const { root, directory, open } = journal(t);
  open.close();
  damage(directory);
  // Before the other by name: a directory where the cursor should be.
  const bad = join(root, 'shop', 'a0');
  mkdirSync(join(bad, 'cursor'), { recursive: true });
  const listed = await aode('wal', 'ls', root);
  assert.equal(listed.code, 1);
  assert.match(listed.out, /1 line/);
  assert.match(listed.err, /a0 cannot be read: EISDIR/);
  const repaired = await aode('wal', 'repair', root);
  assert.equal(repaired.code, 1);
  assert.match(repaired.out, /\.segment\.damaged set aside\n$/);
});

test('what has the name of a segment and is none is named, and the rest is there', async (t) => {
  const { root, directory, open } = journal(t);
  open.close();
  const pipe = join(directory, '00000009-00000009-00-00000009.segment');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  mkdirSync(join(directory, '00000009-0000000a-00-00000009.segment'));
  const found = await aode('wal', 'verify', root);
  assert.equal(found.code, 1);
  assert.match(found.out, /00000009\.segment: is no segment: it is no file/);
  assert.match(found.err, /1 journal, 3 frames: damaged/);
  assert.equal((await aode('wal', 'repair', root)).code, 1);
});
