/** Ranked causes as text. Pure. */
import { unixNsOfMs, visible } from '@aode/base';
import type { Cause, CausesResponse, Evidence } from '@aode/wire/hub-api';
import { dateText, manyText } from './amount.ts';
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
      const date = (ms: number | null): string => (ms === null ? '?' : dateText(unixNsOfMs(ms)));
      const over = answer.faultEndUnixMs === null ? '' : `, over since ${date(answer.faultEndUnixMs)}`;
      const since = ` since ${date(answer.faultUnixMs)}${over}`;
      const counts = `${answer.failedTraceCount} of ${manyText(answer.faultTraceCount, 'trace')} failed`;
      return `${paint.error(paint.strong(`fault${since}`))} · ${counts}, ${answer.calmTraceCount} before`;
    }
    case 'calm':
      return (
        `${paint.good('calm')}: nothing stands out above ${answer.thresholdBits.toFixed(1)} bits ` +
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
  const callees = bitsText(-cause.explainedBits);
  const explained = cause.explainedBits >= 0.05 ? `, ${callees} explained by its callees` : '';
  const title = `${rank}. ${paint.strong(visible(cause.service))}`;
  const lines = [
    `${title}  ${cause.confidence.replace('-', ' ')}  ${paint.dim(`${bitsText(cause.scoreBits)} bits${explained}`)}`,
    ...(cause.summary === '' ? [] : [`   ${visible(cause.summary)}`]),
  ];
  for (const row of cause.evidence.slice(0, EVIDENCE_MAX)) lines.push(`   ${evidenceLine(row, paint)}`);
  const left = cause.evidence.length - EVIDENCE_MAX;
  if (left > 0) lines.push(`   ${paint.dim(`and ${manyText(left, 'more row')} of evidence`)}`);
  const examples = cause.evidence.flatMap((row) => row.examples);
  const example = examples.find(({ logId }) => logId !== null) ?? examples[0];
  if (example !== undefined) lines.push(`   ${paint.dim('see')} aode explain ${visible(example.traceId)}`);
  return lines;
}

/** The words hold the numbers: expected, seen, and in how many traces. */
function evidenceLine(row: Evidence, paint: Paint): string {
  const sign = row.direction === 'for' ? paint.error('for    ') : paint.good('against');
  return `${sign} ${bitsText(row.bits).padStart(5)} ${row.kind.padEnd(9)} ${visible(row.words)}`;
}

function bitsText(bits: number): string {
  return `${bits >= 0 ? '+' : '−'}${Math.abs(bits).toFixed(1)}`;
}
