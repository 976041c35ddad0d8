/** What is wrong, from what the threads of a program have reported. Pure. */
import type { DoctorReport } from '@aode/sdk';
import { manyText } from '../amount.ts';
import type { Finding } from './diagnosis.ts';

/**
 * A span that is open when the program is stopped from outside may belong to a request under way; after this long it
 * does not.
 */
const REQUEST_MS_MAX = 10_000;

/** Counts that need no mending, or have a finding of their own with the place. */
const TOLD_OTHERWISE = new Set([
  'context_lost',
  'lines_without_trace',
  'span_ended_twice',
  'span_written_after_end',
  'exit_timeout',
]);

/** `wasStopped`: the program had not ended by itself. */
export function findingsOf(reports: readonly DoctorReport[], wasStopped: boolean): readonly Finding[] {
  const found = reports.flatMap((report) => ofThread(report, wasStopped));
  // Many processes of one program say the same.
  const byText = new Map(found.map((one) => [`${one.text} ${one.place} ${one.script}`, one]));
  return [...byText.values()].toSorted((a, b) => rank(a) - rank(b));
}

const rank = ({ severity }: Finding): number => (severity === 'problem' ? 0 : 1);

function ofThread(report: DoctorReport, wasStopped: boolean): Finding[] {
  const script = report.script ?? null;
  if (report.failure !== undefined) {
    return [problem('not_started', `the SDK did not start: ${report.failure}`, null, script)];
  }
  return [
    ...ofContexts(report, script),
    ...ofPackages(report, script),
    ...ofSpans(report, wasStopped, script),
    ...ofLosses(report, script),
  ];
}

function ofContexts({ lostContexts }: DoctorReport, script: string | null): Finding[] {
  return lostContexts.map(({ how, name, place, entry, count }) => {
    const what = {
      root: `span '${name}' began without its request`,
      answer_outside: `request '${name}' was answered outside of its context`,
      answer_in_other: `request '${name}' was answered in the context of another request`,
    }[how];
    const via = entry === undefined ? '' : `, called back from ${entry}`;
    return problem('context_lost', `context lost: ${what}${via} (${count}×)`, place, script);
  });
}

function ofPackages({ early, otherSdks, libraries }: DoctorReport, script: string | null): Finding[] {
  return [
    ...early.map(({ name, importedAt, lateBy }) => {
      const advice = 'start with --import @aode/sdk/register';
      const text = `${name} is loaded before ${lateBy}, which comes too late for it: ${advice}`;
      return problem('loaded_early', text, importedAt, script);
    }),
    ...otherSdks.map((name) =>
      note('other_sdk', `${name} is loaded: only one SDK can record, and this is Aode now`, script),
    ),
    ...libraries
      .filter(({ instrumentedBy }) => instrumentedBy === undefined)
      .map(({ name, version }) =>
        note('not_instrumented', `${name} ${version} is used; nobody makes spans of its calls`, script),
      ),
  ];
}

function ofSpans(
  { unfinished, misused }: DoctorReport,
  wasStopped: boolean,
  script: string | null,
): Finding[] {
  return [
    ...unfinished
      .filter(({ ageMs }) => !wasStopped || ageMs >= REQUEST_MS_MAX)
      .map(({ name, place, count }) =>
        problem('span_unfinished', `${manyText(count, 'span')} '${name}' never ended`, place, script),
      ),
    ...misused.map(({ name, how, startedAt, place, count }) => {
      const from = startedAt === undefined ? '' : `, started at ${startedAt}`;
      return problem('span_misused', `span '${name}' ${how}${from} (${count}×)`, place, script);
    }),
  ];
}

function ofLosses({ losses }: DoctorReport, script: string | null): Finding[] {
  const rest = Object.entries(losses).filter(([reason]) => !TOLD_OTHERWISE.has(reason));
  const lines = losses['lines_without_trace'] ?? 0;
  return [
    ...rest.map(([reason, count]) => note('loss', `${reason}: ${count}`, script)),
    ...(lines > 0
      ? [note('loss', `${manyText(lines, 'log line')} written outside of every request`, script)]
      : []),
  ];
}

function problem(
  kind: Finding['kind'],
  text: string,
  place: string | null | undefined,
  script: string | null,
): Finding {
  return { kind, severity: 'problem', text, place: place ?? null, script };
}

function note(kind: Finding['kind'], text: string, script: string | null): Finding {
  return { kind, severity: 'note', text, place: null, script };
}
