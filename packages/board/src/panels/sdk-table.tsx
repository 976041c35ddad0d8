/** The instances, worst first: what became of what they recorded. Each row opens to its ledger. */
import type { ReactNode } from 'react';
import { useBoard } from '../data/board.tsx';
import { useHubNow } from '../data/queries.ts';
import type { SdkMood, SdkState } from '../data/sdk-state.ts';
import type { Word } from '../words/en.ts';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';
import { Duration } from './figure.tsx';
import { Glyph, type GlyphKind } from './glyph.tsx';
import { Raw, titleOf } from './raw-text.tsx';
import { SdkDetail } from './sdk-ledger.tsx';
import { SdkReason } from './sdk-reason.tsx';
import { ServiceName } from './service-name.tsx';

const MOOD: Readonly<Record<SdkMood, readonly [GlyphKind, Word, string]>> = {
  odd: ['error', 'sdOdd', 'state is-error'],
  loses: ['error', 'sdLoses', 'state is-error'],
  silent: ['slow', 'sdSilent', 'state is-slow'],
  delivers: ['calm', 'sdDelivers', 'state is-dim'],
};

const NUMBERS = ['sdStarted', 'sdKept', 'sdDelivered', 'sdWaiting', 'sdLost', 'sdHorizon'] as const;

export function SdkTable({ states }: { states: readonly SdkState[] }): ReactNode {
  const { text } = useWords();
  const { state } = useBoard();
  return (
    <div className="tbl t-sdk" role="table" aria-label={text('sdInstances')}>
      <div className="tr head" role="row">
        <span role="columnheader">{text('service')}</span>
        <span role="columnheader">{text('sdInstance')}</span>
        <span role="columnheader" className="sorted">
          {text('state')}
        </span>
        <span role="columnheader" className="num">
          {text('sdSeen')}
        </span>
        <span role="columnheader">{text('sdFate')}</span>
        {NUMBERS.map((word) => (
          <span key={word} role="columnheader" className="num">
            {text(word)}
          </span>
        ))}
        <span role="columnheader">{text('sdProblems')}</span>
      </div>
      {states.map((each) => (
        <Row key={each.row.instanceId} state={each} open={state.instance === each.row.instanceId} />
      ))}
    </div>
  );
}

function Row({ state, open }: { state: SdkState; open: boolean }): ReactNode {
  const { text, fmt } = useWords();
  const board = useBoard();
  const { row, mood, lost } = state;
  const [glyph, word, look] = MOOD[mood];
  const toggle = (): void => board.change({ instance: open ? null : row.instanceId }, true);
  return (
    <>
      <div
        className={`tr${mood === 'delivers' ? ' calm' : ''}${open ? ' open' : ''}`}
        role="row"
        tabIndex={0}
        aria-expanded={open}
        onClick={toggle}
        onKeyDown={(event) => {
          if (event.key === 'Enter') toggle();
        }}
      >
        <span role="cell">
          <ServiceName name={row.service} />
        </span>
        <span role="cell" className="mono is-dim cut" title={titleOf(row.instanceId)}>
          <Raw text={row.instanceId} max={8} />
        </span>
        <span role="cell" className={look}>
          <Glyph kind={glyph} />
          {text(word)}
        </span>
        <span role="cell" className="num">
          <Seen ms={state.lastSeenMs} />
        </span>
        <span role="cell">
          <FateBar state={state} />
        </span>
        <Number word="sdStarted" value={state.started} />
        <Number word="sdKept" value={state.kept} />
        <Number word="sdDelivered" value={state.delivered} />
        <Number word="sdWaiting" value={state.waiting} />
        <span role="cell" className={lost > 0 ? 'num is-error' : 'num is-dim'} data-label={text('sdLost')}>
          {fmt.number(lost)}
        </span>
        <span role="cell" className="num" data-label={text('sdHorizon')}>
          {row.horizonSeconds === null ? (
            <span className="is-dim">–</span>
          ) : (
            <Duration nano={row.horizonSeconds * 1e9} />
          )}
        </span>
        <span role="cell" className="cut">
          <Problems state={state} />
        </span>
      </div>
      {open && <SdkDetail row={row} />}
    </>
  );
}

function Number({ word, value }: { word: Word; value: number }): ReactNode {
  const { text, fmt } = useWords();
  return (
    <span role="cell" className={value === 0 ? 'num is-dim' : 'num'} data-label={text(word)}>
      {fmt.number(value)}
    </span>
  );
}

/** How long ago, by the hub's clock; the exact moment on hover. A clock that is ahead says "now". */
function Seen({ ms }: { ms: number }): ReactNode {
  const { text, fmt } = useWords();
  const seconds = Math.max(0, Math.round((useHubNow()() - ms) / 1000));
  const ago = seconds < 60 ? { n: fmt.number(seconds), unit: 's' } : undefined;
  const d = ago === undefined ? flat(fmt.duration(seconds * 1e9)) : `${ago.n}\u00a0${ago.unit}`;
  return (
    <time dateTime={new Date(ms).toISOString()} title={fmt.dateTime(ms)}>
      {text('sdAgo', { d })}
    </time>
  );
}

/** Parts of what ended, in the order in which they leave: delivered, still here, given way, lost. */
const FATES = ['delivered', 'undecided', 'evicted', 'lost'] as const;
const FATE_WORD: Readonly<Record<(typeof FATES)[number], Word>> = {
  delivered: 'sdDelivered',
  undecided: 'sdUndecided',
  evicted: 'sdEvicted',
  lost: 'sdLost',
};

function FateBar({ state }: { state: SdkState }): ReactNode {
  const { text, fmt } = useWords();
  const parts = FATES.map((fate) => [fate, state[fate]] as const).filter(([, count]) => count > 0);
  const title = parts.map(([fate, count]) => `${text(FATE_WORD[fate])} ${fmt.number(count)}`).join(' · ');
  return (
    <span className="fate" title={title} role="img" aria-label={title}>
      {parts.map(([fate, count]) => (
        <i key={fate} className={fate} style={{ flexGrow: count }} />
      ))}
    </span>
  );
}

/** What was lost and why comes before what is merely wrong. */
function Problems({ state }: { state: SdkState }): ReactNode {
  const { fmt } = useWords();
  const [first, ...others] = [...state.reasons, ...state.problems];
  if (first === undefined) return <span className="is-dim">–</span>;
  const [reason, count] = first;
  return (
    <>
      {fmt.number(count)} <SdkReason reason={reason} />
      {others.length > 0 && <span className="is-dim"> +{fmt.number(others.length)}</span>}
    </>
  );
}

/** What the parts of the bars are. */
export function FateKeys(): ReactNode {
  const { text } = useWords();
  return FATES.map((fate) => (
    <span key={fate} className="fate-key note">
      <i className={fate} />
      {text(FATE_WORD[fate])}
    </span>
  ));
}
