/** Why an SDK lost something, or what it found wrong: its reasons in words; one that is not known as it came. */
import type { ReactNode } from 'react';
import type { Word } from '../words/en.ts';
import { useWords } from '../words/words.tsx';
import { Raw } from './raw-text.tsx';

const WORDS: Readonly<Record<string, Word>> = {
  pool_full: 'sdPoolFull',
  ring_full: 'sdRingFull',
  too_large: 'sdTooLarge',
  refused: 'sdRefused',
  rejected: 'sdRejected',
  exit_timeout: 'sdExitTimeout',
  journal_full: 'sdJournalFull',
  journal_closed: 'sdJournalClosed',
  journal_damaged: 'sdJournalDamaged',
  encode_failed: 'sdEncodeFailed',
  thread_lost: 'sdThreadLost',
  boundary_failed: 'sdBoundary',
  span_unfinished: 'sdUnfinished',
  span_ended_twice: 'sdEndedTwice',
  span_written_after_end: 'sdWrittenAfter',
  request_id_invalid: 'sdRequestId',
  propagation_invalid: 'sdPropagation',
  correlation_id_invalid: 'sdCorrelation',
  baggage_invalid: 'sdBaggageInvalid',
  baggage_dropped: 'sdBaggageDropped',
  record_cut: 'sdRecordCut',
  asks_dropped: 'sdAsksDropped',
  clock_remote_refused: 'sdClockRefused',
};

export function SdkReason({ reason }: { reason: string }): ReactNode {
  const { text } = useWords();
  const word = Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined;
  if (word === undefined) return <Raw text={reason} max={64} />;
  return <span title={reason}>{text(word)}</span>;
}
