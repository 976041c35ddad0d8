/** One cause: rank, verdict, how sure; opened, its evidence with links to where it can be seen. */
import type { Cause, Evidence } from '@aode/wire/hub-api';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useBoard } from '../data/board.tsx';
import { flat } from '../words/format.ts';
import type { Word } from '../words/en.ts';
import { useWords, type Words } from '../words/words.tsx';
import { changeOf, operationOf } from '../data/evidence.ts';
import { Raw, titleOf } from './raw-text.tsx';
import { ServiceName } from './service-name.tsx';
import { Operation, Verdict, type VerdictProps } from './verdict.tsx';

const BELIEF: Readonly<Record<Cause['confidence'], readonly [ticks: number, word: Word]>> = {
  'very-likely': [5, 'veryLikely'],
  likely: [4, 'likely'],
  possible: [2, 'possible'],
  unlikely: [1, 'unlikely'],
};

export function CauseRow({ rank, ...verdict }: VerdictProps & { readonly rank: number }): ReactNode {
  const { cause } = verdict;
  const { text, fmt } = useWords();
  const [open, setOpen] = useState(rank === 1);
  const against = cause.evidence.filter((row) => row.direction === 'against').length;
  const [ticks, word] = BELIEF[cause.confidence];
  return (
    <details className="cause" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="rank">{fmt.number(rank)}</span>
        <span className="verdict">
          <Verdict {...verdict} />
        </span>
        <span className="note tally">
          {text('forAgainst', { a: cause.evidence.length - against, b: against })}
        </span>
        <span className="belief">
          <i aria-hidden="true">
            {[1, 2, 3, 4, 5].map((tick) => (
              <s key={tick} className={tick <= ticks ? 'on' : undefined} />
            ))}
          </i>
          <span>{text(word)}</span>
        </span>
      </summary>
      {open && <EvidenceTable rows={cause.evidence} />}
    </details>
  );
}

/** Evidence comes weightiest first; what stands far below changes no mind. */
const ROWS_MAX = 30;

function EvidenceTable({ rows }: { rows: readonly Evidence[] }): ReactNode {
  const { text } = useWords();
  return (
    <div className="tbl t-evidence" role="table">
      <div className="tr head" role="row">
        <span role="columnheader" />
        {(['evSignal', 'evExpected', 'evSeen', 'evHow', 'evExample'] as const).map((word) => (
          <span key={word} role="columnheader">
            {text(word)}
          </span>
        ))}
      </div>
      {rows.slice(0, ROWS_MAX).map((row, at) => (
        <EvidenceRow key={at} row={row} />
      ))}
    </div>
  );
}

function EvidenceRow({ row }: { row: Evidence }): ReactNode {
  const words = useWords();
  const { say, text } = words;
  const pro = row.direction === 'for';
  const { kind } = row;
  return (
    <div className={pro ? 'tr' : 'tr against'} role="row">
      <span role="cell" className="sign" aria-label={text(pro ? 'sortFor' : 'sortAgainst')}>
        {pro ? '+' : '−'}
      </span>
      <span role="cell" className="signal">
        {say(signalOf(row), {
          op: <Operation name={operationOf(row)} />,
          from: <ServiceName name={row.from} />,
          by: <ServiceName name={row.detail ?? ''} />,
        })}
        {!pro && <span className="note"> · {text('sortAgainst')}</span>}
      </span>
      <span role="cell" className="is-dim" data-label={text('evExpected')}>
        {valueOf(words, row, row.expected) ?? '–'}
      </span>
      <span role="cell" className="seen" data-label={text('evSeen')}>
        <Seen row={row} />
      </span>
      <span role="cell" className="how">
        {say(kind === 'metric' ? 'evHowPoints' : 'evHowN', { a: row.seenCount, b: row.calmCount })}
      </span>
      <span role="cell" className="examples">
        <Examples row={row} />
      </span>
    </div>
  );
}

function signalOf({ kind, seen }: Evidence): Word {
  switch (kind) {
    case 'self':
      return 'evSelf';
    case 'edge':
      return 'evEdge';
    case 'blind':
      return 'evBlind';
    case 'error':
      return 'evError';
    case 'shape':
      return 'evShape';
    case 'log':
      return seen === null ? 'evLog' : 'evLogError';
    case 'metric':
      return 'evMetric';
    case 'explained':
      return 'evExplained';
  }
}

/** A number, or what is seen more or less often than before. */
function Seen({ row }: { row: Evidence }): ReactNode {
  const words = useWords();
  const { say, text } = words;
  const value = valueOf(words, row, row.seen);
  if (value !== null) return value;
  const change = changeOf(row);
  if (change === null) return text('changed');
  const { what } = change;
  const x =
    what === null ? (
      text('lastLine')
    ) : what === '' ? (
      text('noCalls')
    ) : (
      <span className="mono" title={titleOf(what)}>
        <Raw text={what} max={200} />
      </span>
    );
  return say(change.more ? 'moreOften' : 'lessOften', { x });
}

function valueOf({ fmt }: Words, row: Evidence, value: number | null): string | null {
  if (value === null) return null;
  switch (row.unit) {
    case 'ms':
      return flat(fmt.duration(value * 1e6));
    case 'share':
      return flat(fmt.percent(value));
    case 'percent':
      return flat(fmt.percent(value / 100));
    case 'none':
      return fmt.number(value, Number.isInteger(value) ? 0 : 2);
  }
}

/** The first example by name, the others by number. */
function Examples({ row }: { row: Evidence }): ReactNode {
  const { say, text } = useWords();
  const board = useBoard();
  const [first, ...others] = row.examples;
  if (first === undefined) return <span className="is-dim">–</span>;
  const hrefOf = (example: Evidence['examples'][number]): string =>
    board.href(`/trace/${example.traceId}`, { span: example.spanId, log: example.logId });
  return (
    <>
      <Link className="go" href={hrefOf(first)}>
        {first.logId !== null
          ? text('exLog')
          : say('exTrace', { id: <span className="mono">{shortId(first.traceId)}</span> })}
        {' →'}
      </Link>
      {others.slice(0, 2).map((example, at) => (
        <Link
          key={at}
          className="go more-example"
          href={hrefOf(example)}
          aria-label={text('exTrace', { id: shortId(example.traceId) })}
        >
          {at + 2}
        </Link>
      ))}
    </>
  );
}

function shortId(id: string): string {
  return id.length > 10 ? `${id.slice(0, 4)}…${id.slice(-2)}` : id;
}
