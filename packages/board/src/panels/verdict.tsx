/** One line about a cause, in the reader's language, from the row of evidence that speaks for it. */
import type { Cause, Evidence } from '@aode/wire/hub-api';
import type { ReactNode } from 'react';
import { operationOf, speakingRow, timesOf } from '../data/evidence.ts';
import { flat } from '../words/format.ts';
import type { Word } from '../words/en.ts';
import { useWords } from '../words/words.tsx';
import { Raw } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';

export interface VerdictProps {
  readonly cause: Cause;
  /** When the fault began, in words. */
  readonly since: string;
  /** Most frequent error code of the service, where one is known. */
  readonly code: string | null;
}

export function Verdict({ cause, since, code }: VerdictProps): ReactNode {
  const { say, fmt } = useWords();
  const row = speakingRow(cause);
  if (row === null) return <ServiceName name={cause.service} />;
  const times = timesOf(row);
  return say(wordOf(row, times, code), {
    svc: <ServiceName name={cause.service} />,
    from: <ServiceName name={row.from} />,
    op: <Operation name={operationOf(row)} />,
    code: <Code text={code ?? ''} />,
    t: since,
    x: times === null ? '' : fmt.number(times, times < 10 ? 1 : 0),
    p: flat(fmt.percent(row.seen ?? 0)),
  });
}

function wordOf(row: Evidence, times: number | null, code: string | null): Word {
  switch (row.kind) {
    case 'error':
      return code === null ? 'vErrorPlain' : 'vError';
    case 'self':
    case 'explained':
      return times === null ? 'vSelfPlain' : 'vSelf';
    case 'edge':
      return times === null ? 'vEdgePlain' : 'vEdge';
    case 'blind':
      return 'vBlind';
    case 'shape':
      return 'vShape';
    case 'log':
      return row.seen === null ? 'vLog' : 'vLogError';
    case 'metric':
      return 'vMetric';
  }
}

export function Operation({ name }: { name: string | null }): ReactNode {
  const { text } = useWords();
  return name === null ? text('anyOperation') : <Code text={name} />;
}

function Code({ text }: { text: string }): ReactNode {
  return (
    <span className="mono">
      <Raw text={text} max={120} />
    </span>
  );
}
