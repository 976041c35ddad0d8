/** Nothing in the chosen range while the hub holds data: the way to the newest. */
import type { ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { dataSpanOf, useStatus } from '../data/queries.ts';
import { newestRange } from '../data/range.ts';
import { useWords } from '../words/words.tsx';
import { Notice } from './page-parts.tsx';

export function EmptyRange(): ReactNode {
  const { text, fmt } = useWords();
  const board = useBoard();
  const data = dataSpanOf(useStatus().data);
  if (data === null) return null;
  return (
    <Notice>
      <span>{text('emptyRange', { t: fmt.dateTime(data.endMs) })}</span>
      <button type="button" className="go" onClick={() => board.change({ range: newestRange(data) })}>
        {text('goNewest')} →
      </button>
    </Notice>
  );
}
