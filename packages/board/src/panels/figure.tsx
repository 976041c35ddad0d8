/** A number with its unit, the unit smaller and greyer. */
import type { ReactNode } from 'react';
import type { Figure } from '../words/format.ts';
import { useWords } from '../words/words.tsx';

function FigureText({ figure }: { figure: Figure }): ReactNode {
  return (
    <>
      {figure.value}
      {figure.unit !== '' && <span className="unit">{figure.unit}</span>}
    </>
  );
}

export function Duration({ nano }: { nano: number }): ReactNode {
  return <FigureText figure={useWords().fmt.duration(nano)} />;
}

export function Percent({ share }: { share: number }): ReactNode {
  return <FigureText figure={useWords().fmt.percent(share)} />;
}

/** A moment: short on the page, exact on hover. */
export function Moment({
  ms,
  precision = 'second',
}: {
  ms: number;
  precision?: 'minute' | 'second' | 'milli';
}): ReactNode {
  const { fmt } = useWords();
  return (
    <time className="mono is-dim" dateTime={new Date(ms).toISOString()} title={fmt.dateTime(ms)}>
      {fmt.clock(ms, precision)}
    </time>
  );
}
