/** From reports to findings: each kind of problem is found, and nothing else is. */
import type { ClockReport, DoctorReport } from '@aode/sdk';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintFor } from '../paint.ts';
import { recordingShell } from '../recording-shell.ts';
import { type Diagnosis, type Finding, isGood, isKept, type ProbeRow } from './diagnosis.ts';
import { diagnosisText } from './diagnosis-text.ts';
import { findingsOf } from './findings.ts';

const CLOCK: ClockReport = {
  status: 'converging',
  errorMs: 812.34,
  leftMs: 800,
  epoch: 0,
  steps: 1,
  sleeps: 0,
  refused: {},
};

const HEALTHY: DoctorReport = {
  version: 1,
  pid: 1,
  thread: 0,
  script: '/app.js',
  node: '24.0.0',
  sdk: '0.1.0',
  isOver: true,
  failure: undefined,
  boundaries: [{ boundary: 'http server', count: 2 }],
  libraries: [{ name: 'pino', version: '10.0.0', instrumentedBy: 'Aode' }],
  api: '1.10.0',
  otherSdks: [],
  early: [],
  unfinished: [],
  misused: [],
  lostContexts: [],
  losses: {},
  ledger: undefined,
  clock: undefined,
};

const kinds = (over: Partial<DoctorReport>, wasStopped = false): string[] =>
  findingsOf([{ ...HEALTHY, ...over }], wasStopped).map(({ kind, severity }) => `${severity} ${kind}`);

test('a healthy report has no findings', () => {
  assert.deepEqual(kinds({}), []);
});

for (const [over, expected] of [
  [{ failure: 'no room' }, 'problem not_started'],
  [{ early: [{ name: 'pino', importedAt: '/a.js:1', lateBy: '/a.js:2:1' }] }, 'problem loaded_early'],
  [{ unfinished: [{ name: 's', place: '/a.js:1', count: 1, ageMs: 1 }] }, 'problem span_unfinished'],
  [
    { misused: [{ name: 's', how: 'ended twice', startedAt: undefined, place: '/a.js:1', count: 1 }] },
    'problem span_misused',
  ],
  [
    { lostContexts: [{ how: 'root', name: 's', place: '/a.js:1', entry: undefined, count: 1 }] },
    'problem context_lost',
  ],
  [{ otherSdks: ['@opentelemetry/sdk-node'] }, 'note other_sdk'],
  [{ libraries: [{ name: 'pg', version: '8.0.0', instrumentedBy: undefined }] }, 'note not_instrumented'],
  [{ losses: { pool_full: 3 } }, 'note loss'],
  [{ losses: { lines_without_trace: 3 } }, 'note loss'],
] as const) {
  test(`found: ${expected}`, () => {
    assert.deepEqual(kinds(over), [expected]);
  });
}

test('an open span of a program that was stopped is a request under way until 10 s have passed', () => {
  const open = (ageMs: number): Partial<DoctorReport> => ({
    unfinished: [{ name: 's', place: undefined, count: 1, ageMs }],
  });
  assert.deepEqual(kinds(open(9999), true), []);
  assert.deepEqual(kinds(open(10_000), true), ['problem span_unfinished']);
});

test('what several processes of one program say is said once, problems first', () => {
  const report = { ...HEALTHY, losses: { pool_full: 1 }, failure: undefined };
  const late: DoctorReport = { ...report, early: [{ name: 'pino', importedAt: undefined, lateBy: 'x' }] };
  assert.deepEqual(
    findingsOf([report, late, { ...late, pid: 2 }], false).map(({ kind }) => kind),
    ['loaded_early', 'loss'],
  );
});

const ROW: ProbeRow = { boundary: 'timers', traceId: 'kept', logId: 'present', span: 'ended', by: 'Node.js' };

test('a row of the probe is kept without a logger, and not without its id, its trace or its end', () => {
  assert.ok(isKept({ ...ROW, logId: 'unknown' }));
  for (const over of [{ traceId: 'lost' }, { logId: 'absent' }, { span: 'open' }] as const) {
    assert.ok(!isKept({ ...ROW, ...over }));
    assert.ok(!isGood({ environment: [], probes: [{ ...ROW, ...over }], processes: null, findings: [] }));
  }
});

test('only problems make a diagnosis bad, and nothing hostile reaches the terminal', () => {
  const finding: Finding = {
    kind: 'loss',
    severity: 'note',
    text: 'a\u001b[31m',
    place: '/\u0007.js:1',
    script: null,
  };
  const diagnosis: Diagnosis = {
    environment: [{ name: 'hub', severity: 'note', text: 'none' }],
    probes: [ROW],
    processes: [{ ...HEALTHY, script: '\u001b]0;x', clock: CLOCK }],
    findings: [finding],
  };
  assert.ok(isGood(diagnosis));
  assert.ok(!isGood({ ...diagnosis, findings: [{ ...finding, severity: 'problem' }] }));
  assert.ok(!isGood({ ...diagnosis, environment: [{ name: 'node', severity: 'problem', text: 'old' }] }));
  const text = diagnosisText(diagnosis, paintFor(recordingShell(), false));
  assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
  assert.match(text, /✓ timers {4}kept {6}present {2}ended {2}Node\.js/);
  assert.match(
    text,
    /clock: converging, within 812\.3 ms, 800 ms to correct; 1 step of the wall clock, 0 sleeps\n/,
  );
  assert.match(text, /all is well\n$/);
});
