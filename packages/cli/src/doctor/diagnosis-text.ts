/** A diagnosis as text. Pure. */
import { visible } from '@aode/base';
import type { ClockReport, DoctorReport } from '@aode/sdk';
import { manyText } from '../amount.ts';
import type { Paint } from '../paint.ts';
import {
  type Check,
  type Diagnosis,
  type Finding,
  isGood,
  isKept,
  type ProbeRow,
  type Severity,
} from './diagnosis.ts';

/** Ends with a newline. */
export function diagnosisText(diagnosis: Diagnosis, paint: Paint): string {
  const { environment, probes, processes, findings } = diagnosis;
  const lines = [paint.strong('environment'), ...environment.map((one) => checkLine(one, paint))];
  if (probes !== null) lines.push('', ...probeLines(probes, paint));
  if (processes !== null) lines.push('', ...processes.flatMap((one) => processLines(one, paint)));
  if (findings.length > 0) lines.push('', paint.strong('findings'));
  lines.push(...findings.map((one) => findingLine(one, paint)));
  lines.push('', isGood(diagnosis) ? paint.good('all is well') : paint.error('something was found'));
  return `${lines.join('\n')}\n`;
}

function mark(severity: Severity, paint: Paint): string {
  switch (severity) {
    case 'good':
      return paint.good('✓');
    case 'note':
      return paint.warn('!');
    default:
      return paint.error('✕');
  }
}

const checkLine = ({ severity, text }: Check, paint: Paint): string =>
  `  ${mark(severity, paint)} ${visible(text)}`;

const HEAD = ['boundary', 'trace id', 'log id', 'span', 'by'];

function probeLines(rows: readonly ProbeRow[], paint: Paint): string[] {
  const cells = rows.map(({ boundary, traceId, logId, span, by }) => [boundary, traceId, logId, span, by]);
  const widths = HEAD.map((_, i) => Math.max(...[HEAD, ...cells].map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => visible(cell).padEnd(widths[i] ?? 0)).join('  ');
  return [
    `    ${paint.strong(line(HEAD).trimEnd())}`,
    ...rows.map(
      (row, i) => `  ${mark(isKept(row) ? 'good' : 'problem', paint)} ${line(cells[i] ?? []).trimEnd()}`,
    ),
  ];
}

function processLines(report: DoctorReport, paint: Paint): string[] {
  const { script, pid, thread, node, boundaries, libraries, ledger, clock } = report;
  const which = `(pid ${pid}${thread === 0 ? '' : `, thread ${thread}`}, Node.js ${visible(node)})`;
  const used = boundaries.map(({ boundary, count }) => `${boundary} ${count}×`).join(', ');
  const { started = 0, open = 0 } = ledger?.spans ?? {};
  return [
    `${paint.strong(visible(script ?? 'node'))} ${paint.dim(which)}`,
    `  used: ${used === '' ? 'no boundary' : used}; ${manyText(started, 'span')}, ${open} open`,
    ...libraries.map(({ name, version, instrumentedBy }) => {
      const by = instrumentedBy === undefined ? paint.warn('nobody') : visible(instrumentedBy);
      return `  ${visible(`${name} ${version}`)}: ${by}`;
    }),
    ...(clock === undefined ? [] : [`  clock: ${clockText(clock)}`]),
  ];
}

/** How much the times of its records are worth. */
function clockText({ status, errorMs, leftMs, steps, sleeps }: ClockReport): string {
  const bound = errorMs === undefined ? 'error unknown' : `within ${errorMs.toFixed(1)} ms`;
  const left = Math.abs(leftMs) >= 1 ? `, ${leftMs.toFixed(0)} ms to correct` : '';
  const seen =
    steps + sleeps === 0
      ? ''
      : `; ${manyText(steps, 'step')} of the wall clock, ${manyText(sleeps, 'sleep')}`;
  return `${visible(status)}, ${bound}${left}${seen}`;
}

function findingLine({ severity, text, place, script }: Finding, paint: Paint): string {
  const where = place ?? script;
  const at = where === null ? '' : `\n      ${paint.dim('at')} ${visible(where)}`;
  return `  ${mark(severity, paint)} ${visible(text)}${at}`;
}
