/** The parts every page is made of: the answer, sections with a head, notices, bones while nothing is known. */
import type { ReactNode } from 'react';
import { HubFailure } from '../data/hub.ts';
import type { Word } from '../words/en.ts';
import { useWords } from '../words/words.tsx';
import { Glyph, type GlyphKind } from './glyph.tsx';

export interface AnswerProps {
  readonly question: Word;
  readonly sign?: GlyphKind | null;
  readonly children: ReactNode;
  readonly aside?: ReactNode;
}

/** The question stands small, the answer large: no other text on the page is that large. */
export function Answer({ question, sign, children, aside }: AnswerProps): ReactNode {
  const { text } = useWords();
  return (
    <header className="answer">
      <h1>{text(question)}</h1>
      <p className="sentence">
        {sign !== undefined && sign !== null && <Glyph kind={sign} />}
        {children}
      </p>
      {aside !== undefined && aside !== null && <p className="aside">{aside}</p>}
    </header>
  );
}

export interface PartProps {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly end?: ReactNode;
  readonly children: ReactNode;
}

export function Part({ title, note, end, children }: PartProps): ReactNode {
  return (
    <section className="part">
      <header>
        <h2>{title}</h2>
        {note !== undefined && note !== null && <span className="note cut">{note}</span>}
        {end !== undefined && end !== null && <div className="end">{end}</div>}
      </header>
      {children}
    </section>
  );
}

export function Notice({ sign = 'calm', children }: { sign?: GlyphKind; children: ReactNode }): ReactNode {
  return (
    <div className="notice" role="status">
      <Glyph kind={sign} />
      {children}
    </div>
  );
}

/** What the hub said when it refused: its code, its words and its remedy, as text. */
export function ErrorNotice({ error }: { error: unknown }): ReactNode {
  const { say } = useWords();
  if (!(error instanceof HubFailure) || error.status === 0) return null;
  return (
    <Notice sign="error">
      <span>
        {say('errorNote', {
          code: <code className="mono">{error.code}</code>,
          message: <bdi>{error.message}</bdi>,
        })}{' '}
        <bdi className="is-dim">{error.remedy}</bdi>
      </span>
    </Notice>
  );
}

const BONE_WIDTHS = ['bone-a', 'bone-b', 'bone-c', 'bone-d', 'bone-e'] as const;

/** Shown 150 ms late by style, so that a quick answer never flickers. */
export function Bones({ count }: { count: number }): ReactNode {
  const { text } = useWords();
  return (
    <div className="bones" role="status" aria-label={text('loading')}>
      {Array.from({ length: count }, (_, at) => (
        <i key={at} className={BONE_WIDTHS[at % BONE_WIDTHS.length]} />
      ))}
    </div>
  );
}

/** Chart axes and tooltips share one key: sign and word. */
export function Keys({ keys }: { keys: readonly (readonly [GlyphKind, string])[] }): ReactNode {
  return keys.map(([kind, word]) => (
    <span key={kind} className="state note">
      <Glyph kind={kind} />
      {word}
    </span>
  ));
}
