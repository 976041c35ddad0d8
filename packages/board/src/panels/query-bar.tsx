/** The search field with its filters as chips. Enter makes filters of what was typed; backspace takes the last back. */
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { useBoard } from '../data/board.tsx';
import { type Filter, type FilterSet, filtersOf } from '../data/filters.ts';
import { useOperations, useServices } from '../data/queries.ts';
import { readTerms } from '../data/search-terms.ts';
import { cutText, visibleText } from '../words/visible.ts';
import { useWords } from '../words/words.tsx';
import { Icon, ICON } from './glyph.tsx';
import { Raw, titleOf } from './raw-text.tsx';

/** Suggestions beyond this are not read. */
const SUGGESTIONS_MAX = 100;

export function QueryBar({ set }: { set: FilterSet }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const services = useServices(board.state.range);
  const operations = useOperations(board.state.range, board.state.service);
  const [typed, setTyped] = useState('');
  const listId = useId();
  const names = (services.data?.services ?? []).map((row) => row.name);
  const filters = filtersOf(board.state, set);

  const apply = (): void => {
    const terms = readTerms(typed, names);
    if (terms.traceId !== null) {
      board.go(`/trace/${terms.traceId}`);
      return;
    }
    const word =
      terms.words === '' ? {} : set === 'logs' ? { text: terms.words } : { operation: terms.words };
    const attributes = [...board.state.attributes, ...(terms.changes.attributes ?? [])];
    board.change({ ...terms.changes, ...word, attributes: [...new Set(attributes)] });
    setTyped('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = filters.at(-1);
    if (event.key === 'Enter') apply();
    else if (event.key === 'Backspace' && typed === '' && last !== undefined) board.change(last.without);
  };
  const suggestions = [
    ...names.map((name) => `service=${quoted(name)}`),
    ...(set === 'traces'
      ? (operations.data?.operations ?? []).map((row) => `operation=${quoted(row.name)}`)
      : []),
  ];
  return (
    <div className="query" role="search">
      <span className="is-dim">
        <Icon d={ICON.search} />
      </span>
      {filters.map((filter) => (
        <Chip
          key={`${filter.key}${filter.sign}${filter.value}`}
          filter={filter}
          onRemove={() => board.change(filter.without)}
        />
      ))}
      <input
        type="search"
        aria-label={text('search')}
        placeholder={text(set === 'traces' ? 'trPlaceholder' : 'lgPlaceholder')}
        value={typed}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        maxLength={4_096}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <datalist id={listId}>
        {[...new Set(suggestions)].slice(0, SUGGESTIONS_MAX).map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <kbd>/</kbd>
    </div>
  );
}

function Chip({ filter, onRemove }: { filter: Filter; onRemove: () => void }): ReactNode {
  const { text } = useWords();
  return (
    <span className="chip" title={titleOf(filter.value)}>
      <span>
        <Raw text={filter.key} max={40} />
        <em> {filter.sign} </em>
        <Raw text={filter.value} max={60} />
      </span>
      <button
        type="button"
        aria-label={text('remove', { k: visibleText(cutText(filter.key, 40)) })}
        onClick={onRemove}
      >
        ×
      </button>
    </span>
  );
}

function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
