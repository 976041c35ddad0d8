/** Attributes as rows of key and value: copied as key=value, turned into a filter or taken back from it. */
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useBoard } from '../data/board.tsx';
import type { FilterSet } from '../data/filters.ts';
import { safeLink } from '../words/visible.ts';
import { useWords } from '../words/words.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon, ICON } from './glyph.tsx';
import { Raw, titleOf } from './raw-text.tsx';

/** Rows at once; hostile data bring a hundred thousand. */
const ROWS_MAX = 200;
/** A filter longer than this does not fit into an address. */
const FILTER_MAX = 1_000;

interface Attribute {
  readonly key: string;
  readonly value: string;
}

export interface AttributeListProps {
  readonly attributes: readonly Attribute[];
  /** Where a filter made of one applies. */
  readonly set: FilterSet;
}

export function AttributeList({ attributes, set }: AttributeListProps): ReactNode {
  const { text } = useWords();
  const [shown, setShown] = useState(ROWS_MAX);
  return (
    <>
      <dl>
        {attributes.slice(0, shown).map((attribute, at) => (
          <Row key={`${at} ${attribute.key.slice(0, 200)}`} attribute={attribute} set={set} />
        ))}
      </dl>
      {attributes.length > shown && (
        <button type="button" className="go" onClick={() => setShown(shown + ROWS_MAX * 5)}>
          {text('more')}
        </button>
      )}
    </>
  );
}

function Row({ attribute, set }: { attribute: Attribute; set: FilterSet }): ReactNode {
  const { key, value } = attribute;
  const [open, setOpen] = useState(false);
  const long = value.length > 30 || value.includes('\n');
  return (
    <div className={open ? 'attr open' : 'attr'}>
      <dt className="cut" title={titleOf(key)}>
        <Raw text={key} max={open ? 4_000 : 80} />
      </dt>
      <dd className={open ? 'whole' : 'cut'} title={open ? undefined : titleOf(value)}>
        {long ? (
          <button type="button" className="value" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Raw text={value} max={open ? Infinity : 120} />
          </button>
        ) : (
          <Raw text={value} />
        )}
      </dd>
      <Acts attribute={attribute} set={set} />
    </div>
  );
}

function Acts({ attribute: { key, value }, set }: { attribute: Attribute; set: FilterSet }): ReactNode {
  const { text } = useWords();
  const board = useBoard();
  const pair = `${key}=${value}`;
  const active = board.state.attributes.includes(pair);
  const href = safeLink(value);
  const path = set === 'traces' ? '/traces' : '/logs';
  const without = board.state.attributes.filter((each) => each !== pair);
  return (
    <span className="acts">
      {href !== null && (
        <a
          href={href}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={`${text('openLink')}: ${titleOf(key)}`}
        >
          ↗
        </a>
      )}
      {pair.length <= FILTER_MAX && !active && (
        <Link
          href={board.hrefKeeping(path, {
            attributes: [...board.state.attributes, pair],
            span: null,
            log: null,
          })}
          title={text('filterFor')}
          aria-label={`${text('filterFor')}: ${titleOf(key)}`}
        >
          +
        </Link>
      )}
      {active && (
        <Link
          href={board.hrefKeeping(board.path, { attributes: without })}
          title={text('filterDrop')}
          aria-label={`${text('filterDrop')}: ${titleOf(key)}`}
        >
          −
        </Link>
      )}
      <CopyButton label={text('copyKv')} text={() => pair}>
        <Icon d={ICON.copy} size={14} />
      </CopyButton>
    </span>
  );
}
