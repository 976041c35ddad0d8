/** A long text: its beginning at once, all of it on demand. Wraps anywhere, keeps its lines. */
import { type ReactNode, useState } from 'react';
import { useWords } from '../words/words.tsx';
import { CopyButton } from './copy-button.tsx';
import { Raw } from './raw-text.tsx';

/** Some forty lines: more is asked for. */
const BEGINNING = 4_000;

export function WholeText({ text: whole, className = '' }: { text: string; className?: string }): ReactNode {
  const { text } = useWords();
  const [all, setAll] = useState(false);
  const long = whole.length > BEGINNING;
  return (
    <div className={`whole ${className}`}>
      <Raw text={whole} max={all ? Infinity : BEGINNING} />
      <span className="whole-acts">
        {long && (
          <button type="button" className="go" onClick={() => setAll(!all)}>
            {all ? text('showLess') : text('showAll', { n: whole.length })}
          </button>
        )}
        <CopyButton className="go" label={text('copy')} text={() => whole}>
          {text('copy')}
        </CopyButton>
      </span>
    </div>
  );
}
