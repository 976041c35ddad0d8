/** One line about a cause, in the reader's language, from its weightiest row of evidence. */
import type { Cause, Evidence } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { useWords } from '../words/words.tsx';
import { Raw } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';

export function Verdict({ cause, faultMs }: { cause: Cause; faultMs: number }): ReactNode {
  const { say, text, fmt } = useWords();
  const row = weightiest(cause.evidence);
  if (row === null) return <ServiceName name={cause.service} />;
  const times = timesOf(row);
  const holes = {
    svc: <ServiceName name={cause.service} />,
    from: <ServiceName name={row.from} />,
    op: <Operation name={row.operation} />,
    code: row.detail === null ? text('unknownCode') : <Code text={row.detail} />,
    t: fmt.clock(faultMs),
    x: times === null ? '' : fmt.number(times, times < 10 ? 1 : 0),
  };
  switch (row.kind) {
    case 'error':
      return say('vError', holes);
    case 'self':
    case 'explained':
      return say(times === null ? 'vSelfPlain' : 'vSelf', holes);
    case 'edge':
      return say(times === null ? 'vEdgePlain' : 'vEdge', holes);
    case 'blind':
      return say('vBlind', holes);
    case 'shape':
      return say('vShape', holes);
    case 'log':
      return say('vLog', holes);
    case 'metric':
      return say('vMetric', holes);
  }
}

export function Operation({ name }: { name: string }): ReactNode {
  const { text } = useWords();
  return name === '*' || name === '' ? text('anyOperation') : <Code text={name} />;
}

function Code({ text }: { text: string }): ReactNode {
  return (
    <span className="mono">
      <Raw text={text} max={120} />
    </span>
  );
}

function weightiest(rows: readonly Evidence[]): Evidence | null {
  return rows
    .filter((row) => row.direction === 'for')
    .reduce<Evidence | null>((most, row) => (row.bits > (most?.bits ?? -Infinity) ? row : most), null);
}

/** How many times the expected was seen; null where that says nothing (from zero, or not more). */
function timesOf(row: Evidence): number | null {
  if (row.expected === null || row.seen === null || row.expected <= 0) return null;
  const times = row.seen / row.expected;
  return times >= 1.2 ? times : null;
}
