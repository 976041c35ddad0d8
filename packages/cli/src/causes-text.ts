/** Ranked causes as text. Pure. */
import { unixNsOfMs, visible } from '@aode/base';
import type { Cause, CausesResponse, Evidence } from '@aode/wire/hub-api';
import { dateText, durationText, manyText, shareText } from './amount.ts';
import type { Paint } from './paint.ts';

/** Rows of evidence shown for each cause: the rest adds little, and the board shows all. */
const EVIDENCE_MAX = 5;

/** Ends with a newline. */
export function causesText(answer: CausesResponse, paint: Paint): string {
  const lines = [verdict(answer, paint)];
  answer.causes.forEach((cause, i) => lines.push('', ...causeLines(cause, i + 1, paint)));
  return `${lines.join('\n')}\n`;
}

function verdict(answer: CausesResponse, paint: Paint): string {
  switch (answer.state) {
    case 'fault': {
      const since = answer.faultUnixMs === null ? '' : ` since ${dateText(unixNsOfMs(answer.faultUnixMs))}`;
      const counts = `${answer.failedTraceCount} of ${manyText(answer.faultTraceCount, 'trace')} failed`;
      return `${paint.error(paint.strong(`fault${since}`))} · ${counts}, ${answer.calmTraceCount} before`;
    }
    case 'calm':
      return (
        `${paint.good('calm')}: nothing stands out above ${answer.thresholdBits} bits ` +
        `in ${manyText(answer.calmTraceCount + answer.faultTraceCount, 'trace')}`
      );
    case 'not-enough-data':
      return `${paint.warn('not enough data')}: ${visible(answer.reason ?? 'no reason given')}`;
    default:
      // A newer hub may have more states than this program knows.
      return visible(String(answer.state));
  }
}

function causeLines(cause: Cause, rank: number, paint: Paint): string[] {
  const explained =
    cause.explainedBits > 0 ? `, ${bitsText(-cause.explainedBits)} explained by its callees` : '';
  const title = `${rank}. ${paint.strong(visible(cause.service))}`;
  const lines = [
    `${title}  ${cause.confidence.replace('-', ' ')}  ${paint.dim(`${bitsText(cause.scoreBits)} bits${explained}`)}`,
    `   ${visible(cause.summary)}`,
  ];
  for (const row of cause.evidence.slice(0, EVIDENCE_MAX)) lines.push(`   ${evidenceLine(row, paint)}`);
  const left = cause.evidence.length - EVIDENCE_MAX;
  if (left > 0) lines.push(`   ${paint.dim(`and ${manyText(left, 'more row')} of evidence`)}`);
  const example = cause.evidence.flatMap((row) => row.examples)[0];
  if (example !== undefined) lines.push(`   ${paint.dim('see')} aode explain ${visible(example.traceId)}`);
  return lines;
}

function evidenceLine(row: Evidence, paint: Paint): string {
  const sign = row.direction === 'for' ? paint.error('for    ') : paint.good('against');
  const numbers = [
    row.expected === null ? undefined : `expected ${valueText(row.expected, row.unit)}`,
    row.seen === null ? undefined : `seen ${valueText(row.seen, row.unit)}`,
    `${row.seenCount} against ${row.calmCount}`,
    `${bitsText(row.bits)} bits`,
  ].filter((part) => part !== undefined);
  return `${sign} ${row.kind.padEnd(9)} ${visible(row.words)}  ${paint.dim(numbers.join(' · '))}`;
}

function valueText(value: number, unit: Evidence['unit']): string {
  switch (unit) {
    case 'ms':
      return durationText(value * 1e6);
    case 'share':
      return shareText(value);
    case 'percent':
      return shareText(value / 100);
    case 'none':
      return value.toFixed(2);
    default:
      return visible(String(value));
  }
}

function bitsText(bits: number): string {
  return `${bits >= 0 ? '+' : '−'}${Math.abs(bits).toFixed(1)}`;
}
