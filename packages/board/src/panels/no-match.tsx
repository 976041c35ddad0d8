/**
 * Nothing matches: which filter excludes all, how many would match without it, and one button to drop it. Each filter
 * is tried on its own; where no single one is to blame, all are dropped together.
 */
import type { ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { type Filter, filtersOf, type FilterSet, withoutFilters } from '../data/filters.ts';
import { useMatchCount } from '../data/queries.ts';
import { useWords } from '../words/words.tsx';
import { Bones } from './page-parts.tsx';
import { Raw } from './raw-text.tsx';

/** More filters than this are dropped together: each one tried is a search. */
const TRIED_MAX = 6;

export function NoMatch({ set }: { set: FilterSet }): ReactNode {
  const { say, text } = useWords();
  const board = useBoard();
  const filters = filtersOf(board.state, set);
  const bare = withoutFilters(board.state, set);
  const all = useMatchCount(bare, set, true);
  if (all.data === undefined) return <Bones count={2} />;
  return (
    <section className="part">
      <header>
        <h2>{say(set === 'traces' ? 'noneTraces' : 'noneLogs', { m: all.data })}</h2>
      </header>
      <p className="note">{text(filters.length === 1 ? 'noneOne' : 'noneMany')}</p>
      {filters.slice(0, TRIED_MAX).map((filter) => (
        <Tried key={`${filter.key}${filter.sign}${filter.value}`} filter={filter} set={set} />
      ))}
      {filters.length > 1 && (
        <p className="none">
          <button type="button" className="drop" onClick={() => board.change(bare)}>
            {text('dropAll')}
          </button>
        </p>
      )}
    </section>
  );
}

function Tried({ filter, set }: { filter: Filter; set: FilterSet }): ReactNode {
  const { say, text } = useWords();
  const board = useBoard();
  const count = useMatchCount({ ...board.state, ...filter.without }, set, true);
  return (
    <div className="none">
      <span className="chip">
        <span>
          <Raw text={filter.key} max={40} />
          <em> {filter.sign} </em>
          <Raw text={filter.value} max={80} />
        </span>
      </span>
      {count.data !== undefined && <span className="note">{say('noneWithout', { n: count.data })}</span>}
      {count.data !== undefined && count.data > 0 && (
        <button type="button" className="drop" onClick={() => board.change(filter.without)}>
          {text('dropIt')}
        </button>
      )}
    </div>
  );
}
